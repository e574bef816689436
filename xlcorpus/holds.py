"""Conditions on the rows of a release (`head_spec.Hold`): checked before anything runs, and computed on its shards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from xlcorpus.errors import UserError, XlcorpusError, nearest
from xlcorpus.head_spec import Hold

if TYPE_CHECKING:
    from xlcorpus.expressions.query import Query
    from xlcorpus.expressions.row_expression import RowExpression

Schema = Mapping[str, pl.DataType | None]
"""Columns with their types; a type that is not known yet is None."""

CONFIDENCE = 0.99
"""Of the interval of a share."""

EXAMPLES = 3
"""Rows or groups named where a condition does not hold."""

PART_ROWS = 20_000


@dataclass(frozen=True)
class Held:
    """What came of a condition."""

    what: str
    ok: bool
    found: str
    """what was measured"""


def check_hold(hold: Hold, tables: Mapping[str, Schema]) -> None:
    """Check a condition before there are rows.

    Args:
        tables: the columns of each config of the release.

    Raises:
        UserError: an unknown config or column (names the nearest), no SQL, an expression that is no condition.
    """
    if hold.of is not None and hold.of not in tables:
        raise UserError(f"of: the release has no config {hold.of!r}; {nearest(hold.of, tables)}")
    if hold.of is None or hold.by:
        _query(hold, tables)
    if hold.of is not None:
        _expressions(hold, tables[hold.of])


def held(
    hold: Hold, shards: Mapping[str, Sequence[Path]], schemas: Mapping[str, Schema], spill: Path, seed: int = 0
) -> Held:
    """Compute a condition; one that cannot be computed does not hold.

    Args:
        shards: the Parquet files of each config; a config without rows has none.
        schemas: the columns of each config.
        spill: folder for what does not fit into memory.
        seed: of the pipeline, for `draw`.
    """
    try:
        if hold.of is not None and hold.of not in schemas:
            raise UserError(f"the release has no config {hold.of!r}; {nearest(hold.of, schemas)}")
        if hold.of is not None and not shards[hold.of]:
            return Held(hold.what, False, f"`{hold.of}` is empty")
        if hold.sql is not None:
            ok, found = _no_row(_query(hold, schemas), shards, spill, seed)
        elif hold.by:
            ok, found = _groups(hold, _query(hold, schemas), shards, spill, seed)
        else:
            assert hold.of is not None
            schema = schemas[hold.of]
            ok, found = _rows(hold, _expressions(hold, schema), shards[hold.of], schema, seed)
    except XlcorpusError as problem:
        return Held(hold.what, False, f"cannot be computed: {problem}")
    return Held(hold.what, ok, found)


def interval(yes: int, rows: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The shares that `yes` of `rows` is likely enough under (Clopper & Pearson 1934)."""
    from scipy.special import betaincinv  # where a share is far off alone: it takes a moment to import

    rest = (1 - confidence) / 2
    low = float(betaincinv(yes, rows - yes + 1, rest)) if yes else 0.0
    return low, float(betaincinv(yes + 1, rows - yes, 1 - rest)) if yes < rows else 1.0


def _condition(hold: Hold) -> str:
    return hold.all if hold.all is not None else hold.share or ""


def _expressions(hold: Hold, schema: Schema) -> list[RowExpression]:
    """`where` and the condition, as far as they are expressions of a row."""
    from xlcorpus.expressions.row_expression import row_expression

    texts = [] if hold.where is None else [hold.where]
    if hold.all is None or not hold.by:
        texts.append(_condition(hold))
    found = [row_expression(text, schema) for text in texts]
    for expression in found:
        if expression.dtype not in (None, pl.Null, pl.Boolean):
            raise UserError(f"`{expression.text}` gives {expression.dtype}, and not true or false")
    return found


def _query(hold: Hold, tables: Mapping[str, Schema]) -> Query:
    from xlcorpus.expressions.connection import quoted
    from xlcorpus.expressions.query import query, tables_of

    if hold.sql is not None:
        named = {name.lower() for name in tables_of(hold.sql)}
        read = {name: schema for name, schema in tables.items() if name.lower() in named}
        return query(hold.sql, read if len(read) == len(named) else tables)
    assert hold.of is not None
    schema = tables[hold.of]
    for column in hold.by:
        if column not in schema:
            raise UserError(f"by: no column {column!r}; {nearest(column, schema)}")
    groups = ", ".join(quoted(column) for column in hold.by)
    measure = f"(\n{hold.all}\n) IS TRUE" if hold.all is not None else f"count_if((\n{hold.share}\n) IS TRUE)"
    where = "" if hold.where is None else f" WHERE (\n{hold.where}\n)"
    return query(
        f"SELECT {groups}, count(*) AS _rows, {measure} AS _measure FROM {quoted(hold.of)}{where} "
        f"GROUP BY {groups} ORDER BY {groups}",
        {hold.of: schema},
    )


