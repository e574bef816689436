"""Where a model or a search runs."""

from __future__ import annotations

from typing import Literal

Device = Literal["auto", "cpu", "cuda"]
"""An option; `auto` is a GPU where the library that computes can use one."""

Resolved = Literal["cpu", "cuda"]
"""A device of this machine."""
