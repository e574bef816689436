"""A file, the step `read`, and what comes of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from xlcorpus.step import SourceEnv
from xlcorpus.steps import Read


@pytest.fixture
def said() -> list[str]:
    """What the step told the user."""
    return []


@pytest.fixture
def read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> Callable[..., tuple[pl.DataFrame, dict[str, list[str]]]]:
    """read(file name, bytes, **options) -> rows, {rule: measured values}; None: the file is there already"""
    monkeypatch.chdir(tmp_path)

    def reading(name: str, content: bytes | None, **options: Any) -> tuple[pl.DataFrame, dict[str, list[str]]]:
        if content is not None:
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).write_bytes(content)
        step = Read(**{"paths": {"de": name}, **options})
        rejected: dict[str, list[str]] = {}

        def reject(rows: pl.DataFrame, rule: str, measure: pl.Expr) -> None:
            rejected.setdefault(rule, []).extend(rows.select(measure.cast(pl.String)).to_series())

        env = SourceEnv(kind=step.kind, reject=reject, say=lambda text, warning: said.append(text))
        step.preflight()
        frames = [f for u in step.units() for f in step.read(u, env)]
        return pl.concat(frames, how="diagonal") if frames else pl.DataFrame(), rejected

    return reading
