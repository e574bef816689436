"""Transliteration: one protocol and its back ends."""
