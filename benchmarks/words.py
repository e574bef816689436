"""Words a second that `xlcorpus.text.words` finds, on one core, beside the fixed pattern of word units.

    python benchmarks/words.py ../shared/data

Texts: the pages of tldr and the sentences of Tatoeba, all languages in one batch. Spans are flat arrays of places;
lists are a column of strings.
"""

from __future__ import annotations

import gzip
import sys
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
from targets import Figure

from xlcorpus.text.word_units import word_units_expr
from xlcorpus.text.words import segmenter, word_lists, word_spans

RUNS = 3


def tldr(folder: Path) -> pl.DataFrame:
    """(text, lang) of the pages."""
    pages = [pl.read_ndjson(gzip.decompress(path.read_bytes())) for path in sorted(folder.glob("*.jsonl.gz"))]
    return pl.concat([page.select("text", "lang") for page in pages])


def tatoeba(folder: Path) -> pl.DataFrame:
    """(text, lang) of the sentences that are not English."""
    sentences = [
        pl.DataFrame({"text": [line.split("\t")[0] for line in path.read_text("utf8").splitlines()]}).with_columns(
            lang=pl.lit(path.name.split("-")[0])
        )
        for path in sorted(folder.glob("*-eng.tsv"))
    ]
    return pl.concat(sentences)


def best(work: Callable[[], object]) -> float:
    """Seconds of the fastest of `RUNS` runs."""
    taken = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def main(data: Path) -> None:
    """Print one line a corpus and way."""
    print(segmenter())
    for corpus in (tldr(data / "tldr"), tatoeba(data / "tatoeba")):
        texts, langs = corpus["text"], corpus["lang"]
        words = len(word_spans(texts, langs).start)
        where = f"{len(corpus):,} texts in {langs.n_unique()} languages, {words:,} words"
        ways: dict[str, Callable[[], object]] = {
            "spans": lambda texts=texts, langs=langs: word_spans(texts, langs),
            "lists": lambda texts=texts, langs=langs: word_lists(texts, langs),
            "word units": lambda corpus=corpus: corpus.select(word_units_expr(pl.col("text"))),
        }
        for way, work in ways.items():
            seconds = best(work)
            print(Figure(f"{way}: {where}", words / seconds / 1e6, seconds=seconds, unit="M/s"), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
