"""What a rehearsal says."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console

from xlcorpus import ledger as ledgers
from xlcorpus.models.stand_ins.chat import Question
from xlcorpus.recipe.recipe import Recipe
from xlcorpus.recipe.roles import EXAMPLE, told
from xlcorpus.rehearsal.rehearse import Rehearsed

ROWS = 3
"""Of each table."""
WIDTH = 100
"""Characters of a value."""


def show(rehearsed: Rehearsed, recipe: Recipe, console: Console) -> None:
    """The steps, some rows of each released table, a prompt of each asking step, and what a real run needs."""
    console.print(ledgers.table(rehearsed.result.ledger))
    if rehearsed.result.release is not None:
        for config, rows in tables(rehearsed).items():
            console.print(f"\n{config}", style="bold", markup=False, highlight=False)
            for row in rows:
                _text(console, json.dumps(row, ensure_ascii=False))
    for step, questions in rehearsed.questions.items():
        console.print(
            f"\nprompt of {step}, to {questions[0].player.model}", style="bold", markup=False, highlight=False
        )
        show_question(console, questions[0])
    console.print()
    for (step, model), account in rehearsed.result.accounts.items():
        paid = account.paid
        tokens = f"about {paid.prompt_tokens:,} tokens of prompts and {paid.completion_tokens:,} of answers"
        requests = f"{account.requests:,} request{'s' * (account.requests != 1)}"
        _text(console, f"{step} would send {requests} to {model} for these rows: {tokens}")
    if rehearsed.result.accounts:
        _text(console, f"xlcorpus plan {recipe.name} says what all of the input takes, with --pilot 20 measured")
    for name, role in recipe.roles.items():
        player = "nobody plays it yet" if role.played_by is None else f"played by {told(role.played_by)}"
        _text(console, f"role {name}: {role.about} ({player})")
    if recipe.roles:
        first = next(iter(recipe.roles))
        _text(console, f"give each role a model: --model {first}={EXAMPLE}, or in models.yaml in this folder")
    if rehearsed.result.release is not None:
        for held in rehearsed.result.release.held:
            _text(console, f"{'holds' if held.ok else 'does not hold'}: {held.what}: {held.found}")
    for what in rehearsed.skipped:
        _text(console, f"left out, because only real models can meet it: {what}")
    _text(console, f"rehearsed rows: {rehearsed.result.folder}")


def show_question(console: Console, question: Question) -> None:
    """The messages of a prompt, whole."""
    for message in question.request.messages:
        _text(console, f"[{message.role}]\n{message.content}")


def tables(rehearsed: Rehearsed, rows: int = ROWS) -> dict[str, list[dict[str, Any]]]:
    """The first rows of each released table, long values cut, by config."""
    assert rehearsed.result.release is not None
    found = {}
    for config in sorted(path.name for path in (rehearsed.result.release.folder / "data").iterdir()):
        files = sorted((rehearsed.result.release.folder / "data" / config).glob("*.parquet"))
        frame = pl.read_parquet(files[0], n_rows=rows)
        found[config] = [
            {name: _cut(value) for name, value in row.items() if value not in (None, [])} for row in frame.to_dicts()
        ]
    return found


def as_data(rehearsed: Rehearsed) -> dict[str, Any]:
    """The same for machines."""
    return {
        "folder": str(rehearsed.result.folder),
        "tables": {} if rehearsed.result.release is None else tables(rehearsed),
        "prompts": {step: _messages(questions) for step, questions in rehearsed.questions.items()},
        "requests": {step: len(questions) for step, questions in rehearsed.questions.items()},
        "empty": list(rehearsed.empty),
        "broken": list(rehearsed.broken),
        "skipped": list(rehearsed.skipped),
    }


def near(path: Path) -> Path:
    """Relative to the working directory if it lies below it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _messages(questions: Sequence[Question]) -> list[Mapping[str, str]]:
    return [message._asdict() for message in questions[0].request.messages]


def _cut(value: Any) -> Any:
    if isinstance(value, str) and len(value) > WIDTH:
        return f"{value[:WIDTH]}…"
    if isinstance(value, list):
        return [_cut(one) for one in value]
    return {name: _cut(one) for name, one in value.items() if one is not None} if isinstance(value, dict) else value


def _text(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)
