"""Steps that choose rows."""
