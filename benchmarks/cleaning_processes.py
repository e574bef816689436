"""What a command costs with all the processes it starts: wall clock, CPU seconds, memory."""

from __future__ import annotations

import ctypes
import os
import re
import resource
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

_PR_SET_CHILD_SUBREAPER = 36
_PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)
_EVERY_S = {False: 0.25, True: 1.0}
"""Between two samples; that of memory takes the kernel milliseconds a process."""
_GONE = (psutil.NoSuchProcess, psutil.AccessDenied, ProcessLookupError, FileNotFoundError, PermissionError)


@dataclass(frozen=True)
class Cost:
    """Of one command and its descendants."""

    wall: float
    """seconds"""
    cpu: float
    """user and system seconds of all processes"""
    peak: int
    """bytes: largest sum of the processes' proportional set sizes (PSS), which counts shared pages, the object store's
    too, once; 0 unless asked for"""
    code: int
    """exit status"""
    output: str
    """standard output and error"""


def cost(command: Sequence[str], folder: Path, memory: bool = False, environment: dict[str, str] | None = None) -> Cost:
    """Run the command in `folder` to its end, and to that of every process it left behind.

    CPU seconds are the larger of two counts that can only be too low: the kernel's, of children that were waited for
    (processes whose parent dies become ours), and a sum over what was last seen of each process (a parent that ignores
    its children's end is not told what they took).
    """
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1)
    before, start = _reaped(), time.perf_counter()
    log = folder / "output.txt"
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=folder, stdout=out, stderr=subprocess.STDOUT, env={**os.environ, **(environment or {})}
        )
    watch = _Watch(memory)
    watch.start()
    code = process.wait()
    wall = time.perf_counter() - start
    watch.stop()
    _wait_for_orphans()
    return Cost(wall, max(_reaped() - before, watch.cpu), watch.peak, code, log.read_text("utf8", "replace"))


class _Watch(threading.Thread):
    """Samples the descendants of this process until it is stopped."""

    def __init__(self, memory: bool) -> None:
        super().__init__(daemon=True)
        self.memory, self.peak = memory, 0
        self._seen: dict[tuple[int, float], float] = {}
        self._over = threading.Event()

    @property
    def cpu(self) -> float:
        """Seconds of all processes seen."""
        return sum(self._seen.values())

    def run(self) -> None:
        while not self._over.wait(_EVERY_S[self.memory]):
            total = 0
            for process in psutil.Process().children(recursive=True):
                with suppress(*_GONE):
                    times = process.cpu_times()
                    self._seen[process.pid, process.create_time()] = times.user + times.system
                    if self.memory:
                        total += pss(process.pid)
            self.peak = max(self.peak, total)

    def stop(self) -> None:
        """Take no more samples."""
        self._over.set()
        self.join()


def pss(pid: int) -> int:
    """Proportional set size of a process in bytes: a page that n processes share counts a n-th in each."""
    found = _PSS.search(Path(f"/proc/{pid}/smaps_rollup").read_text())
    return int(found[1]) * 1024 if found else 0


def _reaped() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _wait_for_orphans() -> None:
    """Until no child is left: their parent, the command, is gone."""
    with suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
