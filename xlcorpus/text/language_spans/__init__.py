"""Which words of a text are in which language."""
