"""Subtitles, SubRip (.srt) and WebVTT (.vtt): one row a cue, its text without times, numbers and tags."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from itertools import chain, islice

import polars as pl

from xlcorpus.steps.read.found import Found
from xlcorpus.steps.read.reading import FRAME_ROWS, Reading

TIMES = re.compile(r"\s*(\d+:)?\d+:\d+[,.]\d+\s*-->\s*(\d+:)?\d+:\d+[,.]\d+")
TAGS = re.compile(r"</?(i|b|u|s|font|c|v|lang|ruby|rt)\b[^<>]*>|<(\d+:)?\d+:\d+\.\d+>|\{\\[^{}]*\}", re.IGNORECASE)
"""Tags of both formats, times inside a cue, and the codes of SubStation that SubRip files carry."""
NO_CUE = re.compile(r"(NOTE|STYLE|REGION)\b")


def rows(reading: Reading) -> Iterator[Found]:
    """The cues of a file, the lines of a cue joined by a space.

    A cue without text is rejected as `empty`, a block of lines without times as `not_a_cue`. A sentence may run over
    several cues.
    """
    found = islice(_cues(reading), reading.limit)
    while batch := list(islice(found, FRAME_ROWS)):
        lines = pl.Series("line", [line for line, _ in batch], dtype=pl.Int64)
        yield Found(lines, {"text": pl.Series("text", [text for _, text in batch], dtype=pl.String)})


def _cues(reading: Reading) -> Iterator[tuple[int, str]]:
    with reading.open() as file:
        lines = chain.from_iterable(zip(*block, strict=True) for block in reading.lines(file, "subtitles"))
        for block in _blocks(lines):
            start = block[0][0]
            web = start == 1 and block[0][1].startswith("WEBVTT")
            at = next((i for i, (_, text) in enumerate(block[:2]) if TIMES.match(text)), None)
            if at is None:
                if not web and not NO_CUE.match(block[0][1]):
                    reading.reject([start], ["\n".join(text for _, text in block)], "not_a_cue")
                continue
            spoken = " ".join(html.unescape(TAGS.sub("", text)).strip() for _, text in block[at + 1 :])
            if spoken.strip():
                yield start, spoken.strip()
            else:
                reading.reject([start], [""], "empty")


def _blocks(lines: Iterator[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    """Lines between blank ones; times also begin a new block, with the number in the line before."""
    block: list[tuple[int, str]] = []
    for number, text in lines:
        if not text.strip():
            if block:
                yield block
            block = []
            continue
        if TIMES.match(text) and any(TIMES.match(t) for _, t in block):
            head = block[-1:] if block[-1][1].strip().isdecimal() else []
            yield block[: len(block) - len(head)]
            block = head
        block.append((number, text))
    if block:
        yield block
