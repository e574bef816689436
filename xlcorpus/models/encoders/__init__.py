"""Sentence encoders: one protocol and its back ends."""
