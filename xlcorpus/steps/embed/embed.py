"""Sentence embeddings as a column."""

from __future__ import annotations

from typing import Any

import polars as pl

from xlcorpus.step import Port, RowEnv, RowStep
from xlcorpus.steps.embed.encoder_options import EncoderOptions
from xlcorpus.text.fold import unshouted_expr

_NO_GPU = ("bootstrap", "cuda")


class Embed(EncoderOptions, RowStep):
    """Adds the column `embedding`: one unit vector (float32) per text.

    `bootstrap` needs no model: hashed character n-grams of the romanised text. It finds cognates, names and
    numbers, and little else. `e5-small` (multilingual-e5-small in 4 bits, from the extra `small`, CPU only) knows 100
    languages with no download; a sentence-transformers model (LaBSE, multilingual-e5, bge-m3) knows them better.
    """

    fold_capitals: bool = True
    """show headings in capitals to the encoder in small letters, and every text in NFC (`text.fold`); the row keeps
    its text"""

    batch_rows = 512
    uses_all_cores = True

    def idle(self) -> dict[str, str]:
        """A GPU is of no use to `bootstrap`."""
        return {"device": "encoder: bootstrap runs on the CPU"} if (self.encoder, self.device) == _NO_GPU else {}

    def ports(self) -> dict[str, Port]:
        """`rows`: sentences or documents."""
        return {"rows": Port(("sentence", "document"))}

    def adds(self, kind: str) -> tuple[str, ...]:
        """`embedding`."""
        return ("embedding",)

    def open(self, env: RowEnv) -> Any:
        """The encoder."""
        return self.load()

    def apply(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        """One vector per row; shape (rows, dim)."""
        text = unshouted_expr(pl.col("text"), pl.col("lang")) if self.fold_capitals else pl.col("text")
        vectors = env.loaded.encode(rows.select(text).to_series().to_list())
        return rows.with_columns(pl.Series("embedding", vectors, dtype=pl.Array(pl.Float32, vectors.shape[1])))
