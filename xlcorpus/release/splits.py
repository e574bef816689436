"""Which split of a release a row belongs to: a function of the row and of what it comes from, never of its neighbours.

Every root (`roots`) has a place in [0, 1), a hash. A row with k roots has the place 1 - (1 - m)^k, where m is the
smallest place of its roots, so that places are spread evenly whatever the number of roots. The first interval of [0, 1)
is the first split, and so on; what lies behind all of them is `train`. So no row moves when others are added.

Rows that stand in `train` and have a root or a text in common with a row that is held out would leak it; they are left
out. A row that is marked as a duplicate (`duplicate_of`) moves or removes no other: it follows those that it has
something in common with, and is left out where they are in two splits.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from xlcorpus import records
from xlcorpus.arrays import Floats64
from xlcorpus.errors import UserError, nearest
from xlcorpus.release.columns import Rows
from xlcorpus.release.roots import edges, of_tables, roots, text_keys
from xlcorpus.release_spec import TRAIN

SPLIT_LEAK = "split_leak"
"""Rule that leaves out a row because a row of an earlier split holds the same."""
MOST_HELD_OUT = 0.5
"""Share of a language's rows that a split of a given number may take."""

Bounds = dict[str, dict[str, dict[str, list[float]]]]
"""config -> language -> split -> [from, to): places of its rows."""


@dataclass
class Cut:
    """How a release is cut."""

    split: dict[str, pl.Series] = field(default_factory=dict)
    """by config: String, the split of each row; null: left out as `SPLIT_LEAK`"""
    bounds: Bounds = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    """languages of which a split holds no row, in words"""


def order(shares: Mapping[str, float | int]) -> list[str]:
    """Splits in the order of their intervals: `test` first, since a row in two of them stays in the first."""
    return sorted(shares, key=lambda name: name != "test")


def places(roots: pl.DataFrame, rows: int, seed: int) -> Floats64:
    """(rows,) float64 in [0, 1): the place of each row.

    Args:
        roots: columns row, root, as `roots.roots` gives them; every row has one at least.
        rows: number of rows.
        seed: other places for another seed.
    """
    mixed = _mixed(roots["root"].to_numpy(), seed)
    u = mixed.astype(np.float64) / 2.0**64
    found = (
        roots.select("row")
        .with_columns(u=pl.Series(u, dtype=pl.Float64))
        .group_by("row")
        .agg(pl.col("u").min(), k=pl.len())
    )
    place = np.zeros(rows)
    place[found["row"].to_numpy()] = 1 - (1 - found["u"].to_numpy()) ** found["k"].to_numpy()
    return np.minimum(place, np.nextafter(1.0, 0.0))


def cut(
    configs: Mapping[str, tuple[Floats64, pl.Series]],
    marks: Mapping[str, pl.DataFrame],
    shares: Mapping[str, float | int],
    known: Bounds | None = None,
    marked: Mapping[str, pl.Series] | None = None,
) -> Cut:
    """Deal out the rows of all configs.

    Args:
        configs: by config the places of its rows, and their languages (String).
        marks: by config columns row, mark: whatever two rows of different splits must not have in common.
        shares: by split the share of the rows, or about how many of each config and language.
        known: bounds of an earlier release, which stay as they are.
        marked: by config (rows,) Boolean: rows that are marked as duplicates of others; default: none.

    Raises:
        UserError: a split of a given number is larger than half of every language.
    """
    made = Cut()
    too_few: dict[str, list[str]] = {}
    were_too_few: dict[str, list[str]] = {}
    tried: dict[str, int] = {}
    for config, (place, langs) in configs.items():
        split = np.full(len(place), TRAIN, dtype=object)
        made.bounds[config] = {}
        for (lang,), group in (
            pl.DataFrame({"lang": langs, "place": place}).with_row_index("row").group_by("lang", maintain_order=True)
        ):
            rows, at = group["row"].to_numpy(), group["place"].to_numpy()
            earlier = (known or {}).get(config, {}).get(str(lang), {})
            start = 0.0
            for name in order(shares):
                low, high = earlier.get(name) or _interval(at, start, shares[name])
                held = (at >= low) & (at < high)
                split[rows[held]] = name
                made.bounds[config].setdefault(str(lang), {})[name] = [low, high]
                start = max(start, high)
                tried[name] = tried.get(name, 0) + 1
                if not held.any():
                    told = were_too_few if name in earlier else too_few
                    told.setdefault(name, []).append(f"{config} {lang} ({len(at):,} rows)")
        made.split[config] = pl.Series(split.tolist(), dtype=pl.String)
    for name, languages in too_few.items():
        if len(languages) == tried[name] and isinstance(shares[name], int):
            raise UserError(
                f"release.splits.{name}: {shares[name]:,} rows are more than half of every language; "
                "give a smaller number"
            )
        made.remarks.append(f"`{name}` holds no row of {', '.join(languages)}: they are too few for it")
    for name, languages in were_too_few.items():
        made.remarks.append(f"`{name}` holds no row of {', '.join(languages)}: they were too few at the first release")
    _leave_out(made, marks, order(shares), marked or {})
    return made


