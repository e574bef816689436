"""Loops over numbers, compiled."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_interpreted = False


def interpret() -> None:
    """Leave functions that are defined from now on as they are: for a process that ends before compiling pays."""
    global _interpreted
    _interpreted = True
    warnings.filterwarnings("ignore", "overflow encountered", RuntimeWarning)  # hashes wrap around


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """`function` as machine code, which lets other threads run; kept on disk between processes where one can write.

    numba looks at the file of a function alone: after a change to a compiled function that one of another file calls,
    delete the `.nbi` files in `__pycache__`.
    """
    if _interpreted:
        return function
    # Loading it takes half a second.
    import numba

    fast: Callable[P, R]
    try:
        fast = numba.njit(nogil=True, cache=True)(function)
    except RuntimeError:
        # Neither the package's folder nor the user's cache can be written: compiled anew in every process.
        fast = numba.njit(nogil=True)(function)
    return fast
