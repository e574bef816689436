"""How long `xlcorpus --help` takes, beside a bare import of rich and pydantic, interleaved.

    python benchmarks/startup.py

Targets: under 0.5 s, and at most eight times the bare import.
"""

from __future__ import annotations

import subprocess
import sys
import time
from statistics import median

ROUNDS = 10
COMMANDS = {
    "xlcorpus --help": [sys.executable, "-m", "xlcorpus", "--help"],
    "import rich, pydantic": [sys.executable, "-c", "import rich, pydantic"],
}


def main() -> None:
    """Print both medians and their ratio."""
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(ROUNDS):
        for name, command in COMMANDS.items():
            start = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            taken[name].append(time.perf_counter() - start)
    ours, bare = (median(times) for times in taken.values())
    print(f"xlcorpus --help {ours:.3f} s (target 0.5), bare import {bare:.3f} s, ratio {ours / bare:.1f} (target 8)")


if __name__ == "__main__":
    main()
