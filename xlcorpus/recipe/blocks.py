"""Blocks of a recipe: steps that are run several times, as they stand in the file.

rounds: {times: 3, start: {pool: seeds}, steps: {...}, next: {pool: [pool, novel]}, stop: {of: pool, rows: 5000}}
until: {steps: {...}, accept: "translate_numbers_kept = 1", at_most: 5}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PositiveInt, model_validator

from xlcorpus.errors import UserError
from xlcorpus.recipe.files import Lines, at

ROUNDS, UNTIL = "rounds", "until"


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Names = Annotated[list[str], BeforeValidator(_as_list), Field(min_length=1)]
"""Names of steps or tables, whose rows are joined; one name stands for a list of one."""


def _as_number(value: Any) -> Any:
    return len(value) if isinstance(value, list) else value


class Stop(BaseModel):
    """When rounds end before there were as many as `times` says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    of: str | None = None
    """the table: a name of `start` (as the next round reads it), or a step of a round; default: the first of `start`"""
    rows: PositiveInt | None = None
    """no further round once the table has so many rows"""
    measure: str | None = None
    """SQL with an aggregate over the rows of a round: no further round once its value has not risen"""

    @model_validator(mode="after")
    def _one_limit(self) -> Stop:
        if (self.rows is None) == (self.measure is None):
            raise ValueError("give one of rows and measure")
        return self


class Rounds(BaseModel):
    """Steps that run several times, each time on what the time before gave."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    times: PositiveInt
    """number of rounds, at most"""
    steps: dict[str, Any] = Field(min_length=1)
    """steps of a round"""
    start: dict[str, Names] = {}
    """tables by the names under which a round reads them: what the first round finds"""
    next: dict[str, Names] = {}
    """the same for the round that follows: steps of this round, or names of `start` (what this round found); a name
    that is not here stays as it is"""
    gives: str | None = None
    """what the block's name stands for: a name of `start` (after the last round) or a step (its rows of all rounds);
    default: the first name of `next`, else the last step"""
    stop: Stop | None = None
    """when no further round is needed"""

    @model_validator(mode="after")
    def _names_fit(self) -> Rounds:
        twice = sorted({*self.start} & {*self.steps})
        if twice:
            raise ValueError(f"{twice[0]!r} is a name of start and a step; give one another name")
        for name, tables in self.next.items():
            if name not in self.start:
                raise ValueError(f"next: no table {name!r} in start, which says what the first round finds")
            for table in tables:
                if table not in self.start and table not in self.steps:
                    raise ValueError(f"next.{name}: {table!r} is neither a step of the round nor a name of start")
            if self.stop is not None and name not in tables:
                raise ValueError(
                    f"next.{name}: with stop a table grows ({name}: [{name}, {tables[0]}]), for a round that does not "
                    "take place gives no rows"
                )
        if self.stop is not None and not self.start:
            raise ValueError("stop needs start: the tables that the next round would read")
        for option, named in (("gives", self.gives), ("stop.of", self.stop.of if self.stop else None)):
            if named is not None and named not in self.start and named not in self.steps:
                raise ValueError(f"{option}: {named!r} is neither a step of the round nor a name of start")
        return self

    @property
    def given(self) -> str:
        """What the block's name stands for."""
        return self.gives or next(iter(self.next), None) or list(self.steps)[-1]


class Until(BaseModel):
    """Row steps that run again, row by row, for rows of which nothing good came."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    steps: dict[str, Any] = Field(min_length=1)
    """steps one after the other; a row that a rule of theirs rejects goes round again too"""
    at_most: int = Field(ge=2)
    """attempts"""
    accept: str | None = None
    """SQL over the columns of a row that the last step made: whether it is good; default: all are"""
    rows: Annotated[PositiveInt, BeforeValidator(_as_number)] = 1
    """good rows that are wanted of each row; all that come are kept. A list stands for its length: `${into}`"""
    each: str | None = None
    """column: `rows` counts its values (`lang`: the languages), and of each the first good row is kept"""


def is_block(body: Any) -> bool:
    """Whether what stands under a name of `steps` is a block."""
    return isinstance(body, dict) and any(isinstance(body.get(key), dict) for key in (ROUNDS, UNTIL))


def block_of(body: Mapping[str, Any], path: str, lines: Lines, source: str) -> tuple[str, Any]:
    """`rounds` or `until`, and what stands under it.

    Raises:
        UserError: something stands beside it.
    """
    key = ROUNDS if ROUNDS in body else UNTIL
    for other in body:
        if other != key:
            raise UserError(
                f"{at(lines, f'{path}.{other}', source)}: {other!r} stands beside {key!r}; a block has no other key"
            )
    return key, body[key]


def bodies(steps: Mapping[str, Any], path: str = "steps") -> Iterator[tuple[str, str, Any]]:
    """Path, name and options of every step, those in blocks among them."""
    for name, body in steps.items():
        here = f"{path}.{name}"
        if not is_block(body):
            yield here, str(name), body
            continue
        key = ROUNDS if ROUNDS in body else UNTIL
        inside = body[key].get("steps") if isinstance(body[key], dict) else None
        if isinstance(inside, dict):
            yield from bodies(inside, f"{here}.{key}.steps")
