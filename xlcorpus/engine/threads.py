"""Light work in threads of the run's own process."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

MANY_CORES = 8
"""Cores from which workers are worth their start for what steps call light."""
FEW_CORES = 2
"""Cores up to which threads take no more time than workers for light steps, however much work there is, and a third of
the memory: workers, each with its models, and Ray's own processes take a gigabyte."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def most_here(light: int) -> float:
    """How much work of a step is done in this process, on its cores.

    Args:
        light: as the step's `light`; 0: unknown.
    """
    if not light:
        return 0
    return math.inf if cores() <= FEW_CORES else light * max(1, MANY_CORES // cores())


def in_threads(function: Callable[[Item], Result], items: Sequence[Item], threads: int) -> Iterator[Result]:
    """Results of a function on each item, in order; the first error ends it, items that have not begun are left."""
    if threads <= 1:
        yield from map(function, items)
        return
    pool = ThreadPoolExecutor(threads)
    try:
        yield from pool.map(function, items)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
