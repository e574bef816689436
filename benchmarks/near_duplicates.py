"""MinHash beside datatrove's, recall and precision beside brute force, and memory of the step `deduplicate`.

    python benchmarks/near_duplicates.py ../shared/data DATATROVE_PYTHON [MILLIONS ...]

`DATATROVE_PYTHON` is an interpreter with `datatrove[io,processing]==0.10.1 spacy`. Speeds are of one core and one run
of both. Texts of the recall: pages of tldr, and copies of them in which up to 40 % of the words are exchanged. The
memory is that of a process of its own, above that of the same step on 1,000 rows; millions of rows default to 1.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("POLARS_MAX_THREADS", "1")

import numpy as np
import polars as pl
from scipy.sparse import csr_matrix
from targets import Figure
from words import best, tldr

from xlcorpus.arrays import Floats64, Ints64, UInts64
from xlcorpus.mining.near_duplicates.bands import band_keys, buckets
from xlcorpus.mining.near_duplicates.clusters import Sets, stand_ins
from xlcorpus.mining.near_duplicates.shingles import Shingles, shingles
from xlcorpus.mining.near_duplicates.signatures import signatures
from xlcorpus.mining.near_duplicates.verify import sets

HERE = Path(__file__).parent
BANDS, ROWS = 14, 8
THRESHOLD = 0.8
TEXTS = 20_000
PEER_TEXTS = 3_000
LEAST_PAIRS = 400
EDGES = [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0, 1.01]


def corpus(pages: pl.DataFrame) -> pl.DataFrame:
    """(text, lang) of half `TEXTS` pages and a copy of each, with words exchanged."""
    random = np.random.default_rng(1)
    chosen = pages.sample(TEXTS // 2, seed=1, shuffle=True)
    others = [word for text in chosen["text"][:500] for word in text.split()]
    copies = []
    for text, share in zip(chosen["text"], random.uniform(0, 0.4, len(chosen)) ** 2, strict=True):
        words = text.split(" ")
        for place in np.flatnonzero(random.random(len(words)) < share):
            words[place] = others[int(random.integers(len(others)))]
        copies.append(" ".join(words))
    return pl.concat([chosen, chosen.with_columns(text=pl.Series(copies))])


def similar(held: UInts64, offsets: Ints64, least: float) -> tuple[Ints64, Floats64]:
    """All pairs (m, 2), i < j, whose Jaccard index is at least so much, by brute force, and the indices (m,)."""
    sizes = np.diff(offsets)
    terms, columns = np.unique(held, return_inverse=True)
    matrix = csr_matrix((np.ones(len(held), np.float32), columns, offsets), (len(sizes), len(terms)))
    turned = matrix.T.tocsr()
    pairs, indices = [np.empty((0, 2), np.int64)], [np.empty(0)]
    for start in range(0, len(sizes), 500):
        shared = (matrix[start : start + 500] @ turned).tocoo()
        i, j = shared.row.astype(np.int64) + start, shared.col.astype(np.int64)
        index = shared.data / (sizes[i] + sizes[j] - shared.data)
        chosen = (i < j) & (index >= least)
        pairs.append(np.stack([i[chosen], j[chosen]], 1))
        indices.append(index[chosen])
    return np.concatenate(pairs), np.concatenate(indices)


def meets(keys: UInts64, pairs: Ints64) -> np.ndarray:
    """(m,) bool: pairs that are candidates in some band."""
    return np.any(keys[pairs[:, 0]] == keys[pairs[:, 1]], axis=1)


def speeds(pages: pl.DataFrame, python: str, folder: Path, word_shingles: Shingles) -> None:
    """Texts a second of one core, ours and datatrove's."""
    (folder / "texts.json").write_text(json.dumps(pages["text"].sample(PEER_TEXTS, seed=2).to_list()), "utf8")
    np.savez(folder / "shingles.npz", hashes=word_shingles.hashes, offsets=word_shingles.offsets)
    done = subprocess.run(
        [python, str(HERE / "datatrove_minhash.py"), str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{python}: {done.stderr[-2000:]}")
    peer = json.loads(done.stdout.splitlines()[-1])
    print(f"datatrove: {peer['text']:,.0f} texts/s from text, {peer['shingles']:,.0f} from the same shingles")
    for unit in ("words", "characters", "auto"):

        def whole(unit: str = unit) -> None:
            told = shingles(pages["text"], pages["lang"], unit)  # type: ignore[arg-type]
            signatures(told.hashes, told.offsets, BANDS * ROWS)

        rate = len(pages) / best(whole)
        print(Figure(f"text to signature, {unit}: {rate:,.0f}/s; times datatrove", rate / peer["text"], 20), flush=True)
    seconds = best(lambda: signatures(word_shingles.hashes, word_shingles.offsets, BANDS * ROWS))
    rate = (len(word_shingles.offsets) - 1) / seconds
    print(Figure(f"shingles to signature: {rate:,.0f}/s; times datatrove", rate / peer["shingles"], 10), flush=True)


def recall(keys: UInts64, theirs: UInts64, pairs: Ints64, index: Floats64) -> None:
    """Candidates by bins of the true Jaccard index, beside 1 - (1 - s^8)^14 and beside datatrove's."""
    ours, peer = meets(keys, pairs), meets(theirs, pairs)
    alike = index >= 0.9
    both = (ours & peer & alike).sum()
    for name, found in (("datatrove's that we find", peer), ("ours that datatrove finds", ours)):
        print(Figure(f"pairs of index >= .9, {name}", both / max((found & alike).sum(), 1), 0.99))
    bins = [(low, high) for low, high in pairwise(EDGES)]
    while bins:
        low, high = bins.pop(0)
        chosen = (index >= low) & (index < high)
        if chosen.sum() < LEAST_PAIRS and bins:
            bins[0] = (low, bins[0][1])
            continue
        hoped = 1 - (1 - index[chosen] ** ROWS) ** BANDS
        error = np.sqrt((hoped * (1 - hoped)).sum()) / max(chosen.sum(), 1)
        least = hoped.mean() - max(0.01, 3 * error)
        name = f"recall, index {low:.2f} to {min(high, 1):.2f}, {chosen.sum():,} pairs"
        print(Figure(f"{name} (datatrove {peer[chosen].mean():.3f})", ours[chosen].mean(), round(least, 4)))


def precision(keys: UInts64, held: UInts64, offsets: Ints64, pairs: Ints64, index: Floats64) -> None:
    """Rows that go beside the row that stands for them, and rows that brute force would drop too."""
    n = len(offsets) - 1
    found = np.stack([buckets(keys[:, band]) for band in range(BANDS)])
    start = time.perf_counter()
    made = stand_ins(found, [0] * BANDS, None, Sets(held, offsets, THRESHOLD, [[0]]))
    seconds = time.perf_counter() - start
    gone = np.flatnonzero(made.stand_in != np.arange(n))
    texts = [set(held[a:b].tolist()) for a, b in pairwise(offsets)]
    true = [
        len(texts[row] & texts[other]) / len(texts[row] | texts[other]) >= THRESHOLD
        for row, other in zip(gone, made.stand_in[gone], strict=True)
    ]
    print(Figure(f"precision of {len(gone):,} rows that go", float(np.mean(true)), 1, seconds=seconds))
    alike = pairs[index >= THRESHOLD]
    every = np.zeros(n, bool)
    for row in np.argsort(alike[:, 1], kind="stable"):
        every[alike[row, 1]] |= not every[alike[row, 0]]
    print(Figure(f"rows that go, beside {every.sum():,} of brute force", len(gone) / max(every.sum(), 1)))


def memory(millions: list[float]) -> None:
    """Peak bytes a row of the step, by `near_duplicates_memory.py`."""
    for match, target in (("folded", 40), ("fuzzy", 250)):
        rates = {}
        for rows in (1_000, 100_000, *(int(m * 1e6) for m in millions)):
            done = subprocess.run(
                [sys.executable, str(HERE / "near_duplicates_memory.py"), match, str(rows)],
                capture_output=True, text=True, check=True, env={**os.environ, "POLARS_MAX_THREADS": "2"},
            )  # fmt: skip
            told = json.loads(done.stdout.splitlines()[-1])
            if rows == 1_000:
                empty = told["bytes"]
                continue
            rates[rows] = rows / told["seconds"]
            name = f"{match}: bytes a row at {rows:,} rows, {rates[rows]:,.0f} rows a CPU second"
            goal = target if rows >= 1_000_000 else None
            print(
                Figure(name, (told["bytes"] - empty) / rows, goal, at_least=False, seconds=told["seconds"]), flush=True
            )
        if 1_000_000 in rates:
            print(
                Figure(
                    f"{match}: rows a CPU second at 1M beside those at 100k", rates[1_000_000] / rates[100_000], 0.85
                )
            )


def main(data: Path, python: str, millions: list[float]) -> None:
    """Print all figures."""
    pages = tldr(data / "tldr")
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        speeds(pages, python, folder, shingles(pages["text"], pages["lang"], "words"))
        texts = corpus(pages)
        told = shingles(texts["text"], texts["lang"], "words")
        held, offsets = sets(told.hashes, told.offsets)
        np.savez(folder / "shingles.npz", hashes=held, offsets=offsets)
        (folder / "texts.json").write_text("[]", "utf8")
        subprocess.run([python, str(HERE / "datatrove_minhash.py"), str(folder)], capture_output=True, check=True)
        values = np.load(folder / "signatures.npy")
        theirs = np.stack([pl.DataFrame(values[:, b]).hash_rows().to_numpy() for b in range(BANDS)], 1)
    keys = band_keys(signatures(held, offsets, BANDS * ROWS), BANDS)
    pairs, index = similar(held, offsets, EDGES[0])
    recall(keys, theirs, pairs, index)
    precision(keys, held, offsets, pairs, index)
    memory(millions)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], [float(m) for m in sys.argv[3:]] or [1])
