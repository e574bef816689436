"""Aligning documents, and the sentences of two documents."""
