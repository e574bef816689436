"""fastText's model files, read where they lie: processes of one machine share one copy of the numbers.

fastText itself reads a file that ends too early without a word, and answers at random.

Layout (fastText 0.9.2, `fasttext.cc`): two int32 (magic, version); options (twelve int32 and a double); sizes of the
dictionary (three int32, two int64); its entries (text that ends in a zero byte, int64 count, int8 kind); for a
pruned model pairs of int32 (bucket, row); a byte that says whether the input matrix is quantised, and the matrix; the
same for the output matrix. A matrix is two int64 (rows, columns) and float32 values. A quantised one is a byte (whether
norms are kept), two int64, an int32 size, the codes, a quantiser, and for the norms codes and a quantiser; a quantiser
is four int32 (dimensions, parts, size of a part, size of the last) and 256 centroids of each part, float32.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from xlcorpus.arrays import Floats32, Ints32, Ints64
from xlcorpus.compiled import compiled
from xlcorpus.errors import UserError

Bytes = npt.NDArray[np.uint8]

_MAGIC, _NEWEST, _SUPERVISED = 793712314, 12, 3
_WITHOUT_SUBWORDS = 11
"""Version up to which classifiers have no n-grams of characters, whatever their options say."""
_HEAD = struct.Struct("<2i12id3i2q")
_CENTROIDS = 256
_SCALAR = 9
"""Bytes of a dictionary entry behind its text."""

HIERARCHICAL_SOFTMAX, NEGATIVE_SAMPLING, SOFTMAX, ONE_VERSUS_ALL = 1, 2, 3, 4
"""Losses, as fastText numbers them."""


@dataclass(frozen=True)
class Matrix:
    """Rows of a model's matrix, as they are or quantised (Joulin et al. 2016, arXiv:1612.03651)."""

    rows: int
    values: Floats32
    """(rows, dimensions), none where it is quantised"""
    codes: Bytes
    """(rows, parts) the centroid of each part of a row; none where it is not quantised"""
    centroids: Floats32
    """(256 * dimensions,) of each part, one part after the other"""
    part: int
    """dimensions of a part; the last may have fewer"""
    norms: Floats32
    """(rows,) by which a quantised row is multiplied"""


@dataclass(frozen=True)
class FastTextFile:
    """A classifier's options, dictionary and matrices."""

    dimensions: int
    loss: int
    word_ngrams: int
    """words of the longest n-gram of words"""
    subwords: tuple[int, int]
    """characters of the shortest and the longest n-gram of characters; the longest is 0 where there are none"""
    buckets: int
    words: int
    data: Bytes
    """(bytes,) the file"""
    begins: Ints64
    """(words,) where the text of each word stands in the file"""
    labels: list[str]
    counts: Ints64
    """(labels,) texts of the training with each label"""
    rows_of_buckets: Ints32
    """(buckets,) row of each bucket behind those of words, -1 where it was pruned; none where nothing was pruned"""
    inputs: Matrix
    outputs: Matrix


def read(path: Path) -> FastTextFile:
    """A fastText classifier.

    Raises:
        UserError: it has another format, word vectors, or is not whole.
    """
    where = f"language identifier {str(path)!r}"
    with path.open("rb") as file:
        head = file.read(_HEAD.size)
    if len(head) < _HEAD.size or struct.unpack_from("<i", head)[0] != _MAGIC:
        raise UserError(f"{where} is no fastText model (.bin or .ftz): it begins with other bytes")
    values = _HEAD.unpack(head)
    version, dimensions, _, _, _, _, word_ngrams, loss, model, buckets, shortest, longest = values[1:13]
    if not 1 <= version <= _NEWEST:
        raise UserError(f"{where} has version {version} of fastText's format; {_NEWEST} is the newest known")
    if model != _SUPERVISED:
        raise UserError(f"{where} holds word vectors; give a classifier, whose labels are languages")
    entries, words, labels, _, pruned = values[15:]
    parts = _Parts(np.memmap(path, dtype=np.uint8, mode="r"), _HEAD.size)
    try:
        if dimensions < 1 or words < 0 or labels < 1 or words + labels != entries or buckets < 0:
            raise _NotWholeError
        begins, counts, named = parts.dictionary(entries)
        rows_of_buckets = np.empty(0, dtype=np.int32)
        if pruned >= 0:
            pairs = parts.take(8 * pruned).view("<i4").reshape(-1, 2)
            if len(pairs) and (pairs.min() < 0 or pairs[:, 0].max() >= buckets):
                raise _NotWholeError
            rows_of_buckets = np.full(buckets, -1, dtype=np.int32)
            rows_of_buckets[pairs[:, 0]] = pairs[:, 1]
        inputs = parts.matrix(parts.byte() != 0, dimensions)
        outputs = parts.matrix(parts.byte() != 0, dimensions)
        in_buckets = int(rows_of_buckets.max(initial=-1)) + 1 if pruned >= 0 else buckets
        if inputs.rows < words + in_buckets or outputs.rows != labels or not parts.at_end:
            raise _NotWholeError
    except (_NotWholeError, UnicodeDecodeError):
        raise UserError(
            f"{where} is not whole, or in another format (floret): it does not end as fastText's models do"
        ) from None
    if loss not in (HIERARCHICAL_SOFTMAX, NEGATIVE_SAMPLING, SOFTMAX, ONE_VERSUS_ALL):
        raise UserError(f"{where} has the loss {loss}; fastText knows 1 to 4")
    if version <= _WITHOUT_SUBWORDS:
        longest = 0
    return FastTextFile(
        dimensions, loss, word_ngrams, (shortest, longest), buckets, words, parts.data, begins[:words], named[words:],
        counts[words:], rows_of_buckets, inputs, outputs,
    )  # fmt: skip


