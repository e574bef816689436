"""Sentence embeddings as a column."""

from __future__ import annotations

from typing import Any, Literal

import polars as pl

from xlcorpus.models.encoders.loading import encoder_identity, load_encoder
from xlcorpus.step import Port, RowEnv, RowStep
from xlcorpus.text.fold import unshouted_expr

_NO_GPU = ("bootstrap", "cuda")


class Embed(RowStep):
    """Adds the column `embedding`: one unit vector (float32) per text.

    `bootstrap` needs no model: hashed character n-grams of the romanised text. It finds cognates, names and
    numbers, and little else; use a sentence-transformers model (LaBSE, multilingual-e5, bge-m3) where you can.
    """

    encoder: str = "bootstrap"
    """`bootstrap`, or a sentence-transformers model by path or Hub id"""
    fold_capitals: bool = True
    """show headings in capitals to the encoder in small letters, and every text in NFC (`text.fold`); the row keeps
    its text"""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """where the model runs; auto: a GPU if the worker has one"""

    batch_rows = 512

    def idle(self) -> dict[str, str]:
        """A GPU is of no use to `bootstrap`."""
        return {"device": "encoder: bootstrap runs on the CPU"} if (self.encoder, self.device) == _NO_GPU else {}

    def ports(self) -> dict[str, Port]:
        """`rows`: sentences or documents."""
        return {"rows": Port(("sentence", "document"))}

    def adds(self, kind: str) -> tuple[str, ...]:
        """`embedding`."""
        return ("embedding",)

    def models(self) -> dict[str, str]:
        """The encoder and the hash of its weights."""
        return {"encoder": encoder_identity(self.encoder)}

    def preflight(self) -> None:
        """The model must be there."""
        encoder_identity(self.encoder)

    def num_gpus(self) -> float:
        """One for `device: cuda`; otherwise what `resources` says."""
        return 1.0 if self.device == "cuda" else 0.0

    def open(self, env: RowEnv) -> Any:
        """The encoder."""
        return load_encoder(self.encoder, device=self.device)

    def apply(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        """One vector per row; shape (rows, dim)."""
        text = unshouted_expr(pl.col("text"), pl.col("lang")) if self.fold_capitals else pl.col("text")
        vectors = env.loaded.encode(rows.select(text).to_series().to_list())
        return rows.with_columns(pl.Series("embedding", vectors, dtype=pl.Array(pl.Float32, vectors.shape[1])))
