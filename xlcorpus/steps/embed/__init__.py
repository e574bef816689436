"""Steps that embed texts."""
