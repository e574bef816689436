"""The command `xlcorpus import-policy`: a policy from FineWeb-2's tables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xlcorpus.cli.files.reference import reference_text
from xlcorpus.cli.flags import say, say_notes
from xlcorpus.errors import UserError
from xlcorpus.policies.fineweb2 import import_tables

ENDINGS = (".yml", ".yaml")


def import_policy(
    tables: Annotated[
        list[Path],
        typer.Argument(help="Files named after their language (deu_Latn.yml), or folders of them.", metavar="TABLE..."),
    ],
    out_file: Annotated[Path, typer.Option("--out", help="Policy file to write: .yaml.")],
    reference: Annotated[
        list[str] | None,
        typer.Option(help="Documents that should be kept; limits on words are derived from them. Repeatable."),
    ] = None,
    lang: Annotated[str | None, typer.Option(help="Language of reference rows that name none.")] = None,
    sample: Annotated[int, typer.Option(min=100, help="Random reference documents of each language.")] = 5000,
    seed: Annotated[int, typer.Option(help="Of the sample.")] = 0,
) -> None:
    """Make a policy of `quality` from FineWeb-2's tables of limits by language.

    xlcorpus import-policy fineweb-2/configs --reference de=gut.jsonl --out policy.yaml
    """
    if out_file.suffix.lower() not in ENDINGS:
        raise UserError(f"--out {out_file}: give a name that ends in .yaml")
    files = [file for path in tables for file in _files(path)]
    text = None if not reference else reference_text(reference, lang, sample, seed, say)
    policy = import_tables(files, text)
    if not policy.languages:
        raise UserError(f"no file is a table of a language, as deu_Latn.yml is: {'; '.join(policy.notes[:3])}")
    out_file.parent.mkdir(parents=True, exist_ok=True)
    policy.save(out_file)
    say_notes(policy.notes, out_file)
    say(f"wrote {out_file}: {len(policy.languages):,} languages", False)


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise UserError(f"no file or folder {path}")
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.iterdir() if file.suffix.lower() in ENDINGS)
    if not found:
        raise UserError(f"no .yml file in {path}")
    return found


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="import-policy")(import_policy)
