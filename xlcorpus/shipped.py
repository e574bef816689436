"""Files that come with xlcorpus: record schemas, pipelines, the sample corpus."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).parent


def folder(name: str) -> Path:
    """`schemas`, `pipelines` or `data`: inside the package when installed from a wheel, beside it in a checkout."""
    inside = _HERE / name
    return inside if inside.is_dir() else _HERE.parent / name


def pipelines() -> dict[str, Path]:
    """The pipelines that come with xlcorpus, by name (`quickstart`), sorted."""
    return {path.stem: path for path in sorted(folder("pipelines").rglob("*.yaml"), key=lambda p: p.stem)}
