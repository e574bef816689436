"""Which columns of a table hold what steps measured on its rows, and are not true of other texts."""

from __future__ import annotations

from collections.abc import Sequence

from xlcorpus.registry import step_names

_VECTORS = "embedding"
_READS = "read"


def measured_columns(columns: Sequence[str]) -> list[str]:
    """The columns named `<step>_...` after a step that there is (but `read`, which measures nothing), and `embedding`.

    >>> measured_columns(["identify_confidence", "source_page", "margin"])
    ['identify_confidence']
    """
    prefixes = tuple(f"{name}_" for name in step_names() if name != _READS)
    return [column for column in columns if column.startswith(prefixes) or column == _VECTORS]
