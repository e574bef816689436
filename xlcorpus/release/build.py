"""Building a release: shards and card, in a folder that appears under its name only when it is whole."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from xlcorpus import records
from xlcorpus.arms import ARMS
from xlcorpus.errors import UserError, XlcorpusError, nearest
from xlcorpus.holds import Held
from xlcorpus.ledger import LedgerEntry, merge
from xlcorpus.release.card import Made, render_card
from xlcorpus.release.columns import Rows, read_schema
from xlcorpus.release.counted import release_entries
from xlcorpus.release.head import Head, computed
from xlcorpus.release.header import CARD, read_header
from xlcorpus.release.measure import measure
from xlcorpus.release.of_arms import configs_of_arms
from xlcorpus.release.shards import write_config
from xlcorpus.release.split_shares import read_bounds, write_bounds
from xlcorpus.release.splits import cut_release
from xlcorpus.release_spec import ReleaseSpec

SPILL = ".spill"
"""Folder in an unfinished release for what does not fit into memory."""


@dataclass(frozen=True)
class ReleaseResult:
    """A release as it stands on disk."""

    folder: Path
    rows: dict[str, int]
    """rows by config"""
    repeated: dict[str, int]
    """rows left out because an earlier row of the config has their id, by config; only where there are any"""
    empty: tuple[str, ...]
    """configs that were asked for, but have no rows and are left out"""
    held: tuple[Held, ...] = ()
    """what came of the conditions of the recipe"""
    ledger: tuple[LedgerEntry, ...] = field(default=(), compare=False)
    """what the release holds of what its steps gave; known to the run that built it, not in the card's header"""


def build_release(
    folder: Path,
    spec: ReleaseSpec,
    tables: Mapping[str, Sequence[Rows]],
    ledger: Sequence[LedgerEntry],
    pipeline_yaml: str,
    versions: Mapping[str, str],
    models: Mapping[str, str],
    name: str,
    notes: Sequence[str] = (),
    kept: Collection[str] = (),
    lineage: Sequence[Rows] = (),
    seed: int = 0,
    rejects: Path | None = None,
    shares: Path | None = None,
    trial: bool = False,
    files: Collection[str] = (),
    head: Head | None = None,
) -> ReleaseResult:
    """Write `folder/README.md` and `folder/data/`; an older release gives way when the new one is whole.

    The same arguments give the same bytes.

    Args:
        folder: where the release is to stand; a sibling folder holds it while it is built.
        spec: what the pipeline says under `release`.
        tables: finished tables by config name; a table of a mix with arms makes a config of each arm.
        ledger: what every step kept, rejected and failed on.
        pipeline_yaml: the pipeline, for the card.
        versions: versions by package, for the card.
        models: identity of every model used by `step.role`, for the card.
        name: name of the pipeline.
        notes: what steps measured, one line of Markdown each.
        kept: columns that were read from source files beside those of the kinds.
        lineage: all tables of the run, in which the sources of rows are looked up where the release has splits.
        seed: of the run; another one makes other splits.
        rejects: folder for the rows that the release leaves out; what is there goes.
        shares: file that keeps what share of the rows is in each split, from the first release on (`split_shares`);
            None: it is measured for this release alone.
        trial: rows are missing on purpose, so that this release says nothing of the shares of later ones.
        files: names of the files that were read.
        head: what the recipe says of itself, for the card, and conditions, which are computed on the files.

    Raises:
        UserError: `drop_columns` names what may not be dropped; the folder holds something else; a split is too large.
        XlcorpusError: no table has rows, the tables of a config do not fit together, or rows are missing that no
            rule of the release left out.
    """
    _check_replaceable(folder)
    _check_drops(spec, tables)
    building, old = (folder.with_name(f".{folder.name}.{end}") for end in ("building", "old"))
    shutil.rmtree(building, ignore_errors=True)
    try:
        building.mkdir(parents=True)
        if rejects is not None:
            shutil.rmtree(rejects, ignore_errors=True)
        asked = tuple(tables)
        tables, spec, of_arms = configs_of_arms(tables, spec, building / ARMS)
        known = {} if shares is None else read_bounds(shares, spec.splits, seed)
        deal = cut_release(spec.splits, tables, lineage, seed, known, spec.keep_together, files)
        written = [
            write_config(building, config, rows, spec, kept, deal.split.get(config), rejects)
            for config, rows in tables.items()
        ]
        empty = [w.config for w in written if not w.rows]
        if len(empty) == len(written):
            raise XlcorpusError(f"nothing to release: {', '.join(tables)} {'is' if len(tables) == 1 else 'are'} empty")
        entries = release_entries(written, spec, [*ledger, *of_arms])
        shutil.rmtree(building / ARMS, ignore_errors=True)
        for config in empty:
            (building / "data" / config).rmdir()
        configs = [measure(w, spec.max_examples, kept) for w in written if w.rows]
        head = head or Head()
        head = replace(head, held=computed(written, asked, head.holds, building / SPILL, seed))
        made = Made(name, pipeline_yaml, versions, models, merge([*ledger, *entries]), empty, notes, kept, deal, head)
        (building / CARD).write_text(render_card(spec, configs, made), "utf8")
        shutil.rmtree(old, ignore_errors=True)
        if folder.exists():
            folder.rename(old)
        building.rename(folder)
        if shares is not None and spec.splits and not trial:
            write_bounds(shares, spec.splits, seed, known, deal.bounds)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)
    return replace(read_release(folder), ledger=tuple(entries))


def read_release(folder: Path) -> ReleaseResult:
    """What stands in the card of a release.

    Raises:
        XlcorpusError: no release of xlcorpus.
    """
    header = read_header(folder)
    try:
        rows = {i["config_name"]: sum(int(s["num_examples"]) for s in i["splits"]) for i in header["dataset_info"]}
        notes = header["xlcorpus"]
        held = tuple(Held(**told) for told in notes.get("holds", ()))
        return ReleaseResult(folder, rows, dict(notes["repeated_ids_left_out"]), tuple(notes["empty"]), held)
    except (KeyError, TypeError, ValueError, IndexError):
        raise XlcorpusError(f"{folder / CARD} is not the card of a release made by xlcorpus") from None


def _check_replaceable(folder: Path) -> None:
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    try:
        read_release(folder)
    except (XlcorpusError, NotADirectoryError):
        raise UserError(f"{folder} is there and holds no release of xlcorpus; choose another folder") from None


def _check_drops(spec: ReleaseSpec, tables: Mapping[str, Sequence[Rows]]) -> None:
    further: set[str] = set()
    for table in (t for ts in tables.values() for t in ts):
        fixed = records.kind(table.kind).schema.names
        for column in spec.drop_columns:
            if column in fixed:
                raise UserError(f"release.drop_columns: {column!r} belongs to every {table.kind} and has to stay")
        further.update(n for path in table.shards for n in read_schema(path).names if n not in fixed)
    for column in spec.drop_columns:
        if column not in further:
            known = nearest(column, further) if further else "there are none beyond the record kind's"
            raise UserError(f"release.drop_columns: no table has a column {column!r}; {known}")
