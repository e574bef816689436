"""Steps of a recipe as nodes of a graph; those in blocks stand there once for each round or attempt.

The step `generate` in the second round of the block `grow` is the node `grow.2.generate`. Beside the steps stand

- `grow.0.pool`, `grow.2.novel.round`: tables with the round in a column, as the next round and others read them,
- `grow.2.pool`: with `stop`, a table that round 2 reads from outside, empty where the round does not take place,
- `checked.2.accept`, `checked.2.again`: rows of an attempt that are good, and those that go round again,
- `checked`: what all attempts of that block gave.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from xlcorpus.recipe.attempts import put_attempts
from xlcorpus.recipe.blocks import ROUNDS, Rounds, Until, block_of, is_block
from xlcorpus.recipe.built import validated
from xlcorpus.recipe.files import Lines
from xlcorpus.recipe.placed import BEFORE, Placed, Players, Turn, reading
from xlcorpus.recipe.rounds import PlacedRounds
from xlcorpus.recipe.scope import Scope


def unrolled(steps: Mapping[str, Any], lines: Lines, source: str, players: Players) -> Placed:
    """The nodes of a recipe.

    Args:
        steps: what stands under `steps`, with parameters put in.
        lines: of the recipe.
        source: the recipe's file, for messages.
        players: of its roles.

    Raises:
        UserError: an unknown step or option, a block that is none, a step that cannot stand in a block.
    """
    placed = Placed(steps, lines, source, players)
    _put(placed, steps, "steps", "", placed.scope, Turn(), None)
    return placed


def _put(
    placed: Placed, steps: Mapping[str, Any], path: str, prefix: str, scope: Scope, turn: Turn, first: str | None
) -> None:
    """Add steps, the first of which reads `first` unless it says what it reads."""
    lines, source = placed.given_lines, placed.source
    before, default = first, None
    for name, body in steps.items():
        here, full = f"{path}.{name}", f"{prefix}{name}"
        if is_block(body):
            key, data = block_of(body, here, lines, source)
            here = f"{here}.{key}"
            around = Scope(scope)
            if before is not None:
                around.carry(BEFORE, partial(scope.find, before))
            if key == ROUNDS:
                rounds = validated(Rounds, data, here, lines, source)
                made = PlacedRounds(placed, rounds, here, full, around, turn, partial(_put, placed))
                scope.block(name, made.given, made.part)
            else:
                put_attempts(placed, validated(Until, data, here, lines, source), here, full, around, turn)
                scope.name(name, (full,))
            before, default = name, None
            continue
        node = placed.add(name, body, here, full, scope, turn)
        if prefix:
            scope.name(name, (full,))
        follows = default is not None and placed.last == default
        if node is not None:
            placed.put(node if follows or before is None else reading(node, before))
        before, default = name, full
