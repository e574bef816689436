"""Exact mining against what it is to beat: our figure, the reference's from the same run, and their ratio.

    python benchmarks/mining.py --n 30000 --dim 1024 --k 4

References: two calls of `faiss.knn`, one per direction, as everyone who scores margins makes; the bare matrix product,
which no exact search can undercut; LASER's scoring and `max` selection by Python loops, written here from the formulas
(Artetxe & Schwenk 2019, arXiv 1811.01136). Contestants take turns, all with the same number of threads, and the
medians are compared, by the clock and by CPU time, which changes less when the machine is busy with other work. The
vectors are random: y = x + noise, in another order.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from xlcorpus.arrays import Floats32, Ints64
from xlcorpus.mining.search.faiss_backend import faiss_module
from xlcorpus.mining.search.knn import Neighbours, knn, unit_rows
from xlcorpus.mining.search.threads import blas_threads
from xlcorpus.mining.select.bitext import mine_pairs
from xlcorpus.mining.select.margin import Margin, margins


def main(argv: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    args = _arguments(argv)
    faiss_module().omp_set_num_threads(args.threads)
    with threadpool_limits(args.threads, "blas"):
        x, y = _vectors(args.n, args.dim)
        print(f"{args.n} x {args.n} x {args.dim}, k {args.k}, {args.threads} threads, median of {args.rounds} rounds")
        neighbours = _search(x, y, args)
        _scoring(x, y, neighbours, args)
        _equality(x[: args.equal_rows], y[: args.equal_rows], args.k)


def _search(x: Floats32, y: Floats32, args: argparse.Namespace) -> Neighbours:
    knn(x[:100], y[:100], args.k, device="cpu")  # compiles
    faiss = faiss_module()
    room = np.empty((4096, len(y)), dtype=np.float32)
    results: dict[str, object] = {}

    def ours() -> None:
        results["ours"] = knn(x, y, args.k, device="cpu", threads=args.threads)

    def faiss_twice() -> None:
        inner = faiss.METRIC_INNER_PRODUCT
        results["faiss"] = tuple(faiss.knn(a, b, args.k, metric=inner)[1] for a, b in ((x, y), (y, x)))

    def product() -> None:
        for i in range(0, len(x), len(room)):
            part = x[i : i + len(room)]
            np.matmul(part, y.T, out=room[: len(part)])

    times = _take_turns([ours, faiss_twice, product], args.rounds)
    neighbours = results["ours"]
    assert isinstance(neighbours, Neighbours)
    _line("two-way kNN", times[0], "two faiss.knn", times[1], "at least 1.7 times faster", inverse=True)
    _line("two-way kNN", times[0], "matrix product", times[2], "at most 1.25 times as long")
    pairs = zip((neighbours.fwd_index, neighbours.bwd_index), results["faiss"], strict=True)  # type: ignore[call-overload]
    same = np.mean([(one == other).mean() for one, other in pairs])
    print(f"{'same neighbours as faiss.knn':34} {same:.6%} (the rest: equal to within float32 rounding)")
    return neighbours


def _scoring(x: Floats32, y: Floats32, nb: Neighbours, args: argparse.Namespace) -> None:
    results: list[tuple[Floats32, Floats32]] = [(x, y)] * 2

    def ours() -> None:
        results[0] = margins(nb)

    def loops() -> None:
        src_mean, tgt_mean = nb.fwd_sim.mean(axis=1), nb.bwd_sim.mean(axis=1)
        results[1] = (
            _loop_scores(x, y, nb.fwd_index, src_mean, tgt_mean, lambda a, b: a / b),
            _loop_scores(y, x, nb.bwd_index, tgt_mean, src_mean, lambda a, b: a / b),
        )

    times = _take_turns([ours, loops], args.rounds)
    _line("margins", times[0], "double loop", times[1], "faster", inverse=True)
    worst = max(float(np.abs(one - other).max()) for one, other in zip(*results, strict=True))
    print(f"{'greatest difference of a score':34} {worst:.1e} (at most 1e-5)")


def _equality(x: Floats32, y: Floats32, k: int) -> None:
    functions: dict[Margin, Callable[[float, float], float]] = {
        "ratio": lambda a, b: a / b,
        "distance": lambda a, b: a - b,
        "absolute": lambda a, b: a,
    }
    for margin, function in functions.items():
        want = _laser(x, y, k, function)
        got = mine_pairs(x, y, k=k, margin=margin, threshold=-np.inf, min_cosine=-1, device="cpu")
        pairs = list(zip(got.src.tolist(), got.tgt.tolist(), strict=True))
        shared = [(score, want[pair]) for pair, score in zip(pairs, got.score.tolist(), strict=True) if pair in want]
        worst = max(abs(a - b) for a, b in shared)
        print(
            f"{f'LASER, {margin}, {len(x)} rows':34} {len(pairs)} pairs, theirs {len(want)}, shared {len(shared)}; "
            f"greatest difference of a score {worst:.1e} (at most 1e-5)"
        )


def _laser(x: Floats32, y: Floats32, k: int, margin: Callable[[float, float], float]) -> dict[tuple[int, int], float]:
    """LASER's mining with `max` retrieval: pairs and their scores."""
    faiss = faiss_module()
    fwd_sim, fwd = faiss.knn(x, y, k, metric=faiss.METRIC_INNER_PRODUCT)
    bwd_sim, bwd = faiss.knn(y, x, k, metric=faiss.METRIC_INNER_PRODUCT)
    src_mean, tgt_mean = fwd_sim.mean(axis=1), bwd_sim.mean(axis=1)
    fwd_score = _loop_scores(x, y, fwd, src_mean, tgt_mean, margin)
    bwd_score = _loop_scores(y, x, bwd, tgt_mean, src_mean, margin)
    edges = [(fwd_score[i].max(), i, int(fwd[i, fwd_score[i].argmax()])) for i in range(len(x))]
    edges += [(bwd_score[j].max(), int(bwd[j, bwd_score[j].argmax()]), j) for j in range(len(y))]
    pairs: dict[tuple[int, int], float] = {}
    used_src: set[int] = set()
    used_tgt: set[int] = set()
    for score, i, j in sorted(edges, key=lambda edge: -edge[0]):
        if i not in used_src and j not in used_tgt:
            pairs[i, j] = float(score)
            used_src.add(i)
            used_tgt.add(j)
    return pairs


