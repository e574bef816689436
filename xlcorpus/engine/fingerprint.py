"""What a step's output depends on, as a short hash.

The fingerprint of a step covers its name, options, seed, the code behind it, the identity of the models it loads
and the fingerprints of its inputs; that of a source step the content of its files. Equal fingerprint, equal table.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import inspect
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from xlcorpus.step import SourceStep, Step

PACKAGE = "xlcorpus"
NOT_PART_OF_A_STEP = (
    "xlcorpus.engine",
    "xlcorpus.cli",
    "xlcorpus.release",
    "xlcorpus.pipeline",
    "xlcorpus.yaml_file",
)
"""Modules whose change does not change what a step makes."""


def digest(value: Any) -> str:
    """SHA-256 of a value as canonical JSON, hex."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256 of a file's content, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fingerprint(step: Step, seed: int, inputs: Mapping[str, Iterable[str]], files: Iterable[str] = ()) -> str:
    """Fingerprint of a step.

    Args:
        inputs: fingerprints of the nodes on each port.
        files: content hashes of the files a source step reads.
    """
    options = step.model_dump(mode="json")
    parts = {
        "step": step.step_name(),
        "options": options,
        "seed": seed,
        "code": code_digest(type(step)),
        "models": step.models(),
        "inputs": {port: list(prints) for port, prints in inputs.items()},
        "files": list(files),
    }
    return digest(parts)[:16]


class FileHashes:
    """Content hashes of source files, remembered by size and modification time in one JSON file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, list[Any]] = json.loads(path.read_text("utf8")) if path.exists() else {}

    def of(self, step: SourceStep) -> list[str]:
        """`name:hash` of every file the step reads, in order."""
        out = []
        for unit in step.units():
            stat = unit.path.stat()
            key, state = str(unit.path.resolve()), [stat.st_size, stat.st_mtime_ns]
            if self._known.get(key, [None])[:2] != state:
                self._known[key] = [*state, file_digest(unit.path)]
            out.append(f"{unit.name}:{self._known[key][2]}")
        temporary = self._path.with_suffix(".tmp")
        temporary.write_text(json.dumps(self._known, sort_keys=True), "utf8")
        temporary.replace(self._path)
        return out


@cache
def code_digest(cls: type[Step]) -> str:
    """Hash of the code a step runs: its module and every module of its package that it imports, at any depth.

    Comments and docstrings do not count. A class without a source file (written in a notebook) counts with the
    source of its methods if that can be had.
    """
    try:
        root = cls.__module__.partition(".")[0]
        modules = _closure(cls.__module__, root)
    except (OSError, ImportError, TypeError):
        modules = {}
    if not modules:
        try:
            return digest(inspect.getsource(cls))
        except (OSError, TypeError):
            return digest(cls.__qualname__)
    return digest(sorted(modules.items()))


def _closure(module: str, root: str) -> dict[str, str]:
    found: dict[str, str] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in found or name.startswith(NOT_PART_OF_A_STEP):
            continue
        path = _source(name)
        if path is None:
            continue
        tree = ast.parse(path.read_text("utf8"))
        _strip_docstrings(tree)
        found[name] = hashlib.sha256(ast.dump(tree).encode()).hexdigest()
        waiting += _imports(tree, root)
    return found


def _source(module: str) -> Path | None:
    loaded = sys.modules.get(module)
    spec = loaded.__spec__ if loaded is not None else importlib.util.find_spec(module)
    if spec is None or not spec.origin or not spec.origin.endswith(".py") or module == PACKAGE:
        return None
    return None if spec.origin.endswith(f"{PACKAGE}/steps/__init__.py") else Path(spec.origin)


def _imports(tree: ast.AST, root: str) -> Iterator[str]:
    """Modules of the package `root` that are imported anywhere in the tree."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith(root + "."))
        elif isinstance(node, ast.ImportFrom) and f"{node.module}.".startswith(root + ".") and not node.level:
            assert node.module is not None
            yield node.module
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                if name in sys.modules or (node.module in sys.modules and _is_submodule(name)):
                    yield name


def _is_submodule(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def _strip_docstrings(tree: ast.AST) -> None:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            body[:] = [b for b in body if not (isinstance(b, ast.Expr) and isinstance(b.value, ast.Constant))]
