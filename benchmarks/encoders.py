"""`bootstrap` on the languages of Tatoeba: what `xlcorpus encoders` says of it, and how long that takes.

    python benchmarks/encoders.py ../shared/data [ENCODER ...]

Every set has at most 1,000 pairs; figures are means over the languages.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from targets import Figure

from xlcorpus.cli.files.parallel_sets import read_sets
from xlcorpus.models.encoders.comparison import Comparison, compare_encoders

MEASURES = ("p_at_1", "mrr", "bidirectional", "xsim", "xsim_plus", "f1", "kept")


def figures(data: Path, encoders: Sequence[str] = ("bootstrap",)) -> Iterator[Figure]:
    """Means over the languages of Tatoeba, for each encoder."""
    start = time.perf_counter()
    found = compared(data, encoders)
    took = time.perf_counter() - start
    for encoder in found.table["encoder"].unique(maintain_order=True):
        rows = found.table.filter(encoder=encoder)
        name = f"encoders: {encoder}, Tatoeba, {rows.height} languages"
        for measure in MEASURES:
            yield Figure(f"{name}, mean {measure}", rows[measure].to_numpy().mean())
        yield Figure(f"{name}, median sentences/s", float(np.median(rows["src_per_s"])), seconds=took)


def compared(data: Path, encoders: Sequence[str]) -> Comparison:
    """The encoders on every language."""
    files = sorted((data / "tatoeba").glob("*.tsv"))
    return compare_encoders(encoders, read_sets([f"{path.stem}={path}" for path in files], limit=1000))


def main() -> None:
    """Print the figures of a folder of data."""
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2] / "shared" / "data"
    encoders = sys.argv[2:] or ["bootstrap"]
    for figure in figures(data, encoders):
        print(figure, flush=True)


if __name__ == "__main__":
    main()
