"""Writing a release's rows in another form, in a folder that appears when it is whole."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import get_args

import polars as pl

from xlcorpus import records
from xlcorpus.errors import UserError, nearest
from xlcorpus.release.exports.forms import FORMS, Form
from xlcorpus.release.exports.made import Reasoning, Settings, UnfitRow
from xlcorpus.release.exports.source import Source, find_source
from xlcorpus.whole_files import whole_folder

NOTE = ".xlcorpus-export.json"
"""What marks a folder as an export; hidden, so that `datasets.load_dataset(folder)` does not read it."""

_IDS_SHOWN = 5


@dataclass(frozen=True)
class SplitExport:
    """One split of an export."""

    split: str
    rows: int
    """rows of the release"""
    lines: int
    """what was written of them: one each, of a group one for every two languages where the form holds pairs"""
    left_out: Mapping[str, int] = field(default_factory=dict)
    """rows that the form cannot hold, by column and reason"""
    changed: Mapping[str, int] = field(default_factory=dict)
    """rows whose text was changed, by what was done to them"""

    @property
    def written(self) -> int:
        """Rows that the export holds."""
        return self.rows - sum(self.left_out.values())


@dataclass(frozen=True)
class Exported:
    """An export as it stands on disk."""

    folder: Path
    form: str
    config: str
    kind: str
    splits: tuple[SplitExport, ...]


def export(
    release: Path,
    form: str,
    config: str | None = None,
    splits: Sequence[str] = (),
    out: Path | None = None,
    reasoning: Reasoning = "keep",
    skip: bool = False,
) -> Exported:
    """Write a config of a release in a form that other software reads, each split as a file of its own.

        export(Path("runs/quickstart/release"), "moses", config="pairs")

    Args:
        release: folder of a release.
        form: a name of `FORMS`.
        config: name of the config; None: the only one whose kind the form holds.
        splits: names of the splits; empty: all.
        out: folder to write; an earlier export there gives way. None: `<release>-<config>-<form>` beside the release.
        reasoning: `keep` (in a field of its own where the form has one, else in the text in front of the answer),
            `inline` (in the text), `drop`, or `refuse` rows that have it.
        skip: leave out rows that the form cannot hold.

    Raises:
        UserError: no such form, config or split; rows that the form cannot hold (named) without `skip`; `out` holds
            something else.
        XlcorpusError: no release, or one that is not whole.
    """
    if form not in FORMS:
        raise UserError(f"no form {form!r}; {nearest(form, FORMS)}")
    if reasoning not in get_args(Reasoning):
        raise UserError(f"reasoning {reasoning!r}; {nearest(reasoning, get_args(Reasoning))}")
    chosen = FORMS[form]
    source = find_source(release, config, splits, chosen.makers, form)
    if reasoning != "keep" and not (chosen.shows_reasoning and records.message_columns(source.kind)):
        raise UserError(f"reasoning: {form} of {source.kind} rows has no turns to put it in or take it from")
    release = release.resolve()
    folder = out or release.with_name(f"{release.name}-{source.config}-{form}")
    _check_replaceable(folder)
    settings = Settings(reasoning, source.says("tool_calls"), source.says("reasoning"), source.has("tools"))
    with whole_folder(folder) as unfinished:
        unfit = _Unfit()
        done = [_write_split(unfinished, split, source, chosen, settings, unfit) for split in source.splits]
        if unfit.rows and not skip:
            raise UserError(_refusal(unfit, source, form, settings, sum(split.rows for split in done)))
        if not any(split.lines for split in done):
            raise UserError(f"nothing to write: {form} can hold none of the {sum(s.rows for s in done):,} rows")
        result = Exported(folder, form, source.config, source.kind, tuple(done))
        if chosen.entry is not None:
            names = {s.split: next(unfinished.glob(f"{s.split}.*")).name for s in done if s.lines}
            (unfinished / "dataset_info.json").write_text(chosen.entry(source.kind, source.config, names), "utf8")
        (unfinished / NOTE).write_text(_note(result, unfinished), "utf8")
        old = folder.with_name(f".{folder.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        if folder.exists():
            folder.rename(old)
    shutil.rmtree(old, ignore_errors=True)
    return result


@dataclass
class _Unfit:
    """The rows that a form cannot hold, and of each reason one row to try in other forms."""

    ids: dict[str, list[str]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    samples: list[pl.DataFrame] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return self.counts.total()

    def add(self, found: Sequence[UnfitRow], rows: pl.DataFrame) -> Counter[str]:
        """Count some rows of a frame; returns what was counted."""
        counts = Counter(f"{row.column}: {row.why}" for row in found)
        for row in found:
            ids = self.ids.setdefault(f"{row.column}: {row.why}", [])
            if not ids:
                self.samples.append(rows.filter(pl.col("id") == row.id))
            if len(ids) < _IDS_SHOWN:
                ids.append(row.id)
        self.counts += counts
        return counts


def _write_split(
    folder: Path, split: str, source: Source, form: Form, settings: Settings, unfit: _Unfit
) -> SplitExport:
    make = form.makers[source.kind]
    rows = lines = 0
    left_out: Counter[str] = Counter()
    changed: Counter[str] = Counter()
    with form.files(folder, split) as files:
        for batch in source.batches(split):
            made = make(batch, settings)
            files.add(made.rows)
            rows += batch.height
            lines += made.rows.num_rows
            left_out += unfit.add(made.unfit, batch)
            changed += made.changed
            if settings.reasoning == "drop" and (dropped := _with_reasoning(batch, source.kind, made.unfit)):
                changed["reasoning left out"] += dropped
    if not lines:  # `datasets` refuses a folder in which one split has no rows
        for path in folder.glob(f"{split}.*"):
            path.unlink()
    return SplitExport(split, rows, lines, dict(left_out), dict(changed))


def _with_reasoning(rows: pl.DataFrame, kind: str, unfit: Sequence[UnfitRow]) -> int:
    """How many of the rows that were written have reasoning."""
    thought = pl.element().struct.field("reasoning").is_not_null()
    has = pl.any_horizontal(pl.col(c).list.eval(thought).list.any() for c in records.message_columns(kind))
    return rows.filter(~pl.col("id").is_in([row.id for row in unfit]) & has).height


def _refusal(unfit: _Unfit, source: Source, form: str, settings: Settings, rows: int) -> str:
    """What a form cannot hold, which rows those are, and which forms can."""
    reasons = []
    for reason, count in unfit.counts.most_common():
        shown = ", ".join(unfit.ids[reason])
        more = f" and {count - _IDS_SHOWN:,} more" if count > _IDS_SHOWN else ""
        reasons.append(f"{reason} (row{'s' if count > 1 else ''} {shown}{more})")
    others = {name: f.makers[source.kind] for name, f in FORMS.items() if name != form and source.kind in f.makers}
    able = [name for name, make in others.items() if not any(make(s, settings).unfit for s in unfit.samples)]
    return (
        f"{form} cannot hold {unfit.rows:,} of {rows:,} rows of config {source.config!r}: {'; '.join(reasons)}. "
        f"{', '.join(able)} can; or leave the rows out: --skip"
    )


def _note(result: Exported, folder: Path) -> str:
    """What stands in the folder, for whoever writes there again."""
    note = asdict(result) | {"folder": result.folder.name, "files": sorted(p.name for p in folder.iterdir())}
    return json.dumps(note, indent=1, ensure_ascii=False) + "\n"


def _check_replaceable(folder: Path) -> None:
    """Refuse to write over anything but an export of ours, with its own files alone."""
    if not folder.exists():
        return
    there = {p.name for p in folder.iterdir()} if folder.is_dir() else {folder.name}
    try:
        ours = {NOTE, *json.loads((folder / NOTE).read_text("utf8"))["files"]} if there else set()
    except (OSError, ValueError, KeyError, TypeError):
        raise UserError(f"{folder} is there and holds no export of xlcorpus; choose another folder: --out") from None
    if others := sorted(there - ours):
        raise UserError(f"{folder} holds {', '.join(others)} beside an export; move that away, or choose another --out")
