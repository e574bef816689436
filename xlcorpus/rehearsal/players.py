"""Stand-ins for the roles of a recipe that nobody plays."""

from __future__ import annotations

from typing import Any

from xlcorpus.recipe.blocks import bodies
from xlcorpus.recipe.built import kind_of
from xlcorpus.recipe.recipe import Recipe
from xlcorpus.recipe.roles import After
from xlcorpus.registry import step_class
from xlcorpus.steps.ask.ask_options import AskOptions

ADDRESS = "http://stand-in/v1"
"""Of a stand-in for a chat model; nothing is sent there."""
NAME = "stand-in"
"""Of a stand-in for another model."""


def with_stand_ins(recipe: Recipe) -> Recipe:
    """The recipe with somebody in each role; who plays one already keeps it.

    Raises:
        UserError: as `Recipe.pipeline`, for what is wrong and not missing.
    """
    chats, translators = set(), set()
    for _, name, body in bodies(recipe.data["steps"]):
        if not isinstance(body, dict):
            continue
        translators |= {*_names(body.get("translator"))}
        named = {*_names(body.get("model")), *_names(body.get("user_model"))}
        if named and issubclass(step_class(kind_of(name, body)), AskOptions):
            chats |= named
    players: dict[str, Any] = {}
    for name, role in recipe.roles.items():
        rounds = len(role.by_round) if isinstance(role.by_round, list) else 1 + bool(role.by_round)
        if not any(_is_open(role.in_round(number + 1)) for number in range(rounds)):
            continue
        chat = {"base_url": ADDRESS, "model": name}
        one: Any = chat if name in chats else "apertium" if name in translators else NAME
        players[name] = one
        if role.by_round is not False:
            players[name] = [{**chat, "model": f"{name}-{n}"} if name in chats else one for n in range(rounds)]
    return recipe.with_models(**players)


def _is_open(player: Any) -> bool:
    return player is None or isinstance(player, After)


def _names(value: Any) -> list[str]:
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]
