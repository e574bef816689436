"""The command line: run, steps, validate, publish; `register` adds those that have files of their own."""

from __future__ import annotations

import json
import sys
import traceback
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from xlcorpus.cli.recipe_flags import ModelOption, ModelsFile, ParamOption, PipelineFile, SetOption, chosen
from xlcorpus.errors import UserError, XlcorpusError

app = typer.Typer(
    name="xlcorpus",
    help="Build multilingual training data: mine, vary, instruct, filter, release.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
out = Console(soft_wrap=True)
err = Console(stderr=True, soft_wrap=True)

JsonFlag = Annotated[bool, typer.Option("--json", help="JSON for machines.")]
ReleaseDir = Annotated[Path, typer.Argument(help="Folder of a release (with README.md and data/).", metavar="DIR")]
_debug = False

FURTHER = {
    "align": "Align the sentences of two documents m to n, or match two files of documents and align them.",
    "calibrate": "Propose limits and stop words of `quality` by language from reference text, and test them.",
    "check": "Check a pipeline and print its graph; run nothing.",
    "criss": "Mine, train on what was mined, mine again: pairs and an encoder from text alone.",
    "encoders": "Compare encoders on your languages: retrieval, mining and speed, with intervals.",
    "export": "Write a release's rows in a form that other software reads, a file for each split.",
    "import-policy": "Make a policy of `quality` from FineWeb-2's tables of limits by language.",
    "inspect": "Show what each rule of a step costs each language: shares, curves and examples.",
    "mine": "Mine two text files (or their embeddings) for pairs, without a pipeline.",
    "plan": "Say how many requests, tokens and how much money a run takes; without --pilot nothing is sent.",
    "prompt": "Show the prompt of a row, whole, and the raw answer where a run got one. Nothing is sent.",
    "recipes": "List the recipes that come with xlcorpus: what goes in, what comes out, which models they need.",
    "prune": "Show, or with --yes remove, checkpoints that no pipeline needs any more.",
    "train": "Train a sentence encoder on parallel text.",
}
"""Commands of modules of their own, which are imported when the command is called: most have a flag for every option of
a step, and steps take seconds to import."""


@app.callback()
def options(debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False) -> None:
    """Options of every command."""
    global _debug
    _debug = debug


@app.command()
def run(
    pipeline: PipelineFile,
    set_: SetOption = None,
    param: ParamOption = None,
    model: ModelOption = None,
    models: ModelsFile = None,
    workdir: Annotated[Path, typer.Option(help="The run's folder is WORKDIR/<pipeline name>.")] = Path("runs"),
    address: Annotated[
        str | None, typer.Option(help="host:port of a Ray cluster, or auto; default: this machine alone.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Read only the first N rows of each file.")] = None,
    max_cost: Annotated[
        float | None, typer.Option(min=0, help="Stop when the requests of this run cost that much by the price list.")
    ] = None,
    max_requests: Annotated[int | None, typer.Option(min=0, help="Requests to models, at most.")] = None,
    refresh: Annotated[bool, typer.Option(help="Ask models again for what was answered.")] = False,
    rehearse: Annotated[
        bool, typer.Option("--rehearse", help="A few rows with stand-ins for all models; nothing is sent.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Run a pipeline; what an earlier run left whole is not done again."""
    if rehearse:
        from xlcorpus.cli.rehearsed import rehearsed

        rehearsed(pipeline, set_, param, model, models, workdir, limit, as_json, wide_console())
        return
    from xlcorpus import engine
    from xlcorpus.engine.progress import Progress
    from xlcorpus.engine.report import as_data, show

    loaded = chosen(pipeline, set_, param, model, models).pipeline()
    result = engine.run(
        loaded,
        workdir,
        address=address,
        limit=limit,
        progress=Progress("json" if as_json else "auto"),
        refresh=refresh,
        max_cost=max_cost,
        max_requests=max_requests,
    )
    afterwards = {"afterwards": loaded.afterwards} if loaded.afterwards else {}
    if as_json:
        sys.stdout.write(json.dumps({"event": "result", **as_data(result), **afterwards}, ensure_ascii=False) + "\n")
    else:
        show(result, wide_console())
        for (step, asked), account in result.accounts.items():
            out.print(f"{step}: {account.in_words(asked)}", highlight=False)
    for warning in result.warnings:
        err.print(f"[yellow]warning:[/] {escape(warning)}")
    if result.failures:
        where = result.folder / "rejects"
        err.print(f"[yellow]warning:[/] {result.failures:,} rows failed; they are in {where} with their errors")
    broken = [held.what for held in result.release.held if not held.ok] if result.release is not None else []
    if loaded.afterwards and not as_json:
        out.print(escape(loaded.afterwards), highlight=False, soft_wrap=True)
    if broken:
        raise XlcorpusError(
            f"the release is built, but not what {loaded.name} promises: {'; '.join(broken)}. It cannot be published"
        )


@app.command()
def steps(
    name: Annotated[str | None, typer.Argument(help="A step, for its manual.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """List the steps, or show one step's options."""
    from xlcorpus.manual import describe, listing
    from xlcorpus.registry import registry, step_class

    if as_json:
        chosen = [step_class(name)] if name else list(registry().values())
        sys.stdout.write(json.dumps([describe(c) for c in chosen], ensure_ascii=False) + "\n")
        return
    listing([step_class(name)] if name else list(registry().values()), wide_console(), full=name is not None)


@app.command()
def validate(release: ReleaseDir, as_json: JsonFlag = False) -> None:
    """Check a release against the schemas; exit code 1 if something is wrong."""
    from xlcorpus.release.validate import validate_release

    if not release.is_dir():
        raise UserError(f"no folder {release}")
    problems = validate_release(release)
    if as_json:
        sys.stdout.write(json.dumps({"ok": not problems, "problems": [str(p) for p in problems]}) + "\n")
    for problem in () if as_json else problems:
        out.print(escape(str(problem)), highlight=False)
    if problems:
        raise XlcorpusError(f"{release}: {len(problems)} problem{'s' if len(problems) > 1 else ''}")
    if not as_json:
        out.print(f"{release}: a valid release")


@app.command()
def publish(
    release: ReleaseDir,
    repo_id: Annotated[str, typer.Option(help="user/name of the dataset on the Hub.")],
    dry_run: Annotated[bool, typer.Option(help="Show what would be sent, send nothing.")] = False,
    private: Annotated[bool, typer.Option(help="Make a new repository private.")] = False,
) -> None:
    """Send a release to the Hugging Face Hub, in one commit."""
    from xlcorpus.release.hub import publish as send

    result = send(release, repo_id, dry_run=dry_run, private=private)
    out.print(str(result), highlight=False)


def wide_console() -> Console:
    """For tables: as wide as the terminal, or wide enough for any where there is none."""
    return Console() if sys.stdout.isatty() else Console(width=200)


def _add_further(wanted: str | None) -> None:
    """Add the commands of `FURTHER`: the wanted one whole, the others by name and help."""
    known = [c for c in app.registered_commands if c.name != wanted or c.callback is not options]
    app.registered_commands = known
    if wanted in FURTHER:
        import_module(f"xlcorpus.cli.{wanted.replace('-', '_')}").register(app)
    there = {c.name or getattr(c.callback, "__name__", "") for c in app.registered_commands}
    for name, text in FURTHER.items():
        if name not in there:
            app.command(name, help=text)(options)


def main() -> None:
    """Entry point: errors as one clear line; exit code 2 for the user's mistakes, 1 for failures."""
    try:
        _add_further(next((word for word in sys.argv[1:] if not word.startswith("-")), None))
        app(standalone_mode=False)
    except XlcorpusError as problem:
        _fail(problem, str(problem), problem.exit_code)
    except typer.Abort:
        _fail(None, "stopped", 1)
    except KeyboardInterrupt:
        _fail(None, "stopped; started again, the run goes on from here", 130)
    except Exception as problem:  # noqa: BLE001 - the last resort: say it in one line
        if hasattr(problem, "exit_code") and hasattr(problem, "format_message"):
            _fail(None, problem.format_message(), problem.exit_code)
        _fail(problem, f"unexpected {type(problem).__name__}: {problem}", 1)


def _fail(problem: BaseException | None, message: str, code: int) -> None:
    if _debug and problem is not None:
        err.print("".join(traceback.format_exception(problem)), markup=False, highlight=False)
    err.print(f"[bold red]error:[/] {escape(message)}", highlight=False)
    sys.exit(code)
