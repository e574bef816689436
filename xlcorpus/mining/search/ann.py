"""Approximate nearest neighbours for corpora too large to compare exactly, with exact similarities all the same.

An index only proposes candidates. They are re-scored from the stored vectors as in exact search, so margins and
thresholds have one scale for every index. The recall is measured against exact search on a sample. `ann_plan` chooses
the index.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import sqrt
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt

from xlcorpus.arrays import Floats32, Floats64, Ints64
from xlcorpus.device import Device
from xlcorpus.errors import UserError
from xlcorpus.mining.search.ann_index import (
    build_index,
    kept_index,
    lists_of,
    search_index,
    set_probes,
    zero_rows,
)
from xlcorpus.mining.search.ann_plan import IndexPlan, SearchRequest, free_memory, planned
from xlcorpus.mining.search.faiss_backend import faiss_module, resolve_device
from xlcorpus.mining.search.knn import knn
from xlcorpus.mining.search.neighbours import Neighbours
from xlcorpus.mining.search.shared_lists import (
    nearest_lists,
    search_shared,
    shares_a_list,
    train_centroids,
)
from xlcorpus.mining.search.threads import blas_threads
from xlcorpus.mining.search.twoway import EXTRA_CANDIDATES
from xlcorpus.mining.search.unit import UnitRows

CANDIDATES = {"PQ": 16, "SQ8": 4, "SQ4": 8, "SQ6": 4}
"""Candidates by k for an index that keeps vectors less exactly than in 16 bits."""


RECALL = 0.97
"""Share of the k nearest neighbours to find. Pairs above a margin are found more often than other neighbours: at
200,000 x 200,000 sentences (k = 4, ratio 1.06) 96 % of the neighbours gave 99 % of the pairs."""

MOST_PROBES = 32
"""Of shared lists; with more, exact search is as fast."""

GPU_MOST_PROBES = 2048
"""FAISS reads no more lists per query on a GPU."""


@dataclass(frozen=True)
class AnnReport:
    """Index, recall and cost of a search; `str()` is one line for the screen."""

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
    device: Device = "auto",
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
        device: of a FAISS index, which is split among all GPUs; `shared` and `flat` run on the CPU.
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
    if k < 1 or sample < 2 or not 0 < recall <= 1:
        raise UserError("k must be at least 1, sample at least 2, recall above 0 and at most 1")
    threads = threads or blas_threads()
    src = x if isinstance(x, UnitRows) else UnitRows(x, "source", threads)
    tgt = y if isinstance(y, UnitRows) else UnitRows(y, "target", threads)
    if src.dim != tgt.dim:
        raise UserError(f"source embeddings have {src.dim} dimensions, target embeddings {tgt.dim}")
    # What runs on the CPU in any case must not fail for want of a GPU.
    on: Device = "cpu" if index == "flat" or index.startswith("shared") else device
    memory = free_memory() if memory_mb is None else memory_mb * 2**20
    request = SearchRequest(
        src, tgt, k, recall, resolve_device(on, faiss_module()), memory, sample, cache, seed, threads
    )
    plan = planned(request, index)
    if plan.index == "flat":
        return _flat(request, plan)
    return _shared(request, plan, index == "auto") if plan.index.startswith("shared") else _faiss(request, plan)


def _flat(request: SearchRequest, plan: IndexPlan) -> tuple[Neighbours, AnnReport]:
    started = perf_counter()
    found = knn(request.src, request.tgt, request.k, "cpu", max(plan.memory // 2**20, 1), request.threads)
    queries = len(request.src) + len(request.tgt)
    report = AnnReport("flat", None, 1.0, 1.0, 1.0, queries, 0.0, perf_counter() - started, plan.memory, 0, False)
    return found, report


def _shared(request: SearchRequest, plan: IndexPlan, may_be_flat: bool) -> tuple[Neighbours, AnnReport]:
    started = perf_counter()
    faiss = faiss_module()
    x, y = request.src.block(0, len(request.src)), request.tgt.block(0, len(request.tgt))
    job_sides = UnitRows(x, "source", request.threads), UnitRows(y, "target", request.threads)
    wanted = int(plan.index.removeprefix("shared"))

    def train() -> Any:
        quantiser = faiss.IndexFlatIP(request.src.dim)
        quantiser.add(train_centroids(job_sides, wanted, request.seed))
        return quantiser

    if request.cache is None:
        quantiser, reused = train(), False
    else:
        path = request.cache / f"{plan.index}-{request.seed}.faiss"
        quantiser, reused = kept_index(path, job_sides, plan.index, "cpu", train)
    centroids = quantiser.reconstruct_n(0, quantiser.ntotal)
    lists = len(centroids)
    trained = perf_counter()
    tune, check = _samples(request)
    probes = _probes_needed(request, (x, y), centroids, tune)
    # Lists are about twice as uneven as equal ones would be.
    if may_be_flat and 2 * probes**2 > lists / 2:
        return _flat(request, IndexPlan("flat", min(request.memory, 2**30)))
    of = nearest_lists(x, centroids, probes, request.threads), nearest_lists(y, centroids, probes, request.threads)
    found = search_shared(x, y, *of, lists, request.k, request.k + EXTRA_CANDIDATES, request.threads)
    searched = perf_counter()
    shares = [
        _found_share(exact, (sim[rows], index[rows]))
        for rows, exact, sim, index in zip(
            check.rows, check.exact, (found.fwd_sim, found.bwd_sim), (found.fwd_index, found.bwd_index), strict=True
        )
    ]
    return found, _report(plan, probes, shares, trained - started, searched - trained, reused)


def _probes_needed(
    request: SearchRequest, sides: tuple[Floats32, Floats32], centroids: Floats32, tune: _SampledQueries
) -> int:
    """The fewest lists per row with which that share of the sample's true neighbours meets them."""
    most = min(MOST_PROBES, len(centroids))
    shares = []
    for queries, others, rows, (_, index) in zip(sides, sides[::-1], tune.rows, tune.exact, strict=True):
        asking, column = np.nonzero(index >= 0)
        a = nearest_lists(queries[rows], centroids, most, request.threads)[asking]
        b = nearest_lists(others[index[asking, column]], centroids, most, request.threads)
        shares.append(shares_a_list(a, b).mean(axis=1) if len(a) else np.ones(most))
    enough = np.mean(shares, axis=0) >= request.recall
    return int(enough.argmax()) + 1 if enough.any() else most


