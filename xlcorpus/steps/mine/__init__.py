"""Steps that mine parallel sentences."""
