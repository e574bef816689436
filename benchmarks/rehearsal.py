"""CPU of rehearsing each recipe, start of the process included.

    python benchmarks/rehearsal.py [--runs 5] [NAME ...]

Printed for each recipe: the median of CPU seconds (user and system), and whether it is within the target of 2 s.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile

from xlcorpus import shipped

TARGET_S = 2.0


def main() -> None:
    """Rehearse recipes, each in processes of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=sorted(shipped.pipelines()))
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    late = []
    for name in args.names:
        found = [_cpu_s(name) for _ in range(args.runs + 1)][1:]  # the first may write bytecode
        failed = any(code for _, code in found)
        median = statistics.median(seconds for seconds, _ in found)
        late += [name] * (median > TARGET_S or failed)
        print(
            f"{name:28} {median:5.2f} s{'  fails' if failed else ''}{'  late' if median > TARGET_S else ''}", flush=True
        )
    print(f"{len(args.names) - len(late)} of {len(args.names)} rehearse within {TARGET_S:g} s of CPU")


def _cpu_s(name: str) -> tuple[float, int]:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "xlcorpus", "run", name, "--rehearse", "--workdir", folder]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        return usage.ru_utime + usage.ru_stime, process.returncode


if __name__ == "__main__":
    main()
