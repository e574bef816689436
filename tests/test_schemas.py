"""The schemas of the record kinds."""

import duckdb
import polars as pl
import pytest

from xlcorpus import records


@pytest.mark.parametrize("kind", records.kinds())
def test_sql_selects_every_column_without_quotes(kind: str) -> None:
    table = records.kind(kind).schema.empty_table()
    with duckdb.connect() as connection:
        connection.register("rows_of_kind", table)
        found = connection.sql(f"SELECT {', '.join(table.column_names)} FROM rows_of_kind")
        assert found.columns == table.column_names


def test_a_row_is_an_item_of_its_own_where_it_is_a_version_of_none() -> None:
    rows = pl.DataFrame({"text": ["a", "b"], "lang": "deu_Latn", "group_id": [None, "7"]})
    rows = records.finish(rows, "sentence")
    assert rows.select(records.item()).to_series().to_list() == [rows["id"][0], "7"]