def _no_row(query: Query, shards: Mapping[str, Sequence[Path]], spill: Path, seed: int) -> tuple[bool, str]:
    for name in query.tables:
        if not shards[name]:
            return False, f"`{name}` is empty"
    frames = list(query.run(shards, spill, seed))
    rows = sum(frame.height for frame in frames)
    first = next((frame for frame in frames if frame.height), None)
    if first is None:
        return True, "no row"
    return False, f"{rows:,} {_s('row', rows)}, first {_shown(first.row(0, named=True))}"


def _groups(hold: Hold, query: Query, shards: Mapping[str, Sequence[Path]], spill: Path, seed: int) -> tuple[bool, str]:
    groups = bad = 0
    told: list[str] = []
    for frame in query.run(shards, spill, seed):
        for row in frame.iter_rows(named=True):  # a row is a group
            rows, measure = row.pop("_rows"), row.pop("_measure")
            ok, found = (measure, "not true") if hold.all is not None else _share(hold, measure, rows)
            groups, bad = groups + 1, bad + (not ok)
            if not ok and len(told) < EXAMPLES:
                told.append(f"{_shown(row)}: {found}")
    if not groups:
        return False, "no row that it is about"
    if bad:
        return False, f"{bad:,} of {groups:,} {_s('group', groups)} do not: {'; '.join(told)}"
    return True, f"{groups:,} {_s('group', groups)}"


def _rows(
    hold: Hold, expressions: Sequence[RowExpression], shards: Sequence[Path], schema: Schema, seed: int
) -> tuple[bool, str]:
    *filters, condition = expressions
    rows = yes = 0
    others: list[str] = []
    columns = {"id", *(column for e in expressions for column in e.reads)}
    for part in _parts(shards, {column: schema[column] for column in sorted(columns)}):
        for expression in filters:
            part = part.filter(_true(expression, part, seed))
        fits = _true(condition, part, seed)
        rows, yes = rows + part.height, yes + int(fits.sum())
        others = sorted([*others, *part.filter(~fits)["id"].bottom_k(EXAMPLES)])[:EXAMPLES]
    if not rows:
        return False, "no row that it is about"
    if hold.share is not None:
        return _share(hold, yes, rows)
    if yes < rows:
        return False, f"{rows - yes:,} of {rows:,} {_s('row', rows)} do not: id {', '.join(others)}"
    return True, f"{rows:,} {_s('row', rows)}"


def _parts(shards: Sequence[Path], columns: Schema) -> Iterator[pl.DataFrame]:
    """The rows of some columns; one that a file lacks is null."""
    import pyarrow.parquet as pq

    for path in shards:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(PART_ROWS, columns=list(columns), use_threads=False):
                part = pl.DataFrame(pl.from_arrow(batch))
                lacking = {c: pl.lit(None, dtype) for c, dtype in columns.items() if c not in part.columns}
                yield part.with_columns(**lacking)


def _true(expression: RowExpression, rows: pl.DataFrame, seed: int) -> pl.Series:
    """(rows,) Boolean; null is not true."""
    values = expression.evaluate(rows, seed)
    if values.dtype == pl.Null:
        values = values.cast(pl.Boolean)
    if values.dtype != pl.Boolean:
        raise UserError(f"`{expression.text}` gives {values.dtype}, and not true or false")
    return values.fill_null(False)


def _share(hold: Hold, yes: int, rows: int) -> tuple[bool, str]:
    assert hold.between is not None
    low, high = hold.between
    share = yes / rows
    told = f"{share:.3g} of {rows:,} {_s('row', rows)}"
    if low <= share <= high:
        return True, told
    least, greatest = interval(yes, rows)
    likely = f"{told}, {CONFIDENCE:.0%} interval {least:.3g} to {greatest:.3g}"
    if greatest < low or least > high:
        return False, f"{likely}, outside of {low:g} to {high:g}"
    return True, likely


def _shown(row: Mapping[str, object]) -> str:
    text = ", ".join(f"{column} = {value}" for column, value in row.items())
    return text if len(text) <= 200 else text[:197] + "..."


def _s(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"
