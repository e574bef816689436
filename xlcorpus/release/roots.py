"""What a row comes from, as 64-bit keys: its roots, and its texts.

A root is a row that was made of no other row, or what else a row belongs to: its item (`group_id`), its document. Rows
with a root in common hold the same content in another form (a translation, a variant, an instruction made of a pair) or
are parts of one text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence

import polars as pl

from xlcorpus import records
from xlcorpus.errors import XlcorpusError

GENERATIONS = 64
"""Steps from a row to its roots, at most; more are a circle."""

_REFERENCES = ("src_id", "tgt_id", "duplicate_of")
"""Columns beside `parents` that name another row."""
_OUR_ID = "^[0-9a-f]{32}$"


def edges(
    tables: Iterable[tuple[str, pl.LazyFrame]], together: Sequence[str] = (), files: Collection[str] = ()
) -> pl.DataFrame:
    """What the rows of some tables were made of, or belong to: columns child, parent (UInt64), distinct.

    Args:
        tables: (record kind, rows), with `id`, those columns that name other rows, `source` and those of `together`.
        together: columns (String) whose equal values keep rows together. A value that is an id of ours stands for that
            row; others are names within their column.
        files: names of files that were read; a `document_id` among them, or equal to `source`, names the file that a
            line is from, and no document.
    """
    found = [pl.DataFrame(schema={"child": pl.UInt64, "parent": pl.UInt64})]
    for kind, rows in tables:
        schema = rows.collect_schema()
        parts = [
            rows.select(child="id", parent=pl.col("parents").list.drop_nulls()).explode("parent", empty_as_null=True)
        ]
        parts += [rows.select(child="id", parent=name) for name in _REFERENCES if schema.get(name) == pl.String]
        if kind == "group":
            ids = pl.col("texts").list.eval(pl.element().struct.field("id"))
            parts.append(rows.select(child="id", parent=ids).explode("parent", empty_as_null=True))
        for column in (name for name in together if schema.get(name) == pl.String):
            value = pl.col(column)
            named_here = pl.when(value.str.contains(_OUR_ID)).then(value).otherwise(pl.lit(f"{column} ") + value)
            if column == "document_id" and "source" in schema:
                of_file = value.is_in([*files]) | value.eq_missing(pl.col("source"))
                named_here = pl.when(~of_file).then(named_here)
            parts.append(rows.select(child="id", parent=named_here))
        named = pl.concat(parts).drop_nulls().unique().collect()
        keyed = named.select(child=keys(named["child"]), parent=keys(named["parent"]))
        found.append(keyed.filter(pl.col("child") != pl.col("parent")))
    return pl.concat(found).unique()


def roots(ids: pl.Series, lineage: pl.DataFrame) -> pl.DataFrame:
    """The roots of rows: columns row (UInt32, place in `ids`), root (UInt64); a row without parents is its own root.

    Args:
        ids: (n,) String.
        lineage: as `edges` gives it.

    Raises:
        XlcorpusError: rows are made of each other in a circle.
    """
    front = pl.DataFrame({"root": keys(ids)}).with_row_index("row")
    done = [front.clear()]
    for _ in range(GENERATIONS):
        above = front.join(lineage, left_on="root", right_on="child", how="left", maintain_order="left")
        done.append(above.filter(pl.col("parent").is_null()).select("row", "root"))
        front = above.drop_nulls("parent").select("row", root="parent").unique(maintain_order=True)
        if front.is_empty():
            return pl.concat(done).unique(maintain_order=True)
    raise XlcorpusError("rows are made of each other in a circle, so they have no source; look at their `parents`")


def text_keys(rows: pl.LazyFrame, kind: records.Kind) -> pl.DataFrame:
    """What rows say, to find equal texts: columns row (UInt32), text (UInt64), for this process alone.

    Case and white space do not count. Of a conversation the turns of the user count, all together: many conversations
    have an answer or a system turn in common. Of an item all that asks counts together: many have a question or a
    context in common. Entries of a lexicon have none.
    """
    if kind.name == "item":
        asks = [pl.col("context"), pl.col("question"), pl.col("choices").list.join("\n")]
        said = [pl.concat_str(asks, separator="\n", ignore_nulls=True)]
    elif columns := records.message_columns(kind.name):
        asked = pl.element().filter(pl.element().struct.field("role") == "user").struct.field("content")
        said = [pl.col(columns[0]).list.eval(asked).list.join("\n")]
    elif "texts" in kind.own.names:
        said = [pl.col("texts").list.eval(pl.element().struct.field("text"))]
    else:
        names = [field.text for field in kind.texts if field.text]
        said = [pl.col(name) for name in (*names, *({"original_text"} & {*kind.own.names}))]
    # A text must meet itself under another language's tag: I, ı, İ and i are one letter, whatever the language has.
    small = pl.col("text").str.to_lowercase().str.replace_many({"i\u0307": "i", "ı": "i"})
    folded = small.str.replace_all(r"\s+", " ").str.strip_chars()
    found = [pl.DataFrame(schema={"row": pl.UInt32, "text": pl.UInt64})]
    for expr in said:
        texts = rows.select(text=expr).with_row_index("row")
        if isinstance(texts.collect_schema()["text"], pl.List):
            texts = texts.explode("text", empty_as_null=True)
        one = texts.select("row", text=folded).filter(pl.col("text") != "").collect()
        found.append(one.select("row", text=pl.col("text").hash()))
    return pl.concat(found).unique()


def keys(names: pl.Series) -> pl.Series:
    """(n,) UInt64 of ids, the same on every machine: the beginning of our own ids, a hash of others."""
    ours = names.str.contains(_OUR_ID)
    made = names.set(~ours, None).str.slice(0, 16).str.to_integer(base=16, dtype=pl.UInt64, strict=False)
    if ours.all():
        return made
    others = names.filter(~ours).unique()
    hashed = [int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little") for name in others]
    return made.fill_null(names.replace_strict(others, hashed, default=None, return_dtype=pl.UInt64))


def of_tables(
    tables: Sequence[tuple[str, Sequence[str]]], together: Sequence[str]
) -> Iterable[tuple[str, pl.LazyFrame]]:
    """Tables as `edges` takes them, from the paths of their shards."""
    for kind, paths in tables:
        for path in paths:
            schema = pl.read_parquet_schema(path)
            wanted = [
                c for c in dict.fromkeys(("id", "parents", "texts", "source", *_REFERENCES, *together)) if c in schema
            ]
            yield kind, pl.scan_parquet(path).select(wanted)
