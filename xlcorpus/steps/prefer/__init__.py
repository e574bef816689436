"""Steps that make preferences."""
