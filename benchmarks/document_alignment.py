"""Sentence alignment against gold, finding translated documents, and how the time grows.

    python benchmarks/document_alignment.py ../shared/data [--encoder FOLDER]

- `bleualign` (Volk et al. 2010), German-French, test articles: strict and lax F1, micro-averaged. Options were chosen
  on the dev article and on joined and split Tatoeba sentences. Vecalign with LASER reaches .90 strict there (Thompson &
  Koehn 2019, table 2).
- `tldr`: pages of a language against all English ones, matched by what they say; then their descriptions aligned
  without the commands between them. What belongs together is known from the commands.
- synthetic documents of 1,000 to 16,000 sentences with a long insertion.
"""

from __future__ import annotations

import argparse
import gzip
import json
import tempfile
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
from targets import Figure

from xlcorpus.mining.align.sentence_alignment import EmbeddedDocument, align, first_model
from xlcorpus.mining.evaluate.alignment_measures import Agreement, Beads, agreement, read_beads
from xlcorpus.step import CorpusEnv
from xlcorpus.steps.align.match_tasks import DocumentSide, match
from xlcorpus.steps.align.tasks import Aligner, align_documents

TEST = [f"test{i}" for i in range(7)]
LANGUAGES = ("fr", "es", "id", "tr", "ar", "ta", "ko")
"""Not looked at while the method was made."""
LENGTHS = (1_000, 2_000, 4_000, 8_000, 16_000)


def figures(data: Path, encoder: str = "bootstrap") -> Iterator[Figure]:
    """All figures; `data` holds `bleualign/` and `tldr/`."""
    name = Path(encoder).name
    yield from _gold(data / "bleualign", encoder, name)
    for lang in LANGUAGES:
        yield from _pages(data / "tldr", lang, encoder, name)
    yield from _growth()


def _gold(folder: Path, encoder: str, name: str) -> Iterator[Figure]:
    sides = [
        [(folder / f"{article}.{lang}").read_text("utf8").split("\n")[:-1] for article in TEST] for lang in ("de", "fr")
    ]
    gold = [read_beads((folder / f"{article}.defr").read_text("utf8"), article) for article in TEST]
    for what, rounds, lexicon in (
        ("vectors alone as in Vecalign", 0, False),
        ("and lengths", 3, False),
        ("and a lexicon of what was aligned", 3, True),
    ):
        start = time.perf_counter()
        found = _aligned(sides[0], sides[1], encoder, rounds, lexicon)
        yield from _f1(f"bleualign test de-fr, {name}, {what}", gold, found, start)


def _f1(name: str, gold: list[Beads], found: list[Beads], start: float) -> Iterator[Figure]:
    took = time.perf_counter() - start
    strict, lax = agreement(gold, found)
    yield Figure(f"{name}: strict F1", strict.f1, seconds=took)
    yield Figure(f"{name}: lax F1", lax.f1, seconds=took)


def _aligned(src: list[list[str]], tgt: list[list[str]], encoder: str, rounds: int, lexicon: bool) -> list[Beads]:
    with tempfile.TemporaryDirectory() as folder:
        tags = ("deu_Latn", "fra_Latn")
        aligner = Aligner(encoder, "auto", 6, rounds, lexicon, tags, (" ", " "), 0.0, 8_000, Path(folder))
        env = CorpusEnv(kind="document", scratch=Path(folder), keep=Path(folder) / "kept")
        found, *_ = align_documents(aligner, src, tgt, env)
    return [alignment.beads() for alignment in found]


