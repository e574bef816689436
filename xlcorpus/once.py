"""What one run of a pipeline looks up once: the hash of a model's folder, the files behind a pattern.

Within `one_run()` a function marked with `once_a_run` is called once for the same arguments and its result is
remembered; outside it is an ordinary function. The next run looks again, so a changed folder is seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_results: ContextVar[dict[Any, Any] | None] = ContextVar("results of one run", default=None)


@contextmanager
def one_run() -> Iterator[None]:
    """Remember the results of functions marked with `once_a_run` until the block ends; a block inside is part of it."""
    if _results.get() is not None:
        yield
        return
    token = _results.set({})
    try:
        yield
    finally:
        _results.reset(token)


def once_a_run(function: Callable[P, R]) -> Callable[P, R]:
    """`function`, called once in a run for the same arguments (hashable). A call that raises is not remembered."""

    @wraps(function)
    def remembered(*args: P.args, **kwargs: P.kwargs) -> R:
        results = _results.get()
        if results is None:
            return function(*args, **kwargs)
        key = (function, args, tuple(sorted(kwargs.items())))
        if key not in results:
            results[key] = function(*args, **kwargs)
        result: R = results[key]
        return result

    return remembered
