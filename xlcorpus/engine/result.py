"""What a run gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from xlcorpus.accounts import Account, Asked
from xlcorpus.ledger import LedgerEntry
from xlcorpus.release.build import ReleaseResult
from xlcorpus.step import Table


@dataclass
class RunResult:
    """What a run gave."""

    folder: Path
    tables: dict[str, Table]
    ledger: list[LedgerEntry]
    ran: list[str]
    """steps that did something in this run; the others were whole"""
    release: ReleaseResult | None = None
    failures: int = 0
    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """what steps measured, in words"""
    asked: dict[tuple[str, str], Asked] = field(default_factory=dict)
    """answers behind the rows, by step and model, whenever they were given"""
    accounts: Mapping[tuple[str, str], Account] = field(default_factory=dict)
    """what this run sent, by step and model"""
