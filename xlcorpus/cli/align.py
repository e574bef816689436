"""The command `xlcorpus align`: two documents, or two files of documents in; aligned sentences out."""

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
from xlcorpus.cli.files.align import FORMATS, align_files
from xlcorpus.cli.files.write_pairs import output_format
from xlcorpus.cli.flags import add_command, flags_of, say
from xlcorpus.errors import UserError
from xlcorpus.steps.align.align_documents import AlignDocuments


def align(
    source: Annotated[Path, typer.Argument(help="A document, a sentence a line; or documents (.jsonl, .parquet).")],
    target: Annotated[Path, typer.Argument(help="Its translation, or the documents of the other language.")],
    src_lang: Annotated[str, typer.Option(help="Language of the source.")],
    tgt_lang: Annotated[str, typer.Option(help="Language of the target.")],
    out_file: Annotated[Path, typer.Option("--out", help="File to write: score, source, target; or .parquet.")],
    form: Annotated[str, typer.Option("--format", help="auto (by the name of --out), tsv or parquet.")] = "auto",
    force: Annotated[bool, typer.Option("--force", help="Write pairs even if the two are no translations.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON for machines.")] = False,
    **options: Any,
) -> None:
    """Align the sentences of two documents m to n, or match two files of documents and align them.

    xlcorpus align de.txt fr.txt --src-lang de --tgt-lang fr --out pairs.tsv
    """
    form = output_format(form, out_file, FORMATS)
    try:
        step = AlignDocuments(**{name: yaml_values.read(value) for name, value in options.items() if value is not None})
    except ValidationError as problem:
        error = problem.errors()[0]
        option = str(error["loc"][0]).replace("_", "-")
        raise UserError(f"--{option}: {error['msg']}, got {error['input']!r}") from None
    pairs = align_files(source, target, (src_lang, tgt_lang), out_file, form, step, force, say=say)
    if as_json:
        sys.stdout.write(json.dumps({"pairs": pairs, "out": str(out_file)}) + "\n")
    else:
        Console(soft_wrap=True).print(f"{pairs:,} pairs in {out_file}", highlight=False)


@cache
def register(app: typer.Typer) -> None:
    """Add the command `align`, with one flag for every option of the step `align_documents`."""
    add_command(app, align, flags_of(AlignDocuments, without=("pairs",)))
