"""A target, the figure that was measured, and the line that says so."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured figure and what it was to be."""

    name: str
    """what was measured, on what"""
    value: float
    target: float | None = None
    """None: reported, nothing was promised"""
    at_least: bool = True
    """whether more is better"""
    seconds: float | None = None
    """wall clock of what produced it"""
    unit: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without one."""
        if self.target is None:
            return None
        return self.value >= self.target if self.at_least else self.value <= self.target

    def __str__(self) -> str:
        """`name  value  target  ratio  met  seconds` in columns."""
        verdict = {None: "", True: "met", False: "MISSED"}[self.met]
        goal = "" if self.target is None else f"{'>=' if self.at_least else '<='} {self.target:g}{self.unit}"
        ratio = "" if not self.target else f"{self.value / self.target:.3f}"
        took = "" if self.seconds is None else f"{self.seconds:.1f} s"
        return f"{self.name:<72} {self.value:9.4f}{self.unit:<3} {goal:>12} {ratio:>7} {verdict:<7} {took:>9}"
