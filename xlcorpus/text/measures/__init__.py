"""Measures of documents, computed for a batch of texts at once on arrays of code points and word borders."""
