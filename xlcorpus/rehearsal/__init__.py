"""Recipes run on a few rows with stand-ins for all models: before anything is paid for."""

from xlcorpus.rehearsal.rehearse import Rehearsed, rehearse

__all__ = ["Rehearsed", "rehearse"]