def cut_release(
    shares: Mapping[str, float | int],
    tables: Mapping[str, Sequence[Rows]],
    lineage: Sequence[Rows],
    seed: int,
    known: Bounds | None = None,
    together: Sequence[str] = (),
    files: Collection[str] = (),
) -> Cut:
    """Deal out the rows of a release's tables; without shares everything is `train`.

    Args:
        shares, known: as in `cut`.
        tables: by config.
        lineage: tables in which rows name what they were made of.
        seed: as in `places`.
        together, files: as in `roots.edges`.

    Raises:
        UserError: as `cut`; no table has a column of `together`, or it is not of text.
    """
    if not shares:
        return Cut()
    every = [*lineage, *(table for config in tables.values() for table in config)]
    _check_columns(together, every)
    of_every = of_tables([(t.kind, [str(p) for p in t.shards]) for t in every], together)
    made_of = edges(of_every, together, files)
    configs: dict[str, tuple[Floats64, pl.Series]] = {}
    marks: dict[str, pl.DataFrame] = {}
    marked: dict[str, pl.Series] = {}
    for config, parts in tables.items():
        kind = records.kind(parts[0].kind)
        rows = pl.concat([pl.scan_parquet(p) for t in parts for p in t.shards], how="diagonal_relaxed")
        duplicate = pl.col("duplicate_of") if "duplicate_of" in rows.collect_schema() else pl.lit(None, pl.String)
        frame = rows.select("id", lang=kind.lang_expr(), marked=duplicate.is_not_null()).collect()
        marked[config] = frame["marked"]
        come_from = roots(frame["id"], made_of)
        configs[config] = places(come_from, frame.height, seed), frame["lang"]
        said = text_keys(rows, kind).select("row", mark="text")
        marks[config] = pl.concat([come_from.select("row", mark="root"), said])
    return cut(configs, marks, shares, known, marked)


def _check_columns(names: Sequence[str], tables: Sequence[Rows]) -> None:
    """Refuse columns to keep rows together by that no row has, or that are not of text."""
    schemas = [pl.read_parquet_schema(path) for table in tables for path in table.shards]
    known = {name: dtype for schema in schemas for name, dtype in schema.items()}
    for name in (n for n in names if n not in ("group_id", "document_id")):
        if name not in known:
            raise UserError(f"release.keep_together: no table has a column {name!r}; {nearest(name, known)}")
        if known[name] != pl.String:
            raise UserError(f"release.keep_together: {name!r} is a column of {known[name]}; name one of text")


def _interval(place: Floats64, start: float, share: float | int) -> tuple[float, float]:
    """[from, to) of a split that begins at `start`; empty where the language has too few rows for a number."""
    if isinstance(share, float):
        return start, start + share
    free = np.sort(place[place >= start])
    if share > MOST_HELD_OUT * len(place) or share >= len(free):
        return start, start
    return start, float((free[share - 1] + free[share]) / 2)


def _leave_out(
    made: Cut, marks: Mapping[str, pl.DataFrame], splits: Sequence[str], marked: Mapping[str, pl.Series]
) -> None:
    """Null in place of the split of rows that share a mark with a row of an earlier split; duplicates follow."""
    none = pl.Series([], dtype=pl.Boolean)
    follows = pl.concat(
        [pl.DataFrame(schema={"config": pl.String, "row": pl.UInt32})]
        + [
            pl.DataFrame({"row": marked.get(config, none).arg_true()}).select(config=pl.lit(config), row="row")
            for config in made.split
        ]
    )
    _null_later(made, _together(made, marks, splits).join(follows, on=["config", "row"], how="anti"))
    if follows.height:
        together = _together(made, marks, splits)
        firm = together.join(follows, on=["config", "row"], how="anti").drop_nulls("split")
        beside = firm.group_by("mark").agg(to=pl.col("split").min())
        followed = together.join(follows, on=["config", "row"]).join(beside, on="mark")
        one = pl.when(pl.col("to").n_unique() == 1).then(pl.col("to").first())
        for (config,), rows in followed.group_by("config", "row").agg(to=one).group_by("config"):
            names = pl.Series([*splits, TRAIN]).gather(rows["to"])
            made.split[str(config)] = made.split[str(config)].scatter(rows["row"], names)
        _null_later(made, _together(made, marks, splits))


def _together(made: Cut, marks: Mapping[str, pl.DataFrame], splits: Sequence[str]) -> pl.DataFrame:
    """Columns mark, split (its place in the order; null: left out), row, config: all marks of all rows."""
    first = pl.Enum([*splits, TRAIN])
    return pl.concat(
        marks[config].select(
            "mark",
            split=made.split[config].cast(first).to_physical().gather(marks[config]["row"]),
            row="row",
            config=pl.lit(config),
        )
        for config in made.split
    )


def _null_later(made: Cut, together: pl.DataFrame) -> None:
    """Leave out rows that share a mark with a row of an earlier split."""
    earliest = together.group_by("mark").agg(earliest=pl.col("split").min())
    leaks = together.join(earliest, on="mark").filter(pl.col("split") > pl.col("earliest"))
    for (config,), rows in leaks.group_by("config"):
        places_ = rows["row"].unique().to_list()
        made.split[str(config)] = made.split[str(config)].scatter(places_, [None] * len(places_))


def _mixed(values: npt.NDArray[np.uint64], seed: int) -> npt.NDArray[np.uint64]:
    """splitmix64 (Steele, Lea & Flood 2014) of (n,) uint64."""
    with np.errstate(over="ignore"):
        z = values.astype(np.uint64) + np.uint64((seed * 0x9E3779B97F4A7C15 + 0x9E3779B97F4A7C15) % 2**64)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return np.asarray(z ^ (z >> np.uint64(31)))
