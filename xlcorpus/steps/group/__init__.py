"""Steps that join pairs into n-way groups."""
