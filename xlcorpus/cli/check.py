"""The command `xlcorpus check`: everything that can be known of a recipe before it runs."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from functools import cache
from typing import Any

import typer
from rich.markup import escape
from rich.table import Table as Grid

from xlcorpus.cli.main import JsonFlag, wide_console
from xlcorpus.cli.recipe_flags import ModelOption, ModelsFile, ParamOption, PipelineFile, SetOption, chosen
from xlcorpus.errors import UserError
from xlcorpus.pipeline import Pipeline, ResolvedNode
from xlcorpus.recipe import Recipe
from xlcorpus.recipe.roles import told


def check(
    pipeline: PipelineFile,
    set_: SetOption = None,
    param: ParamOption = None,
    model: ModelOption = None,
    models: ModelsFile = None,
    as_json: JsonFlag = False,
) -> None:
    """Check a pipeline and print its graph; run nothing."""
    recipe = chosen(pipeline, set_, param, model, models)
    if missing := recipe.missing():
        raise UserError(missing)
    loaded = recipe.pipeline()
    nodes = loaded.resolve()
    for node in nodes:
        try:
            node.step.preflight()
        except UserError as problem:
            raise type(problem)(f"step {node.name!r}{loaded.where(node.name)}: {problem}") from None
    if as_json:
        params = {name: param.default for name, param in recipe.params.items()}
        roles = {name: told(role.played_by) for name, role in recipe.roles.items()}
        data = {"pipeline": loaded.name, "params": params, "models": roles, "steps": [_as_data(n) for n in nodes]}
        sys.stdout.write(json.dumps(data, ensure_ascii=False) + "\n")
        return
    _show(recipe, loaded, nodes)


def _as_data(node: ResolvedNode) -> dict[str, Any]:
    return {
        "name": node.name,
        "step": node.step.step_name(),
        "reads": {p: list(s) for p, s in node.inputs.items()},
        "makes": node.output_kind,
        "options": node.step.model_dump(mode="json", exclude_defaults=True),
    }


def _show(recipe: Recipe, pipeline: Pipeline, nodes: Sequence[ResolvedNode]) -> None:
    console = wide_console()
    title = f"{pipeline.name}: {len(nodes)} steps, nothing run"
    grid = Grid(box=None, pad_edge=False, title=title, title_justify="left")
    for column in ("name", "step", "reads", "makes"):
        grid.add_column(column, no_wrap=True)
    grid.add_column("options", overflow="fold")
    for row in map(_as_data, nodes):
        reads = [f"{port}={'+'.join(names)}" for port, names in row["reads"].items()]
        given = ", ".join(f"{k}={_short(v)}" for k, v in row["options"].items())
        same = row["step"] == row["name"]
        shown = " ".join(reads).removeprefix("rows=") or "files"
        grid.add_row(row["name"], "" if same else row["step"], shown, row["makes"], escape(given))
    console.print(grid)
    for name, param in recipe.params.items():
        console.print(f"param {name}: {escape(_short(param.default))}  ({escape(param.about)})", highlight=False)
    for name, role in recipe.roles.items():
        console.print(f"model {name}: {escape(told(role.played_by))}  ({escape(role.about)})", highlight=False)
    if pipeline.release is not None:
        for config, sources in pipeline.release.tables.items():
            console.print(f"release: {config} <- {' + '.join(sources)}", highlight=False)
    for hold in pipeline.holds:
        console.print(f"holds: {escape(hold.what)}", highlight=False)


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."


@cache
def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(check)
