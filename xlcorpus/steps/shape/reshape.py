"""Tables made of tables by SQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
from pydantic import field_validator, model_validator

from xlcorpus import records
from xlcorpus.errors import UserError, nearest
from xlcorpus.expressions.query import tables_of
from xlcorpus.expressions.row_expression import row_expression
from xlcorpus.once import once_a_run
from xlcorpus.step import Columns, CorpusEnv, CorpusStep, Port, Table
from xlcorpus.steps.item_key import item_key
from xlcorpus.steps.shape.equal_ids import numbered, repeated
from xlcorpus.steps.shape.parents import WithParents, with_parents
from xlcorpus.steps.shape.parts import PART_ROWS, Ask, ask, divide, dividing
from xlcorpus.steps.shape.types_fit import check_fits


class Reshape(CorpusStep):
    """Makes a table of one or several tables by SQL: joins, groups, pivots, rows of lists.

    DuckDB's dialect; what is refused, and the functions `draw`, `words` and `numbers`, stand in `xlcorpus.expressions`.
    Rows of the tables come in the order of their ids, so that the result does not depend on shards or workers. The
    columns of the query become those of `kind`; others stay beside them. `id`, `step` and `recipe` are made anew;
    `group_id`, `source`, `license` and `origin` are those of the parents where they agree (sources and licences are
    joined), unless the query gives them.

    ```yaml
    reshape:
      kind: pair
      tables: {a: translate, b: read}
      sql: >
        SELECT a.text AS src_text, a.lang AS src_lang, b.text AS tgt_text, b.lang AS tgt_lang
        FROM a JOIN b USING (group_id)
      parents: [a.id, b.id]
      by: group_id
    ```
    """

    light = 100_000
    spreads = True

    kind: str
    """record kind of the rows that are made"""
    tables: dict[str, str | list[str]]
    """name of each table in the query: the step (or steps) whose rows it has"""
    sql: str
    """one SELECT over the tables"""
    parents: list[str] = []
    """SQL beside the query's columns: the ids of the rows that a row is made of; behind an aggregate
    `list(r.id ORDER BY r.id)`. Without it the query gives a column `parents`, a list of ids"""
    by: str | None = None
    """column or expression of all tables: the query joins and groups only rows that agree in it (`group_id`: the
    versions of an item), so that parts of the tables are computed side by side. Default: all at once"""

    @field_validator("kind")
    @classmethod
    def _known_kind(cls, kind: str) -> str:
        records.kind(kind)
        return kind

    @model_validator(mode="after")
    def _tables_are_read(self) -> Reshape:
        if not self.tables:
            raise ValueError("there are no tables; write tables: {a: <step>}")
        read = {name.lower() for name in tables_of(self.sql)}
        known = {name.lower() for name in self.tables}
        for name in sorted(read - known):
            raise ValueError(f"sql: no table {name!r} in tables; {nearest(name, self.tables)}")
        for name in sorted(known - read):
            raise ValueError(f"tables: the query does not read {name!r}")
        return self

    def ports(self) -> dict[str, Port]:
        """One for each of `tables`, any kind."""
        kinds = tuple(records.kinds())
        return {name: Port(kinds) for name in self.__dict__.get("tables", ())}

    def reads_from(self) -> dict[str, tuple[str, ...]]:
        """The steps that `tables` names."""
        return {name: (steps,) if isinstance(steps, str) else tuple(steps) for name, steps in self.tables.items()}

    def output_kind(self, kinds: Mapping[str, str]) -> str:
        """`kind`."""
        return self.kind

    def out_columns(self, kinds: Mapping[str, str], inputs: Mapping[str, Columns]) -> tuple[str, ...]:
        """Those of the query, known by DESCRIBE over empty tables; checks the query and what `kind` needs."""
        columns = self._checked(inputs).columns or {}
        return tuple(column for column in columns if column not in records.polars_schema(self.kind))

    def _checked(self, columns: Mapping[str, Columns]) -> WithParents:
        """The query over tables of these columns.

        Raises:
            UserError: it, `parents` or `by` does not fit them, or `kind` does not fit its result.
        """
        tables = tuple((name, tuple(known.items())) for name, known in columns.items())
        found = _of_tables(self.sql, tuple(self.parents), tables)
        if found.columns is not None:
            check_fits(found.columns, self.kind)
        for name in columns if self.by is not None else ():
            try:
                row_expression(item_key(str(self.by)), columns[name])
            except UserError as problem:
                raise UserError(f"by, in the table {name!r}: {problem}") from None
        return found

    def run(self, inputs: Mapping[str, Table], env: CorpusEnv) -> Iterator[pl.DataFrame]:
        """Leaves the result in `env.scratch`; holds 8 bytes of each of its rows in memory, and a part."""
        schemas = {name: table.scan().collect_schema() for name, table in inputs.items()}
        asked = self._checked(schemas)
        lacking = [c for c in ("group_id", "source", "license") if self.parents and c not in asked.inherited]
        if lacking:
            env.say(
                f"{', '.join(lacking)} of the parents cannot be reached where the query ends, so rows have none; "
                f"select {lacking[0]} in the query to keep it",
                True,
            )
        tasks = [
            Ask(part, shards, asked, self.kind, env.step, env.recipe, env.seed, env.scratch)
            for part, shards in enumerate(self._parts(inputs, schemas, asked, env))
        ]
        run = map if len(tasks) == 1 else env.map
        paths = [path for found in run(ask, tasks) for path in found]
        if not paths:
            yield pl.DataFrame(schema=asked.columns)
        again, seen = repeated(pl.read_parquet(path, columns=["id"])["id"] for path in paths), Counter[str]()
        for path in paths:
            frame = pl.read_parquet(path)
            yield frame.with_columns(numbered(frame["id"], again, seen)) if len(again) else frame

    def _parts(
        self, inputs: Mapping[str, Table], schemas: Mapping[str, pl.Schema], asked: WithParents, env: CorpusEnv
    ) -> list[dict[str, tuple[Path, ...]]]:
        """The shards of each table in each part; a shard without rows is among them, for there may be no other."""
        empty: dict[str, Path] = {}
        for name, schema in schemas.items():
            empty[name] = env.scratch / f"{name}-empty.parquet"
            pl.DataFrame(schema=schema).write_parquet(empty[name])
        rows = sum(pq.read_metadata(path).num_rows for table in inputs.values() for path in table.shards)
        parts = 1 if self.by is None else max(1, -(-rows // PART_ROWS))
        if parts == 1:
            return [{name: (empty[name], *table.shards) for name, table in inputs.items()}]
        tasks = []
        for name, table in inputs.items():
            key = row_expression(item_key(str(self.by)), schemas[name])
            read = dict.fromkeys((*asked.query.tables[name], *key.reads))
            columns = pl.Schema({column: schemas[name][column] for column in read})
            tasks += dividing(name, table.shards, columns, key, parts, env.scratch)
        for _ in env.map(divide, tasks):
            pass
        return [
            {
                name: (
                    empty[name],
                    *(task.out(part) for task in tasks if task.table == name and task.out(part).exists()),
                )
                for name in inputs
            }
            for part in range(parts)
        ]


@once_a_run
def _of_tables(
    sql: str, parents: tuple[str, ...], tables: tuple[tuple[str, tuple[tuple[str, pl.DataType | None], ...]], ...]
) -> WithParents:
    """`with_parents`; a query is looked at before anything runs and again when it does."""
    return with_parents(sql, parents, {name: dict(columns) for name, columns in tables})
