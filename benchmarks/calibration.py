"""Promised precision against true precision, on parallel text whose pairing is known.

    python benchmarks/calibration.py --tsv corpora/*.tsv
    python benchmarks/calibration.py --source train.de.gz --target train.en.gz --encoder bootstrap models/mine
    python benchmarks/calibration.py --source de.txt --target en.txt --embeddings de.npy en.npy

Each corpus is mined in four situations:

- `all`: every sentence has its translation, the target side shuffled,
- `targets`: half of the targets are taken away,
- `half`: half of the sources and, independently, half of the targets are taken away,
- `none`: sources of the first half against targets of the second, so that no pair is right.

In each, `calibrate` looks for the threshold of every target precision without seeing which pairs are right. The table
gives, for each target precision, the true precision of the pairs above that threshold and, behind the slash, how many
there are in per cent of the most that a threshold with that true precision could give; `-` where it refused. A pair
is right when its two texts stand together somewhere in the corpus. With `--known N` calibration is given N true pairs.
"""

from __future__ import annotations

import argparse
import gzip
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO, get_args

import numpy as np

from xlcorpus.arrays import Floats32, Ints64
from xlcorpus.errors import UserError
from xlcorpus.mining.search.duplicates import distinct_rows
from xlcorpus.mining.search.knn import knn
from xlcorpus.mining.search.neighbours import Neighbours
from xlcorpus.mining.search.unit import UnitRows
from xlcorpus.mining.select.calibration import precision_curve, threshold_for
from xlcorpus.mining.select.margin import Margin, margins
from xlcorpus.mining.select.removal import SPARE_NEIGHBOURS, remove_partners
from xlcorpus.mining.select.selection import select
from xlcorpus.models.encoders.loading import load_encoder

SITUATIONS = ("all", "targets", "half", "none")


@dataclass(frozen=True)
class Sentences:
    """Distinct sentences of one language and their vectors."""

    texts: list[str]
    vectors: Floats32

    def take(self, rows: Ints64) -> Sentences:
        """The sentences at these places, of those with the same vector only the first."""
        rows = rows[distinct_rows(UnitRows(self.vectors[rows], "corpus"))]
        return Sentences([self.texts[i] for i in rows], self.vectors[rows])


@dataclass(frozen=True)
class Result:
    """The result for one target precision."""

    target_precision: float
    precision: float
    """true precision, NaN where it was refused"""
    found: int
    """pairs above the threshold"""
    most: int
    """pairs above the best threshold"""

    def __str__(self) -> str:
        return "-" if np.isnan(self.precision) else f"{self.precision:.3f}/{100 * self.found / max(self.most, 1):.0f}%"


def main(argv: Sequence[str] | None = None) -> int:
    """Run from the command line; returns the exit code."""
    args = _arguments(argv)
    try:
        _run(args)
    except UserError as e:
        print(f"error: {e}", file=sys.stderr)
        return e.exit_code
    return 0


def _run(args: argparse.Namespace) -> None:
    heads = "".join(f"{f'{p:g}':>13}" for p in args.target_precision)
    print(f"{'corpus':18} {'encoder':12} {'part':8} {'sources':>8} {'targets':>8} {'pairs':>7} {'right':>6}{heads}")
    results: list[Result] = []
    for corpus, encoder, src, tgt in _embedded(args):
        gold = set(zip(src.texts, tgt.texts, strict=True))
        for situation in args.part:
            results += _measure(args, (corpus, encoder, situation), *_part(src, tgt, situation, args.seed), gold)
    print()
    for target_precision in args.target_precision:
        _sum_up(target_precision, [o for o in results if o.target_precision == target_precision])


def _measure(
    args: argparse.Namespace, names: tuple[str, str, str], src: Sentences, tgt: Sentences, gold: set[tuple[str, str]]
) -> list[Result]:
    neighbours = knn(src.vectors, tgt.vectors, args.k + SPARE_NEIGHBOURS, args.device)
    first = Neighbours(*(a[:, : args.k] for a in vars(neighbours).values()))
    pairs = select(first, margins(first, args.margin), args.retrieval)
    right = np.array([(src.texts[i], tgt.texts[j]) in gold for i, j in zip(pairs.src, pairs.tgt, strict=True)], bool)
    true = np.cumsum(right) / np.arange(1, len(right) + 1)
    known = _known(src, tgt, gold, args.known, args.seed) if args.known else None
    curve = precision_curve(remove_partners(neighbours, args.k, args.margin, args.retrieval), known)
    results = []
    for target_precision in args.target_precision:
        kept = pairs.above(threshold_for(curve, target_precision).threshold)
        reached = np.flatnonzero(true >= target_precision)
        precision = float(right[: len(kept)].mean()) if len(kept) else np.nan
        results.append(Result(target_precision, precision, len(kept), int(reached[-1]) + 1 if len(reached) else 0))
    corpus, encoder, situation = names
    cells = "".join(f"{o!s:>13}" for o in results)
    print(
        f"{corpus[-18:]:18} {encoder[-12:]:12} {situation:8} {len(src.texts):8d} {len(tgt.texts):8d} {len(pairs):7d} "
        f"{right.mean() if len(right) else 0:6.3f}{cells}",
        flush=True,
    )
    return results


