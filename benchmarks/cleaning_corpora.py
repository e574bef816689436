"""Corpora of the cleaning benchmark, made of the real text in `../shared/data` with fixed seeds.

A corpus is a folder of two JSON Lines files, so that two tasks have one each; a line is `{id, lang, text}`.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

EXCHANGED = 0.2
"""Share of the words that a copy of a page gets from other pages of its language."""

_WORD = re.compile(r"\w+")


def tldr(folder: Path) -> pl.DataFrame:
    """(id, lang, text) of the pages in all languages; `id` is the same for the page in other languages."""
    pages = [pl.read_ndjson(gzip.decompress(path.read_bytes())) for path in sorted(folder.glob("*.jsonl.gz"))]
    return pl.concat([page.select("id", "lang", "text") for page in pages])


def repeated(pages: pl.DataFrame, documents: int, seed: int = 0) -> Iterator[pl.DataFrame]:
    """The pages over and over until there are so many documents; in a copy 20 % of the words are exchanged.

    A word is exchanged for one that stands anywhere in the pages of the same language, so that frequent words stay
    frequent. The first frame is the pages as they are.
    """
    random = np.random.default_rng(seed)
    words = {
        lang: np.array(_WORD.findall("\n".join(group["text"])), dtype=object)
        for (lang,), group in pages.group_by("lang")
    }
    for copy in range(-(-documents // pages.height)):
        part = pages.head(documents - copy * pages.height)
        if copy:
            texts = [exchanged(text, words[lang], random) for text, lang in part.select("text", "lang").iter_rows()]
            part = part.with_columns(pl.col("id") + f"#{copy}", text=pl.Series(texts))
        yield part


def exchanged(text: str, words: np.ndarray, random: np.random.Generator) -> str:
    """The text with a fifth of its words exchanged for random ones of `words`."""
    found = list(_WORD.finditer(text))
    parts, end = [], 0
    chosen = np.flatnonzero(random.random(len(found)) < EXCHANGED)
    for place, word in zip(chosen, words[random.integers(len(words), size=len(chosen))], strict=True):
        parts += [text[end : found[place].start()], word]
        end = found[place].end()
    return "".join([*parts, text[end:]])


def sentences(folder: Path) -> pl.DataFrame:
    """(lang, text) of Tatoeba's sentences that are not English."""
    return pl.concat(
        pl.DataFrame({"text": [line.split("\t")[0] for line in path.read_text("utf8").splitlines()]}).with_columns(
            lang=pl.lit(path.name.split("-")[0])
        )
        for path in sorted(folder.glob("*-eng.tsv"))
    )


def many_sentences(found: pl.DataFrame, rows: int, seed: int = 0) -> Iterator[pl.DataFrame]:
    """The sentences in random order, over and over; a copy ends in another number, so that no two are equal."""
    for start in range(0, rows, found.height):
        part = found.sample(min(found.height, rows - start), shuffle=True, seed=seed + start)
        numbered = pl.format("{} {}", "text", pl.int_range(start, start + part.height))
        yield part.select(id=pl.int_range(start, start + part.height).cast(pl.String), lang="lang", text=numbered)


def write(frames: Iterator[pl.DataFrame] | list[pl.DataFrame], folder: Path) -> Path:
    """The folder, with the rows dealt out in turn to two files of JSON Lines."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "0.jsonl").open("wb") as even, (folder / "1.jsonl").open("wb") as odd:
        for frame in frames:
            frame.gather_every(2).write_ndjson(even)
            frame.gather_every(2, 1).write_ndjson(odd)
    return folder