def _faiss(request: SearchRequest, plan: IndexPlan) -> tuple[Neighbours, AnnReport]:
    tune, check = _samples(request)
    lists = lists_of(plan.index, request.src.dim)
    kept = max([request.k + EXTRA_CANDIDATES, *(n * request.k for name, n in CANDIDATES.items() if name in plan.index)])
    results, shares, used, reused, seconds = [], [], [], True, [0.0, 0.0]
    for side, (queries, rows, name) in enumerate(request.sides):
        started = perf_counter()
        build = partial(build_index, plan.index, rows, name, request.seed, request.device)
        if request.cache is None:
            index, found_there = build(), False
        else:
            path = request.cache / f"{name}-{plan.index.replace(',', '_')}-{request.seed}.faiss"
            index, found_there = kept_index(path, [rows], plan.index, request.device, build)
        reused &= found_there
        zero = zero_rows(rows)
        search = partial(search_index, index, rows=rows, zero=zero, k=request.k, candidates=kept)
        trained = perf_counter()
        if lists:
            used.append(
                _nprobe(request, index, lists, partial(search, queries.take(tune.rows[side])), tune.exact[side])
            )
            set_probes(index, used[-1], request.device)
        results.append(search(queries))
        sim, at = results[-1]
        shares.append(_found_share(check.exact[side], (sim[check.rows[side]], at[check.rows[side]])))
        seconds[0] += trained - started
        seconds[1] += perf_counter() - trained
        del index, search  # before the other side's index takes its memory
    probes = max(used, default=None)
    return Neighbours(*results[0], *results[1]), _report(plan, probes, shares, seconds[0], seconds[1], reused)


def _nprobe(
    request: SearchRequest,
    index: Any,
    lists: int,
    search: Callable[[], tuple[Floats32, Ints64]],
    exact: tuple[Floats32, Ints64],
) -> int:
    """The fewest lists to read for the recall wanted, within a quarter; all of them where none suffices."""

    def enough(probes: int) -> bool:
        set_probes(index, probes, request.device)
        return float(_found_share(exact, search()).mean()) >= request.recall

    most = min(lists, GPU_MOST_PROBES) if request.device == "cuda" else lists
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
class _SampledQueries:
    """Queries of both directions and their exact neighbours."""

    rows: list[Ints64]
    exact: list[tuple[Floats32, Ints64]]


def _samples(request: SearchRequest) -> tuple[_SampledQueries, _SampledQueries]:
    """Two disjoint samples, one to set the probes by and one to estimate the recall with."""
    rng = np.random.default_rng(request.seed)
    memory_mb = min(max(request.memory // 2**20, 64), 1024)
    rows, exact = [], []
    for direction, (queries, others, _) in enumerate(request.sides):
        # In random order, so that both halves are alike.
        chosen = rng.permutation(len(queries))[: request.sample]
        asked = queries.take(chosen)
        pair = (asked, others) if direction == 0 else (others, asked)
        near = knn(*pair, request.k, "cpu", memory_mb, request.threads)
        rows.append(chosen)
        exact.append((near.fwd_sim, near.fwd_index) if direction == 0 else (near.bwd_sim, near.bwd_index))

    def half(which: slice) -> _SampledQueries:
        return _SampledQueries([r[which] for r in rows], [(sim[which], index[which]) for sim, index in exact])

    return half(slice(0, None, 2)), half(slice(1, None, 2))


def _found_share(exact: tuple[Floats32, Ints64], found: tuple[Floats32, Ints64]) -> Floats64:
    """(q,) share of each query's true neighbours that were found, for queries that have any; ties count as found."""
    there = (exact[1] >= 0).sum(axis=1)
    asked = there > 0
    last = exact[0][asked, there[asked] - 1]
    hits = ((found[1][asked] >= 0) & (found[0][asked] >= last[:, None])).sum(axis=1)
    return np.asarray(hits / there[asked], dtype=np.float64)


def _report(
    plan: IndexPlan, probes: int | None, shares: list[Any], train: float, search: float, reused: bool
) -> AnnReport:
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
