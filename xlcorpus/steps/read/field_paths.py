"""Fields inside the objects and lists of a file's columns, by path: `meta.page`, `instances[*].output`.

`[*]` stands for the elements of a list, each of which makes a row of its own. A column whose name is the whole path
comes first.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import polars as pl

from xlcorpus.errors import UserError, nearest
from xlcorpus.field_path import EACH, FieldPath, is_written
from xlcorpus.steps.read.column_types import WRONG_TYPE, Misfit, as_list, type_name
from xlcorpus.steps.read.found import Found


def is_path(name: str) -> bool:
    """Whether a name may be a path: a file may also have a column of that name."""
    return EACH in name or "." in name.strip(".")


def check_paths(names: Collection[str]) -> None:
    """Refuse names of columns that are paths written wrongly, or that go into the elements of several lists.

    Raises:
        UserError: such a name.
    """
    for name in names:
        if ("[" in name or "]" in name) and not is_written(name):
            raise UserError(
                f"columns: {name!r} is no path of fields; write names with dots between them, and [*] behind a list: "
                "instances[*].output"
            )
    _longest([FieldPath.of(name) for name in names if EACH in name])


def spread(found: Found, names: Collection[str], file: str, first: bool) -> tuple[Found, dict[int, Misfit]]:
    """Rows of a file with a column for each path among `names`, one row for each element of the lists they go into.

    A list that is empty or null gives one row, with nulls. An object of lists of one length, as `datasets` holds lists
    of objects, is the list of those objects. An object or list may be JSON text.

    Args:
        found: the rows.
        names: columns that are wanted; those that are no paths, or begin at no column, do not matter.
        file: for messages.
        first: these are the first rows of the file, so that a field that none has is missed.

    Returns:
        The rows, and what is wrong with them, by row.

    Raises:
        UserError: no object has a field of that name; names the nearest.
    """
    paths = [FieldPath.of(n) for n in dict.fromkeys(names) if n not in found.columns and is_path(n)]
    paths = [path for path in paths if path.column in found.columns]
    if not paths:
        return found, {}
    inside = _Inside(
        {path.column: as_list(found.columns[path.column]) for path in paths}, len(found.places), file, first
    )
    for part in _longest(paths):
        inside.enter(part)
    made = {path.text: inside.values(path.parts[-1], len(path.lists)) for path in paths}
    rows = inside.rows
    kept = {
        name: values.gather(rows) if isinstance(values, pl.Series) else [values[row] for row in rows]
        for name, values in found.columns.items()
    }
    return Found(found.places.gather(rows), {**kept, **made}), inside.wrong


def _longest(paths: Sequence[FieldPath]) -> tuple[tuple[str, ...], ...]:
    """The lists that some paths go into, the outer one first.

    Raises:
        UserError: they go into lists that do not lie in one another.
    """
    longest = max(paths, key=lambda path: len(path.lists), default=None)
    if longest is None:
        return ()
    for path in paths:
        if path.lists != longest.lists[: len(path.lists)]:
            raise UserError(
                f"columns: {longest.text!r} and {path.text!r} go into the elements of different lists, so it is not "
                "known which belong together; take paths that have the same list before [*]"
            )
    return longest.lists


class _Inside:
    """Places inside the values of some rows: the rows themselves at first, then the elements of lists in them."""

    def __init__(self, given: Mapping[str, Sequence[Any]], rows: int, file: str, first: bool) -> None:
        self.rows = list(range(rows))
        """the row of the file that each place is in"""
        self.wrong: dict[int, Misfit] = {}
        """what is wrong, by place; of several things the first found"""
        self._given, self._file, self._first = given, file, first
        self._elements: list[list[Any]] = []

    def enter(self, names: tuple[str, ...]) -> None:
        """Go on to the elements of the lists of that name."""
        items = [
            self._items(place, value, names) for place, value in enumerate(self.values(names, len(self._elements)))
        ]
        of = [place for place, some in enumerate(items) for _ in some]
        self.rows = [self.rows[place] for place in of]
        self.wrong = {new: self.wrong[place] for new, place in enumerate(of) if place in self.wrong}
        self._elements = [[level[place] for place in of] for level in self._elements]
        self._elements.append([item for some in items for item in some])

    def values(self, names: tuple[str, ...], depth: int) -> list[Any]:
        """What stands under some names in the elements of the list number `depth`, for 0 in the columns."""
        if depth:
            values, where = self._elements[depth - 1], "an element"
        else:
            values, where, names = [self._given[names[0]][row] for row in self.rows], names[0], names[1:]
        for name in names:
            objects = [self._object(place, value, where) for place, value in enumerate(values)]
            known = dict.fromkeys(key for one in objects if one for key in one)
            if self._first and known and name not in known:
                raise UserError(f"{self._file}: {where} has no field {name!r}; {nearest(name, known)}")
            values, where = [None if one is None else one.get(name) for one in objects], name
        return values

    def _object(self, place: int, value: Any, where: str) -> dict[str, Any] | None:
        value = _of_json(value)
        if value is None or isinstance(value, dict):
            return value
        self.wrong.setdefault(place, Misfit(WRONG_TYPE, f"{where} is {type_name(value)}, no object"))
        return None

    def _items(self, place: int, value: Any, names: tuple[str, ...]) -> list[Any]:
        """The elements of a list; null alone where it has none, or is no list."""
        value = _of_json(value)
        if isinstance(value, dict):
            value = _of_columns(value)
        if isinstance(value, list):
            return value or [None]
        if value is not None:
            where = names[-1] if names else "an element"
            self.wrong.setdefault(place, Misfit(WRONG_TYPE, f"{where} is {type_name(value)}, no list"))
        return [None]


def _of_json(value: Any) -> Any:
    """The object or list that a text writes; the value itself where it is no such text."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _of_columns(value: dict[str, Any]) -> Any:
    """The list of objects that an object of equally long lists stands for; the object itself where it is none."""
    lists = list(value.values())
    if not lists or not all(isinstance(one, list) and len(one) == len(lists[0]) for one in lists):
        return value
    return [dict(zip(value, items, strict=True)) for items in zip(*lists, strict=True)]
