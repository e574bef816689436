"""One file that is being read: where it is, what the user said of it, and where its refused rows go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO

import polars as pl

from xlcorpus.errors import UserError
from xlcorpus.step import SourceEnv
from xlcorpus.steps.read import encodings
from xlcorpus.steps.read.packed import open_bytes

FRAME_ROWS = 10_000
"""rows handed on at a time, at most"""
FRAME_CHARS = 1 << 26
"""and characters, about"""


@dataclass(frozen=True)
class Reading:
    """What a format needs to read one file."""

    place: str
    """path or URL"""
    name: str
    """as the user wrote it; for messages"""
    env: SourceEnv
    kind: str = "sentence"
    """record kind that the rows become"""
    lang: str | None = None
    """language tag of the rows, or `src-tgt`, where the user gave it"""
    partner: str | None = None
    """the file of the other side (two text files, line by line)"""
    header: bool = False
    delimiter: str | None = None
    encoding: str = "auto"
    limit: int | None = None
    guessed: bool = False
    """whether the format is a guess by the file's name"""
    needs: tuple[str, ...] = ()
    """columns of the file that the user named"""
    _told: set[str] = field(default_factory=set)

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """The file's bytes, unpacked."""
        with open_bytes(self.place) as file:
            yield file

    def lines(self, file: IO[bytes], form: str) -> Iterator[tuple[list[int], list[str]]]:
        """Blocks of (numbers, lines) of a text file; lines that do not decode are rejected, and counted."""
        codec = encodings.detected(file, self.name, self.encoding)
        if codec not in ("utf-8", "utf-8-sig") and self.encoding == "auto":
            self.tell(f"{self.name} is {codec.upper()}, by its byte order mark")
        bad: list[tuple[int, str]] = []
        good = rejected = 0

        def reject() -> int:
            self.reject([number for number, _ in bad], [shown for _, shown in bad], encodings.rule_of(codec))
            count = len(bad)
            bad.clear()
            return count

        try:
            for numbers, texts in encodings.lines(file, self.name, self.encoding, form, lambda *one: bad.append(one)):
                good += len(texts)
                rejected += reject() if len(bad) >= FRAME_ROWS else 0
                yield numbers, texts
        finally:  # also when the reader stops early, at its limit
            rejected += reject()
            if rejected > (good + rejected) / 10:
                self.tell(
                    f"{self.name}: {rejected:,} lines are not {codec.upper()} and rejected; "
                    "if the file has another encoding, name it: encoding: cp1252",
                    warning=True,
                )

    def reject(
        self, places: Sequence[int], texts: Sequence[str], rule: str, values: Sequence[str] | None = None
    ) -> None:
        """Hand over rows that cannot be read: where they stand, how they look, and the measured value.

        The value is `line N` where none is given.
        """
        if not len(places):
            return
        shown = [f"line {place}" for place in places] if values is None else list(values)
        frame = pl.DataFrame(
            {"line": pl.Series(list(places), dtype=pl.Int64), "text": pl.Series(list(texts), dtype=pl.String)}
        )
        self.env.reject(frame, rule, pl.lit(pl.Series("value", shown, dtype=pl.String)))

    def tell(self, text: str, warning: bool = False) -> None:
        """Say something once a file."""
        if text not in self._told:
            self._told.add(text)
            self.env.say(text, warning)

    def wrong(self, text: str) -> UserError:
        """An error that names the file."""
        return UserError(f"{self.name}: {text}")


def batches(
    blocks: Iterator[tuple[list[int], list[str]]], rows: int = FRAME_ROWS, chars: int = FRAME_CHARS
) -> Iterator[tuple[list[int], list[str]]]:
    """The same lines in batches of `rows`, or fewer where they are long."""
    numbers: list[int] = []
    texts: list[str] = []
    held = 0
    for more_numbers, more_texts in blocks:
        numbers += more_numbers
        texts += more_texts
        held += sum(map(len, more_texts))
        start = 0
        while len(texts) - start >= rows:
            yield numbers[start : start + rows], texts[start : start + rows]
            start += rows
        if start:
            numbers, texts, held = numbers[start:], texts[start:], 0
        if held >= chars and texts:
            yield numbers, texts
            numbers, texts, held = [], [], 0
    if texts:
        yield numbers, texts
