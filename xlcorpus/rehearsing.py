"""Whether models are played by stand-ins, so that a recipe can be rehearsed without any."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

REHEARSED = "rehearsed"
"""Column of rows that come of a rehearsal."""

_rehearsing = False


def rehearsing() -> bool:
    """Whether models that are loaded now are stand-ins."""
    return _rehearsing


@contextmanager
def rehearsal() -> Iterator[None]:
    """Within it, models are stand-ins: small fixed functions that need no package, no file and no network."""
    global _rehearsing
    before, _rehearsing = _rehearsing, True
    try:
        yield
    finally:
        _rehearsing = before
