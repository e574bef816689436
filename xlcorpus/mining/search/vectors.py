"""Opening embeddings that are already there: arrays, `.npy`, raw files as LASER writes them, Parquet columns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from xlcorpus.errors import UserError

Embeddings = npt.NDArray[Any]

CHECK_VALUES = 1 << 22
"""Values looked through for NaN at once."""


def open_vectors(
    source: npt.ArrayLike | str | Path,
    dim: int | None = None,
    count: int | None = None,
    dtype: npt.DTypeLike | None = None,
    column: str = "embedding",
    name: str = "embeddings",
) -> Embeddings:
    """Embeddings as an array (rows, dim), checked; what a file allows to be memory-mapped is.

        x = open_vectors("german.npy", count=len(sentences))
        y = open_vectors("english.f32", dim=1024)

    By the file's ending: `.npy` (memory-mapped); `.parquet`, or a folder of such files in order of name, of which
    `column` is read (lists of equal length; the vectors must fit into memory); anything else is raw numbers, row after
    row, little-endian (memory-mapped).

    Args:
        source: an array or a path.
        dim: dimensions the rows must have; a raw file needs it.
        count: rows there must be: the number of texts.
        dtype: of a raw file, float32 (default) or float16.
        column: of Parquet files.
        name: what error messages call it when `source` is an array.

    Raises:
        UserError: no such file or column, not (rows, dim) numbers, other dimensions, rows or dtype than asked for, a
            raw file whose size is no multiple of a row's, NaN or infinity (names the first row).
    """
    if isinstance(source, str | Path):
        path = Path(source)
        name = str(path)
        if not path.exists():
            raise UserError(f"{name}: no such file")
        if path.is_dir() or path.suffix == ".parquet":
            x = _parquet(path, column)
        elif path.suffix == ".npy":
            x = _npy(path)
        else:
            x = _raw(path, dim, np.dtype("<f4" if dtype is None else dtype).newbyteorder("<"))
    else:
        x = np.asanyarray(source)
    _check_shape(x, name, dim, count)
    _check_values(x, name)
    return x


def _npy(path: Path) -> Embeddings:
    try:
        return np.asanyarray(np.load(path, mmap_mode="r"))
    except (ValueError, EOFError) as e:
        raise UserError(f"{path}: not an array that numpy.save wrote, or not whole ({e})") from e


def _raw(path: Path, dim: int | None, dtype: np.dtype[Any]) -> Embeddings:
    if dim is None:
        raise UserError(f"{path}: a raw file of vectors does not tell their dimensions; give dim (LASER: 1024)")
    if dim < 1 or dtype.kind != "f" or dtype.itemsize > 4:
        raise UserError(f"{path}: a raw file needs dim of at least 1 and dtype float32 or float16, not {dim}, {dtype}")
    size, row = path.stat().st_size, dim * dtype.itemsize
    if size % row:
        raise UserError(
            f"{path}: {size} bytes are no whole number of {dim}-dimensional {dtype.name} vectors ({row} bytes each): "
            "another dim or dtype, or the file is not whole"
        )
    if not size:
        return np.zeros((0, dim), dtype=dtype)
    return np.memmap(path, dtype=dtype, mode="r", shape=(size // row, dim))


def _parquet(path: Path, column: str) -> Embeddings:
    import pyarrow as pa
    import pyarrow.parquet as pq

    files = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    if not files:
        raise UserError(f"{path}: holds no .parquet file")
    rows, out, at = 0, None, 0
    for file in files:
        try:
            schema = pq.read_schema(file)
        except pa.ArrowInvalid as e:
            raise UserError(f"{file}: not a Parquet file, or not whole ({e})") from e
        if column not in schema.names:
            raise UserError(f"{file}: no column {column!r}; there are {', '.join(schema.names)}")
        rows += pq.read_metadata(file).num_rows
    for batch, file in _batches(files, column):
        values = _lists(batch, f"{file}: column {column!r}")
        if out is None:
            out = np.empty((rows, values.shape[1]), dtype=values.dtype)
        if values.shape[1] != out.shape[1]:
            raise UserError(f"{file}: vectors of {values.shape[1]} dimensions after such of {out.shape[1]}")
        out[at : at + len(values)] = values
        at += len(values)
    return np.zeros((0, 0), dtype=np.float32) if out is None else out


def _batches(files: list[Path], column: str) -> Iterator[tuple[Any, Path]]:
    import pyarrow.parquet as pq

    for file in files:
        for batch in pq.ParquetFile(file).iter_batches(columns=[column]):
            if batch.num_rows:
                yield batch.column(0), file


def _lists(array: Any, name: str) -> Embeddings:
    """(rows, dim) values of an Arrow list array, every list of one length."""
    import pyarrow as pa

    kind = array.type
    if not (pa.types.is_fixed_size_list(kind) or pa.types.is_list(kind) or pa.types.is_large_list(kind)):
        raise UserError(f"{name} holds {kind}, not lists of numbers")
    if not (pa.types.is_floating(kind.value_type) or pa.types.is_integer(kind.value_type)):
        raise UserError(f"{name} holds lists of {kind.value_type}, not of numbers")
    # `flatten` leaves null lists out, so that they show in the count.
    flat = array.flatten()
    if array.null_count or flat.null_count:
        raise UserError(f"{name} holds nulls")
    if not pa.types.is_fixed_size_list(kind):
        lengths = array.value_lengths().to_numpy(zero_copy_only=False)
        if (lengths != lengths[0]).any():
            raise UserError(f"{name} holds lists of unequal length: {lengths.min()} to {lengths.max()}")
    return np.asarray(flat.to_numpy(zero_copy_only=False)).reshape(len(array), -1)


def _check_shape(x: Embeddings, name: str, dim: int | None, count: int | None) -> None:
    if x.ndim != 2 or x.dtype.kind not in "fiu":
        raise UserError(f"{name}: embeddings are numbers of shape (rows, dim), not {x.dtype} of shape {x.shape}")
    if dim is not None and x.shape[1] != dim and len(x):
        raise UserError(f"{name}: vectors of {x.shape[1]} dimensions, not {dim}; another encoder wrote them?")
    if count is not None and len(x) != count:
        raise UserError(f"{name}: {len(x)} vectors for {count} texts")


def _check_values(x: Embeddings, name: str) -> None:
    if x.dtype.kind != "f":
        return
    step = max(1, CHECK_VALUES // max(x.shape[1], 1))
    for start in range(0, len(x), step):
        bad = ~np.isfinite(x[start : start + step]).all(axis=1)
        if bad.any():
            raise UserError(f"{name}: NaN or infinity in row {start + int(bad.argmax())} (counted from 0)")