def _pages(folder: Path, lang: str, encoder: str, name: str) -> Iterator[Figure]:
    src, tgt = _side(folder, lang), _side(folder, "en")
    start = time.perf_counter()
    env = CorpusEnv(kind="document", scratch=folder, keep=folder / "kept")
    found = match(src, tgt, ["embedding"], "id", 1.06, (encoder, "auto"), env)
    took = time.perf_counter() - start
    ids = src.rows["title"].to_list(), tgt.rows["title"].to_list()
    right = np.array([ids[0][s] == ids[1][t] for s, t in zip(found.src, found.tgt, strict=True)])
    there = len(set(ids[0]) & set(ids[1]))
    what = f"tldr {lang}-en, {name}, {len(src):,} pages against {len(tgt):,}"
    yield Figure(f"{what}: precision", float(right.mean()), seconds=took)
    yield Figure(f"{what}: recall", float(right.sum()) / there, seconds=took)
    pairs = [(s, t) for s, t, ok in zip(found.src, found.tgt, right, strict=True) if ok]
    one, two = [_described(src.sentences[s]) for s, _ in pairs], [_described(tgt.sentences[t]) for _, t in pairs]
    start = time.perf_counter()
    beads = _aligned([list(d) for d in one], [list(d) for d in two], encoder, 3, True)
    asked = hit = made = 0
    for a, b, bead in zip(one, two, beads, strict=True):
        gold = _same_commands(list(a.values()), list(b.values()))
        links = {(s[0], t[0]) for s, t in bead if len(s) == len(t) == 1}
        asked += len(gold)
        hit += len(gold & links)
        known = {s for s, _ in gold}, {t for _, t in gold}
        made += sum(s in known[0] or t in known[1] for s, t in links)
    strict = Agreement(hit / max(made, 1), hit / max(asked, 1))
    took = time.perf_counter() - start
    yield Figure(f"tldr {lang}-en, {name}, {asked:,} descriptions without commands: F1", strict.f1, seconds=took)


def _side(folder: Path, lang: str) -> DocumentSide:
    with gzip.open(folder / f"{lang}.jsonl.gz", "rt", encoding="utf8") as file:
        pages = [json.loads(line) for line in file]
    rows = pl.DataFrame({"title": [page["id"] for page in pages]})
    return DocumentSide(rows, [[s.strip() for s in page["text"].split("\n") if s.strip()] for page in pages])


def _described(lines: list[str]) -> dict[str, str]:
    """Each description of a page and the command that follows it."""
    return {a: b for a, b in pairwise(lines) if a.startswith("- ") and b.startswith("`")}


def _same_commands(src: list[str], tgt: list[str]) -> set[tuple[int, int]]:
    """The descriptions whose command stands once on either side."""
    once = {c for c in set(src) & set(tgt) if src.count(c) == tgt.count(c) == 1}
    return {(src.index(c), tgt.index(c)) for c in once}


def _growth() -> Iterator[Figure]:
    seconds, rights = [], []
    _time(200)
    for n in LENGTHS:
        took, right = _time(n)
        seconds.append(took)
        rights.append(right)
        yield Figure(f"synthetic, {n:,} x {n + n // 4:,} sentences, 256 dimensions: seconds per 1,000", took / n * 1000)
    slope = float(np.polyfit(np.log(LENGTHS), np.log(seconds), 1)[0])
    yield Figure("synthetic: exponent of the time's growth (1 is linear)", slope, 1.15, at_least=False)
    yield Figure("synthetic: least share of sentences aligned right", min(rights))


def _time(n: int) -> tuple[float, float]:
    """Seconds to align n sentences with their noisy copies, a quarter more inserted in the middle; share right."""
    random = np.random.default_rng(n)
    src = random.normal(size=(n, 256))
    tgt = np.insert(src + random.normal(size=src.shape), [n // 2] * (n // 4), random.normal(size=(n // 4, 256)), axis=0)
    sides = [EmbeddedDocument(np.stack([_runs(x, k) for k in range(5)]), np.full(len(x), 80)) for x in (src, tgt)]
    start = time.perf_counter()
    found = align(sides[0], sides[1], first_model(sides[0], sides[1]))
    took = time.perf_counter() - start
    one = found.one_to_one
    wanted = found.src[one, 0] + np.where(found.src[one, 0] >= n // 2, n // 4, 0)
    return took, float((found.tgt[one, 0] == wanted).sum()) / n


def _runs(x: np.ndarray, k: int) -> np.ndarray:
    """(n, dim) float32: the sum of each sentence and the k before it, of length 1."""
    total = x.copy()
    for back in range(1, k + 1):
        total[back:] += x[:-back]
    return np.asarray(total / np.linalg.norm(total, axis=1, keepdims=True), dtype=np.float32)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with bleualign/ and tldr/")
    parser.add_argument("--encoder", default="bootstrap", help="bootstrap, or a sentence-transformers model's folder")
    given = parser.parse_args()
    for figure in figures(given.data, given.encoder):
        print(figure, flush=True)


if __name__ == "__main__":
    main()
