"""Two text files, line by line: the source in one, the target in the other (Moses)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from xlcorpus.steps.read.found import Found
from xlcorpus.steps.read.reading import FRAME_ROWS, Reading

COLUMNS = {"pair": ("src_text", "tgt_text"), "lexicon": ("src_word", "tgt_word")}
"""What the sides are called, by record kind."""


def rows(reading: Reading) -> Iterator[Found]:
    """The pairs; a pair with a blank side is rejected as `empty`.

    Raises:
        UserError: the files differ in length.
    """
    assert reading.partner is not None
    other = replace(reading, place=reading.partner, name=reading.partner)
    source, target = COLUMNS[reading.kind]
    read = 0
    with reading.open() as left, other.open() as right:
        for numbers, src, tgt in _together(reading, _Side(reading, left), _Side(other, right)):
            frame = pl.DataFrame({"line": numbers, "src": src, "tgt": tgt}, schema_overrides={"line": pl.Int64})
            blank = (pl.col("src").str.strip_chars() == "") | (pl.col("tgt").str.strip_chars() == "")
            empty = frame.filter(blank)
            reading.reject(empty["line"].to_list(), [f"{s}\t{t}" for _, s, t in empty.iter_rows()], "empty")
            frame = frame.filter(~blank)
            if reading.limit is not None:
                frame = frame.head(reading.limit - read)
            read += frame.height
            if frame.height:
                yield Found(frame["line"], {source: frame["src"], target: frame["tgt"]})
            if reading.limit is not None and read >= reading.limit:
                return


class _Side:
    """The lines of one file by number, as far as they are read."""

    def __init__(self, reading: Reading, file) -> None:  # type: ignore[no-untyped-def]
        self.name = reading.name
        self._blocks = reading.lines(file, "text")
        self.numbers: list[int] = []
        self.texts: list[str] = []
        self.ended = False
        self.last = 0

    def more(self) -> None:
        """Read on."""
        block = next(self._blocks, None)
        if block is None:
            self.ended = True
            return
        self.numbers += block[0]
        self.texts += block[1]
        self.last = max(self.last, *block[0][-1:], 0)

    def drop(self, count: int) -> None:
        """Forget the first lines."""
        del self.numbers[:count], self.texts[:count]


def _together(reading: Reading, left: _Side, right: _Side) -> Iterator[tuple[list[int], list[str], list[str]]]:
    """The lines that both sides have, in batches; a line that one side lacks did not decode and is rejected."""
    while True:
        for side in (left, right):
            while len(side.numbers) < FRAME_ROWS and not side.ended:
                side.more()
        upto = min((s.numbers[-1] for s in (left, right) if s.numbers and not s.ended), default=None)
        cuts = [len(s.numbers) if upto is None else sum(n <= upto for n in s.numbers) for s in (left, right)]
        src, tgt = (
            dict(zip(s.numbers[:c], s.texts[:c], strict=True)) for s, c in zip((left, right), cuts, strict=True)
        )
        both = [n for n in src if n in tgt]
        if both:
            yield both, [src[n] for n in both], [tgt[n] for n in both]
        left.drop(cuts[0])
        right.drop(cuts[1])
        if left.ended and right.ended:
            if left.last != right.last:
                raise reading.wrong(
                    f"has {left.last:,} lines, {right.name} has {right.last:,}: they are no translation line by line"
                )
            return
