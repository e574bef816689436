"""Records of a CSV file (RFC 4180): cells in quotes may hold delimiters, line breaks and doubled quotes.

The standard library's reader bounds the length of a cell for the whole process and takes a quote that is not
closed for a cell that reaches to the end of the file; it is asked for single short lines only.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple

LONGEST = 1 << 26
"""characters of a record; a longer one has a quote that is not closed"""
SHORT = 1 << 16
"""characters; below the least bound that the standard library sets on a cell"""
NOT_CLOSED = "a quote that is not closed"
BEHIND = "text behind a closing quote"


class Record(NamedTuple):
    """One record."""

    line: int
    """its first line, from 1"""
    text: str
    """as it stands in the file"""
    cells: list[str]


class _Open:
    """A record whose lines come one by one."""

    def __init__(self, delimiter: str) -> None:
        self.cells: list[str] = []
        self._delimiter = delimiter
        self._part: list[str] | None = None
        """pieces of the quoted cell that is open"""

    def feed(self, line: str) -> bool:
        """Take a line; whether the record is whole.

        Raises:
            ValueError: text behind a closing quote.
        """
        at, size = 0, len(line)
        while True:
            if self._part is None:
                if line[at : at + 1] != '"':
                    end = line.find(self._delimiter, at)
                    if end < 0:
                        self.cells.append(line[at:])
                        return True
                    self.cells.append(line[at:end])
                    at = end + len(self._delimiter)
                    continue
                self._part = []
                at += 1
            end = line.find('"', at)
            if end < 0:
                self._part += [line[at:], "\n"]
                return False
            self._part.append(line[at:end])
            if line[end + 1 : end + 2] == '"':
                self._part.append('"')
                at = end + 2
                continue
            self.cells.append("".join(self._part))
            self._part = None
            if end + 1 == size:
                return True
            if not line.startswith(self._delimiter, end + 1):
                raise ValueError(BEHIND)
            at = end + 1 + len(self._delimiter)


def records(
    lines: Iterator[tuple[int, str]], delimiter: str, refuse: Callable[[int, str, str], None]
) -> Iterator[Record]:
    """The records of numbered lines.

    Where quotes are wrong, the first line of the record goes to `refuse(number, line, why)` and reading goes on with
    the second: no line is taken for the inside of a cell that never ends.
    """
    back: deque[tuple[int, str]] = deque()
    short = _Short(delimiter)

    def following() -> tuple[int, str] | None:
        return back.popleft() if back else next(lines, None)

    while (start := following()) is not None:
        if '"' not in start[1]:
            yield Record(*start, start[1].split(delimiter))
            continue
        if cells := short.cells(start[1]):
            yield Record(*start, cells)
            continue
        record, taken, size, why = _Open(delimiter), [start], len(start[1]), ""
        try:
            while not record.feed(taken[-1][1]):
                more = following()
                if more is None or size > LONGEST:
                    why = NOT_CLOSED
                    back.extendleft([more] if more else [])
                    break
                taken.append(more)
                size += len(more[1]) + 1
        except ValueError:
            why = NOT_CLOSED if len(taken) > 1 else BEHIND
        if why:
            refuse(*start, why)
            back.extendleft(reversed(taken[1:]))
        else:
            yield Record(start[0], "\n".join(text for _, text in taken), record.cells)


class _Short:
    """Cells of records that are one short line, by the fast reader of the standard library."""

    def __init__(self, delimiter: str) -> None:
        self._line: str | None = None
        self._reader = csv.reader(self, delimiter=delimiter, strict=True)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._line is None:
            raise StopIteration
        line, self._line = self._line, None
        return line

    def cells(self, line: str) -> list[str]:
        """The cells; none where that reader cannot tell."""
        if len(line) > SHORT:
            return []
        self._line = line
        try:
            return next(self._reader, [])
        except csv.Error:
            return []