class _NotWholeError(Exception):
    pass


class _Parts:
    """What stands in a file, one after the other."""

    def __init__(self, data: Bytes, place: int) -> None:
        self.data, self._place = data, place

    @property
    def at_end(self) -> bool:
        return self._place == len(self.data)

    def take(self, size: int) -> Bytes:
        if not 0 <= size <= len(self.data) - self._place:
            raise _NotWholeError
        self._place += size
        return self.data[self._place - size : self._place]

    def byte(self) -> int:
        return int(self.take(1)[0])

    def dictionary(self, entries: int) -> tuple[Ints64, Ints64, list[str]]:
        """Where each entry begins, how often it was seen, and the texts of those that are labels ("" for words)."""
        if not 0 < entries * (_SCALAR + 1) <= len(self.data):
            raise _NotWholeError
        begins, end = _entries(self.data, self._place, entries)
        if end < 0:
            raise _NotWholeError
        ends = np.append(begins[1:], end) - _SCALAR
        scalars = self.data[ends[:, None] + np.arange(_SCALAR)]
        named = [
            bytes(self.data[a : b - 1]).decode() if label else ""
            for a, b, label in zip(begins.tolist(), ends.tolist(), scalars[:, 8].tolist(), strict=True)
        ]
        if (np.diff(scalars[:, 8].astype(np.int8)) < 0).any():
            raise _NotWholeError  # words come before labels
        self._place = end
        return begins, scalars[:, :8].copy().view("<i8")[:, 0], named

    def matrix(self, quantised: bool, dimensions: int) -> Matrix:
        if quantised:
            return self._quantised(dimensions)
        rows = self._rows(dimensions)
        values = self.take(4 * rows * dimensions).view("<f4").reshape(rows, dimensions)
        return Matrix(rows, values, *_NO_CODES)

    def _quantised(self, dimensions: int) -> Matrix:
        with_norms = self.byte() != 0
        rows = self._rows(dimensions)
        (size,) = self.take(4).view("<i4").tolist()
        codes = self.take(size)
        centroids, parts, part = self._quantiser(dimensions)
        if size != rows * parts:
            raise _NotWholeError
        norms = np.ones(rows, dtype=np.float32)
        if with_norms:
            of_rows = self.take(rows)
            norms = self._quantiser(1)[0][of_rows]
        return Matrix(rows, np.empty((0, dimensions), dtype="<f4"), codes.reshape(rows, parts), centroids, part, norms)

    def _rows(self, dimensions: int) -> int:
        rows, columns = self.take(16).copy().view("<i8").tolist()
        if rows < 0 or columns != dimensions:
            raise _NotWholeError
        return int(rows)

    def _quantiser(self, dimensions: int) -> tuple[Floats32, int, int]:
        """Centroids, parts of a row, and dimensions of a part."""
        there, parts, part, last = self.take(16).copy().view("<i4").tolist()
        if there != dimensions or parts < 1 or not 0 < last <= part or (parts - 1) * part + last != dimensions:
            raise _NotWholeError
        return self.take(4 * _CENTROIDS * dimensions).copy().view("<f4"), parts, part


_NO_CODES = (
    np.empty((0, 0), dtype=np.uint8), np.empty(0, dtype=np.float32), 0, np.empty(0, dtype=np.float32)
)  # fmt: skip


@compiled
def _entries(data: Bytes, place: int, entries: int) -> tuple[Ints64, int]:
    """Where each entry of the dictionary begins, and where the last one ends, -1 if the file ends before."""
    begins = np.empty(entries, dtype=np.int64)
    for i in range(entries):
        begins[i] = place
        while place < len(data) and data[place] != 0:
            place += 1
        place += 1 + 9
        if place > len(data):
            return begins, -1
    return begins, place
