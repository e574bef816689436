"""The command `xlcorpus mine`: two text files in, pairs out."""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console

from xlcorpus import yaml_values
from xlcorpus.cli.files.mine import TextFile, mine_files
from xlcorpus.cli.files.write_pairs import output_format
from xlcorpus.cli.flags import add_command, flags_of, say
from xlcorpus.errors import UserError
from xlcorpus.steps.embed.embed import Embed
from xlcorpus.steps.mine.mine import Mine


def mine(
    source: Annotated[Path, typer.Argument(help="Source sentences, one a line (.gz, .bz2, .xz, .zst too).")],
    target: Annotated[Path, typer.Argument(help="Target sentences, one a line.")],
    src_lang: Annotated[str, typer.Option(help="Language of the source.")],
    tgt_lang: Annotated[str, typer.Option(help="Language of the target.")],
    out_file: Annotated[Path, typer.Option("--out", help="File to write; for moses what .<lang> is added to.")],
    form: Annotated[str, typer.Option("--format", help="auto (by the name of --out), parquet, tsv or moses.")] = "auto",
    src_vectors: Annotated[Path | None, typer.Option(help="Vectors of its lines: .npy, .parquet, or raw.")] = None,
    tgt_vectors: Annotated[Path | None, typer.Option(help="Vectors of the target.")] = None,
    dim: Annotated[int | None, typer.Option(help="Dimensions of raw vector files.")] = None,
    dtype: Annotated[str, typer.Option(help="Numbers of raw vector files: float32 or float16.")] = "auto",
    encoder: Annotated[
        str, typer.Option(help="Embeds a side without vectors: bootstrap, e5-small, or a model.")
    ] = "bootstrap",
    as_json: Annotated[bool, typer.Option("--json", help="JSON for machines.")] = False,
    **mining: Any,
) -> None:
    """Mine two text files (or their embeddings) for pairs, without a pipeline.

    xlcorpus mine de.txt en.txt --src-lang de --tgt-lang en --out pairs.tsv --k 4 --threshold 1.06
    """
    form = output_format(form, out_file)
    try:
        step = Mine(**{name: yaml_values.read(value) for name, value in mining.items() if value is not None})
    except ValidationError as problem:
        error = problem.errors()[0]
        option = str(error["loc"][0]).replace("_", "-")
        raise UserError(f"--{option}: {error['msg']}, got {error['input']!r}") from None
    sides = TextFile(source, src_lang, src_vectors), TextFile(target, tgt_lang, tgt_vectors)
    embed = Embed(encoder=encoder, device=step.device)
    n, m, pairs = mine_files(*sides, out_file, form, step, embed, dim, dtype, say=say)
    if as_json:
        sys.stdout.write(json.dumps({"source": n, "target": m, "pairs": pairs, "out": str(out_file)}) + "\n")
    else:
        Console(soft_wrap=True).print(f"{n:,} x {m:,} sentences, {pairs:,} pairs in {out_file}", highlight=False)


@cache
def register(app: typer.Typer) -> None:
    """Add the command `mine`, with one flag for every option of the step of that name."""
    add_command(app, mine, flags_of(Mine, without=("pairs",)))
