"""Choice of the index of a search and of its memory and disk, checked before the work starts.

Index that `auto` chooses (r = sqrt(source rows x target rows), since the work grows with their product):

    device   rows r          index
    cpu      <= 50,000       flat: the exact one-pass search of `knn`
    cpu      more            shared: inverted lists that both sides share (`shared_lists`), if the float32 vectors fit
                             the memory; or flat where lists would not pay
    cuda     <= 1,000,000    Flat, if the vectors of the larger side fit the GPUs
    both     else            the first of IVFn,Flat  IVFn,SQfp16  IVFn,SQ8  IVFn,PQm  whose index fits, n the power of
                             two nearest to 4 sqrt(rows), m at most 64 bytes
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from math import sqrt
from pathlib import Path

from xlcorpus.device import Resolved
from xlcorpus.errors import UserError
from xlcorpus.mining.search.ann_index import READ_ROWS, index_bytes
from xlcorpus.mining.search.faiss_backend import gpu_bytes
from xlcorpus.mining.search.shared_lists import bytes_per_row, lists_for
from xlcorpus.mining.search.twoway import EXTRA_CANDIDATES
from xlcorpus.mining.search.unit import UnitRows

FLAT_ROWS = {"cpu": 50_000, "cuda": 1_000_000}
USUAL_PROBES = 12
"""Of shared lists, for the estimate of memory; how many are read is known after a search on a sample only."""

COMPRESSIONS = ("Flat", "SQfp16", "SQ8", "PQ")
PQ_BYTES = (64, 48, 40, 32, 28, 24, 20, 16, 12, 8, 4, 3, 2, 1)
"""Code sizes that a GPU can search, largest first."""


@dataclass(frozen=True)
class IndexPlan:
    """The index a search takes and what it needs."""

    index: str
    """flat, shared with the number of lists, or a FAISS factory string"""
    memory: int
    """bytes"""
    disk: int = 0
    """bytes"""


@dataclass(frozen=True)
class SearchRequest:
    """One call's inputs and options."""

    src: UnitRows
    tgt: UnitRows
    k: int
    recall: float
    device: Resolved
    memory: int
    sample: int
    cache: Path | None
    seed: int
    threads: int

    @property
    def sides(self) -> tuple[tuple[UnitRows, UnitRows, str], tuple[UnitRows, UnitRows, str]]:
        """Queries, the rows they search, what these are called."""
        return (self.src, self.tgt, "target"), (self.tgt, self.src, "source")


def planned(request: SearchRequest, index: str) -> IndexPlan:
    """The index to use and what it needs, or a UserError."""
    n, m, dim = len(request.src), len(request.tgt), request.src.dim
    if index == "flat" or not (n and m):
        return IndexPlan("flat", min(request.memory, 2**30))
    if index != "auto":
        plan = _needs(request, index)
        _must_fit(request, plan, "index: auto takes one that fits")
        return plan
    device = request.device
    small = sqrt(n * m) <= FLAT_ROWS[device]
    if device == "cpu" and small:
        return IndexPlan("flat", min(request.memory, 2**30))
    first = ["Flat"] if small else [f"shared{lists_for(sqrt(n * m))}"] if device == "cpu" else []
    lists = lists_for(max(n, m))
    pq = next(size for size in PQ_BYTES if dim % size == 0)
    for name in (*first, *(f"IVF{lists},{c}{pq if c == 'PQ' else ''}" for c in COMPRESSIONS)):
        plan = _needs(request, name)
        if plan.memory <= _room(request, name):
            break
    _must_fit(request, plan, "no index is smaller")
    return plan


def _needs(request: SearchRequest, index: str) -> IndexPlan:
    n, m, dim = len(request.src), len(request.tgt), request.src.dim
    result = 12 * request.k * (n + m)
    lists = _lists_of(request, index)
    if lists is not None:
        own = sum(0 if side.ready else 4 * dim * len(side) for side in (request.src, request.tgt))
        work = (n + m) * bytes_per_row(USUAL_PROBES, request.k + EXTRA_CANDIDATES)
        return IndexPlan(
            f"shared{lists}", own + work + result + 64 * dim * lists, 4 * dim * lists if request.cache else 0
        )
    sizes = [index_bytes(index, dim, rows) for rows in (n, m)]
    disk = sum(sizes) if request.cache else 0
    if request.device == "cuda":
        return IndexPlan(index, max(sizes), disk)
    return IndexPlan(index, max(sizes) + result + 8 * dim * READ_ROWS, disk)


def _room(request: SearchRequest, index: str) -> int:
    on_gpu = request.device == "cuda" and not index.startswith("shared")
    return gpu_bytes() if on_gpu else request.memory


def _must_fit(request: SearchRequest, plan: IndexPlan, hint: str) -> None:
    room = _room(request, plan.index)
    if plan.memory > room:
        what = "the GPUs have" if request.device == "cuda" else "memory_mb: there are"
        raise UserError(
            f"index {plan.index} for {len(request.src)} x {len(request.tgt)} embeddings of {request.src.dim} "
            f"dimensions needs about {_mib(plan.memory)} MiB; {what} {_mib(room)} MiB. {hint}; or give more, or a "
            "factory string with smaller codes (index: IVF4096,SQ8 or IVF4096,PQ32)"
        )
    if request.cache is not None:
        free = shutil.disk_usage(next(p for p in (request.cache, *request.cache.absolute().parents) if p.exists())).free
        if plan.disk > free:
            raise UserError(
                f"cache: {request.cache} has {_mib(free)} MiB free, the index files need about {_mib(plan.disk)}: give "
                "a folder on another disk, an index with smaller codes, or no cache"
            )


def _lists_of(request: SearchRequest, index: str) -> int | None:
    """Lists of a `shared` index; None for a FAISS factory string."""
    if not index.startswith("shared"):
        return None
    number = index.removeprefix("shared")
    if not number:
        return lists_for(sqrt(len(request.src) * len(request.tgt)))
    if not number.isdecimal() or int(number) < 1:
        raise UserError(f"index {index!r}: shared, or shared and the number of lists, as in shared4096")
    return int(number)


def free_memory() -> int:
    import psutil

    return int(psutil.virtual_memory().available * 0.8)


def _mib(size: int) -> str:
    return f"{size / 2**20:,.0f}"
