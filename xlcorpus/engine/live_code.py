"""The code of a step that was written in a notebook or a script, found from the class itself."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Any

from xlcorpus.engine.hashes import digest

INTERACTIVE = "__main__"
"""Module of what a notebook or a script defines."""

PLAIN = (str, bytes, int, float, complex, bool, type(None))


def live_code(cls: type) -> tuple[str, list[str]]:
    """Hash of a class's methods and constants, and of the functions, classes and constants they use by name, as far
    as these were defined in the same notebook or script; with the modules from which others of them come.

    Docstrings and line numbers do not count. Another version of Python compiles to another hash.
    """
    found: dict[str, Any] = {}
    modules: set[str] = set()
    waiting: list[Any] = [cls]
    while waiting:
        value = waiting.pop()
        name = f"{value.__module__}.{value.__qualname__}"
        if name in found:
            continue
        if value.__module__ != cls.__module__:
            modules.add(value.__module__)
            continue
        if isinstance(value, type):
            functions = [f for member in vars(value).values() if (f := _function(member)) is not None]
            found[name] = [[b.__qualname__ for b in value.__bases__], _constants(vars(value))]
            waiting += [b for b in value.__bases__ if b is not object]
        else:
            functions = [value]
        for function in functions:
            found[f"{name}:{function.__qualname__}"] = _compiled(function.__code__, function.__doc__)
            for used, thing in _globals(function):
                if isinstance(thing, types.ModuleType):
                    modules.add(thing.__name__)
                elif isinstance(thing, type | types.FunctionType):
                    waiting.append(thing)
                elif (plain := _plain(thing)) is not None:
                    found[used] = plain
        found.setdefault(name, None)
    return digest(found), sorted(modules)


def _function(member: Any) -> types.FunctionType | None:
    """The function of a method, property, class or static method."""
    for attribute in ("__func__", "fget", "func"):
        member = getattr(member, attribute, None) or member
    member = getattr(member, "__wrapped__", member)
    return member if isinstance(member, types.FunctionType) else None


def _constants(members: Any) -> dict[str, str]:
    plain = {name: _plain(value) for name, value in members.items() if not name.startswith("__")}
    return {name: text for name, text in plain.items() if text is not None}


def _globals(function: types.FunctionType) -> Iterator[tuple[str, Any]]:
    names = {n for code in _codes(function.__code__) for n in code.co_names}
    yield from ((n, function.__globals__[n]) for n in sorted(names) if n in function.__globals__)
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            yield name, cell.cell_contents
        except ValueError:  # not filled yet
            continue


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)


def _compiled(code: types.CodeType, doc: str | None) -> list[Any]:
    counted = [c for c in code.co_consts if doc is None or c != doc]
    constants = [_compiled(c, None) if isinstance(c, types.CodeType) else _plain(c) for c in counted]
    return [code.co_code.hex(), list(code.co_names), list(code.co_varnames), constants]


def _plain(value: Any) -> str | None:
    """A constant as text that is the same in every process, or None for other things."""
    if isinstance(value, PLAIN):
        return repr(value)
    if isinstance(value, set | frozenset):
        return f"set {sorted(repr(v) for v in value)}"
    if isinstance(value, tuple | list):
        parts = [_plain(v) for v in value]
        return None if None in parts else f"{type(value).__name__} {parts}"
    if isinstance(value, dict):
        pairs = [(_plain(k), _plain(v)) for k, v in value.items()]
        return None if any(None in pair for pair in pairs) else f"dict {pairs}"
    return None
