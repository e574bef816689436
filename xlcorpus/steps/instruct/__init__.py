"""Steps that make instructions."""
