"""xlcorpus: build multilingual training data.

from xlcorpus import Pipeline, run, steps

run(Pipeline("demo").then(steps.Read(paths={"deu": "de.txt"})).then(steps.Normalise()))
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xlcorpus.engine.result import RunResult
    from xlcorpus.engine.run import run
    from xlcorpus.in_memory import run_frames
    from xlcorpus.pipeline import Pipeline, Resources
    from xlcorpus.recipe.recipe import Recipe
    from xlcorpus.release_spec import ReleaseSpec
    from xlcorpus.yaml_file import from_yaml, load, to_yaml

__all__ = [
    "Pipeline",
    "Recipe",
    "ReleaseSpec",
    "Resources",
    "RunResult",
    "from_yaml",
    "load",
    "run",
    "run_frames",
    "to_yaml",
]

_MODULES = {
    "Pipeline": "pipeline",
    "Recipe": "recipe",
    "ReleaseSpec": "release_spec",
    "Resources": "pipeline",
    "RunResult": "engine",
    "from_yaml": "yaml_file",
    "load": "yaml_file",
    "run": "engine",
    "run_frames": "in_memory",
    "to_yaml": "yaml_file",
}
"""Where each public name is. Loaded when it is asked for: all take a second, and `xlcorpus --help` needs none."""


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
