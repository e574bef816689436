"""Steps that make variants of texts."""
