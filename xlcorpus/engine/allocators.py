"""Memory that a process has freed goes back to the system, so that a long run holds what it uses."""

from __future__ import annotations

import ctypes
import platform
from functools import cache

import pyarrow as pa

LARGE = 1 << 20
"""Bytes from which on an allocation is a mapping of its own, and of free memory at the top of the heap that is kept.

glibc raises both by itself, to 32 and 64 MiB, when large arrays are freed: arrays of a pass then stay for the next."""
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3


@cache
def free_at_once() -> None:
    """Set the allocators of this process: glibc's, which numpy uses, and Arrow's, which becomes glibc's.

    Arrow's own keeps what each thread has freed for that thread.
    """
    if platform.libc_ver()[0] != "glibc":
        return
    libc = ctypes.CDLL(None)
    libc.mallopt(_M_MMAP_THRESHOLD, LARGE)
    libc.mallopt(_M_TRIM_THRESHOLD, LARGE)
    pa.set_memory_pool(pa.system_memory_pool())
