"""Random numbers that belong to a row, for steps; see `xlcorpus.row_random`."""

from xlcorpus.row_random import draws

__all__ = ["draws"]
