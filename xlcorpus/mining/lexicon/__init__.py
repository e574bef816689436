"""Bilingual lexicons: from pairs, and from monolingual text."""
