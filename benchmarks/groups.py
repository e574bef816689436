"""Groups from pairs of which some are wrong: how many of the texts brought together say the same, and how fast.

    python benchmarks/groups.py ../shared/data

- `tldr`: the same page in up to 13 languages; pairs of all languages, or through English alone. A share of the pairs
  gets a wrong partner of the same language, with a score from the same distribution, or a lower one.
- Multi30k: 10,000 captions in German, English and French, mined with `bootstrap`, whose pairs are mostly wrong: real
  errors, which resemble what is right.
- Speed: 1,000,000 pairs of 12 languages, a tenth of them wrong.

Precision and recall are over pairs of texts: in one group, and of one item.
"""

from __future__ import annotations

import gzip
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl
from targets import Figure

from xlcorpus.arrays import Floats64, Ints64
from xlcorpus.mining.groups.checks import confirmed_groups, measure_groups
from xlcorpus.mining.groups.join import Fate, distinct_edges, join_pairs
from xlcorpus.mining.select.bitext import mine_pairs
from xlcorpus.models.encoders.loading import load_encoder
from xlcorpus.steps.group.similarity import similar_pairs


@dataclass(frozen=True)
class Corpus:
    """Texts as numbers."""

    lang: Ints64
    """(n,) language of each text"""
    item: Ints64
    """(n,) what it is about"""


@dataclass(frozen=True)
class Quality:
    """Of pairs of texts that are in one group."""

    precision: float
    recall: float


def figures(data: Path) -> Iterator[Figure]:
    """All figures."""
    corpus = tldr(data)
    for pivot in (None, languages(data).index("en")):
        through = "all pairs" if pivot is None else "pairs with en"
        src, tgt = true_pairs(corpus, pivot)
        for share in (0.05, 0.2):
            for lower in (False, True):
                wrong = corrupted(corpus, src, tgt, share, lower)
                start = time.perf_counter()
                group = join_pairs(*wrong, corpus.lang).group
                took = time.perf_counter() - start
                found = quality(group, corpus)
                scores = "lower" if lower else "equal"
                name = f"groups: tldr, {through}, {share:.0%} wrong ({scores} scores)"
                yield Figure(f"{name}, precision", found.precision, seconds=took)
                yield Figure(f"{name}, recall", found.recall)
                if pivot is None:
                    for least in (0.5, 0.7, 1.0):
                        checked = quality(confirmed_groups(group, distinct_edges(*wrong), least)[0], corpus)
                        yield Figure(f"{name}, verify: pairs, confirmed: {least:g}, precision", checked.precision)
                        yield Figure(f"{name}, verify: pairs, confirmed: {least:g}, recall", checked.recall)
    yield from mined(data)
    yield from speed()


def mined(data: Path, n: int = 10_000) -> Iterator[Figure]:
    """Three-way groups of pairs mined by an encoder that is often wrong."""
    encoder = load_encoder("bootstrap")
    random = np.random.default_rng(0)
    orders = [random.permutation(n) for _ in range(3)]
    texts = []
    for lang, order in zip(("de", "en", "fr"), orders, strict=True):
        with gzip.open(data / "multi30k" / f"train.{lang}.gz", "rt", encoding="utf8", newline="\n") as file:
            lines = [line.rstrip("\n") for line, _ in zip(file, range(n), strict=False)]
        texts.append([lines[i] for i in order])
    vectors = [encoder.encode(side) for side in texts]
    corpus = Corpus(np.repeat(np.arange(3), n), np.concatenate(orders))
    nodes = pl.DataFrame({"text": [text for side in texts for text in side], "lang": corpus.lang.astype(str)})
    for name, both in (("all pairs", ((0, 1), (1, 2), (0, 2))), ("pairs with en", ((0, 1), (1, 2)))):
        found = [(i, j, mine_pairs(vectors[i], vectors[j], retrieval="intersect")) for i, j in both]
        src = np.concatenate([pairs.src + i * n for i, _, pairs in found])
        tgt = np.concatenate([pairs.tgt + j * n for _, j, pairs in found])
        score = np.concatenate([pairs.score for _, _, pairs in found]).astype(np.float64)
        edges = distinct_edges(src, tgt, score)
        joined = join_pairs(src, tgt, score, corpus.lang)
        groups = {"none": joined.group}
        if name == "all pairs":
            right = corpus.item[src] == corpus.item[tgt]
            for which, rows in (
                ("mined", right),
                ("confirmed by a third text", right[joined.support > 0]),
                ("refused as contradiction", right[joined.fate == Fate.CONTRADICTS]),
            ):
                yield Figure(f"groups: Multi30k de-en-fr, bootstrap, precision of pairs {which}", float(rows.mean()))
            groups["pairs"] = confirmed_groups(joined.group, edges)[0]
        else:
            one, two = similar_pairs(joined.group, edges, nodes, encoder, 0.001)
            ends = np.concatenate([src, one]), np.concatenate([tgt, two])
            scored = np.concatenate([score, np.full(len(one), -np.inf)])
            groups["encoder"] = confirmed_groups(joined.group, distinct_edges(*ends, scored))[0]
        for check, group in groups.items():
            size = np.where(group >= 0, np.bincount(group[group >= 0], minlength=1)[group], 0)
            precision = quality(np.where(size == 3, group, -1), corpus).precision
            label = f"groups: Multi30k, {name}, verify: {check}, {(size == 3).sum() // 3} 3-way groups, precision"
            yield Figure(label, precision)


