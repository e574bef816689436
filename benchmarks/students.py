"""A static student of e5-small beside its teacher and `bootstrap`: P@1 on ten languages, and sentences a second.

    python benchmarks/students.py [DATA]

The student, by the defaults of `distil`, learns from Tatoeba pairs of the ten languages and English. 200 pairs of each
language are held out first, at random; no sentence of them, on either side, is in any training pair. P@1 is the mean of
both directions among the 200.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from xlcorpus.cli.files.pairs import read_pairs
from xlcorpus.mining.evaluate.measures import translation_ranks
from xlcorpus.models.encoders.loading import load_encoder
from xlcorpus.training.trainers.distil import DistilTrainer

LANGUAGES = ("deu", "spa", "rus", "hin", "cmn", "jpn", "ara", "swh", "tur", "vie")
HELD_OUT = 200


def sets(data: Path) -> tuple[pl.DataFrame, dict[str, pl.DataFrame]]:
    """Training pairs of all languages, and held-out pairs by language."""
    train, test = [], {}
    for lang in LANGUAGES:
        pairs = read_pairs([data / "tatoeba" / f"{lang}-eng.tsv"], lang, "eng").head(1000)
        test[lang] = pairs.sample(HELD_OUT, seed=0)
        train.append(pairs)
    gone = pl.concat([pl.concat([t["src_text"], t["tgt_text"]]) for t in test.values()]).unique().implode()
    left = pl.concat(train).filter(~pl.col("src_text").is_in(gone), ~pl.col("tgt_text").is_in(gone))
    return left, test


def measured(encoder: str, test: dict[str, pl.DataFrame]) -> Iterator[tuple[str, float]]:
    """P@1 by language, and the speed on all sentences."""
    loaded = load_encoder(encoder)
    loaded.encode(["warm up"] * 8)
    began, count = time.perf_counter(), 0
    for lang, pairs in test.items():
        src, tgt = pairs["src_text"].to_list(), pairs["tgt_text"].to_list()
        count += len(src) + len(tgt)
        yield lang, float(np.mean(translation_ranks(loaded.encode(src), loaded.encode(tgt), src, tgt).p_at_1))
    yield "sentences/s", count / (time.perf_counter() - began)


def main() -> None:
    """Print the table, an encoder a line."""
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2] / "shared" / "data"
    train, test = sets(data)
    print(f"{len(train):,} training pairs")
    with tempfile.TemporaryDirectory() as folder:
        trained = DistilTrainer(teacher="e5-small").train(train, Path(folder) / "student")
        print(f"student: {trained.pairs:,} pairs, {trained.seconds:.0f} s", flush=True)
        encoders = {"bootstrap": "bootstrap", "e5-small": "e5-small", "student": str(trained.folder)}
        for name, encoder in encoders.items():
            shown = [
                f"{what} {value:.3f}" if value <= 1 else f"{what} {value:,.0f}"
                for what, value in measured(encoder, test)
            ]
            print(f"{name}: {', '.join(shown)}", flush=True)


if __name__ == "__main__":
    main()
