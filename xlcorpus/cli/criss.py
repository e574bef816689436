"""The command `xlcorpus criss`: monolingual text in, pairs and an encoder out."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console

from xlcorpus import yaml_values
from xlcorpus.cli.files.criss import criss_files
from xlcorpus.cli.files.write_pairs import output_format
from xlcorpus.cli.flags import add_command, flags_of, say
from xlcorpus.errors import UserError, XlcorpusError
from xlcorpus.steps.mine.criss import Criss


def criss(
    texts: Annotated[
        list[str], typer.Argument(help="LANG=FILE, two or more: a sentence a line (.gz and the like too).")
    ],
    out_file: Annotated[Path, typer.Option("--out", help="File to write: .parquet, .tsv (score, source, target).")],
    model: Annotated[Path | None, typer.Option(help="Folder for the encoder it learns; must not exist.")] = None,
    form: Annotated[str, typer.Option("--format", help="auto (by the name of --out), parquet, tsv or moses.")] = "auto",
    lexicon: Annotated[list[str] | None, typer.Option(help="de-en=FILE: known words, source TAB target.")] = None,
    known: Annotated[list[str] | None, typer.Option(help="de-en=FILE: known pairs of sentences.")] = None,
    seed: Annotated[int, typer.Option(help="Of everything drawn at random.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="JSON for machines.")] = False,
    **options: Any,
) -> None:
    """Mine, train on what was mined, mine again: pairs and an encoder from text alone.

    xlcorpus criss de=de.txt en=en.txt --out pairs.tsv --model models/de-en
    """
    form = output_format(form, out_file)
    try:
        step = Criss(**{name: yaml_values.read(value) for name, value in options.items() if value is not None})
    except ValidationError as problem:
        error = problem.errors()[0]
        raise UserError(f"--{str(error['loc'][0]).replace('_', '-')}: {error['msg']}, got {error['input']!r}") from None
    files = _files(texts, "LANG=FILE (de=de.txt)")
    given = [_files(each or [], "SRC-TGT=FILE (de-en=words.tsv)") for each in (lexicon, known)]
    released = criss_files(files, out_file, form, step, given[0], given[1], model, seed, say)
    n = released.pairs.height
    if not n:
        raise XlcorpusError("no pairs are released; see above what was measured")
    if as_json:
        told = {"sentences": dict(released.sentences), "pairs": n, "out": str(out_file), "model": str(model or "")}
        sys.stdout.write(json.dumps(told) + "\n")
        return
    counts = " x ".join(f"{count:,} {tag}" for tag, count in released.sentences.items())
    console = Console(soft_wrap=True)
    console.print(f"{counts} sentences, {n:,} pairs in {out_file}", highlight=False, markup=False)
    if released.encoder is not None:
        console.print(f"The encoder is in {model}. Use it: xlcorpus mine ... --encoder {model}", highlight=False)


def _files(given: Sequence[str], form: str) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for each in given:
        name, equals, path = each.partition("=")
        if not equals or not name or not path:
            raise UserError(f"{each!r}: write {form}")
        if name in found:
            raise UserError(f"{each!r}: {name} was given before, as {found[name]}")
        found[name] = Path(path)
    return found


@cache
def register(app: typer.Typer) -> None:
    """Add the command `criss`, with one flag for every option of the step of that name."""
    add_command(app, criss, flags_of(Criss))