def speed(pairs: int = 1_000_000, languages_: int = 12) -> Iterator[Figure]:
    """Joining and measuring a million pairs."""
    items = pairs // (languages_ * (languages_ - 1) // 2)
    corpus = Corpus(np.tile(np.arange(languages_), items), np.repeat(np.arange(items), languages_))
    src, tgt = true_pairs(corpus, None)
    src, tgt, score = corrupted(corpus, src, tgt, 0.1, lower=True)
    join_pairs(src[:100], tgt[:100], score[:100], corpus.lang)  # compiles
    times = []
    for _ in range(3):
        start = time.perf_counter()
        joined = join_pairs(src, tgt, score, corpus.lang)
        times.append(time.perf_counter() - start)
    took = float(np.median(times))
    yield Figure(f"groups: pairs a second, joining {len(src):,} pairs", len(src) / took, seconds=took)
    edges = distinct_edges(src, tgt, score)
    for name, function in (
        ("measuring", lambda: measure_groups(joined.group, edges, corpus.lang)),
        ("verify: pairs", lambda: confirmed_groups(joined.group, edges)),
    ):
        function()
        start = time.perf_counter()
        function()
        took = time.perf_counter() - start
        yield Figure(f"groups: pairs a second, {name}", len(src) / took, seconds=took)


def languages(data: Path) -> list[str]:
    """Those of `tldr`, in order."""
    return sorted(path.name.split(".")[0] for path in (data / "tldr").glob("*.jsonl.gz"))


def tldr(data: Path) -> Corpus:
    """The pages by language and id."""
    number: dict[str, int] = {}
    lang, item = [], []
    for i, name in enumerate(languages(data)):
        with gzip.open(data / "tldr" / f"{name}.jsonl.gz", "rt", encoding="utf8") as file:
            for line in file:
                item.append(number.setdefault(json.loads(line)["id"], len(number)))
                lang.append(i)
    return Corpus(np.array(lang), np.array(item))


def true_pairs(corpus: Corpus, pivot: int | None) -> tuple[Ints64, Ints64]:
    """All pairs of texts of one item, or those with one language."""
    order = np.argsort(corpus.item, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(corpus.item[order])) + 1)
    both = np.array([pair for part in parts for pair in combinations(part.tolist(), 2)])
    if pivot is not None:
        both = both[(corpus.lang[both] == pivot).any(axis=1)]
    return both[:, 0], both[:, 1]


def corrupted(
    corpus: Corpus, src: Ints64, tgt: Ints64, share: float, lower: bool, seed: int = 0
) -> tuple[Ints64, Ints64, Floats64]:
    """The pairs with scores, a share of them with another target of the same language."""
    random = np.random.default_rng(seed)
    wrong = random.random(len(src)) < share
    tgt = tgt.copy()
    for lang in np.unique(corpus.lang):
        rows = np.flatnonzero(wrong & (corpus.lang[tgt] == lang))
        tgt[rows] = random.choice(np.flatnonzero(corpus.lang == lang), len(rows))
    score = random.normal(1.3, 0.1, len(src))
    score[wrong & lower] -= 0.15
    return src, tgt, score


def quality(group: Ints64, corpus: Corpus) -> Quality:
    """Precision and recall of pairs of texts in one group."""
    inside = group >= 0
    together = _same(group[inside])
    right = _same(group[inside] * (corpus.item.max() + 1) + corpus.item[inside])
    return Quality(right / max(together, 1), right / _same(corpus.item))


def _same(label: Ints64) -> int:
    """Number of pairs with the same label."""
    count = np.unique(label, return_counts=True)[1]
    return int((count * (count - 1) // 2).sum())


def main() -> None:
    """Print the figures of a folder of data."""
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2] / "shared" / "data"
    for figure in figures(data):
        print(figure, flush=True)


if __name__ == "__main__":
    main()
