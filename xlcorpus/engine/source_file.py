"""What a Python source file holds, read without running it: a hash of its code, its imports.

Read once and kept beside the compiled file in `__pycache__`, while the source has the same size and time, as Python
does with compiled code. Parsing all modules behind a pipeline takes a second.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.util import cache_from_source
from pathlib import Path
from types import CodeType

from xlcorpus.once import once_a_run

_FORM = 1
"""To be raised when what is kept changes its meaning."""


@dataclass(frozen=True)
class SourceFile:
    """What counts of a source file."""

    digest: str
    """hash of its code without comments, docstrings and layout, hex"""
    imports: tuple[tuple[str, str | None], ...]
    """(module, name taken from it) of every import, wherever in the code it stands"""
    handed_on: tuple[tuple[str, str, str], ...]
    """(name, module, name there) of imports from modules that do not stand in a function or a class"""
    names_seed: bool
    """whether the code reads an attribute `seed`, or may do so by its name"""


@once_a_run
def source_file(file: Path, name: str) -> SourceFile:
    """The file of the module `name`.

    Raises:
        SyntaxError: it is no Python.
    """
    status = file.stat()
    mark = [_FORM, sys.version, name, status.st_size, status.st_mtime_ns]
    kept = Path(cache_from_source(str(file))).with_suffix(".source.json")
    try:
        there = json.loads(kept.read_text("utf8"))
        if there.pop("of") == mark:
            there["imports"] = tuple(tuple(pair) for pair in there["imports"])
            there["handed_on"] = tuple(tuple(names) for names in there["handed_on"])
            return SourceFile(**there)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass  # not kept yet, or damaged: read anew
    found = _read(file, name)
    _keep(kept, {"of": mark, **asdict(found)})
    return found


def _keep(file: Path, content: dict[str, object]) -> None:
    if sys.dont_write_bytecode:
        return
    own = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(exist_ok=True)
        own.write_text(json.dumps(content), "utf8")
        own.replace(file)
    except OSError:
        pass  # as Python goes on where it cannot write compiled code


def _read(file: Path, name: str) -> SourceFile:
    tree = ast.parse(file.read_text("utf8"))
    _strip_docstrings(tree)
    nodes = list(ast.walk(tree))
    handed_on = [
        (alias.asname or alias.name, _base(node, name, file), alias.name)
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]
    return SourceFile(
        digest=_digest(compile(tree, name, "exec", dont_inherit=True)).hex(),
        imports=tuple(_imported(nodes, name, file)),
        handed_on=tuple(handed_on),
        names_seed=any(_names_seed(node) for node in nodes),
    )


def _digest(code: CodeType) -> bytes:
    """Hash of compiled code, of what it holds and calls by which names; line numbers do not count.

    That is faster than writing the source anew, and like it blind to comments and layout.
    """
    found = hashlib.sha256(code.co_code)
    names = (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars, code.co_name)
    arguments = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags)
    found.update(repr((names, arguments)).encode())
    for constant in code.co_consts:
        held = _digest(constant) if isinstance(constant, CodeType) else _written(constant).encode()
        found.update(len(held).to_bytes(4, "big") + held)
    return found.digest()


def _written(constant: object) -> str:
    """A constant as text; the members of a set in one order."""
    if isinstance(constant, frozenset):
        return f"frozenset{sorted(map(_written, constant))}"
    if isinstance(constant, tuple):
        return f"({', '.join(map(_written, constant))})"
    return f"{type(constant).__name__} {constant!r}"


def _imported(nodes: Sequence[ast.AST], name: str, file: Path) -> Iterator[tuple[str, str | None]]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((_base(node, name, file), alias.name) for alias in node.names)


def _base(node: ast.ImportFrom, name: str, file: Path) -> str:
    """The absolute name of the module in `from MODULE import ...`."""
    if not node.level:
        return node.module or ""
    package = name.split(".") if file.name == "__init__.py" else name.split(".")[:-1]
    return ".".join((*package[: len(package) - node.level + 1], *([node.module] if node.module else [])))


def _strip_docstrings(tree: ast.AST) -> None:
    """Take constants that stand as statements out of all bodies."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        for name in ("body", "orelse", "finalbody"):
            body = getattr(node, name, None)
            if isinstance(body, list):
                body[:] = [b for b in body if not (isinstance(b, ast.Expr) and isinstance(b.value, ast.Constant))]
                if name == "body" and not body:
                    body.append(ast.Pass(lineno=1, col_offset=0))
                waiting += body
        waiting += [*getattr(node, "handlers", ()), *getattr(node, "cases", ())]


def _names_seed(node: ast.AST) -> bool:
    """Reads `env.seed`, or may do so by its name."""
    return (isinstance(node, ast.Attribute) and node.attr == "seed") or (
        isinstance(node, ast.Constant) and node.value == "seed"
    )
