"""The command `xlcorpus train`: parallel text in, an encoder out."""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticUndefined
from rich.console import Console

from xlcorpus import yaml_values
from xlcorpus.cli.files.pairs import read_pairs
from xlcorpus.cli.flags import add_command, say
from xlcorpus.errors import UserError, nearest
from xlcorpus.option_texts import option_texts
from xlcorpus.training.registry import trainer_class, trainers
from xlcorpus.training.trainer import Trained, Trainer


def train(
    pairs: Annotated[
        list[Path], typer.Argument(help="TSV, CSV, JSONL, Parquet, TMX, a release, or PREFIX of PREFIX.de and .en.")
    ],
    out: Annotated[Path, typer.Option(help="Folder of the encoder; must not exist.")],
    trainer: Annotated[str, typer.Option(help="static, sentence-transformers, distil or seq2seq.")] = "static",
    start: Annotated[str | None, typer.Option(help="Go on from this model: a folder or Hub id.")] = None,
    src_lang: Annotated[str | None, typer.Option(help="Source language, where the files do not name it.")] = None,
    tgt_lang: Annotated[str | None, typer.Option(help="Target language, where the files do not name it.")] = None,
    seed: Annotated[int, typer.Option(help="Of everything drawn at random.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="JSON for machines.")] = False,
    **options: Any,
) -> None:
    """Train a sentence encoder on parallel text.

    xlcorpus train pairs.tsv --src-lang de --tgt-lang en --trainer static --out models/de-en
    """
    learner = _trainer(trainer, {k: yaml_values.read(v) for k, v in options.items() if v is not None})
    table = read_pairs(pairs, src_lang, tgt_lang, say=say)
    langs = table.group_by("src_lang", "tgt_lang").len().sort("src_lang", "tgt_lang")
    for src, tgt, n in langs.iter_rows():
        say(f"{src}-{tgt}: {n:,} pairs", False)
    trained = learner.train(table, out, start=start, seed=seed, say=say)
    if as_json:
        sys.stdout.write(json.dumps(_as_data(trained)) + "\n")
    else:
        _show(trained)


def _trainer(name: str, options: dict[str, Any]) -> Trainer:
    """The trainer of that name with these options."""
    cls = trainer_class(name)
    fields = _fields(cls)
    for option in options:
        if option not in fields:
            flags = [field.replace("_", "-") for field in fields]
            flag = option.replace("_", "-")
            raise UserError(f"--{flag} is no option of the trainer {name}; {nearest(flag, flags)}")
    try:
        return cls(**options)
    except ValidationError as problem:
        error = problem.errors()[0]
        flag = str(error["loc"][0]).replace("_", "-")
        if error["type"] == "missing":
            meaning = option_texts(cls)[str(error["loc"][0])]
            raise UserError(f"the trainer {name} needs --{flag}: {meaning}") from None
        raise UserError(f"--{flag}: {error['msg']}, got {error['input']!r}") from None


def _fields(cls: type[Trainer]) -> dict[str, Any]:
    assert issubclass(cls, BaseModel)
    return dict(cls.model_fields)


def _as_data(trained: Trained) -> dict[str, Any]:
    return {
        "out": str(trained.folder),
        "pairs": trained.pairs,
        "seconds": round(trained.seconds, 1),
        "losses": trained.losses,
    }


def _show(trained: Trained) -> None:
    console = Console(soft_wrap=True)
    losses = " ".join(f"{loss:.4f}" for loss in trained.losses)
    console.print(f"trained on {trained.pairs:,} pairs in {trained.seconds:.1f} s; loss {losses}", highlight=False)
    console.print(
        f"The encoder is in {trained.folder}. Use it: xlcorpus mine ... --encoder {trained.folder}, in a pipeline "
        f"embed: {{encoder: {trained.folder}}}, in Python load_encoder({str(trained.folder)!r})",
        highlight=False,
        markup=False,
    )


@cache
def register(app: typer.Typer) -> None:
    """Add the command `train`, with one flag for every option of every trainer."""
    add_command(app, train, {option: (text, False) for option, text in _flags().items()})


def _flags() -> dict[str, str]:
    """Help of each option: which trainers have it, what it is, and its default for each."""
    found: dict[str, dict[str, Any]] = {}
    for name, cls in trainers().items():
        for option, field in _fields(cls).items():
            found.setdefault(option, {})[name] = field
    texts = {}
    for option, fields in found.items():
        defaults: dict[str, list[str]] = {}
        for name, field in fields.items():
            default = "" if field.default is None else f": {field.default}"
            default = ": required" if field.default is PydanticUndefined else default
            defaults.setdefault(default, []).append(name)
        described = option_texts(trainers()[next(iter(fields))])[option]
        by = "; ".join(", ".join(names) + default for default, names in defaults.items())
        texts[option] = f"{described} ({by})"
    return texts
