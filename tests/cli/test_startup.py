"""What the command line imports before it knows what is asked."""

import inspect
import subprocess
import sys
from importlib import import_module

import pytest

import xlcorpus
from xlcorpus.cli.main import FURTHER

HEAVY = (
    "polars",
    "pyarrow",
    "ray",
    "numba",
    "pandas",
    "torch",
    "faiss",
    "datasets",
    "sentence_transformers",
    "langcodes",
)


def test_help_imports_no_heavy_package() -> None:
    code = (
        "import sys\nfrom xlcorpus.cli.main import main\nsys.argv = ['xlcorpus', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print('heavy:', [name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "heavy: []"


@pytest.mark.parametrize("name", FURTHER)
def test_the_help_of_a_command_is_the_one_it_has_itself(name: str) -> None:
    own = name.replace("-", "_")
    command = getattr(import_module(f"xlcorpus.cli.{own}"), own)
    assert inspect.getdoc(command).partition("\n\n")[0].replace("\n", " ") == FURTHER[name]  # type: ignore[union-attr]


def test_public_names_are_there() -> None:
    assert all(getattr(xlcorpus, name) is not None for name in xlcorpus.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        xlcorpus.nothing  # noqa: B018
