"""Options of the steps that set how much there is of each language."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, field_validator, model_validator

from xlcorpus import places
from xlcorpus.errors import UserError
from xlcorpus.steps.mix.budgets import budget_file
from xlcorpus.steps.mix.proportions import by_temperature, scaled, unimax
from xlcorpus.steps.mix.sizes import Unit, check_tokenizer, tokenizer_identity

Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Shares = dict[str, Annotated[float, Field(ge=0, le=1)]]


def check_shares(shares: Shares | None) -> Shares | None:
    """Shares of a whole come to 1 at most.

    Raises:
        ValueError: they come to more.
    """
    if shares is not None and sum(shares.values()) > 1 + 1e-9:
        raise ValueError(f"the shares come to {sum(shares.values()):g}, more than the whole; 3 to 1 is 0.75 and 0.25")
    return shares


class BudgetOptions(BaseModel):
    """How much of each language. Name it before the base of the step: `class Sample(BudgetOptions, CorpusStep)`.

    One of `each`, `temperature`, `unimax` and `scale` says how languages share the size; without any of them they keep
    their proportions. `budgets` and `shares` go before it for the languages they name.
    """

    lang: str | None = None
    """SQL over the columns of a row: what is proportioned (`source`, `lang || ' ' || source`, `tgt_lang`); default: the
    language, of pairs both as in `deu_Latn-eng_Latn`"""
    unit: Unit = "rows"
    """what budgets count: rows; characters (code points) or tokens of all texts of a row"""
    tokenizer: Path | None = None
    """unit tokens: a tokenizer.json of Hugging Face, or a folder with one"""
    size: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """how much altogether, in the unit; default: as much as there is"""
    each: Amount | None = None
    """the budget of every language that is not named in `budgets`"""
    temperature: Annotated[float, Field(ge=1)] | None = None
    """shares in proportion to n ** (1 / temperature), n being what there is: 1 keeps the proportions, .inf makes all
    equal; an exponent alpha of .3, as XLM-R and mT5 have it, is a temperature of 3.33"""
    unimax: Annotated[float, Field(gt=0)] | None = None
    """as equal as can be where no language is repeated more often than this (UniMax, Chung et al. 2023, arXiv
    2304.09151; N there). Rows are repeated up to then, whatever `short` says"""
    scale: Annotated[float, Field(gt=0)] | None = None
    """in place of a size: the smallest language gets this many times what there is of it, the others in proportion by
    `temperature` (Glot500, Imani et al. 2023, arXiv 2305.12182: 30, with a temperature of 3.33)"""
    flat: list[str] = []
    """scale: languages that get as much as the smallest, however large they are, and are never the smallest (those that
    a model to be trained further knows)"""
    shares: Shares | None = None
    """shares of the size by language; the languages that are not named share the rest"""
    budgets: dict[str, Amount] | Path | None = None
    """budgets by language, in the unit; or a CSV, TSV or Parquet file with the columns name and budget. A table of the
    pipeline with these columns may stand on the input `budgets` in their place. Without `size`, `each` or another rule
    other languages get nothing"""
    short: Literal["error", "repeat", "all"] = "error"
    """what becomes of a language that is too small for its budget: the run stops; its rows are repeated, all of them
    equally often to within one; or all of it is taken, with a warning"""

    _shares = field_validator("shares")(check_shares)

    @model_validator(mode="after")
    def _one_rule(self) -> Self:
        given = [n for n in ("each", "unimax", "scale") if getattr(self, n) is not None]
        if len(given) > 1:
            raise ValueError(f"{' and '.join(given)} both say what each language gets; give one")
        if self.temperature is not None and (self.each is not None or self.unimax is not None):
            raise ValueError(f"temperature and {given[0]} both say what each language gets; give one")
        if self.size is not None and (self.each is not None or self.scale is not None):
            raise ValueError(f"size and {given[0]} both say how much there is altogether; give one")
        if self.shares is not None and (self.each is not None or self.scale is not None):
            raise ValueError(f"shares are of a size, which {given[0]} does not give")
        if (self.unit == "tokens") != (self.tokenizer is not None):
            raise ValueError("unit: tokens needs tokenizer, and tokenizer needs unit: tokens")
        if isinstance(self.budgets, dict) and (both := {*self.budgets} & {*(self.shares or {}), *self.flat}):
            raise ValueError(f"{min(both)} has a budget and a share; give one")
        return self

    def idle(self) -> dict[str, str]:
        """Options that nothing reads."""
        return {} if self.scale is not None else {"flat": "it is for scale"}

    def models(self) -> dict[str, str]:
        """The tokenizer."""
        return {} if self.tokenizer is None else {"tokenizer": tokenizer_identity(self.tokenizer)}

    def file_contents(self) -> dict[str, str]:
        """The file of budgets."""
        return {"budgets": places.content_hash(self.budgets)} if isinstance(self.budgets, Path) else {}

    def preflight(self) -> None:
        """Tokenizer and file of budgets must be there."""
        if self.tokenizer is not None:
            check_tokenizer(self.tokenizer)
        self.named_budgets()

    def named_budgets(self) -> dict[str, float]:
        """What `budgets` says."""
        if isinstance(self.budgets, Path):
            return budget_file(self.budgets)
        return dict(self.budgets or {})

    def wanted(self, there: Mapping[str, float], named: Mapping[str, float]) -> dict[str, float]:
        """The budget of each language, in the unit; also of languages that are named and not there.

        Args:
            there: what there is of each.
            named: budgets by language.

        Raises:
            UserError: budgets and shares come to more than the size; UniMax cannot fill it.
        """
        size = float(sum(there.values())) if self.size is None else self.size
        fixed = dict(named) | {name: share * size for name, share in (self.shares or {}).items()}
        left = size - sum(fixed.values())
        if self.size is not None and left < -1e-6 * size:
            raise UserError(f"budgets and shares come to {size - left:,.0f}, more than size: {size:,.0f}")
        others = [name for name in there if name not in fixed]
        amounts = self._by_rule([there[name] for name in others], others, max(left, 0.0), bool(named))
        return fixed | dict(zip(others, amounts, strict=True))

    def _by_rule(self, there: list[float], names: list[str], left: float, named: bool) -> list[float]:
        if self.each is not None:
            return [self.each] * len(there)
        if self.scale is not None:
            flat = [name in self.flat for name in names]
            least = min((n for n, f in zip(there, flat, strict=True) if n and not f), default=0.0)
            amounts = scaled(
                [0 if f else n for n, f in zip(there, flat, strict=True)], self.scale, self.temperature or 1
            )
            return [self.scale * least if f else a for a, f in zip(amounts.tolist(), flat, strict=True)]
        if self.unimax is not None:
            amounts = unimax(there, left, self.unimax)
            if self.size is not None and self.short != "all" and amounts.sum() < left * (1 - 1e-9):
                raise UserError(
                    f"unimax: {self.unimax:g} times all that there is are {amounts.sum():,.0f}, less than the "
                    f"{left:,.0f} that are wanted; give a smaller size or a higher unimax"
                )
            return [float(a) for a in amounts]
        if named and self.size is None and self.shares is None and self.temperature is None:
            return [0.0] * len(there)
        return [float(a) for a in by_temperature(there, left, self.temperature or 1)]
