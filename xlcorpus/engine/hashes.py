"""Hashes of values and of files."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import xxhash

from xlcorpus.errors import UserError


def digest(value: Any) -> str:
    """SHA-256 of a value as canonical JSON, hex."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256 of a file's content, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def content_hash(path: Path) -> str:
    """XXH3 (128 bits) of a file's content, hex: for corpora, ten times as fast as SHA-256.

    It tells any two files apart that were not made to deceive it.

    Raises:
        UserError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, xxhash.xxh3_128).hexdigest()
    except OSError as problem:
        raise UserError(f"cannot read {path}: {problem.strerror}") from problem
