"""FAISS indexes over one side's embeddings: trained on a sample, filled, searched, saved and found again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from xlcorpus.arrays import Floats32, Ints64
from xlcorpus.device import Resolved
from xlcorpus.errors import UserError, XlcorpusError
from xlcorpus.mining.search.faiss_backend import faiss_module, to_cpu, to_gpus
from xlcorpus.mining.search.neighbours import nearest_of
from xlcorpus.mining.search.twoway import exact_cosines
from xlcorpus.mining.search.unit import UnitRows
from xlcorpus.whole_files import whole_file

READ_ROWS = 65_536
"""Rows read, added or searched at once."""

TRAINING_ROWS = 65_536
TRAINING_ROWS_PER_LIST = 48
FINGERPRINT_ROWS = 1024
_GRAPH_BYTES = 512
"""Links of one row in a graph index such as HNSW32, for which FAISS does not tell the size."""


def empty_index(factory: str, dim: int) -> Any:
    """An untrained inner-product index. Raises UserError where FAISS does not know the string or the dimension."""
    faiss = faiss_module()
    try:
        return faiss.index_factory(dim, factory, faiss.METRIC_INNER_PRODUCT)
    except RuntimeError as e:
        raise UserError(
            f"index: {factory!r} is no FAISS index for {dim} dimensions ({_reason(e)}); "
            "for example Flat, IVF4096,Flat, IVF4096,SQ8 or OPQ64,IVF16384,PQ64; or auto, flat, shared"
        ) from e


def index_bytes(factory: str, dim: int, rows: int) -> int:
    """Memory of the filled index, and the size of its file, nearly."""
    index = empty_index(factory, dim)
    ivf = faiss_module().try_extract_index_ivf(index)
    try:
        code = index.sa_code_size()
    except RuntimeError:
        code = 4 * dim + _GRAPH_BYTES
    # FAISS keeps an 8-byte number with each row of an inverted list.
    return int(rows * (code + 8) + (4 * dim * ivf.nlist if ivf else 0))


def lists_of(factory: str, dim: int) -> int:
    """Inverted lists of such an index; 0 where it has none."""
    index = empty_index(factory, dim)
    ivf = faiss_module().try_extract_index_ivf(index)
    return int(ivf.nlist) if ivf else 0


def build_index(factory: str, rows: UnitRows, side: str, seed: int, device: Resolved) -> Any:
    """An index of all rows, on its device.

    Raises:
        UserError: too few rows to train it on, or not implemented on a GPU.
    """
    faiss = faiss_module()
    index = empty_index(factory, rows.dim)
    ivf = faiss.try_extract_index_ivf(index)
    wanted = max(TRAINING_ROWS, TRAINING_ROWS_PER_LIST * ivf.nlist if ivf else 0)
    if ivf:
        ivf.cp.seed, ivf.cp.min_points_per_centroid = seed, 1
        ivf.cp.max_points_per_centroid = 2 * TRAINING_ROWS_PER_LIST
        if device == "cuda":
            # k-means is most of the training; the rest is small and stays on the CPU.
            ivf.clustering_index = to_gpus(faiss.IndexFlatIP(ivf.d), False, faiss, shard=False)
    try:
        if not index.is_trained:
            chosen = np.random.default_rng(seed).permutation(len(rows))[:wanted]
            index.train(rows.at(np.sort(chosen)))
        if ivf:
            ivf.clustering_index = None
        index = place_index(index, factory, device)
    except RuntimeError as e:
        raise UserError(
            f"index: {factory} cannot be trained on {len(rows)} {side} rows or placed there: {_reason(e)}"
        ) from e
    # A flat index split among GPUs takes all rows in one call.
    step = len(rows) if device == "cuda" and ivf is None else READ_ROWS
    for first in range(0, len(rows), max(step, 1)):
        index.add(rows.block(first, first + step))
    return index


def place_index(index: Any, factory: str, device: Resolved) -> Any:
    """The index on its device."""
    if device == "cpu":
        return index
    # The tables of a product quantiser of 56 bytes or more fit the GPU's shared memory in half precision only.
    return to_gpus(index, "PQ" in factory, faiss_module())


def set_probes(index: Any, probes: int, device: Resolved) -> None:
    """Lists that a search reads; only for an index with inverted lists."""
    faiss = faiss_module()
    space = faiss.GpuParameterSpace() if device == "cuda" else faiss.ParameterSpace()
    space.set_index_parameter(index, "nprobe", probes)


def search_index(
    index: Any, queries: UnitRows, rows: UnitRows, zero: Ints64, k: int, candidates: int
) -> tuple[Floats32, Ints64]:
    """(n, k) exact cosines and indices, best first, among the candidates the index finds for each query.

    Args:
        index: over all of `rows`.
        queries, rows: unit rows of the two sides.
        zero: (z,) numbers of the zero rows among `rows`, which are nobody's neighbours.
        k: neighbours per query; (0, -1) where there are fewer.
        candidates: how many to re-score for each query.
    """
    sim = np.zeros((len(queries), k), dtype=np.float32)
    found_in = np.full((len(queries), k), -1, dtype=np.int64)
    asked = min(candidates, len(rows))
    step = max(1, min(READ_ROWS, READ_ROWS * 16 // max(asked, 1)))
    for first in range(0, len(queries) if asked else 0, step):
        block = np.ascontiguousarray(queries.block(first, first + step))
        found = index.search(block, asked)[1]
        found[np.isin(found, zero)] = -1
        found[~block.any(axis=1)] = -1
        best_sim, best = nearest_of(_cosines(block, rows, found), found, min(k, asked))
        sim[first : first + step, : best.shape[1]] = best_sim
        found_in[first : first + step, : best.shape[1]] = best
    return sim, found_in


def zero_rows(rows: UnitRows) -> Ints64:
    """(z,) numbers of the rows that are zero throughout."""
    parts = [
        first + np.flatnonzero(~rows.block(first, first + READ_ROWS).any(axis=1))
        for first in range(0, len(rows), READ_ROWS)
    ]
    return np.concatenate([np.empty(0, dtype=np.int64), *parts])


def kept_index(
    path: Path, sides: Sequence[UnitRows], what: str, device: Resolved, build: Callable[[], Any]
) -> tuple[Any, bool]:
    """The index of that file, or a new one saved under it; and whether it was found there.

    The file's side JSON, written last, holds the fingerprint of the embeddings and tells that the file is whole.

    Raises:
        UserError: the file holds an index of other embeddings, or cannot be read.
    """
    note = {"index": what, "embeddings": [fingerprint(side) for side in sides]}
    side_file = path.with_suffix(".json")
    if not (path.exists() and side_file.exists()):
        index = build()
        _save(index, path, side_file, note, device)
        return index, False
    try:
        held = json.loads(side_file.read_text(encoding="utf-8"))
        if {key: held[key] for key in note} != note:
            raise UserError(
                f"{path} is an index of other embeddings ({_describe(held)}; here {_describe(note)}): "
                "give another cache folder, or delete the file and its .json"
            )
        if path.stat().st_size != held["bytes"]:
            raise UserError(f"{path} is not whole: delete it and its .json, and it is built anew")
        return place_index(faiss_module().read_index(str(path)), what, device), True
    except (RuntimeError, ValueError, KeyError, TypeError) as e:
        raise UserError(f"{path} or its .json cannot be read ({e}): delete both, and they are made anew") from e


def fingerprint(rows: UnitRows) -> dict[str, Any]:
    """Shape of the embeddings and a hash of rows spread evenly over them, as float32 of unit length."""
    some = np.unique(np.linspace(0, max(len(rows) - 1, 0), FINGERPRINT_ROWS).astype(np.int64))[: len(rows)]
    sample = np.ascontiguousarray(rows.at(some)).astype("<f4", copy=False)
    return {
        "rows": len(rows),
        "dim": rows.dim,
        "dtype": "float32",
        "sample_sha256": hashlib.sha256(sample.tobytes()).hexdigest(),
    }


def _save(index: Any, path: Path, side_file: Path, note: dict[str, Any], device: Resolved) -> None:
    faiss = faiss_module()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as unfinished:
            faiss.write_index(to_cpu(index, faiss) if device == "cuda" else index, str(unfinished))
        held = {**note, "bytes": path.stat().st_size, "faiss": faiss.__version__}
        with whole_file(side_file) as unfinished:
            unfinished.write_text(json.dumps(held, indent=1), encoding="utf-8")
    except (OSError, RuntimeError) as e:
        raise XlcorpusError(f"the index cannot be saved as {path}: {e}") from e


def _cosines(block: Floats32, rows: UnitRows, found: Ints64) -> Floats32:
    if rows.ready:
        return exact_cosines(block, rows.block(0, len(rows)), found)
    named, place = np.unique(found, return_inverse=True)
    gathered = rows.at(np.maximum(named, 0))
    return exact_cosines(block, gathered, np.where(found >= 0, place.reshape(found.shape), -1))


def _describe(note: dict[str, Any]) -> str:
    sides = " and ".join(f"{e['rows']} x {e['dim']}, {e['sample_sha256'][:12]}" for e in note["embeddings"])
    return f"{note['index']}, {sides}"


def _reason(error: RuntimeError) -> str:
    """FAISS's own words without the C++ signature before them."""
    return str(error).rsplit(": ", 1)[-1].strip()
