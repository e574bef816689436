"""The step that cuts documents into passages."""

from __future__ import annotations

import polars as pl
from pydantic import Field

from xlcorpus import records
from xlcorpus.step import MAIN, Port, RowEnv, RowStep
from xlcorpus.text.passages import passages
from xlcorpus.text.segment import sentence_splitter


class Passages(RowStep):
    """Cuts documents into shorter documents: whole paragraphs up to a length, never inside a sentence.

    An empty line ends a paragraph. A paragraph that is too long is cut between sentences; a single sentence that is too
    long is a passage of its own. A passage keeps language, address and title, and the item (`group_id`) of its
    document, whose id stands in `parents`.

    Column: `passages_position`, the place of the passage in its document, from 0.
    """

    length: int = Field(default=1000, ge=1)
    """characters that a passage holds at most"""

    produces = "document"

    def ports(self) -> dict[str, Port]:
        """`rows`: documents."""
        return {MAIN: Port(("document",))}

    def adds(self, kind: str) -> tuple[str, ...]:
        """`passages_position`."""
        return ("passages_position",)

    def models(self) -> dict[str, str]:
        """The splitter of sentences."""
        return {"sentence_splitter": sentence_splitter()}

    def apply(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        """The passages of each document, in order."""
        found = [
            passages(text, lang, self.length)  # the splitter of sentences takes one text at a time
            for text, lang in rows.select("text", "lang").iter_rows()
        ]
        return (
            rows.select(
                "lang",
                "url",
                "title",
                "source_path",
                "source",
                "license",
                "origin",
                text=pl.Series(found, dtype=pl.List(pl.String)),
                passages_position=pl.int_ranges(pl.Series([len(f) for f in found], dtype=pl.Int64)),
                group_id=records.item(),
                parents=pl.concat_list("id"),
            )
            .filter(pl.col("text").list.len() > 0)
            .explode("text", "passages_position")
        )
