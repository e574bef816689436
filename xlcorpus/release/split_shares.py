"""The shares of a run's splits, kept from its first release on, so that a corpus may grow and no row changes sides.

A JSON file: `seed`, `shares` (what was asked for), `bounds` (config, language, split: [from, to) of the places, see
`splits`). A number of rows that was asked for is a share from then on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from xlcorpus.errors import XlcorpusError
from xlcorpus.release.splits import Bounds, order
from xlcorpus.whole_files import whole_file


def read_bounds(path: Path, shares: Mapping[str, float | int], seed: int) -> Bounds:
    """The bounds that stay, none where the file is not there or of another seed.

    Those of a split stay where it and all splits before it are asked for as they were: behind one that has changed
    there is another start.

    Raises:
        XlcorpusError: the file is damaged.
    """
    if not path.exists():
        return {}
    try:
        kept = json.loads(path.read_text("utf8"))
        same = _unchanged(shares, kept["shares"]) if kept["seed"] == seed else []
        return {
            config: {lang: {name: found[name] for name in same if name in found} for lang, found in langs.items()}
            for config, langs in kept["bounds"].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        raise XlcorpusError(
            f"{path} is damaged; without it rows may change splits. Put back what it held, or remove it to measure the "
            "splits anew"
        ) from None


def write_bounds(path: Path, shares: Mapping[str, float | int], seed: int, known: Bounds, made: Bounds) -> None:
    """Keep the bounds of a release, and those known before of languages and configs that it does not hold."""
    bounds = {config: {**known.get(config, {}), **made.get(config, {})} for config in dict.fromkeys([*known, *made])}
    with whole_file(path) as unfinished:
        unfinished.write_text(json.dumps({"seed": seed, "shares": dict(shares), "bounds": bounds}), "utf8")


def _unchanged(now: Mapping[str, float | int], then: Mapping[str, float | int]) -> list[str]:
    """The first splits, in their order, that are asked for as before."""
    names: list[str] = []
    for name, earlier in zip(order(now), order(then), strict=False):
        if name != earlier or now[name] != then[name] or type(now[name]) is not type(then[name]):
            break
        names.append(name)
    return names
