"""What to release of a run, as it stands under `release:` in a pipeline."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

_CONFIG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


NodeNames = Annotated[list[str], BeforeValidator(_as_list), Field(min_length=1)]
"""Names of steps; one name stands for a list of one."""


class ReleaseSpec(BaseModel):
    """Which tables go into the dataset, how they are cut, and what the card says besides the numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    tables: dict[str, NodeNames] = Field(min_length=1)
    """Hub config name -> the step, or the steps of one record kind, whose rows it holds"""
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
    drop_columns: list[str] = []
    """score columns to leave out (columns of the record kind always stay)"""
    shard_mb: int = Field(default=256, ge=1)
    """a file is closed when it has reached this size, in MB (10^6 bytes, compressed)"""
    row_group_rows: int = Field(default=5_000, ge=1, le=1_000_000)
    """rows of a Parquet row group: what a reader that streams holds in memory"""
    max_examples: int = Field(default=4, ge=0, le=50)
    """examples shown for each config"""

    @field_validator("tables")
    @classmethod
    def _names_are_folders(cls, tables: dict[str, list[str]]) -> dict[str, list[str]]:
        for name in tables:
            if not _CONFIG.fullmatch(name):
                raise ValueError(f"config name {name!r}: use letters, digits, '_', '-' and '.' only")
        return tables
