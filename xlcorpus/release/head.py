"""What a recipe says of itself, on the card: the paper, what is done otherwise, and what holds of the rows."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from xlcorpus.head_spec import Hold, Paper
from xlcorpus.holds import Held, held
from xlcorpus.release.markdown import escape, table
from xlcorpus.release.shards import Written


@dataclass(frozen=True)
class Head:
    """The head of a recipe, as far as the card shows it."""

    about: str = ""
    paper: Paper | None = None
    differs: str = ""
    holds: Sequence[Hold] = ()
    held: tuple[Held, ...] = ()
    """what came of `holds`"""


def computed(
    written: Sequence[Written], asked: Collection[str], holds: Sequence[Hold], spill: Path, seed: int
) -> tuple[Held, ...]:
    """What comes of conditions on the files of a release.

    Args:
        written: its configs.
        asked: the configs that the pipeline names; one that was cut into arms stands for all of them.
        holds: the conditions.
        spill: folder that may be made for the time being.
        seed: of the run.
    """
    parts = {w.config: [w] for w in written}
    for config in asked:
        parts.setdefault(config, [w for w in written if w.config.startswith(f"{config}-")])
    shards = {config: [path for w in ws for path in w.shards] for config, ws in parts.items()}
    schemas = {config: {n: t for w in ws for n, t in _schema(w).items()} for config, ws in parts.items()}
    try:
        return tuple(held(hold, shards, schemas, spill, seed) for hold in holds)
    finally:
        shutil.rmtree(spill, ignore_errors=True)


def _schema(written: Written) -> pl.Schema:
    return pl.Schema(written.schema)


def section(head: Head) -> str:
    """The paragraphs of the card; empty where the recipe says nothing."""
    parts = [head.about.strip()] if head.about else []
    if head.paper is not None:
        title = escape(str(head.paper))
        parts.append(f"Made after {f'[{title}]({head.paper.address})' if head.paper.address else title}.")
    if head.differs:
        parts.append(f"Otherwise than in the paper: {head.differs.strip()}")
    if head.held:
        parts.append("What the recipe says of its rows, and what was found:")
        rows = [["yes" if h.ok else "**no**", escape(h.what), escape(h.found)] for h in head.held]
        parts.append(table(["holds", "what", "found"], rows))
    if bad := sum(not h.ok for h in head.held):
        parts.append(f"**{bad} of {len(head.held)} do not hold: this release is not what the recipe promises.**")
    return "\n\n".join(parts)
