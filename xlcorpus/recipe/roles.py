"""Roles of a recipe, and who plays them.

A player is a name (a built-in model, a path or a Hub id), `URL#MODEL` for a model behind an OpenAI-compatible endpoint,
or the mapping that `models.chat.player.Player` takes; a list of these is many players. `models.yaml` names players by
role:

    teacher: {base_url: http://localhost:8000/v1, model: qwen3-32b, price: {prompt: 0.1, completion: 0.4}}
    encoder: e5-small
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError

from xlcorpus.errors import UserError, nearest
from xlcorpus.models.chat.player import Player
from xlcorpus.recipe.blocks import bodies
from xlcorpus.recipe.files import Lines, at, mapping, text_of

OPTIONS = ("model", "user_model", "encoder", "translator")
"""Options of steps that name a role, a built-in model, a path or a Hub id, in this order."""

MODELS_FILE = Path("models.yaml")
"""Where players stand, in the current folder."""

EXAMPLE = "http://localhost:8000/v1#NAME"


class After(BaseModel):
    """Nobody plays a role yet: its player is trained on a table that the recipe makes before."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    after: str
    """config of the release, or step"""
    before: list[Any] = []
    """players of the rounds before"""


class Role(BaseModel):
    """What a recipe needs a model for: `{about: writes instructions in any language}`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    about: str
    """what its player must be able to do"""
    player: Any = None
    """who plays it: goes before `models.yaml`, and `--model` before it"""
    default: Any = None
    """who plays it where nobody else is named; {after: TABLE}: nobody before that table is released and trained on"""
    by_round: bool | list[Any] = False
    """whether several players take turns: the n-th plays round n of a block `rounds`, the last one all further rounds.
    A list names them; players that are given otherwise take the places of its first"""

    @property
    def played_by(self) -> Any:
        """The player, or several; None if there is none."""
        if self.by_round is False:
            return self.player if self.player is not None else self.default
        given = self.player if self.player is not None else []
        given = given if isinstance(given, list) else [given]
        planned = self.by_round if isinstance(self.by_round, list) else []
        found = [*given, *planned[len(given) :]] or ([] if self.default is None else [self.default])
        return found if found and None not in found else None

    def in_round(self, number: int) -> Any:
        """Who plays round `number`, from 1: as options of steps take it, `After`, or None.

        Raises:
            UserError: what is no player.
        """
        given, before = self.played_by, []
        if self.by_round is not False and given is not None:
            place = min(number, len(given)) - 1
            given, before = given[place], given[:place]
        if isinstance(given, dict) and "after" in given:
            try:
                return After(after=given["after"], before=before)
            except ValidationError:
                raise UserError(f"after names a table, a config of the release, got {given['after']!r}") from None
        return None if given is None else player(given)


def player(given: Any) -> Any:
    """A player as the options of steps take it: a name, a mapping, or a list of these.

    Raises:
        UserError: what no option could take; never with a key in the message.
    """
    if isinstance(given, list):
        if not given:
            raise UserError("the list of players is empty")
        return [player(one) for one in given]
    if isinstance(given, Player):
        given = given.model_dump(mode="json", exclude_defaults=True)
    if isinstance(given, str) and given.strip() and "://" not in given:
        return given
    if isinstance(given, str) and "://" in given:
        url, mark, model = given.partition("#")
        if not mark or not model:
            raise UserError(f"after the address belongs the model's name: {EXAMPLE}")
        given = {"base_url": url, "model": model}
    if not isinstance(given, dict):
        raise UserError(f"a player is a name, {EXAMPLE}, or a mapping with base_url and model")
    address = urlsplit(str(given.get("base_url", "")))
    if address.username is not None or address.password is not None or address.query:
        raise UserError("a key or a password stands in base_url; put it into an environment variable (api_key_env)")
    try:
        Player(**given)
    except ValidationError as problem:
        error = problem.errors()[0]
        option = ".".join(str(part) for part in error["loc"])
        if error["type"] == "extra_forbidden" and len(error["loc"]) == 1:
            raise UserError(f"a player has no {option!r}; {nearest(option, Player.model_fields)}") from None
        raise UserError(f"{option}: {error['msg'].removeprefix('Value error, ')}") from None
    return given


def of_file(path: Path) -> dict[str, Any]:
    """The players of a file by role.

    Raises:
        UserError: no such file, not YAML, what is no player.
    """
    data, lines = mapping(text_of(path, "file of models"), str(path), "players by role")
    found = {}
    for role, given in data.items():
        try:
            found[str(role)] = player(given)
        except UserError as problem:
            raise UserError(f"{at(lines, str(role), str(path))}: {role}: {problem}") from None
    return found


def named(steps: Mapping[str, Any]) -> dict[str, str]:
    """What steps name under `OPTIONS`, and where it stands first (path of the option)."""
    found: dict[str, str] = {}
    for path, _, body in bodies(steps):
        for option in OPTIONS if isinstance(body, dict) else ():
            value = body.get(option)
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, str):
                    found.setdefault(one, f"{path}.{option}")
    return found


def check_named(steps: Mapping[str, Any], roles: Collection[str], lines: Lines, source: str) -> None:
    """Refuse a role that no step names.

    Raises:
        UserError: there is one; says what steps name instead.
    """
    names = named(steps)
    for role in roles:
        if role not in names:
            others = [
                f"{path.removeprefix('steps.')} ({at(lines, path, source)}) names {name!r}"
                for name, path in names.items()
                if name not in roles
            ]
            raise UserError(
                f"{at(lines, f'models.{role}', source)}: no step names the role {role!r} under {', '.join(OPTIONS)}"
                f"{'; ' if others else ''}{'; '.join(others)}"
            )


def cast(steps: Mapping[str, Any], players: Mapping[str, Any]) -> dict[str, Any]:
    """The steps with players in place of roles.

    Args:
        steps: options by step, as they stand in the file.
        players: by role; a role with many players becomes a list.
    """

    def played(value: Any) -> Any:
        if isinstance(value, list):
            found = [played(one) for one in value]
            return [one for part in found for one in (part if isinstance(part, list) else [part])]
        return players.get(value, value) if isinstance(value, str) else value

    return {
        name: {k: played(v) if k in OPTIONS else v for k, v in body.items()} if isinstance(body, dict) else body
        for name, body in steps.items()
    }


def told(player: Any) -> str:
    """A player in a few words, for people."""
    if isinstance(player, list):
        return ", ".join(told(one) for one in player)
    if isinstance(player, dict) and "after" in player:
        return f"nobody before {player['after']} is released"
    return f"{player['model']} at {player['base_url']}" if isinstance(player, dict) else str(player)
