"""Rows as a file format gives them, before they are brought into the form of a record kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl


@dataclass(frozen=True)
class Found:
    """Some rows of a file, in the order of the file.

    A column is a polars Series where the format types it (text formats give String, Parquet its own types), and a
    list of Python values (None, bool, int, float, str, list, dict) where each row may have another type (JSON).
    """

    places: pl.Series
    """where each row stands, from 1 (Int64): its first line in a text format, else its number; for messages"""
    columns: Mapping[str, pl.Series | list[Any]]
    """the file's columns by name; each as long as `places`"""
