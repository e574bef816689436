"""The format of fastText's model files: whether a file is a classifier and whole.

fastText itself reads a file that ends too early without a word, and answers at random.

Layout (fastText 0.9.2, `fasttext.cc`): two int32 (magic, version), the options (twelve int32 and a double), the sizes
of the dictionary (three int32, two int64), the dictionary, the input matrix, a byte that says whether the output matrix
is quantised, and the output matrix: two int64 (labels, dimensions) and float32 values.
"""

from __future__ import annotations

import struct
from pathlib import Path

from xlcorpus.errors import UserError

_MAGIC, _NEWEST, _SUPERVISED = 793712314, 12, 3
_HEAD = struct.Struct("<2i12id3i2q")
_DIMENSIONS, _MODEL, _LABELS = 2, 9, 17
"""Places in the head."""
_SHAPE = struct.Struct("<2q")


def check(path: Path) -> None:
    """Raise where a file is no fastText classifier.

    Raises:
        UserError: it has another format, word vectors, or ends too early. A `.ftz` whose output matrix is quantised
            cannot be checked for its end.
    """
    where = f"language identifier {str(path)!r}"
    with path.open("rb") as file:
        head = file.read(_HEAD.size)
        if len(head) < _HEAD.size or struct.unpack_from("<i", head)[0] != _MAGIC:
            raise UserError(f"{where} is no fastText model (.bin or .ftz): it begins with other bytes")
        values = _HEAD.unpack(head)
        if not 1 <= values[1] <= _NEWEST:
            raise UserError(f"{where} has version {values[1]} of fastText's format; {_NEWEST} is the newest known")
        if values[_MODEL] != _SUPERVISED:
            raise UserError(f"{where} holds word vectors; give a classifier, whose labels are languages")
        shape = (values[_LABELS], values[_DIMENSIONS])
        begin = path.stat().st_size - 4 * shape[0] * shape[1] - _SHAPE.size
        file.seek(max(begin, 0))
        last = file.read(_SHAPE.size)
    whole = begin > _HEAD.size and _SHAPE.unpack(last) == shape
    if not whole and path.suffix != ".ftz":
        raise UserError(f"{where} is not whole, or in another format (floret): it does not end as fastText's models do")
