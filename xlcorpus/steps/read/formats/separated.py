"""TSV and CSV: one row a record, cells as text.

A record with another number of cells than the file's is rejected as `wrong_columns`: which of its cells belongs
where cannot be known. The number of the file is that of its header, without one the most frequent number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

import polars as pl

from xlcorpus.errors import UserError
from xlcorpus.steps.read.formats.quoted import Record, records
from xlcorpus.steps.read.formats.text import without_empty
from xlcorpus.steps.read.found import Found
from xlcorpus.steps.read.reading import FRAME_ROWS, Reading, batches

SAMPLE = 5_000
"""records by which the usual number of cells is found"""
CSV_DELIMITERS = (",", ";")
"""as RFC 4180 has it, and as spreadsheets write it where the comma is the decimal sign"""


@dataclass(frozen=True)
class Columns:
    """The columns of a file."""

    names: list[str]

    def found(self, places: list[int], cells: list[str]) -> Found:
        """Rows from their cells, one row after the other."""
        width = len(self.names)
        series = {n: pl.Series(n, cells[i::width], dtype=pl.String) for i, n in enumerate(self.names)}
        return Found(pl.Series("line", places, dtype=pl.Int64), series)


TORN = r'^[^"\t]+"\t(?:[^"\t]*\t)*"[^"\t]*(?:\t[^"\t]*)*$'
"""A line with two quotation marks, one at the end of a cell and one at the beginning of a later cell."""


def tsv(reading: Reading) -> Iterator[Found]:
    """The rows of a file of cells between tabs. TSV knows no quotes: a quotation mark is a part of the text.

    A line that closes a quote in one cell and opens one in a later cell is the inside of a record whose quoted cells
    hold line breaks, as spreadsheets write them: its cells do not belong together, and it is rejected as `bad_quotes`.
    """
    columns: Columns | None = None
    left = reading.limit
    with reading.open() as file:
        for numbers, texts in batches(reading.lines(file, "tsv")):
            frame = without_empty(reading, numbers, texts)
            if not frame.height:
                continue
            if columns is None:
                if reading.header:
                    columns = named(reading, frame["text"][0].split("\t"))
                    frame = frame[1:]
                else:
                    counts = frame["text"].head(SAMPLE).str.count_matches("\t", literal=True) + 1
                    columns = numbered(usual(reading, Counter(counts.to_list())))
            frame = frame if left is None else frame.head(left)
            if frame.height:
                yield from _split(reading, frame, columns)
            if left is not None:
                left -= frame.height
                if left <= 0:
                    return


def _split(reading: Reading, frame: pl.DataFrame, columns: Columns) -> Iterator[Found]:
    width = len(columns.names)
    counts = frame["text"].str.count_matches("\t", literal=True) + 1
    if (counts != width).any():
        odd = frame.filter(counts != width)
        values = [wrong_columns(n, width) for n in counts.filter(counts != width)]
        reading.reject(odd["line"].to_list(), odd["text"].to_list(), "wrong_columns", values)
        frame = frame.filter(counts == width)
    torn = frame["text"].str.contains(TORN)
    if torn.any():
        inside = frame.filter(torn)
        why = [f"line {n}: closes a quote in one cell and opens one in another" for n in inside["line"]]
        reading.reject(inside["line"].to_list(), inside["text"].to_list(), "bad_quotes", why)
        frame = frame.filter(~torn)
    if not frame.height:
        return
    cells = frame["text"].str.split_exact("\t", width - 1).struct.unnest()
    yield Found(frame["line"], {n: cells[f"field_{i}"].alias(n) for i, n in enumerate(columns.names)})


def csv(reading: Reading) -> Iterator[Found]:
    """The rows of a CSV file (RFC 4180): cells may be quoted, with delimiters and line breaks inside the quotes.

    Between the cells stands `delimiter`; where none is given, the one of comma and semicolon that cuts the file into
    the same number of cells again and again. A record with a quote that is not closed, or with text behind the closing
    quote, is rejected as `bad_quotes` line by line.

    Raises:
        UserError: both or neither would do.
    """
    with reading.open() as file:
        blocks = batches(reading.lines(file, "csv"))
        lines = chain.from_iterable(zip(*block, strict=True) for block in blocks)
        sample = list(islice(lines, SAMPLE))
        delimiter = reading.delimiter or detect_delimiter(reading, sample)
        found = _filled(reading, records(chain(sample, lines), delimiter, _bad_quotes(reading)))
        columns: Columns | None = None
        if reading.header:
            first = next(found, None)
            columns = named(reading, first.cells) if first else None
        start = list(islice(found, SAMPLE))
        if columns is None:
            if not start:
                return
            columns = numbered(usual(reading, Counter(len(r.cells) for r in start)))
        yield from _matching(reading, islice(chain(start, found), reading.limit), columns)


def _matching(reading: Reading, found: Iterable[Record], columns: Columns) -> Iterator[Found]:
    width = len(columns.names)
    iterator = iter(found)
    while True:
        lines: list[int] = []
        cells: list[str] = []
        odd: list[Record] = []
        for record in islice(iterator, FRAME_ROWS):
            if len(record.cells) == width:
                lines.append(record.line)
                cells += record.cells
            else:
                odd.append(record)
        values = [wrong_columns(len(r.cells), width) for r in odd]
        reading.reject([r.line for r in odd], [r.text for r in odd], "wrong_columns", values)
        if lines:
            yield columns.found(lines, cells)
        elif not odd:
            return


def _filled(reading: Reading, found: Iterator[Record]) -> Iterator[Record]:
    """Records that are no blank lines; those are rejected as `empty`."""
    blank: list[int] = []
    try:
        for record in found:
            if len(record.cells) == 1 and not record.cells[0].strip():
                blank.append(record.line)
            else:
                yield record
    finally:
        reading.reject(blank, [""] * len(blank), "empty")


def _bad_quotes(reading: Reading):  # type: ignore[no-untyped-def]
    def refuse(line: int, text: str, why: str) -> None:
        reading.reject([line], [text], "bad_quotes", [f"line {line}: {why}"])

    return refuse


def wrong_columns(found: int, usual: int) -> str:
    """The measured value of a record with another number of cells: "4 columns, not 3"."""
    return f"{found} column{'s' if found != 1 else ''}, not {usual}"


def named(reading: Reading, names: list[str]) -> Columns:
    """Columns by the header; one without a name is called by its number.

    Raises:
        UserError: two of one name.
    """
    names = [name.strip() or str(i) for i, name in enumerate(names, 1)]
    twice = [name for name, n in Counter(names).items() if n > 1]
    if twice:
        raise reading.wrong(f"the header names the column {twice[0]!r} twice; give each a name of its own")
    return Columns(names)


def numbered(count: int) -> Columns:
    """Columns without a header: "1", "2", ..."""
    return Columns([str(i + 1) for i in range(count)])


def usual(reading: Reading, counts: Counter[int]) -> int:
    """The number of cells that most records have, among those with the columns that the user named.

    Raises:
        UserError: two numbers are equally frequent, or no record has the named columns.
    """
    least = max((int(c) for c in reading.needs if c.isdecimal()), default=1)
    enough = {n: times for n, times in counts.items() if n >= least}
    if not enough:
        raise reading.wrong(f"no column {str(least)!r}: its lines have {_numbers(counts)}")
    best = max(enough.values())
    candidates = sorted(n for n, times in enough.items() if times == best)
    if len(candidates) > 1:
        raise reading.wrong(
            f"{best:,} lines have {candidates[0]} columns and {best:,} have {candidates[1]}: which is right cannot be "
            "known; write a header and header: true, or mend the lines"
        )
    if best < 0.9 * sum(counts.values()):
        reading.tell(
            f"{reading.name}: its lines have {_numbers(counts)}; those with {candidates[0]} are read, "
            "the others rejected",
            warning=True,
        )
    return candidates[0]


def _numbers(counts: Counter[int]) -> str:
    return ", ".join(f"{n} columns ({times:,} times)" for n, times in counts.most_common(3))


def detect_delimiter(reading: Reading, sample: list[tuple[int, str]]) -> str:
    """The delimiter that cuts the header, or else most records of a sample, into one number of cells above 1.

    Raises:
        UserError: comma and semicolon both do.
    """
    shares: dict[str, float] = {}
    for delimiter in CSV_DELIMITERS:
        found = [r for r in records(iter(sample), delimiter, lambda *bad: None) if r.text.strip()]
        if reading.header and found:
            found = found[:1]
        counts = Counter(len(r.cells) for r in found)
        least = max((int(c) for c in reading.needs if c.isdecimal()), default=2)
        if reading.header and found and set(reading.needs) <= {c.strip() for c in found[0].cells} and reading.needs:
            shares[delimiter] = 2.0
            continue
        shares[delimiter] = max((t / len(found) for n, t in counts.items() if n >= max(least, 2)), default=0.0)
    if shares[","] == shares[";"] and shares[","]:
        raise UserError(f"{reading.name}: cells may end at , or at ; and both fit: write delimiter: ',' or ';'")
    return max(CSV_DELIMITERS, key=lambda d: shares[d])
