"""The steps there are, by name: those of xlcorpus and of packages with an entry point in `xlcorpus.steps`."""

from __future__ import annotations

import inspect
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, TypeGuard

from xlcorpus.errors import UserError, nearest
from xlcorpus.step import Step, snake_case


@cache
def registry() -> dict[str, type[Step]]:
    """All steps by name: those of xlcorpus and of every package with an entry point in `xlcorpus.steps`."""
    found: dict[str, type[Step]] = {}
    for point in _points():
        module = point.load()
        for name in getattr(module, "__all__", vars(module)):
            member = getattr(module, name)
            if _is_step(member):
                found[member.step_name()] = member
    return dict(sorted(found.items()))


@cache
def step_names() -> tuple[str, ...]:
    """The names of all steps, without loading them where a package lists them (`__all__`)."""
    found: set[str] = set()
    for point in _points():
        module = point.load()
        listed = getattr(module, "__all__", None)
        classes = [name for name, member in vars(module).items() if _is_step(member)] if listed is None else listed
        found.update(snake_case(name) for name in classes)
    return tuple(sorted(found))


def step_class(name: str) -> type[Step]:
    """The step of that name.

    Raises:
        UserError: no such step; names the nearest.
    """
    # By the name of its class, so that a package may load the step alone.
    for point in reversed(_points()):
        member = getattr(point.load(), "".join(word.capitalize() for word in name.split("_")), None)
        if _is_step(member) and member.step_name() == name:
            return member
    steps = registry()
    if name not in steps:
        raise UserError(f"no step {name!r}; {nearest(name, steps)}")
    return steps[name]


@cache
def _points() -> list[EntryPoint]:
    # Each call looks at all installed packages.
    return sorted(entry_points(group="xlcorpus.steps"), key=lambda p: p.name)


def _is_step(member: Any) -> TypeGuard[type[Step]]:
    return isinstance(member, type) and issubclass(member, Step) and not inspect.isabstract(member)
