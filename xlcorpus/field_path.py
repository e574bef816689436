"""Paths to fields inside of objects and lists: `meta.page`, `messages[*].content`."""

from __future__ import annotations

import re
from dataclasses import dataclass

EACH = "[*]"
"""Stands for each element of a list."""

_PATH = re.compile(r"[^.\[\]]+(\[\*\])?(\.[^.\[\]]+(\[\*\])?)*")


@dataclass(frozen=True)
class FieldPath:
    """A path, taken apart."""

    text: str
    parts: tuple[tuple[str, ...], ...]
    """names between the `[*]`s: `a.b[*].c` is (("a", "b"), ("c",)), `a[*]` is (("a",), ())"""

    @staticmethod
    def of(text: str) -> FieldPath:
        """The path that a text writes."""
        parts = text.split(EACH)
        return FieldPath(text, tuple(tuple(name for name in part.split(".") if name) for part in parts))

    @property
    def column(self) -> str:
        """The column that it begins at."""
        return self.parts[0][0]

    @property
    def lists(self) -> tuple[tuple[str, ...], ...]:
        """Where the lists stand whose elements it goes into, the outer one first."""
        return self.parts[:-1]

    @property
    def way(self) -> tuple[str, ...]:
        """The names and `[*]`s behind the column, in order.

        >>> FieldPath.of("messages[*].content").way
        ('[*]', 'content')
        """
        steps = [step for part in self.parts for step in (*part, EACH)]
        return tuple(steps[1:-1])


def is_written(text: str) -> bool:
    """Whether a text is a path: names with dots between them, and `[*]` behind lists."""
    return _PATH.fullmatch(text) is not None
