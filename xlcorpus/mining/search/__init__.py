"""Nearest neighbours by cosine: exact, approximate, in parts."""
