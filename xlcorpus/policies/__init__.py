"""Policies of `quality`: looking at what they do, deriving them from reference text, importing published tables."""
