"""Approximate nearest neighbours for corpora too large to compare exactly, with exact similarities all the same.

An index only proposes candidates. They are re-scored from the stored vectors exactly as exact search does, so margins
and thresholds have one scale whatever the index. What the index missed is measured against exact search on a sample.
Which index is taken when: see `ann_plan`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import sqrt
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt

from xlcorpus.arrays import Floats32, Floats64, Ints64
from xlcorpus.errors import UserError
from xlcorpus.mining.search.ann_index import (
    Where,
    build_index,
    kept_index,
    lists_of,
    search_index,
    set_probes,
    zero_rows,
)
from xlcorpus.mining.search.ann_plan import Job, Plan, free_memory, planned
from xlcorpus.mining.search.faiss_backend import Device, faiss_module, resolve_device
from xlcorpus.mining.search.knn import knn
from xlcorpus.mining.search.neighbours import Neighbours
from xlcorpus.mining.search.shared_lists import (
    nearest_lists,
    search_shared,
    shares_a_list,
    train_centroids,
)
from xlcorpus.mining.search.threads import blas_threads
from xlcorpus.mining.search.twoway import SPARE
from xlcorpus.mining.search.unit import UnitRows

CANDIDATES = {"PQ": 16, "SQ8": 4, "SQ4": 8, "SQ6": 4}
"""Candidates by k for an index that keeps vectors less exactly than in 16 bits."""


RECALL = 0.96
"""Of the k nearest neighbours. The pairs above a margin are the easier ones: at 200,000 x 200,000 sentences (k = 4,
ratio 1.06) 96 % of the neighbours gave 99 % of the pairs."""

MOST_PROBES = 32
"""Of shared lists; with more, exact search is as fast."""

GPU_MOST_PROBES = 2048
"""FAISS reads no more lists per query on a GPU."""


@dataclass(frozen=True)
class AnnReport:
    """What a search used and what it may have missed; `str()` is one line for the screen."""

    index: str
    """flat, shared with the number of lists, or the FAISS factory string (of both sides, where they differ)"""
    probes: int | None
    """lists per row (shared) or per query (the larger of both directions); None for an index without lists"""
    recall: float
    """share of the true k nearest neighbours that were found, both directions, on the sample; 1 for flat"""
    recall_low: float
    recall_high: float
    """95 % interval (Wilson 1927), each query counted as one trial"""
    sample: int
    """queries that the estimate rests on"""
    train_seconds: float
    """training and filling the index, or reading it"""
    search_seconds: float
    memory_bytes: int
    """estimated before the work: vectors, index and working memory; of GPUs together for a GPU"""
    disk_bytes: int
    reused: bool
    """the index came from the cache"""

    def __str__(self) -> str:
        probes = "" if self.probes is None else f", {self.probes} probes"
        found = (
            "exact"
            if self.index == "flat"
            else f"recall {self.recall:.3f} ({self.recall_low:.3f} to {self.recall_high:.3f}, {self.sample} queries)"
        )
        return (
            f"index {self.index}{probes}: {found}; {'read' if self.reused else 'trained'} in "
            f"{self.train_seconds:.1f} s, searched in {self.search_seconds:.1f} s; "
            f"about {self.memory_bytes / 2**20:.0f} MiB of memory"
        )


def ann_knn(
    x: npt.ArrayLike | UnitRows,
    y: npt.ArrayLike | UnitRows,
    k: int = 4,
    index: str = "auto",
    *,
    recall: float = RECALL,
    nprobe: int | None = None,
    candidates: int | None = None,
    device: Device = "auto",
    gpus: Sequence[int] | None = None,
    float16: bool = False,
    memory_mb: int | None = None,
    sample: int = 1000,
    cache: Path | None = None,
    seed: int = 0,
    threads: int | None = None,
) -> tuple[Neighbours, AnnReport]:
    """The k nearest rows by cosine in both directions, nearly all of them.

        neighbours, report = ann_knn(np.load("de.npy"), np.load("en.npy"), recall=0.98)

    Similarities are exact; a neighbour can be missing, never wrong. Zero rows have none and are none.

    Args:
        x: (n, dim) source embeddings of any real dtype and length, in memory or memory-mapped.
        y: (m, dim) target embeddings of the same encoder.
        k: neighbours per row.
        index: `auto` (table in `ann_plan`), `flat`, `shared` or `shared4096` (lists), or a FAISS factory string.
        recall: least share of the k neighbours to be found. As many lists are read as half of the sample needs for
            it; an index whose codes are too coarse stays below, which the report shows.
        nprobe: lists to read instead.
        candidates: re-scored per query; by default k + 3, 4 k for SQ8 and 16 k for PQ.
        device: of a FAISS index; `shared` and `flat` run on the CPU.
        gpus: numbers of the GPUs to split the index among; None: all.
        float16: on GPUs, vectors of a flat index and tables of a product quantiser in half precision.
        memory_mb: what may be used, in MiB; None: four fifths of what is free now. On a GPU its free memory counts.
        sample: queries per direction to set the probes by (one half) and to estimate the recall with (the other).
        cache: folder where trained indexes are kept and found again; None: nowhere.
        seed: of training and sampling.
        threads: how many work at once; None: as many as BLAS would use.

    Raises:
        UserError: embeddings as in `knn`; no such index or option; memory or disk will not suffice; an index in the
            cache is of other embeddings.
        MissingExtra: FAISS is not installed.
    """
    if k < 1 or sample < 2 or not 0 < recall <= 1 or (nprobe is not None and nprobe < 1):
        raise UserError("k and nprobe must be at least 1, sample at least 2, recall above 0 and at most 1")
    if candidates is not None and candidates < k:
        raise UserError(f"candidates: {candidates} is less than k, {k}")
    threads = threads or blas_threads()
    src = x if isinstance(x, UnitRows) else UnitRows(x, "source", threads)
    tgt = y if isinstance(y, UnitRows) else UnitRows(y, "target", threads)
    if src.dim != tgt.dim:
        raise UserError(f"source embeddings have {src.dim} dimensions, target embeddings {tgt.dim}")
    # What runs on the CPU in any case must not fail for want of a GPU.
    on: Device = "cpu" if index == "flat" or index.startswith("shared") else device
    where = Where(resolve_device(on, faiss_module()), gpus, float16)
    memory = free_memory() if memory_mb is None else memory_mb * 2**20
    job = Job(src, tgt, k, recall, nprobe, candidates, where, memory, sample, cache, seed, threads)
    plan = planned(job, index)
    if plan.index == "flat":
        return _flat(job, plan)
    return _shared(job, plan, index == "auto") if plan.index.startswith("shared") else _faiss(job, plan)


def _flat(job: Job, plan: Plan) -> tuple[Neighbours, AnnReport]:
    started = perf_counter()
    found = knn(job.src, job.tgt, job.k, "cpu", max(plan.memory // 2**20, 1), job.threads)
    queries = len(job.src) + len(job.tgt)
    report = AnnReport("flat", None, 1.0, 1.0, 1.0, queries, 0.0, perf_counter() - started, plan.memory, 0, False)
    return found, report


def _shared(job: Job, plan: Plan, may_be_flat: bool) -> tuple[Neighbours, AnnReport]:
    started = perf_counter()
    faiss = faiss_module()
    x, y = job.src.block(0, len(job.src)), job.tgt.block(0, len(job.tgt))
    job_sides = UnitRows(x, "source", job.threads), UnitRows(y, "target", job.threads)
    wanted = int(plan.index.removeprefix("shared"))

    def train() -> Any:
        quantiser = faiss.IndexFlatIP(job.src.dim)
        quantiser.add(train_centroids(job_sides, wanted, job.seed))
        return quantiser

    on_cpu = Where()
    if job.cache is None:
        quantiser, reused = train(), False
    else:
        path = job.cache / f"{plan.index}-{job.seed}.faiss"
        quantiser, reused = kept_index(path, job_sides, plan.index, on_cpu, train)
    centroids = quantiser.reconstruct_n(0, quantiser.ntotal)
    lists = len(centroids)
    trained = perf_counter()
    tune, check = _samples(job)
    if job.probes is None:
        probes = _probes_needed(job, (x, y), centroids, tune)
        # Lists are about twice as uneven as equal ones would be.
        if may_be_flat and 2 * probes**2 > lists / 2:
            return _flat(job, Plan("flat", min(job.memory, 2**30)))
    else:
        probes = min(job.probes, lists)
    of = nearest_lists(x, centroids, probes, job.threads), nearest_lists(y, centroids, probes, job.threads)
    found = search_shared(x, y, *of, lists, job.k, job.candidates or job.k + SPARE, job.threads)
    searched = perf_counter()
    shares = [
        _found_share(exact, (sim[rows], index[rows]))
        for rows, exact, sim, index in zip(
            check.rows, check.exact, (found.fwd_sim, found.bwd_sim), (found.fwd_index, found.bwd_index), strict=True
        )
    ]
    return found, _report(plan, probes, shares, trained - started, searched - trained, reused)


def _probes_needed(job: Job, sides: tuple[Floats32, Floats32], centroids: Floats32, tune: _Sample) -> int:
    """The fewest lists per row with which that share of the sample's true neighbours meets them."""
    most = min(MOST_PROBES, len(centroids))
    shares = []
    for queries, others, rows, (_, index) in zip(sides, sides[::-1], tune.rows, tune.exact, strict=True):
        asking, column = np.nonzero(index >= 0)
        a = nearest_lists(queries[rows], centroids, most, job.threads)[asking]
        b = nearest_lists(others[index[asking, column]], centroids, most, job.threads)
        shares.append(shares_a_list(a, b).mean(axis=1) if len(a) else np.ones(most))
    enough = np.mean(shares, axis=0) >= job.recall
    return int(enough.argmax()) + 1 if enough.any() else most