def _part(src: Sentences, tgt: Sentences, situation: str, seed: int) -> tuple[Sentences, Sentences]:
    draw = np.random.default_rng(seed)
    n = len(src.texts)
    order, other = draw.permutation(n), draw.permutation(n)
    if situation == "none":
        return src.take(order[: n // 2]), tgt.take(order[n // 2 :])
    sources = order[: n // 2] if situation == "half" else order
    return src.take(sources), tgt.take(other if situation == "all" else other[: n // 2])


def _known(src: Sentences, tgt: Sentences, gold: set[tuple[str, str]], count: int, seed: int) -> tuple[Ints64, Ints64]:
    """Rows of at most `count` true pairs of these two sides."""
    row = {text: i for i, text in reversed(list(enumerate(tgt.texts)))}
    partner = dict(sorted(gold, reverse=True))
    both = [(i, row[partner[text]]) for i, text in enumerate(src.texts) if partner.get(text) in row]
    chosen = np.random.default_rng(seed).permutation(len(both))[:count]
    rows = np.array(both, dtype=np.int64).reshape(-1, 2)[chosen]
    return rows[:, 0], rows[:, 1]


def _sum_up(target_precision: float, results: list[Result]) -> None:
    made = [o for o in results if not np.isnan(o.precision)]
    short = np.array([max(target_precision - o.precision, 0) for o in made])
    possible = sum(o.most > 0 for o in results)
    print(
        f"target precision {target_precision:g}: reached {len(made)} times of {len(results)} (possible {possible}), "
        f"kept {int((short == 0).sum())}, within 0.01 {int((short <= 0.01).sum())}, "
        f"worst miss {short.max(initial=0):.3f}, "
        f"pairs {100 * sum(o.found for o in made) / max(sum(o.most for o in made), 1):.0f} % of the most possible"
    )


def _embedded(args: argparse.Namespace) -> Iterator[tuple[str, str, Sentences, Sentences]]:
    """(corpus, encoder, sources, targets) of every corpus under every encoder."""
    if args.embeddings:
        (name, src, tgt), *_ = _corpora(args)
        x, y = (np.load(path, mmap_mode="r") for path in args.embeddings)
        if not len(x) == len(y) == len(src):
            raise UserError(f"{name} has {len(src)} lines, the embeddings {len(x)} and {len(y)}")
        yield name, args.embeddings[0].stem, Sentences(src, x), Sentences(tgt, y)
        return
    for encoder_name in args.encoder:
        encoder = load_encoder(encoder_name)
        for name, src, tgt in _corpora(args):
            yield (
                name,
                Path(encoder_name).name,
                Sentences(src, encoder.encode(src)),
                Sentences(tgt, encoder.encode(tgt)),
            )


def _corpora(args: argparse.Namespace) -> Iterator[tuple[str, list[str], list[str]]]:
    for path in args.tsv or ():
        rows = [line.split("\t") for line in _lines(path, args.limit)]
        if any(len(row) < 2 for row in rows):
            raise UserError(f"{path}: expected source TAB target in every line")
        yield path.stem, [row[0] for row in rows], [row[1] for row in rows]
    if args.source:
        src, tgt = _lines(args.source, args.limit), _lines(args.target, args.limit)
        if len(src) != len(tgt):
            raise UserError(f"{args.source} has {len(src)} lines, {args.target} {len(tgt)}: they must be aligned")
        yield f"{args.source.name}", src, tgt


def _lines(path: Path, limit: int | None) -> list[str]:
    try:
        with _opened(path) as file:
            return [line.rstrip("\r\n") for line in islice(file, limit)]
    except (OSError, EOFError, UnicodeDecodeError) as e:
        raise UserError(f"cannot read {path}: {e}") from e


def _opened(path: Path) -> TextIO:
    # newline="\n": other line breaks of Unicode belong to the sentence
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf8", newline="\n")
    return path.open(encoding="utf8", newline="\n")


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    parser.add_argument("--tsv", type=Path, nargs="+", help="corpora: source TAB target, one pair a line (.gz too)")
    parser.add_argument("--source", type=Path, help="source sentences, one a line (.gz too)")
    parser.add_argument("--target", type=Path, help="target sentences, line by line the same (.gz too)")
    parser.add_argument(
        "--encoder", nargs="+", default=["bootstrap"], help="bootstrap, or sentence-transformers models"
    )
    parser.add_argument(
        "--embeddings", type=Path, nargs=2, help=".npy of both sides, for one corpus instead of --encoder"
    )
    parser.add_argument("--part", nargs="+", choices=SITUATIONS, default=list(SITUATIONS))
    parser.add_argument("--target-precision", type=float, nargs="+", default=[0.8, 0.9, 0.95, 0.99])
    parser.add_argument("--known", type=int, default=0, help="true pairs that calibration is given")
    parser.add_argument("--k", type=int, default=4)
    parser.add_argument("--margin", choices=get_args(Margin), default="ratio")
    parser.add_argument("--retrieval", choices=("forward", "backward", "max", "intersect"), default="max")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument("--seed", type=int, default=0, help="of the shuffles")
    parser.add_argument("--limit", type=int, help="only the first N pairs of each corpus")
    args = parser.parse_args(argv)
    if bool(args.source) != bool(args.target) or not (args.tsv or args.source):
        parser.error("give --tsv, or both --source and --target")
    return args


if __name__ == "__main__":
    sys.exit(main())
