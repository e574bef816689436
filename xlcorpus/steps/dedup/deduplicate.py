"""Removing duplicates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl
from pydantic import Field

from xlcorpus.arrays import Bools, Ints32
from xlcorpus.errors import UserError
from xlcorpus.mining.near_duplicates.bands import ALONE
from xlcorpus.mining.near_duplicates.clusters import MOST_COMPARED, NO_SPLIT, Standing, stand_ins
from xlcorpus.mining.near_duplicates.shingles import Unit
from xlcorpus.step import CorpusEnv, CorpusStep, Port, Table
from xlcorpus.steps.dedup.against import identity, of_kind, parquet_files
from xlcorpus.steps.dedup.alike import Likeness, SetsTask, SignTask, candidates, held_sets, leave_sets, sign, tasks
from xlcorpus.steps.dedup.equal import equal_rows, key_exprs
from xlcorpus.steps.dedup.fields import Sides, Within, fields, group, order_of_turns, views
from xlcorpus.steps.dedup.shards import Shard, ids_of, numbered

KINDS = ("sentence", "document", "pair", "variant", "instruction", "preference", "feedback", "item")
T = TypeVar("T")

MOST_ROWS = 2**31 - 1
DUPLICATE, SPLIT_LEAK = "duplicate", "split_leak"


class Deduplicate(CorpusStep):
    """Keeps one of rows with the same or nearly the same texts, in the same languages; order is kept.

    The others are rejected as `duplicate`, with the id of the row that stays as the value. Rows are taken in the order
    of the table (`keep_best`: of a column), and a row goes if one that stays is like it. So each row is like the very
    row that stands for it, and the result does not depend on shards or workers. All texts of a row count: both sides of
    a pair, the prompt and both answers of a preference, what is asked and answered in a conversation and the tools it
    calls, and all that an item holds.

    `match: fuzzy` compares sets of hashed n-grams (shingles): of characters for texts under 20 words and for scripts
    without spaces, of words for others, 5 each. Candidates come from MinHash signatures in bands; each is verified by
    the exact Jaccard index of both sets.
    """

    light = 200_000

    match: Literal["exact", "folded", "fuzzy"] = "folded"
    """exact: the same characters, in any Unicode form; folded: case (by the language: I is ı in Turkish), punctuation,
    spaces and what is invisible do not count (letters, marks and digits of every script do); fuzzy: nearly the same"""
    threshold: float = Field(default=0.8, ge=0.5, le=1)
    """fuzzy: least Jaccard index of the shingles of two texts"""
    shingles: Unit = "auto"
    """fuzzy: n-grams of words, of characters, or as the text needs them"""
    numbers: Literal["differ", "ignore"] = "differ"
    """fuzzy: whether texts with other numbers are other texts; ignore: every number is the same (filled templates)"""
    pairs: Sides = "both"
    """pairs are duplicates if both sides are; if either is; or if one side is, whatever the other says"""
    within: Within = "language"
    """language: rows of the same languages; source: those of the same source too; all: any rows"""
    keep_best: str | None = None
    """column by which rows are kept, the highest value first, equal ones by id; default: the first row stays"""
    against: Path | None = None
    """an earlier release, or a folder of Parquet files: its rows stay, and new ones like them are duplicates"""
    mark: bool = False
    """keep duplicates and mark them: `duplicate_of`, the id of the row that stays (null there), and `cluster_size`, the
    number of rows that it stands for, itself included. Rows that are like rows of two splits of the release in
    `against` are rejected as `split_leak`"""

    spreads = True

    def idle(self) -> dict[str, str]:
        """Options of `match: fuzzy` beside another match."""
        if self.match == "fuzzy":
            return {}
        return dict.fromkeys(("threshold", "shingles", "numbers"), "it is for match: fuzzy")

    def ports(self) -> dict[str, Port]:
        """`rows`: any kind with texts; pairs alone where one side counts."""
        kinds = KINDS if self.pairs == "both" else ("pair",)
        return {"rows": Port(kinds, () if self.keep_best is None else (self.keep_best,))}

    def adds(self, kind: str) -> tuple[str, ...]:
        """What `mark` adds."""
        return ("duplicate_of", "cluster_size") if self.mark else ()

    def preflight(self) -> None:
        """`against` must hold Parquet files."""
        if self.against is not None:
            parquet_files(self.against)

    def models(self) -> dict[str, str]:
        """What the folder in `against` holds."""
        return {} if self.against is None else {"against": identity(self.against)}

    def run(self, inputs: Mapping[str, Table], env: CorpusEnv) -> Iterator[pl.DataFrame]:
        """Holds about 15 bytes a row in memory, and 120 with `match: fuzzy`; texts and hashes stay on disk."""
        table = inputs["rows"]
        known = [] if self.against is None else numbered(of_kind(self.against, table.kind))
        first = known[-1].stop if known else 0
        new = numbered([(path, NO_SPLIT) for path in table.shards], first)
        shards = [*known, *new]
        rows = shards[-1].stop if shards else 0
        if rows > MOST_ROWS:
            raise UserError(f"deduplicate: {rows:,} rows are more than {MOST_ROWS:,}; use one step for each language")
        order = self._order(table, first)
        splits = _splits(known, rows)
        # Files of other options are others, where a folder serves several steps.
        scratch = env.scratch / blake2b(self.model_dump_json().encode(), digest_size=8).hexdigest()
        scratch.mkdir(exist_ok=True)
        if self.match == "fuzzy":
            standing = self._alike(shards, table.kind, order, splits, scratch, env)
        else:
            standing = self._equal(shards, table.kind, order, splits, scratch)
        if standing.capped:
            env.say(
                f"{standing.capped:,} searches ended after {MOST_COMPARED:,} rows that are like each other in part, as "
                "filled templates are: nearly equal rows may be left; a higher threshold has fewer candidates",
                True,
            )
        yield from self._rows(shards, len(known), standing, table.kind, env)

    def _order(self, table: Table, first: int) -> npt.NDArray[np.uint32] | None:
        """All rows, those to be kept first; rows of `against` come before."""
        if self.keep_best is None:
            return None
        best = pl.col(self.keep_best)
        columns = table.scan().select(best, "id")
        if columns.collect_schema()[self.keep_best].is_float():
            columns = columns.with_columns(best.fill_nan(None))
        ranked = (
            columns.with_row_index("row", first)
            .sort(self.keep_best, "id", "row", descending=[True, False, False], nulls_last=True)
            .select("row")
            .collect()
        )
        return np.concatenate([np.arange(first, dtype=np.uint32), ranked["row"].to_numpy()])

    def _equal(
        self,
        shards: list[Shard],
        kind: str,
        order: npt.NDArray[Any] | None,
        splits: npt.NDArray[np.int8] | None,
        scratch: Path,
    ) -> Standing:
        sides = views(kind, self.pairs)
        rest = [group(kind, self.within), *order_of_turns(kind)]
        keys = key_exprs(fields(kind, self.pairs), sides, rest, self.match == "folded")
        equal = equal_rows(shards, kind, keys, scratch)
        return stand_ins(equal, range(len(sides)), order, None, splits)

    def _alike(
        self,
        shards: list[Shard],
        kind: str,
        order: npt.NDArray[Any] | None,
        splits: npt.NDArray[np.int8] | None,
        scratch: Path,
        env: CorpusEnv,
    ) -> Standing:
        likeness = Likeness(kind, self.threshold, self.shingles, self.numbers == "ignore", self.pairs, self.within)
        signed = [SignTask(run, likeness, scratch) for run in tasks(shards)]
        _all(sign, signed, env)
        paths = [task.out(shard) for task in signed for shard in task.shards]
        rows = shards[-1].stop if shards else 0
        found = candidates(paths, len(likeness.view_of), rows)
        wanted = scratch / "wanted.npy"
        np.save(wanted, (found != ALONE).any(0))
        asked = [SetsTask(run, likeness, scratch, wanted) for run in tasks(shards)]
        _all(leave_sets, asked, env)
        left = [task.out(shard) for task in asked for shard in task.shards]
        sets = held_sets(left, likeness, scratch / "sets.bin")
        return stand_ins(found, likeness.view_of, order, sets, splits)

    def _rows(
        self, shards: list[Shard], known: int, standing: Standing, kind: str, env: CorpusEnv
    ) -> Iterator[pl.DataFrame]:
        stand_in = standing.stand_in
        stays = _stand_for_others(shards, stand_in)
        ids = ids_of(shards, kind, stays)
        sizes = np.bincount(stand_in, minlength=len(stand_in)) if self.mark else stand_in[:0]
        for shard in shards[known:]:
            own = slice(shard.start, shard.stop)
            there = _go(shard, stand_in)
            names = ids.gather(np.searchsorted(stays, stand_in[own][there]))
            frame = pl.read_parquet(shard.path)
            of = pl.Series("_duplicate_of", [None] * frame.height, pl.String).scatter(np.flatnonzero(there), names)
            out = there
            if self.mark:
                out = standing.joins[own] if known else np.zeros(shard.rows, np.bool_)
            gone = pl.Series(out)
            refused = frame.with_columns(of).filter(gone)
            if refused.height:
                env.reject(refused, SPLIT_LEAK if self.mark else DUPLICATE, pl.col("_duplicate_of"))
            if self.mark:
                before = [frame["duplicate_of"]] if "duplicate_of" in frame.columns else []
                size = pl.Series(sizes[stand_in[own]], dtype=pl.Int64)
                frame = frame.with_columns(duplicate_of=pl.coalesce(of, *before), cluster_size=size)
            yield frame.filter(~gone)


def _go(shard: Shard, stand_in: Ints32) -> Bools:
    """(rows of the shard,) rows for which another one stands."""
    gone: Bools = stand_in[shard.start : shard.stop] != np.arange(shard.start, shard.stop, dtype=np.int32)
    return gone


def _stand_for_others(shards: Sequence[Shard], stand_in: Ints32) -> Ints32:
    """(n,) rows that stand for others, ascending."""
    found = [np.unique(stand_in[shard.start : shard.stop][_go(shard, stand_in)]) for shard in shards]
    return np.unique(np.concatenate([np.empty(0, np.int32), *found]))


def _splits(known: Sequence[Shard], rows: int) -> npt.NDArray[np.int8] | None:
    """(rows,) the split of each row of `against`; None without it."""
    if not known:
        return None
    found = np.full(rows, NO_SPLIT, np.int8)
    for shard in known:
        found[shard.start : shard.stop] = shard.split
    return found


def _all(work: Callable[[T], None], items: Sequence[T], env: CorpusEnv) -> None:
    """Run work that leaves files on all items: one alone here, several on the cluster."""
    run = map if len(items) == 1 else env.map
    for _ in run(work, items):
        pass
