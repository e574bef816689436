"""Texts a second that `normalise` repairs on one core, beside plain ftfy text by text.

    python benchmarks/normalisation.py ../shared/data

Texts: the pages of tldr, and a million short sentences (Tatoeba, repeated).
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import ftfy
import polars as pl
from targets import Figure
from words import tatoeba, tldr

from xlcorpus.step import RowEnv
from xlcorpus.steps.clean.normalise import Normalise

SENTENCES = 1_000_000
PAGES_SECONDS = 2.5
"""CPU seconds that the pages of tldr may take."""
SAMPLE = 20_000
"""Texts that ftfy repairs."""


def main(data: Path) -> None:
    """Print one line a corpus and way."""
    short = tatoeba(data / "tatoeba")
    million = pl.concat([short] * -(-SENTENCES // short.height)).head(SENTENCES)
    for name, kind, rows in (("tldr", "document", tldr(data / "tldr")), ("Tatoeba", "sentence", million)):
        start = time.process_time()
        Normalise().apply(rows, RowEnv(kind=kind))
        seconds = time.process_time() - start
        where = f"{name}, {rows.height:,} texts"
        limit = PAGES_SECONDS if kind == "document" else None
        print(Figure(f"CPU seconds: {where}", seconds, limit, at_least=False, unit="s"), flush=True)
        print(Figure(f"thousand texts a CPU second: {where}", rows.height / seconds / 1e3), flush=True)
        sample = rows["text"].sample(min(SAMPLE, rows.height), seed=0)
        start = time.process_time()
        for text in sample:
            ftfy.fix_text(text)
        plain = time.process_time() - start
        print(Figure(f"thousand texts a CPU second, ftfy alone: {name}", len(sample) / plain / 1e3), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
