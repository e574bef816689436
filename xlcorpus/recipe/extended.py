"""A recipe that builds on another: it names only what changes.

Mappings are merged key by key, at every depth; everything else, lists too, takes the place of what was there; `null`
removes it. Steps that are new stand behind those of the other recipe.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from xlcorpus.errors import UserError, nearest
from xlcorpus.recipe.files import find, mapping, text_of

KEYS = "the keys name and steps"


def extended(text: str, source: str, above: tuple[str, ...] = ()) -> tuple[dict[str, Any], dict[str, str]]:
    """What a recipe and those it extends hold together, and in which file and line each key stands.

    Args:
        text: of the recipe.
        source: its file; a path under `extends` starts from its folder.
        above: files that extend this one.

    Raises:
        UserError: as `files.mapping`; an unknown recipe under `extends`, or recipes that extend each other in a circle.
    """
    data, lines = mapping(text, source, KEYS)
    if "extends" not in data:
        return data, lines
    name, here = data.pop("extends"), lines.pop("extends")
    if not isinstance(name, str):
        raise UserError(f"{here}: extends names one recipe, by its name or its file; got {name!r}")
    try:
        path = find(name, Path(source).parent)
        chain = (*above, _same(source))
        if _same(str(path)) in chain:
            raise UserError(f"recipes extend each other in a circle: {' -> '.join([*chain, _same(str(path))])}")
        text = text_of(path)
    except UserError as problem:
        raise UserError(f"{here}: extends: {problem}") from None
    base, base_lines = extended(text, str(path), chain)
    _check_removed(base, data, lines)
    return _merged(base, data, "", base_lines, lines), base_lines


def _check_removed(base: dict[str, Any], changes: dict[str, Any], lines: dict[str, str]) -> None:
    """Raises UserError where null removes a parameter or a role that the other recipe has not."""
    for section in ("params", "models"):
        there, changed = base.get(section) or {}, changes.get(section)
        for name, value in changed.items() if isinstance(changed, dict) else ():
            if value is None and name not in there:
                here, near = lines[f"{section}.{name}"], nearest(str(name), map(str, there))
                raise UserError(f"{here}: {section}: nothing named {name!r} to remove; {near}")


def _same(path: str) -> str:
    return str(Path(path).resolve())


def _merged(
    base: dict[str, Any], changes: dict[str, Any], prefix: str, lines: dict[str, str], new: dict[str, str]
) -> dict[str, Any]:
    """`base` with the changes; `lines` of what changes become those of `new`."""
    found = copy.copy(base)
    for key, value in changes.items():
        path = f"{prefix}{key}"
        if value is None and key in base:
            del found[key]
            _drop(lines, path)
        elif isinstance(value, dict) and isinstance(base.get(key), dict):
            found[key] = _merged(base[key], value, f"{path}.", lines, new)
            lines.update({path: new[path]} if path in new else {})
        else:
            found[key] = value
            _drop(lines, path)
            lines.update((k, v) for k, v in new.items() if _within(k, path))
    return found


def _drop(lines: dict[str, str], path: str) -> None:
    for key in [k for k in lines if _within(k, path)]:
        del lines[key]


def _within(key: str, path: str) -> bool:
    return key == path or key.startswith(f"{path}.")
