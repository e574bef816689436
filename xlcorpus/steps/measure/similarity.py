"""How alike two texts of a row are to a sentence encoder."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from pydantic import Field

from xlcorpus.models.encoders.loading import Encoder
from xlcorpus.step import MAIN, Port, RowEnv, RowStep
from xlcorpus.steps.embed.encoder_options import EncoderOptions
from xlcorpus.steps.measure.named_texts import columns_of, kinds_with, named_texts
from xlcorpus.text.fold import unshouted_expr


class Similarity(EncoderOptions, RowStep):
    """Adds the cosine of the vectors that an encoder gives to two texts of each row, from -1 to 1.

    Null where one of the texts is missing or blank. With an encoder of many languages (e5-small, LaBSE) texts that mean
    the same are alike in any two of them; `bootstrap` knows cognates, names and numbers alone. As in `embed`, headings
    in capitals are shown in small letters.
    """

    between: tuple[str, str]
    """two texts: [src, tgt], [prompt, response], [chosen, rejected], or columns"""
    lang: str | None = None
    """column with the language of texts that are columns of their own (default: `lang`)"""
    into: str = Field(default="similarity_cosine", pattern=r"^[a-z][a-z0-9_]*$")
    """name of the column"""

    batch_rows = 512
    uses_all_cores = True

    def ports(self) -> dict[str, Port]:
        """`rows`: of kinds that have both texts."""
        return {MAIN: Port(kinds_with(self.between), columns_of(self.between, self.lang))}

    def adds(self, kind: str) -> tuple[str, ...]:
        """The column `into`."""
        return (self.into,)

    def open(self, env: RowEnv) -> Any:
        """The encoder."""
        return self.load()

    def apply(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        """The rows with their cosines."""
        encoder: Encoder = env.loaded
        one, other = named_texts(env.kind, self.between, self.lang)
        shown = rows.select(
            pl.when(text.text.str.strip_chars() != "").then(unshouted_expr(text.text, text.lang)).alias(name)
            for name, text in (("a", one), ("b", other))
        )
        there = shown.select(pl.all_horizontal(pl.all().is_not_null())).to_series().to_numpy()
        both = shown.filter(pl.all_horizontal(pl.all().is_not_null()))
        found = np.full(rows.height, np.nan)
        a, b = encoder.encode(both["a"].to_list()), encoder.encode(both["b"].to_list())
        found[there] = np.einsum("nd,nd->n", a, b, dtype=np.float64)
        return rows.with_columns(pl.Series(self.into, found, dtype=pl.Float64, nan_to_null=True))
