"""Steps that remove duplicates."""
