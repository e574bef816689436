"""Steps that translate."""
