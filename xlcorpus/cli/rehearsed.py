"""`xlcorpus run NAME --rehearse`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import polars as pl  # noqa: F401 - looks for pandas when it is loaded
from rich.console import Console

from xlcorpus.cli.recipe_flags import chosen
from xlcorpus.compiled import interpret
from xlcorpus.errors import XlcorpusError


class _WithoutPandas:
    """pyarrow loads pandas with the first array that it makes: a fifth of a second for what nothing here needs."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """See `importlib.abc.MetaPathFinder`."""
        if name == "pandas":
            raise ModuleNotFoundError(name=name)


def rehearsed(
    pipeline: Path,
    set_: Sequence[str] | None,
    params: Sequence[str] | None,
    models: Sequence[str] | None,
    models_file: Path | None,
    workdir: Path,
    rows: int | None,
    as_json: bool,
    console: Console,
) -> None:
    """Rehearse a recipe and say what it did.

    Args:
        rows: read of each source file; None: few.
        console: where to say it.

    Raises:
        UserError: the recipe is wrong.
        XlcorpusError: a released table is empty, or a condition does not hold.
    """
    sys.meta_path.insert(0, _WithoutPandas())
    interpret()  # before a module with compiled loops is imported: this process works on a few rows
    from xlcorpus.rehearsal.rehearse import ROWS, rehearse
    from xlcorpus.rehearsal.shown import as_data, show

    recipe = chosen(pipeline, set_, params, models, models_file)
    found = rehearse(recipe, workdir, rows or ROWS)
    if as_json:
        sys.stdout.write(json.dumps({"event": "rehearsal", **as_data(found)}, ensure_ascii=False) + "\n")
    else:
        show(found, recipe, console)
    wrong = [f"the table {config!r} is empty" for config in found.empty] + [f"not true: {b}" for b in found.broken]
    if wrong:
        raise XlcorpusError(f"the rehearsal of {recipe.name} failed: {'; '.join(wrong)}")
