"""What to release of a run, as it stands under `release:` in a pipeline."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

TRAIN = "train"
"""The split of what is not held out."""

ContentRule = Literal["empty_turn", "ends_with_user", "prompt_in_answer", "unclosed_reasoning", "equal_answers"]
"""Rules of a release on conversations; see `release.content_rules`."""

_SPLIT = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_CONFIG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


NodeNames = Annotated[list[str], BeforeValidator(_as_list), Field(min_length=1)]
"""Names of steps; one name stands for a list of one."""


class ReleaseSpec(BaseModel):
    """Which tables go into the dataset, how they are cut, and what the card says besides the numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tables: dict[str, NodeNames] = Field(min_length=1)
    """Hub config name -> the step, or the steps of one record kind, whose rows it holds. A mix with arms makes a config
    of each, `CONFIG-ARM`, in the order of `place`"""
    title: str | None = None
    """title of the card (default: the pipeline's name)"""
    description: str = ""
    """what the dataset is and whom it is for, in Markdown"""
    license: str | None = None
    """licence of the whole, a Hub tag or SPDX id (default: from the rows)"""
    sources: str = ""
    """where the text comes from and whom to thank, in Markdown; stands above the measured list of sources"""
    limits: list[str] = []
    """known limits, one sentence each"""
    tags: list[str] = []
    """further tags on the Hub"""
    splits: dict[str, float | int] = {}
    """rows to hold out: {validation: 0.01, test: 500}; a share, or about how many of each config and language. What
    belongs together stays together (a text with its translations and variants, equal texts, and by `keep_together`), in
    all configs; rows of `train` that would give away a row held out are left out as `split_leak`. Adding rows moves no
    row: a share is a matter of each row alone; a number becomes a share at the first release, which is kept in the work
    folder (`splits.json`; remove it to measure anew)"""
    keep_together: list[str] = ["group_id", "document_id"]
    """columns of text whose equal values keep rows in one split: the item, the document; others that rows have (url).
    The file that a line is from is no document"""
    allow: list[ContentRule] = []
    """rules on conversations that do not apply: empty_turn, ends_with_user, prompt_in_answer, unclosed_reasoning,
    equal_answers"""
    drop_columns: list[str] = []
    """score columns to leave out (columns of the record kind always stay)"""
    shard_mb: int = Field(default=256, ge=1)
    """a file is closed when it has reached this size, in MB (10^6 bytes, compressed)"""
    row_group_rows: int = Field(default=5_000, ge=1, le=1_000_000)
    """rows of a Parquet row group: what a reader that streams holds in memory"""
    max_examples: int = Field(default=4, ge=0, le=50)
    """examples shown for each config"""

    @field_validator("splits")
    @classmethod
    def _splits_leave_some(cls, splits: dict[str, float | int]) -> dict[str, float | int]:
        for name, share in splits.items():
            if not _SPLIT.fullmatch(name) or name == TRAIN:
                raise ValueError(f"{name!r} is no name of a split: letters, digits and '_'; train is what remains")
            if isinstance(share, float) and not 0 < share < 1:
                raise ValueError(f"{name}: {share:g} is no share; write one between 0 and 1, or a number of rows")
            if isinstance(share, int) and share < 1:
                raise ValueError(f"{name}: {share} rows are none")
        if sum(s for s in splits.values() if isinstance(s, float)) >= 1:
            raise ValueError("the shares leave nothing for train")
        return splits

    @field_validator("tables")
    @classmethod
    def _names_are_folders(cls, tables: dict[str, list[str]]) -> dict[str, list[str]]:
        for name in tables:
            if not _CONFIG.fullmatch(name):
                raise ValueError(f"config name {name!r}: use letters, digits, '_', '-' and '.' only")
        return tables
