"""What the head of a recipe says of a pipeline: the paper, and what must be true of the release."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class Paper(BaseModel):
    """Where a recipe was published."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    authors: str | None = None
    """as they are cited: Tran et al."""
    arxiv: str | None = Field(default=None, pattern=r"^(\d{4}\.\d{4,5}|[a-z-]+/\d{7})$")
    """its number there, in quotes: "2404.11932" """
    anthology: str | None = None
    """its id in the ACL Anthology: D19-1136"""
    url: str | None = Field(default=None, pattern=r"^https?://\S+$")
    """where it stands, if in neither"""
    year: int | None = Field(default=None, ge=1900, le=2100)

    @property
    def address(self) -> str | None:
        """Where to read it."""
        if self.arxiv is not None:
            return f"https://arxiv.org/abs/{self.arxiv}"
        return f"https://aclanthology.org/{self.anthology}" if self.anthology is not None else self.url

    def __str__(self) -> str:
        by = ", ".join(str(part) for part in (self.authors, self.year) if part)
        return f"{self.title} ({by})" if by else self.title


class Hold(BaseModel):
    """A condition on the rows of a release, in SQL: one of `all`, `share` with `between`, `sql`.

    {what: languages differ, of: instruction, where: "task = 'x'", all: prompt_lang != response_lang}
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    what: str
    """in words"""
    of: str | None = None
    """config of the release"""
    where: str | None = None
    """of which rows (an expression); the others do not count"""
    all: str | None = None
    """true of every row, or with `by` of every group, where it may hold aggregates; null is not true"""
    share: str | None = None
    """true of a part of the rows; null is not true"""
    between: tuple[float, float] | None = None
    """the least and the greatest share: [0.4, 0.6]; it fails if the 99 % interval of the share lies outside"""
    by: Annotated[list[str], BeforeValidator(_as_list)] = []
    """columns: the condition is one on each group of rows that are equal in them"""
    sql: str | None = None
    """a query over the configs of the release that must return no row"""
    real: bool = False
    """whether only real models can meet it: a rehearsal leaves it out"""

    @model_validator(mode="after")
    def _one_condition(self) -> Hold:
        given = [name for name in ("all", "share", "sql") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"give one of all, share and sql, not {' and '.join(given) or 'none'}")
        if self.sql is not None and (self.of is not None or self.where is not None or self.by):
            raise ValueError("of, where and by do not go with sql, which names its tables itself")
        if self.sql is None and self.of is None:
            raise ValueError("of is missing: the config of the release whose rows are meant")
        if (self.share is None) != (self.between is None):
            raise ValueError("share and between belong together: {share: EXPRESSION, between: [0.4, 0.6]}")
        if self.between is not None and not 0 <= self.between[0] <= self.between[1] <= 1:
            raise ValueError(f"between holds two shares from 0 to 1, the least first, not {list(self.between)}")
        return self
