"""Options of the arms of a mix."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from xlcorpus.steps.mix.budget_options import Shares, check_shares

Place = Literal["uniform", "first", "last"]
Share = Annotated[float, Field(ge=0, le=1)]


class Phase(BaseModel):
    """A stretch of the order, and the shares of languages in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    part: Annotated[float, Field(gt=0, le=1)] | None = None
    """length, as a part of the whole; default: all phases are of one length"""
    shares: Shares = {}
    """shares by language; the languages that are not named share the rest as they do in the whole"""

    _shares = field_validator("shares")(check_shares)


class ArmOptions(BaseModel):
    """What may differ between arms."""

    adjacent: Share | None = None
    """share of the arm that comes from the first table of `fill`, rows of one item (`group_id`) side by side"""
    apart: Share | None = None
    """the same share with the rows of an item as far from each other as can be: the control to `adjacent`"""
    place: Place = "uniform"
    """where what `adjacent` or `apart` takes stands: spread over the whole, at the beginning, or at the end"""
    phases: list[Phase] = []
    """shares of languages that change from phase to phase"""
    order: str | None = None
    """SQL that gives a number: rows of each language go by it, the smallest first (`-x`: the largest), null last; the
    shares of languages stay the same all through. With `lang: "'all'"` it is one order over all languages"""

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if self.adjacent is not None and self.apart is not None:
            raise ValueError("adjacent and apart both say how the first table goes in; give one")
        parts = [phase.part for phase in self.phases]
        given = [part for part in parts if part is not None]
        if given and len(given) < len(parts):
            raise ValueError("phases: give the part of every phase, or of none")
        if given and abs(sum(given) - 1) > 1e-6:
            raise ValueError(f"phases: the parts come to {sum(given):g}, not to 1")
        return self

    @property
    def share(self) -> float | None:
        """Share of the first table; None: it is filled from like the others."""
        return self.apart if self.adjacent is None else self.adjacent

    @property
    def parts(self) -> list[float]:
        """Lengths of the phases; one of 1 without phases."""
        return [phase.part or 1 / len(self.phases) for phase in self.phases] or [1.0]


class Arm(BaseModel):
    """One arm of a controlled comparison: what is not given is as in the mix itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    # None by default, and not the defaults of the mix: an arm may go back to one of those.
    adjacent: Share | None = None
    """as that of the mix, in place of its `adjacent` or `apart`"""
    apart: Share | None = None
    """as that of the mix, in place of its `adjacent` or `apart`"""
    place: Place | None = None
    """as that of the mix"""
    phases: list[Phase] | None = None
    """as those of the mix; [] for none"""
    order: str | None = None
    """as that of the mix; `draw('order', id)` for none"""
    size: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """how much the arm holds, in the unit"""
    shares: Shares | None = None
    """shares of the size by language"""
    same_items_as: str | None = None
    """arm whose rows of the first table are taken, as many and the same"""

    _shares = field_validator("shares")(check_shares)


class WholeArm(ArmOptions):
    """An arm with all its options."""

    size: float | None
    shares: Shares | None
    same_items_as: str | None

    @classmethod
    def of(cls, arm: Arm, mix: ArmOptions, size: float | None, shares: Shares | None) -> WholeArm:
        """What an arm says, and what the mix says where it says nothing."""
        form = arm if (arm.adjacent, arm.apart) != (None, None) else mix
        return cls(
            adjacent=form.adjacent,
            apart=form.apart,
            place=mix.place if arm.place is None else arm.place,
            phases=mix.phases if arm.phases is None else arm.phases,
            order=mix.order if arm.order is None else arm.order,
            size=size if arm.size is None else arm.size,
            shares=shares if arm.shares is None else arm.shares,
            same_items_as=arm.same_items_as,
        )