def _faiss(job: Job, plan: Plan) -> tuple[Neighbours, AnnReport]:
    tune, check = _samples(job)
    lists = lists_of(plan.index, job.src.dim)
    kept = job.candidates or max((n * job.k for name, n in CANDIDATES.items() if name in plan.index), default=0)
    kept = max(kept, job.k + SPARE)
    results, shares, used, reused, seconds = [], [], [], True, [0.0, 0.0]
    for side, (queries, rows, name) in enumerate(job.sides):
        started = perf_counter()
        build = partial(build_index, plan.index, rows, name, job.seed, job.where)
        if job.cache is None:
            index, found_there = build(), False
        else:
            path = job.cache / f"{name}-{plan.index.replace(',', '_')}-{job.seed}.faiss"
            index, found_there = kept_index(path, [rows], plan.index, job.where, build)
        reused &= found_there
        zero = zero_rows(rows)
        search = partial(search_index, index, rows=rows, zero=zero, k=job.k, candidates=kept)
        trained = perf_counter()
        if lists:
            used.append(_nprobe(job, index, lists, partial(search, queries.take(tune.rows[side])), tune.exact[side]))
            set_probes(index, used[-1], job.where)
        results.append(search(queries))
        sim, at = results[-1]
        shares.append(_found_share(check.exact[side], (sim[check.rows[side]], at[check.rows[side]])))
        seconds[0] += trained - started
        seconds[1] += perf_counter() - trained
        del index, search  # before the other side's index takes its memory
    probes = max(used, default=None)
    return Neighbours(*results[0], *results[1]), _report(plan, probes, shares, seconds[0], seconds[1], reused)


