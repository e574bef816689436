"""How much a row holds: one, its characters, or its tokens."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import polars as pl

from xlcorpus import places, records
from xlcorpus.arrays import Ints64
from xlcorpus.errors import UserError

Unit = Literal["rows", "characters", "tokens"]

ENCODED_AT_A_TIME = 512


def row_sizes(rows: pl.DataFrame, kind: str, unit: Unit, tokenizer: Path | None = None) -> Ints64:
    """(rows,) int64: 1, or the characters (code points) or tokens of all texts of the row.

    Args:
        rows: with the columns of `text_columns`.
        kind: of the rows.
        unit: what is counted.
        tokenizer: for tokens; special tokens are not counted.
    """
    if unit == "rows":
        return np.ones(rows.height, np.int64)
    texts = [rows.select(f.expr().fill_null("")).to_series() for f in records.kind(kind).texts]
    if unit == "characters":
        counted = [t.str.len_chars().cast(pl.Int64).to_numpy() for t in texts]
    else:
        assert tokenizer is not None
        counted = [_tokens(t, tokenizer) for t in texts]
    return np.asarray(sum(counted, np.zeros(rows.height, np.int64)), np.int64)


def text_columns(kind: str) -> list[str]:
    """The columns that hold the texts of a kind."""
    return sorted({name for f in records.kind(kind).texts for name in f.expr().meta.root_names()})


def _tokens(texts: pl.Series, tokenizer: Path) -> Ints64:
    model = _loaded(tokenizer_file(tokenizer))
    found = [
        len(one)
        for part in texts.to_frame().iter_slices(ENCODED_AT_A_TIME)
        for one in model.encode_batch_fast(part.to_series().to_list(), add_special_tokens=False)
    ]
    return np.array(found, np.int64)


def tokenizer_file(path: Path) -> Path:
    """The `tokenizer.json` that a path stands for: itself, or a model's folder.

    Raises:
        UserError: there is none.
    """
    path = path.expanduser()
    file = path / "tokenizer.json" if path.is_dir() else path
    if not file.is_file():
        raise UserError(f"tokenizer: {file} is not there; give a tokenizer.json of Hugging Face, or a folder with one")
    return file


def tokenizer_identity(path: Path) -> str:
    """Name and hash of a tokenizer."""
    file = tokenizer_file(path)
    name = file.resolve().parent.name if file.name == "tokenizer.json" else file.stem
    return f"{name}@{places.content_hash(file)}"


def check_tokenizer(path: Path) -> None:
    """Load a tokenizer.

    Raises:
        UserError: it is not there, or no tokenizer.
    """
    _loaded(tokenizer_file(path))


@lru_cache(maxsize=2)
def _loaded(file: Path) -> Any:
    from tokenizers import Tokenizer

    try:
        model = Tokenizer.from_file(str(file))
    except Exception as problem:  # noqa: BLE001 - tokenizers raises no type of its own
        raise UserError(f"tokenizer: {file} is no tokenizer.json of Hugging Face: {problem}") from None
    # A limit on the length would cut long texts, padding make all as long as the longest.
    model.no_truncation()
    model.no_padding()
    return model
