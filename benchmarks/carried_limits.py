"""Limits on spaCy's words carried over to ours: set on one half of the pages of tldr, judged on the other.

    python benchmarks/carried_limits.py DATA

Each limit rejects 2 or 10 % of one half with spaCy's words. Printed: the share of the other half that it rejects with
them, that the limit carried over rejects with our words, and that it would reject if it were left as it is.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import polars as pl

from xlcorpus.policies.limits import carried
from xlcorpus.policies.spacy_words import spacy_words
from xlcorpus.steps.filter.document_limits import DOCUMENT_BOUNDS, Bound
from xlcorpus.text.measures.texts import MeasuredTexts

LANGUAGES = {
    "ar": "arb_Arab", "de": "deu_Latn", "en": "eng_Latn", "es": "spa_Latn", "fr": "fra_Latn", "id": "ind_Latn",
    "ru": "rus_Cyrl",
}  # fmt: skip
OPTIONS = (
    "min_word_length", "max_word_length", "min_letter_words", "max_line_breaks", "max_top_2_grams",
    "max_repeated_5_grams",
)  # fmt: skip
PAGES = 3000


def main(data: Path) -> None:
    """Print the shares, and how far they are apart."""
    bounds = [bound for bound in DOCUMENT_BOUNDS if bound.option in OPTIONS]
    distances = []
    print(f"{'language':10} {'limit':22} {'set at':>6} {'theirs':>7} {'carried':>7} {'as it is':>8}")
    for file, tag in LANGUAGES.items():
        pages = pl.read_ndjson(data / "tldr" / f"{file}.jsonl.gz")["text"].head(PAGES)
        langs = pl.Series([tag]).new_from_index(0, len(pages))
        theirs = MeasuredTexts(pages, langs, spacy_words(pages, tag)).document_measures({})
        ours = MeasuredTexts(pages, langs).document_measures({})
        for bound in bounds:
            for tail in (0.02, 0.1):
                shares = _shares(bound, tail, theirs[bound.measure], ours[bound.measure])
                distances.append((abs(shares[0] - shares[1]), abs(shares[0] - shares[2])))
                print(f"{tag:10} {bound.option:22} {tail:6.2f} {shares[0]:7.3f} {shares[1]:7.3f} {shares[2]:8.3f}")
    for name, row in zip(("carried over", "as they are"), np.array(distances).T, strict=True):
        print(f"{name}: {row.mean():.3f} apart on average, {row.max():.3f} at most, {len(row)} limits")


def _shares(bound: Bound, tail: float, theirs: pl.Series, ours: pl.Series) -> tuple[float, float, float]:
    first = pl.Series(np.arange(len(theirs)) % 2 == 0)
    theirs, ours = theirs.cast(pl.Float32), ours.cast(pl.Float32)
    limit = float(theirs.filter(first).quantile(tail if bound.least else 1 - tail) or 0)
    own = carried(bound, limit, theirs.filter(first), ours.filter(first))

    def rejected(values: pl.Series, at: float | None) -> float:
        held_out = values.filter(~first)
        if at is None:
            return 0.0
        return float(((held_out < at) if bound.least else (held_out > at)).fill_null(False).mean() or 0)

    return rejected(theirs, limit), rejected(ours, own), rejected(ours, limit)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
