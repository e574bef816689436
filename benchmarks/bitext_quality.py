"""Precision and recall of mining on parallel text whose true pairing is known.

The target side is shuffled with a fixed seed, mined, and the pairs found are compared with the true ones:

    python benchmarks/bitext_quality.py --tsv corpus.de-en.tsv --threshold 1.04 1.06 1.1
    python benchmarks/bitext_quality.py --source train.de.gz --target train.en.gz --src-lang de --tgt-lang en

Multi30k (task 1, raw): the two `train` files, `--source .../train.de.gz --target .../train.en.gz`.

With `--pipeline` the whole main job runs instead, on the two sides as separate files, and its released pairs are
measured (texts normalised as the pipeline does):

    python benchmarks/bitext_quality.py --source train.de.gz --target train.en.gz --src-lang de --tgt-lang en \
        --pipeline pipelines/mining/mine_and_build.yaml --workdir runs

Sentences repeat, so pairs are compared by their texts: a pair is right when its two texts stand together
somewhere in the corpus. Precision is the share of the mined pairs that are right, recall the share of the
corpus's distinct text pairs that were found. P@1 is the share of sentences whose nearest neighbour by cosine
is right.
"""

from __future__ import annotations

import argparse
import gzip
import sys
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import TextIO, get_args

import numpy as np
import polars as pl

from xlcorpus.arrays import Ints64
from xlcorpus.device import Device
from xlcorpus.engine import run
from xlcorpus.engine.progress import Progress
from xlcorpus.errors import UserError
from xlcorpus.mining.search.knn import knn
from xlcorpus.mining.select.bitext import Pairs, mine_pairs
from xlcorpus.mining.select.margin import Margin
from xlcorpus.mining.select.selection import Retrieval
from xlcorpus.models.encoders.loading import load_encoder
from xlcorpus.text.normalise import normalise
from xlcorpus.yaml_file import load


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
    src, tgt = _read(args)
    order = np.random.default_rng(args.seed).permutation(len(tgt))
    shuffled = [tgt[i] for i in order]
    gold = set(zip(src, tgt, strict=True))
    print(f"{args.src_lang}-{args.tgt_lang}: {len(src)} pairs, {len(gold)} distinct; seed {args.seed}")
    if args.pipeline:
        _run_pipeline(args, src, shuffled, gold)
        return

    started = time.perf_counter()
    encoder = load_encoder(args.encoder, device=args.device)
    x, y = encoder.encode(src), encoder.encode(shuffled)
    seconds = time.perf_counter() - started
    print(f"encoder {encoder.identity}, {encoder.dim} dimensions: {seconds:.1f} s")

    started = time.perf_counter()
    nearest = knn(x, y, k=1, device=args.device)
    fwd = _hits(np.arange(len(src)), nearest.fwd_index[:, 0], src, shuffled, gold)
    bwd = _hits(nearest.bwd_index[:, 0], np.arange(len(tgt)), src, shuffled, gold)
    seconds = time.perf_counter() - started
    there, back = f"{args.src_lang}->{args.tgt_lang}", f"{args.tgt_lang}->{args.src_lang}"
    print(f"P@1 {there} {fwd.mean():.4f}, {back} {bwd.mean():.4f}: {seconds:.1f} s")

    started = time.perf_counter()
    pairs = mine_pairs(
        x,
        y,
        k=args.k,
        margin=args.margin,
        retrieval=args.retrieval,
        threshold=min(args.threshold),
        min_cosine=args.min_cosine,
        device=args.device,
    )
    seconds = time.perf_counter() - started
    print(f"mined: k {args.k}, {args.margin}, {args.retrieval}, cosine >= {args.min_cosine}: {seconds:.1f} s")
    print(f"{'threshold':>10} {'pairs':>8} {'precision':>10} {'recall':>8} {'F1':>8}")
    for threshold in sorted(args.threshold):
        found, precision, recall, f1 = _quality(pairs.above(threshold), src, shuffled, gold)
        print(f"{threshold:10.3f} {found:8d} {precision:10.4f} {recall:8.4f} {f1:8.4f}")