def _loop_scores(
    x: Floats32, y: Floats32, index: Ints64, x_mean: Floats32, y_mean: Floats32, margin: Callable[[float, float], float]
) -> Floats32:
    """Margins by a loop over rows and candidates that multiplies the vectors anew, as LASER and CRISS do."""
    out = np.zeros(index.shape, dtype=np.float32)
    for i in range(index.shape[0]):
        for c in range(index.shape[1]):
            j = index[i, c]
            out[i, c] = margin(x[i].dot(y[j]), (x_mean[i] + y_mean[j]) / 2)
    return out


@dataclass
class Times:
    """Median seconds, by the clock and of all cores together."""

    clock: float
    cpu: float


def _take_turns(contestants: list[Callable[[], None]], rounds: int) -> list[Times]:
    """Times of each; A B C A B C, so that what else the machine does hits all alike."""
    taken: list[list[tuple[float, float]]] = [[] for _ in contestants]
    for _ in range(rounds):
        for run, of_run in zip(contestants, taken, strict=True):
            clock, cpu = time.perf_counter(), time.process_time()
            run()
            of_run.append((time.perf_counter() - clock, time.process_time() - cpu))
    return [Times(*(statistics.median(column) for column in zip(*of_run, strict=True))) for of_run in taken]


def _line(what: str, ours: Times, reference: str, theirs: Times, target: str, inverse: bool = False) -> None:
    clock, cpu = ours.clock / theirs.clock, ours.cpu / theirs.cpu
    if inverse:
        clock, cpu = 1 / clock, 1 / cpu
    print(
        f"{what:18} {ours.clock:8.4g} s   {reference:14} {theirs.clock:8.4g} s   ratio {clock:6.2f}   "
        f"by CPU time {ours.cpu:8.4g} {theirs.cpu:8.4g} {cpu:6.2f}   (target: {target})"
    )


def _vectors(n: int, dim: int) -> tuple[Floats32, Floats32]:
    draw = np.random.default_rng(0)
    x = draw.standard_normal((n, dim), np.float32)
    y = x + np.float32(1.5) * draw.standard_normal((n, dim), np.float32)
    return unit_rows(x, "source"), unit_rows(y[draw.permutation(n)], "target")


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--n", type=int, default=30_000, help="rows on each side")
    parser.add_argument("--dim", type=int, default=1024)
    parser.add_argument("--k", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3, help="turns of each contestant")
    parser.add_argument("--threads", type=int, default=blas_threads(), help="of every contestant")
    parser.add_argument("--equal-rows", type=int, default=2000, help="rows mined by LASER's loops and by us")
    return parser.parse_args(argv)


if __name__ == "__main__":
    main()
