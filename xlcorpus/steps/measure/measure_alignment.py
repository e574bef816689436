"""Measuring pairs with an encoder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import polars as pl
from pydantic import Field

from xlcorpus.arrays import Floats32
from xlcorpus.mining.evaluate.measures import translation_ranks
from xlcorpus.step import CorpusEnv, CorpusStep, Port, Table
from xlcorpus.steps.embed.encoder_options import EncoderOptions

ROWS_AT_ONCE = 4096
"""Texts given to the encoder at a time."""


class MeasureAlignment(EncoderOptions, CorpusStep):
    """Adds to each pair how well an encoder recognises it as a translation among other pairs of the same languages.

    Pairs are cut into batches of about `batch`, drawn at random for each pair of languages, since ranks get worse the
    more sentences compete. Of a batch:

    - the share of pairs with `measure_alignment_src_rank` 1 is P@1 from source to target, with `_tgt_rank` 1 back,
    - the share with both 1 is the score MEXA (Kargaran et al. 2024),
    - the mean of 1 / rank is MRR.

    Pairs that stand in rank 5 or lower in both directions are rarely translations. Use an encoder other than the one
    the pairs were mined with, which would only agree with itself.
    """

    batch: int = Field(default=1000, ge=2)
    """pairs that compete with each other"""

    def ports(self) -> dict[str, Port]:
        """`rows`: pairs."""
        return {"rows": Port(("pair",))}

    def adds(self, kind: str) -> tuple[str, ...]:
        """`measure_alignment_cosine`, `_src_rank`, `_tgt_rank`."""
        return ("measure_alignment_cosine", "measure_alignment_src_rank", "measure_alignment_tgt_rank")

    def run(self, inputs: Mapping[str, Table], env: CorpusEnv) -> Iterator[pl.DataFrame]:
        """The shards of the input with the new columns. The vectors wait on disk (8 * dim bytes a pair)."""
        table = inputs["rows"]
        langs = table.scan().select("src_lang", "tgt_lang", src=_text_key("src_text"), tgt=_text_key("tgt_text"))
        pairs = langs.with_row_index("row").collect()
        vectors = self._embedded(table, pairs.height, env.scratch)
        found = np.full((pairs.height, 3), np.nan)
        draw = np.random.default_rng(env.seed)
        for _, group in pairs.group_by("src_lang", "tgt_lang", maintain_order=True):
            order = draw.permutation(group["row"].to_numpy())
            for batch in np.array_split(order, -(-len(order) // self.batch)):
                rows = np.sort(batch)
                keys = pairs[rows]
                ranks = translation_ranks(
                    vectors[rows, 0], vectors[rows, 1], *(keys[c].to_list() for c in ("src", "tgt"))
                )
                found[rows] = np.column_stack([ranks.cosine, ranks.forward, ranks.backward])
        start = 0
        for path in table.shards:
            frame = pl.read_parquet(path)
            columns = found[start : start + frame.height].T
            start += frame.height
            yield frame.with_columns(
                pl.Series(name, values, dtype=pl.Float64)
                for name, values in zip(self.adds("pair"), columns, strict=True)
            )

    def _embedded(self, table: Table, rows: int, scratch: Path) -> Floats32:
        """(rows, 2, dim): the vectors of both sides of every pair, on disk."""
        encoder = self.load()
        shape = (max(rows, 1), 2, encoder.dim)
        out = np.lib.format.open_memmap(scratch / "vectors.npy", mode="w+", dtype=np.float32, shape=shape)
        start = 0
        for path in table.shards:
            for frame in pl.read_parquet(path, columns=["src_text", "tgt_text"]).iter_slices(ROWS_AT_ONCE):
                for side, column in enumerate(("src_text", "tgt_text")):
                    out[start : start + frame.height, side] = encoder.encode(frame[column].to_list())
                start += frame.height
        return out


def _text_key(column: str) -> pl.Expr:
    """What stands for the text where only equality counts."""
    return pl.col(column).hash(0)
