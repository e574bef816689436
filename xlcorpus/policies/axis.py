"""Axes for values of any measure: shares, counts with a long tail, probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xlcorpus.arrays import Floats64

_TAIL = 0.002
"""Share of the values at either end that an axis need not show."""
_ENOUGH = 4
"""Ticks from which on only values of one digit are added."""
_LONG = 4.0
"""An axis that reaches further than this many times its scale is logarithmic beyond the scale."""


@dataclass(frozen=True)
class Axis:
    """From `low` to `high`: linear up to `scale` and logarithmic beyond it (inverse hyperbolic sine); without a scale
    linear throughout."""

    low: float
    high: float
    scale: float | None = None

    @staticmethod
    def of(values: Floats64, limits: Floats64) -> Axis:
        """The axis that shows nearly all values, and all limits.

        Args:
            values: (rows,) without NaN.
            limits: (limits,) finite. The scale is the median of their sizes, of the values' where all are 0.
        """
        ends = np.quantile(values, (_TAIL, 1 - _TAIL)) if len(values) else np.zeros(2)
        shown = np.concatenate([ends, limits])
        low, high = float(shown.min()), float(shown.max())
        if low == high:
            return Axis(low - 0.5, high + 0.5)
        sizes = np.abs(limits[limits != 0]) if np.any(limits) else np.abs(values[values != 0])
        scale = float(np.median(sizes)) if len(sizes) else 0.0
        long = scale > 0 and max(abs(low), abs(high)) > _LONG * scale
        return Axis(low, high, scale if long else None)

    def places(self, values: Floats64) -> Floats64:
        """Places of values on the axis, in their shape: 0 at `low`, 1 at `high`."""
        low, high = self._bent(np.array([self.low, self.high])).tolist()
        places: Floats64 = (self._bent(values) - low) / (high - low)
        return places

    def values(self, count: int) -> Floats64:
        """(count,) values at equal distances on the axis, `low` and `high` among them."""
        low, high = self._bent(np.array([self.low, self.high])).tolist()
        bent = np.linspace(low, high, count)
        found: Floats64 = bent if self.scale is None else np.sinh(bent) * self.scale
        found[[0, -1]] = self.low, self.high
        return found

    def ticks(self, apart: float = 0.09) -> list[float]:
        """Round values on the axis, ascending, at least `apart` (a share of the axis) from one another."""
        ticks: list[float] = []
        for value in sorted(_round_values(self.low, self.high), key=_roundness):
            if len(ticks) >= _ENOUGH and _roundness(value)[0] > 1:
                break
            place = self.places(np.array([value, *ticks]))
            if np.all(np.abs(place[1:] - place[0]) >= apart):
                ticks.append(value)
        return sorted(ticks)

    def _bent(self, values: Floats64) -> Floats64:
        return values if self.scale is None else np.arcsinh(values / self.scale)


def _round_values(low: float, high: float) -> set[float]:
    """Multiples of 1, 2 and 5 times powers of ten from low to high; only the first of a step that has over 20."""
    top = int(np.ceil(np.log10(max(abs(low), abs(high)))))
    found = {0.0} if low <= 0 <= high else set()
    for power in range(top - 6, top + 1):
        for step in (1, 2, 5):
            size = step * 10.0**power
            first, last = int(np.ceil(low / size)), int(np.floor(high / size))
            if last - first <= 20:
                found |= {float(f"{k * size:.6g}") for k in range(first, last + 1)}
            else:
                found |= {value for value in (size, -size) if low <= value <= high}
    return found


def _roundness(value: float) -> tuple[int, int, float]:
    """Sort key: zero first, then values of few digits, of one digit 1, 5 and 2, then the larger value."""
    digits = f"{abs(value):.6g}".replace(".", "").strip("0").lstrip("0").partition("e")[0]
    return (0 if value == 0 else len(digits), "152".find(digits) if digits in ("1", "5", "2") else 3, -abs(value))