def _run_pipeline(args: argparse.Namespace, src: list[str], shuffled: list[str], gold: set[tuple[str, str]]) -> None:
    """Run a pipeline that releases a config `pair` on the two sides, and measure these pairs."""
    sides = args.workdir / "corpus"
    sides.mkdir(parents=True, exist_ok=True)
    paths = {}
    for lang, lines in ((args.src_lang, src), (args.tgt_lang, shuffled)):
        paths[lang] = str(sides / f"{lang}.txt")
        Path(paths[lang]).write_text("".join(f"{line}\n" for line in lines), "utf8")
    settings = {
        "read.paths": paths,
        "mine.pairs": [f"{args.src_lang}-{args.tgt_lang}"],
        "mine.threshold": min(args.threshold),
        "embed.encoder": args.encoder,
    }
    started = time.perf_counter()
    result = run(load(args.pipeline, settings), args.workdir, progress=Progress("plain"))
    print(f"pipeline: {time.perf_counter() - started:.1f} s, {len(result.ran)} steps ran")
    clean = {text: normalise(text) for pair in gold for text in pair}
    true = {(clean[s], clean[t]) for s, t in gold}
    assert result.release is not None
    pairs = pl.read_parquet(result.release.folder / "data" / "pair" / "*.parquet").sort("score", descending=True)
    right = pl.Series([row in true for row in pairs.select("src_text", "tgt_text").iter_rows()], dtype=pl.Boolean)
    print(f"{'threshold':>10} {'pairs':>8} {'precision':>10} {'recall':>8} {'F1':>8}")
    for threshold in sorted(args.threshold):
        kept = right.filter(pairs["score"] >= threshold)
        precision, recall = (kept.mean() or 0.0), kept.sum() / len(true)
        f1 = 2 * precision * recall / max(precision + recall, 1e-12)
        print(f"{threshold:10.3f} {len(kept):8d} {precision:10.4f} {recall:8.4f} {f1:8.4f}")


def _quality(
    pairs: Pairs, src: list[str], tgt: list[str], gold: set[tuple[str, str]]
) -> tuple[int, float, float, float]:
    """Pairs found, precision, recall, F1."""
    right = _hits(pairs.src, pairs.tgt, src, tgt, gold)
    met = {(src[s], tgt[t]) for s, t in zip(pairs.src[right], pairs.tgt[right], strict=True)}
    precision = float(right.mean()) if len(right) else 0.0
    recall = len(met) / len(gold)
    return len(pairs), precision, recall, 2 * precision * recall / max(precision + recall, 1e-12)


def _hits(
    s: Ints64, t: Ints64, src: list[str], tgt: list[str], gold: set[tuple[str, str]]
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which of the row pairs hold a true pair of texts; row -1 is none."""
    found = ((src[i], tgt[j]) in gold and i >= 0 and j >= 0 for i, j in zip(s, t, strict=True))
    return np.fromiter(found, dtype=np.bool_, count=len(s))


def _read(args: argparse.Namespace) -> tuple[list[str], list[str]]:
    if args.tsv:
        rows = [line.split("\t") for line in _lines(args.tsv, args.limit)]
        short = next((i for i, row in enumerate(rows, 1) if len(row) < 2), None)
        if short is not None:
            raise UserError(f"{args.tsv}, line {short}: expected source TAB target")
        return [row[0] for row in rows], [row[1] for row in rows]
    src, tgt = _lines(args.source, args.limit), _lines(args.target, args.limit)
    if len(src) != len(tgt):
        raise UserError(f"{args.source} has {len(src)} lines, {args.target} {len(tgt)}: they must be aligned")
    return src, tgt


def _lines(path: Path, limit: int | None) -> list[str]:
    try:
        with _opened(path) as file:
            lines = [line.rstrip("\r\n") for line in islice(file, limit)]
    except (OSError, EOFError, UnicodeDecodeError) as e:
        raise UserError(f"cannot read {path}: {e}") from e
    if not lines:
        raise UserError(f"{path} is empty")
    return lines


def _opened(path: Path) -> TextIO:
    # newline="\n": other line breaks of Unicode belong to the sentence
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf8", newline="\n")
    return path.open(encoding="utf8", newline="\n")


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    parser.add_argument("--tsv", type=Path, help="source TAB target, one pair a line (.gz too)")
    parser.add_argument("--source", type=Path, help="source sentences, one a line (.gz too)")
    parser.add_argument("--target", type=Path, help="target sentences, line by line the same (.gz too)")
    parser.add_argument("--src-lang", default="source", help="name of the source language in the output")
    parser.add_argument("--tgt-lang", default="target", help="name of the target language in the output")
    parser.add_argument("--encoder", default="bootstrap", help="bootstrap, or a sentence-transformers model")
    parser.add_argument("--k", type=int, default=4)
    parser.add_argument("--margin", choices=get_args(Margin), default="ratio")
    parser.add_argument("--retrieval", choices=get_args(Retrieval), default="max")
    parser.add_argument("--threshold", type=float, nargs="+", default=[1.0, 1.02, 1.04, 1.06, 1.08, 1.1, 1.15, 1.2])
    parser.add_argument("--min-cosine", type=float, default=0.0)
    parser.add_argument("--device", choices=get_args(Device), default="auto")
    parser.add_argument("--seed", type=int, default=0, help="of the shuffle")
    parser.add_argument("--pipeline", type=Path, help="run this pipeline instead of the mining alone")
    parser.add_argument("--workdir", type=Path, default=Path("runs"), help="where the pipeline runs")
    parser.add_argument("--limit", type=int, help="only the first N pairs")
    args = parser.parse_args(argv)
    if bool(args.tsv) == bool(args.source or args.target) or bool(args.source) != bool(args.target):
        parser.error("give either --tsv or both --source and --target")
    return args


if __name__ == "__main__":
    sys.exit(main())
