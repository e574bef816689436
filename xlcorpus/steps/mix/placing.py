"""Where rows stand in the order of a mix: times in [0, 1], the beginning and the end of the training."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from xlcorpus.arrays import Floats64, Ints64, UInts64

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def lots(draw: UInts64, copy: Ints64) -> Floats64:
    """(n,) numbers in [0, 1) of rows and their repetitions, independent of the order that `draw` puts them in."""
    # The finalizer of SplitMix64 (Steele, Lea & Flood 2014).
    z = draw + copy.astype(np.uint64) * _GOLDEN
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    numbers: Floats64 = ((z ^ (z >> np.uint64(31))) >> np.uint64(11)).astype(np.float64) / 2.0**53
    return numbers


def spread(sizes: Ints64, lot: Floats64) -> Floats64:
    """(n,) times of rows in their order, spread evenly by size.

    Each row lies at random within its own stretch, so that every part of the order holds as much as its length, to
    within a row.

    Args:
        sizes: (n,) in the order of the rows.
        lot: (n,) in [0, 1): where in its stretch a row lies.
    """
    widths = np.maximum(sizes.astype(np.float64), 1e-9)
    ends = np.cumsum(widths)
    times: Floats64 = (ends - widths * (1 - lot)) / ends[-1] if len(ends) else widths
    return times


def through_phases(at: Floats64, amounts: npt.ArrayLike, parts: npt.ArrayLike) -> tuple[Floats64, Ints64]:
    """(n,) times and (n,) phases of rows of a language of which each phase holds another amount.

    Args:
        at: (n,) in [0, 1): times of the rows, if all phases held as much.
        amounts: (phases,) of the language, one above 0.
        parts: (phases,) lengths of the phases, together 1.
    """
    share = np.asarray(amounts, np.float64)
    share = np.cumsum(share) / share.sum()
    ends = np.cumsum(np.asarray(parts, np.float64))
    phase = np.minimum(np.searchsorted(share, at, "right"), len(share) - 1)
    begins_at, begins = (np.concatenate([np.zeros(1), x[:-1]]) for x in (share, ends))
    width = np.maximum(share - begins_at, 1e-300)[phase]
    times = begins[phase] + (at - begins_at[phase]) / width * (ends - begins)[phase]
    return times, phase.astype(np.int64)


def far_apart(at: Floats64, number: Ints64, of: Ints64) -> Floats64:
    """(n,) times of the rows of items whose rows stand as far from each other as the order allows.

    Args:
        at: (n,) time of the item of each row.
        number: (n,) of the row in its item, from 0.
        of: (n,) rows of its item.
    """
    times: Floats64 = (at + number / of) % 1.0
    return times
