"""Gopher's measures: ours against datatrove's, in rows a second of one core and value by value."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

import cleaning_corpora as corpora
import numpy as np
import polars as pl
from targets import Figure

from xlcorpus import languages
from xlcorpus.text.measures import classes
from xlcorpus.text.measures.texts import DOCUMENT_MEASURES, MeasuredTexts

PEER = Path(__file__).with_name("cleaning_peer.py")
SPEED_ROWS = 4_000
"""Pages in all languages that datatrove is timed on; ours on all pages."""
RUNS = 3


def gopher(data: Path, peer: str, work: Path) -> list[Figure]:
    """The figures of both.

    Args:
        data: folder with `tldr`.
        peer: interpreter that has datatrove.
        work: folder for files.
    """
    pages = corpora.tldr(data / "tldr")
    pages.sample(SPEED_ROWS, seed=0).write_ndjson(work / "speed.jsonl")
    pages.filter(pl.col("lang") == "en").write_ndjson(work / "english.jsonl")
    files = [str(work / name) for name in ("speed.jsonl", "english.jsonl", "peer")]
    subprocess.run([peer, str(PEER), "gopher", *files], check=True, capture_output=True)
    facts = json.loads((work / "peer" / "facts.json").read_text())
    tags = pages["lang"].replace_strict({lang: languages.parse(lang) for lang in pages["lang"].unique()})
    seconds = _best_cpu(pages["text"], tags)
    rate = len(pages) / seconds
    equal, documents = _equal(pl.read_parquet(work / "peer" / "values.parquet"), facts["symbols"])
    return [
        Figure("Gopher measures of tldr, datatrove, rows/s of a core", facts["rows_per_s"]),
        Figure("Gopher measures of tldr, ours, rows/s of a core", rate, seconds=seconds),
        Figure("Gopher measures, ours / datatrove", rate / facts["rows_per_s"], 25, unit="x"),
        Figure(f"equal values from datatrove's tokens, {documents:,} English pages, share", equal, 1.0),
    ]


def _best_cpu(texts: pl.Series, tags: pl.Series) -> float:
    """CPU seconds, of all threads, of the fastest of some runs after one that compiles."""
    MeasuredTexts(texts[:100], tags[:100]).document_measures({})
    taken = []
    for _ in range(RUNS):
        start = time.process_time()
        MeasuredTexts(texts, tags).document_measures({})
        taken.append(time.process_time() - start)
    return min(taken)


def _equal(values: pl.DataFrame, symbols: list[str]) -> tuple[float, int]:
    """Share of the documents whose values are all equal, and how many there are; prints which differ."""
    stop_words = {"eng_Latn": ["the", "be", "to", "of", "and", "that", "have", "with"]}
    tags = pl.Series(["eng_Latn"] * len(values))
    ours = MeasuredTexts(
        values["text"], tags, words=values["tokens"], classes=_datatroves_classes(symbols), small=_as_they_are()
    ).document_measures(stop_words)
    names = [name for name in values.columns if name in DOCUMENT_MEASURES]
    missing = set(values.columns) - {"text", "tokens", *names}
    if missing:
        raise LookupError(f"no measure of ours is called {sorted(missing)}")
    theirs = values.select(pl.col(names).cast(pl.Float64)).to_numpy()
    same = np.isclose(ours.select(names).to_numpy(), theirs, rtol=1e-12, atol=1e-12, equal_nan=True)
    for name, share in zip(names, same.mean(axis=0), strict=True):
        if share < 1:
            print(f"{name}: {1 - share:.4%} of the values differ")
    return float(same.all(axis=1).mean()), len(values)


def _datatroves_classes(symbols: list[str]) -> classes.Flags:
    """Our classes of characters, with datatrove's punctuation, letters and bullets."""
    found = classes.character_classes().copy()
    changed = classes.SYMBOL | classes.LETTER | classes.MARK | classes.BULLET
    found &= ~changed
    found[[ord(c) for c in symbols if len(c) == 1]] |= classes.SYMBOL
    found[[ord(c) for c in "•-"]] |= classes.BULLET
    found[[c for c in range(len(found)) if chr(c).isalpha()]] |= classes.LETTER
    return found


def _as_they_are() -> np.ndarray:
    return np.arange(0x110000, dtype=np.uint32)