def _nprobe(
    job: Job, index: Any, lists: int, search: Callable[[], tuple[Floats32, Ints64]], exact: tuple[Floats32, Ints64]
) -> int:
    """The fewest lists to read for the recall wanted, within a quarter; all of them where none suffices."""

    def enough(probes: int) -> bool:
        set_probes(index, probes, job.where)
        return float(_found_share(exact, search()).mean()) >= job.recall

    most = min(lists, GPU_MOST_PROBES) if job.where.device == "cuda" else lists
    if job.probes is not None:
        return min(job.probes, most)
    high = 1
    while not enough(high):
        if high == most:
            return most
        high = min(2 * high, most)
    low = high // 2
    while high - low > max(1, high // 4):
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


@dataclass(frozen=True)
class _Sample:
    """Queries of both directions and their exact neighbours."""

    rows: list[Ints64]
    exact: list[tuple[Floats32, Ints64]]


def _samples(job: Job) -> tuple[_Sample, _Sample]:
    """Two disjoint samples, one to set the probes by and one to estimate the recall with."""
    rng = np.random.default_rng(job.seed)
    memory_mb = min(max(job.memory // 2**20, 64), 1024)
    rows, exact = [], []
    for direction, (queries, others, _) in enumerate(job.sides):
        # In random order, so that both halves are alike.
        chosen = rng.permutation(len(queries))[: job.sample]
        asked = queries.take(chosen)
        pair = (asked, others) if direction == 0 else (others, asked)
        near = knn(*pair, job.k, "cpu", memory_mb, job.threads)
        rows.append(chosen)
        exact.append((near.fwd_sim, near.fwd_index) if direction == 0 else (near.bwd_sim, near.bwd_index))

    def half(which: slice) -> _Sample:
        return _Sample([r[which] for r in rows], [(sim[which], index[which]) for sim, index in exact])

    return half(slice(0, None, 2)), half(slice(1, None, 2))


def _found_share(exact: tuple[Floats32, Ints64], found: tuple[Floats32, Ints64]) -> Floats64:
    """(q,) share of each query's true neighbours that were found, for queries that have any; ties count as found."""
    there = (exact[1] >= 0).sum(axis=1)
    asked = there > 0
    last = exact[0][asked, there[asked] - 1]
    hits = ((found[1][asked] >= 0) & (found[0][asked] >= last[:, None])).sum(axis=1)
    return np.asarray(hits / there[asked], dtype=np.float64)


def _report(plan: Plan, probes: int | None, shares: list[Any], train: float, search: float, reused: bool) -> AnnReport:
    share = np.concatenate(shares)
    recall = float(share.mean()) if len(share) else 1.0
    low, high = _wilson(recall, len(share))
    return AnnReport(plan.index, probes, recall, low, high, len(share), train, search, plan.memory, plan.disk, reused)


def _wilson(share: float, n: int) -> tuple[float, float]:
    """95 % interval of a share seen in n trials (Wilson 1927)."""
    if not n:
        return 0.0, 1.0
    z = 1.959964
    middle = share + z * z / (2 * n)
    width = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (middle - width) / scale), min(1.0, (middle + width) / scale)
