"""A config of each arm, where a table holds rows with their places in the arms of a comparison."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from xlcorpus import records
from xlcorpus.arms import arms_of, rows_of_arm
from xlcorpus.errors import UserError
from xlcorpus.ledger import LedgerEntry
from xlcorpus.release.columns import Rows
from xlcorpus.release_spec import ReleaseSpec


@dataclass(frozen=True)
class _Arm:
    """The rows of an arm, as a table."""

    kind: str
    shards: tuple[Path, ...]


def configs_of_arms(
    tables: Mapping[str, Sequence[Rows]], spec: ReleaseSpec, folder: Path
) -> tuple[dict[str, Sequence[Rows]], ReleaseSpec, list[LedgerEntry]]:
    """The tables of a release with `CONFIG-ARM` in the place of each config of rows with the column `arms`.

    Args:
        tables: by config.
        spec: what to release.
        folder: for the rows of the arms, each in the order of its places.

    Returns:
        The tables, what to release, and what the arms hold, as a ledger has it.

    Raises:
        UserError: a config joins such a table with another one, or two configs get one name.
    """
    found: dict[str, Sequence[Rows]] = {}
    steps: dict[str, list[str]] = {}
    given: list[LedgerEntry] = []
    for config, rows in tables.items():
        arms = {arm: table for table in rows for arm in arms_of(table.shards)}
        if not arms:
            made: dict[str, tuple[Sequence[Rows], list[str]]] = {config: (rows, spec.tables[config])}
        elif len(rows) > 1:
            raise UserError(f"release.tables.{config}: a table with arms makes configs of its own; it joins no other")
        else:
            made = {}
            for arm, table in arms.items():
                own = _Arm(table.kind, tuple(_written(table, arm, folder / config / arm)))
                step = f"{', '.join(spec.tables[config])}, arm {arm}"
                made[f"{config}-{arm}"] = ([own], [step])
                given += _counted(own, step)
        for name, (of_config, of_steps) in made.items():
            if name in found:
                raise UserError(f"release.tables: two configs are named {name!r}; give one another name")
            found[name], steps[name] = of_config, of_steps
    return found, spec.model_copy(update={"tables": steps}), given


def _written(table: Rows, arm: str, folder: Path) -> Iterator[Path]:
    """The rows of an arm in files, in order."""
    folder.mkdir(parents=True)
    for number, frame in enumerate(rows_of_arm(table.shards, arm, folder / "sorting")):
        path = folder / f"{number:05d}.parquet"
        frame.write_parquet(path)
        yield path


def _counted(table: Rows, step: str) -> list[LedgerEntry]:
    lang = records.kind(table.kind).lang_expr().alias("lang")
    counts = pl.scan_parquet(list(table.shards)).select(lang).group_by("lang").len().sort("lang").collect()
    return [LedgerEntry(step, tag, 0, rows) for tag, rows in counts.iter_rows()]
