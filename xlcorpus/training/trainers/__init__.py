"""Trainers: pairs in, the folder of an encoder out."""
