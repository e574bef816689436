"""Sharing the cores between Python threads and those of BLAS."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from os import cpu_count

from threadpoolctl import threadpool_info, threadpool_limits

_ONE_AT_A_TIME = threading.Lock()


def blas_threads() -> int:
    """The threads that BLAS would use now: the cores, or what OMP_NUM_THREADS (which Ray sets) allows."""
    pools = [int(pool["num_threads"]) for pool in threadpool_info() if pool["user_api"] == "blas"]
    return max(pools, default=0) or cpu_count() or 1


@contextmanager
def single_threaded_blas() -> Iterator[None]:
    """Inside, a matrix product runs in the thread that asks for it.

    The limit is the process's, and two blocks at once would leave it wrong: the second waits for the first.
    """
    with _ONE_AT_A_TIME, threadpool_limits(1, "blas"):
        yield
