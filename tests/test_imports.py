"""Imports go one way: every module imports alone, and none imports from a layer above its own."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import xlcorpus

ROOT = Path(xlcorpus.__file__).parent

LAYERS = (
    (
        "errors",
        "compiled",
        "option_texts",
        "rehearsing",
        "shipped",
        "yaml_values",
        "arrays",
        "device",
        "whole_files",
        "once",
        "row_random",
        "repeated_rows",
        "arms",
        "in_flight",
        "field_path",
        "accounts",
        "asking",
    ),
    ("languages", "places"),
    ("records",),
    ("text",),
    ("expressions",),
    ("mining",),
    ("models",),
    ("training",),
    ("outcomes", "release_spec", "head_spec"),
    ("holds",),
    ("row_calls",),
    ("step", "ledger"),
    ("async_step", "registry"),
    ("wanted",),
    ("pipeline",),
    ("recipe",),
    ("yaml_file", "manual", "in_memory", "steps"),
    ("policies",),
    ("release",),
    ("engine",),
    ("rehearsal",),
    ("cli",),
)
"""From the bottom to the top: a module imports from layers below its own, and from its own."""

APART = {
    "step",
    "async_step",
    "registry",
    "row_calls",
    "outcomes",
    "ledger",
    "release_spec",
    "head_spec",
    "wanted",
    "pipeline",
    "in_memory",
    "yaml_file",
    "manual",
    "release",
    "engine",
}
"""Layers that know neither text, models nor any concrete step."""
KNOWLEDGE = {"text", "mining", "models", "training", "steps"}

MODULES = [name for _, name, _ in pkgutil.walk_packages([str(ROOT)], "xlcorpus.") if not name.endswith("__main__")]


def imported(module: str) -> Iterator[str]:
    """The modules of the project that a module's code imports, at any depth of the code."""
    path = ROOT.parent / (module.replace(".", "/"))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    for node in ast.walk(ast.parse(file.read_text("utf8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("xlcorpus."))
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "xlcorpus":
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in MODULES else node.module


def layer(module: str) -> int:
    """Where a module stands."""
    room = module.split(".")[1]
    return next(i for i, rooms in enumerate(LAYERS) if room in rooms)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_from_below(module: str) -> None:
    importlib.import_module(module)
    for other in imported(module):
        if other == "xlcorpus":
            continue
        assert layer(other) <= layer(module), f"{module} imports {other}, which stands above it"
        mine, theirs = module.split(".")[1], other.split(".")[1]
        assert not (mine in APART and theirs in KNOWLEDGE), f"{module} imports {other}"


def test_no_module_imports_itself_in_a_circle() -> None:
    graph = {module: set(imported(module)) - {"xlcorpus", module} for module in MODULES}
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, f"circle: {' -> '.join((*path[path.index(module) :], module))}"
        if module in done:
            return
        for other in graph.get(module, ()):
            visit(other, (*path, module))
        done.add(module)

    for module in MODULES:
        visit(module, ())


def test_text_knows_nothing_of_mining() -> None:
    assert not [m for m in MODULES if m.startswith("xlcorpus.text") for o in imported(m) if ".mining" in o]
