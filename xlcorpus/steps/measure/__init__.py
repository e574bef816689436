"""Steps that measure tables."""
