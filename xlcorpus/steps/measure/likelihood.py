"""How probable a text of a row is to a model."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from pydantic import Field

from xlcorpus.errors import UserError
from xlcorpus.models.likelihood import Texts, load_likelihood
from xlcorpus.models.pretrained import config_of
from xlcorpus.step import MAIN, Port, RowEnv, RowStep
from xlcorpus.steps.measure.model_options import ModelOptions
from xlcorpus.steps.measure.named_texts import columns_of, kinds_with, named_texts


class Likelihood(ModelOptions, RowStep):
    """Adds log p(y), or log p(y given x), of a text y by a causal language model or an encoder-decoder.

    Columns: `likelihood_sum`, the natural logarithm of the probability of y; `likelihood_mean`, the same for each token
    (-log of the perplexity); `likelihood_tokens`, the tokens of y. With a translation model, the mean says how well y
    translates x (MAPO, She et al. 2024, arXiv 2401.06838). Padding does not count. An encoder-decoder is asked whether
    y ends where it does, a causal model is not.

    Null where a text is missing or y is blank, where y is longer than the model takes, or where a model with language
    tokens does not know a language. Where x is too long, a causal model sees its end, an encoder its beginning.
    """

    y: str
    """the text: response, tgt, reasoning, text, or a column"""
    x: str | None = None
    """the text that it follows or translates; none: nothing comes before y"""
    y_lang: str | None = None
    """column with the language of y, where y is a column of its own (default: `lang`)"""
    x_lang: str | None = None
    """column with the language of x, where x is a column of its own (default: `lang`)"""
    between: str = "\n"
    """what stands between x and y, in a causal model"""
    chat: bool = False
    """show x as the user's message and y as the answer, in the form that the model was trained on"""
    into: str = Field(default="likelihood", pattern=r"^[a-z][a-z0-9_]*$")
    """beginning of the names of the columns"""

    batch_rows = 128
    uses_all_cores = True

    def idle(self) -> dict[str, str]:
        """What x and chat decide."""
        if self.x is None:
            return dict.fromkeys(("x_lang", "between", "chat"), "there is no x")
        return {"between": "the chat template says what stands there"} if self.chat else {}

    def ports(self) -> dict[str, Port]:
        """`rows`: of kinds that have the texts."""
        columns = dict.fromkeys((*columns_of([self.y], self.y_lang), *columns_of(self._before, self.x_lang)))
        return {MAIN: Port(kinds_with([self.y, *self._before]), tuple(columns))}

    def adds(self, kind: str) -> tuple[str, ...]:
        """The columns of the docstring."""
        return tuple(f"{self.into}_{name}" for name in ("sum", "mean", "tokens"))

    def preflight(self) -> None:
        """The model must be there; an encoder-decoder needs x."""
        super().preflight()
        if self.x is None and config_of(self.model).get("is_encoder_decoder"):
            raise UserError(f"model {self.model!r} is an encoder-decoder: give x")

    def open(self, env: RowEnv) -> Any:
        """The model."""
        return load_likelihood(self.model, self.device, self.between, self.chat)

    def apply(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        """The rows with their likelihoods."""
        (y,) = named_texts(env.kind, [self.y], self.y_lang)
        told = {"y": y.text, "y_lang": y.lang}
        if self.x is not None:
            (x,) = named_texts(env.kind, [self.x], self.x_lang)
            told |= {"x": x.text, "x_lang": x.lang}
        texts = rows.select(**told)
        there = (texts["y"].str.strip_chars() != "").fill_null(False)
        if self.x is not None:
            there &= texts["x"].is_not_null()
        sums, counts = np.full(rows.height, np.nan), np.zeros(rows.height, dtype=np.int64)
        asked = [Texts(**row) for row in texts.filter(there).iter_rows(named=True)]
        sums[there.to_numpy()], counts[there.to_numpy()] = env.loaded.score(asked)
        means = sums / np.maximum(counts, 1)
        columns = zip(self.adds(env.kind), (sums, means, np.where(np.isnan(sums), np.nan, counts)), strict=True)
        return rows.with_columns(pl.Series(name, one, dtype=pl.Float64, nan_to_null=True) for name, one in columns)

    @property
    def _before(self) -> list[str]:
        return [] if self.x is None else [self.x]
