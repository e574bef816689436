"""Peak memory and seconds of `deduplicate` on made-up rows, for `near_duplicates.py`.

    python benchmarks/near_duplicates_memory.py folded|fuzzy ROWS

Rows are texts of 30 random words; a fifth are copies of others, half of these with a word exchanged. Prints as JSON the
peak of the process's proportional set size and the CPU seconds of the step.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl

from xlcorpus import records
from xlcorpus.step import CorpusEnv, Table
from xlcorpus.steps import Deduplicate

SHARD_ROWS = 10_000
WORDS = 30


def write_shards(rows: int, folder: Path) -> None:
    """Parquet shards of documents."""
    random = np.random.default_rng(3)
    letters = random.integers(97, 123, (20_000, 7), np.uint8)
    vocabulary = pl.Series(["".join(map(chr, word)) for word in letters])
    before = random.integers(0, len(vocabulary), (SHARD_ROWS, WORDS))
    for start in range(0, rows, SHARD_ROWS):
        chosen = random.integers(0, len(vocabulary), (min(SHARD_ROWS, rows - start), WORDS))
        copies = np.flatnonzero(random.random(len(chosen)) < 0.2)
        chosen[copies] = before[copies]
        chosen[copies[::2], WORDS // 2] = 0
        before[: len(chosen)] = chosen
        texts = pl.DataFrame([vocabulary.gather(chosen[:, place]).alias(str(place)) for place in range(WORDS)])
        frame = texts.select(text=pl.concat_str(pl.all(), separator=" "), lang=pl.lit("eng_Latn"))
        ids = [f"{row:032x}" for row in range(start, start + len(chosen))]
        path = folder / f"{start:010d}.parquet"
        records.finish(frame.with_columns(id=pl.Series(ids)), "document").write_parquet(path)


class Peak(threading.Thread):
    """Watches the proportional set size of this process."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.bytes = 0
        self.stopped = threading.Event()

    def run(self) -> None:
        """Look 50 times a second."""
        while not self.stopped.wait(0.02):
            told = Path("/proc/self/smaps_rollup").read_text("utf8")
            self.bytes = max(self.bytes, 1024 * int(told.split("Pss:")[1].split()[0]))


def main(match: str, rows: int) -> None:
    """Print one line of JSON."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        # In another process, which leaves no memory behind.
        writer = get_context("spawn").Process(target=write_shards, args=(rows, folder))
        writer.start()
        writer.join()
        paths = tuple(sorted(folder.glob("*.parquet")))
        step = Deduplicate(match=match)  # type: ignore[arg-type]
        env = CorpusEnv(kind="document", scratch=folder, keep=folder / "kept")
        peak = Peak()
        peak.start()
        start = time.process_time()
        kept = sum(frame.height for frame in step.run({"rows": Table("document", paths)}, env))
        seconds = time.process_time() - start
        peak.stopped.set()
        peak.join()
    print(json.dumps({"bytes": peak.bytes, "seconds": seconds, "kept": kept}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
