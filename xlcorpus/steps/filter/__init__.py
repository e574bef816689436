"""Steps that score and reject rows."""
