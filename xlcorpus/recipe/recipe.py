"""A recipe as a file holds it: a pipeline whose parameters and roles are still open.

What is changed of it (`with_params`, `with_models`, `with_options`) gives the recipe that a file with these values
would give.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from xlcorpus.errors import UserError, nearest
from xlcorpus.pipeline import Pipeline
from xlcorpus.recipe.blocks import is_block
from xlcorpus.recipe.built import class_of, node_of, validated
from xlcorpus.recipe.extended import extended
from xlcorpus.recipe.files import Lines, at, find, text_of
from xlcorpus.recipe.graph import pipeline_of
from xlcorpus.recipe.missing import told_missing
from xlcorpus.recipe.params import Param, filled
from xlcorpus.recipe.roles import Role, check_named, named, of_file, player
from xlcorpus.step import SourceStep

HEAD = (
    "name", "paper", "about", "params", "models", "differs", "seed", "max_error_rate", "steps", "release", "holds",
)  # fmt: skip
"""Keys of a recipe; `extends` beside them is gone once a recipe is read."""

SETTABLE = ("seed", "name", "about", "max_error_rate")
"""Keys that `with_options` sets, beside options of steps and of the release."""

FIXED = ("name", "paper", "params")
"""What holds no parameters."""


@dataclass(frozen=True)
class Recipe:
    """A recipe; see `docs/recipes.md` for what its file holds."""

    data: Mapping[str, Any]
    """what the file says, with that of the recipes it extends"""
    source: str = field(default="<recipe>", compare=False)
    """the file, for messages"""
    lines: Lines = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def load(cls, name: Path | str) -> Recipe:
        """Read a recipe from its file, or one that comes with xlcorpus by its name.

        Raises:
            UserError: no such file, not UTF-8, not YAML, or anything `from_yaml` refuses.
        """
        path = find(name)
        return cls.from_yaml(text_of(path), str(path))

    @classmethod
    def from_yaml(cls, text: str, source: str = "<yaml>") -> Recipe:
        """A recipe from YAML text; `source` names it in messages.

        Raises:
            UserError: a key twice, an unknown key (with the nearest valid one), a head that is none.
        """
        data, lines = extended(text, source)
        recipe = cls(data, source, lines)
        recipe._check()
        recipe._check_used()
        return recipe

    @property
    def name(self) -> str:
        """The recipe's name, and that of its run's folder."""
        return str(self.data["name"])

    @property
    def params(self) -> dict[str, Param]:
        """Its parameters by name."""
        return {n: validated(Param, p, f"params.{n}", self.lines, self.source) for n, p in self._mapping("params")}

    @property
    def roles(self) -> dict[str, Role]:
        """Its roles by name."""
        return self._roles(self._mapping("models"))

    def with_params(self, **values: Any) -> Recipe:
        """The recipe with other values of parameters.

        Raises:
            UserError: no such parameter (names the nearest), or a value of another type.
        """
        known, data = self.params, copy.deepcopy(dict(self.data))
        for name, value in values.items():
            if name not in known:
                told = nearest(name, known) if known else f"{self.name} has none"
                raise UserError(f"no parameter {name!r}; {told}")
            try:
                data["params"][name]["default"] = known[name].checked(value)
                data["params"][name].pop("rehearse", None)
            except UserError as problem:
                raise UserError(f"parameter {name!r} {problem}") from None
        return replace(self, data=data)

    def with_models(self, **players: Any) -> Recipe:
        """The recipe with these players of its roles; see `recipe.roles`.

        Raises:
            UserError: no such role (names the nearest), or what is no player.
        """
        known = self.roles
        read: dict[str, Any] = {}
        for role, given in players.items():
            if role not in known:
                told = nearest(role, known) if known else f"{self.name} has none"
                if role in named(self.data["steps"]):
                    told = f"a step names it, but the recipe does not declare it: models: {{{role}: {{about: ...}}}}"
                raise UserError(f"no role {role!r}; {told}")
            try:
                read[role] = player(given)
            except UserError as problem:
                raise UserError(f"role {role!r}: {problem}") from None
        return self._played(read)

    def with_models_file(self, path: Path) -> Recipe:
        """The recipe with the players of a file in the roles whose player it does not say itself.

        Raises:
            UserError: no such file, not YAML, what is no player.
        """
        open_roles = {name for name, role in self.roles.items() if role.player is None}
        return self._played({role: given for role, given in of_file(path).items() if role in open_roles})

    def with_options(self, settings: Mapping[str, Any]) -> Recipe:
        """The recipe with other options: {"step.option": value}; also `release.option`, `seed`, ...

        Raises:
            UserError: no such step, or a key that cannot be set so.
        """
        data = copy.deepcopy(dict(self.data))
        _set(data, settings, self.source)
        recipe = replace(self, data=data)
        recipe._check()
        return recipe

    def missing(self) -> str:
        """What must be given before it can run, in words: parameters, players of roles, input that is not there.

        Empty if nothing is missing.

        Raises:
            UserError: as `pipeline`, for what is wrong and not missing.
        """
        data, used = self._fill()
        params = {name: param for name, param in self.params.items() if name in used}
        names = named(data["steps"])
        roles = {n: role for n, role in self._roles((data.get("models") or {}).items()).items() if n in names}
        return told_missing(self.name, params, roles, self._lacking_input())

    def pipeline(self) -> Pipeline:
        """The pipeline, with its parameters and players put in.

        Raises:
            UserError: nobody plays a role or a parameter has no value (all that is missing, in one error), an unknown
                parameter, step or option (with the nearest valid name), a wrong type.
        """
        data, used = self._fill()
        names = named(data["steps"])
        lacks_value = any(not param.given for name, param in self.params.items() if name in used)
        if lacks_value or any(role.played_by is None for name, role in self.roles.items() if name in names):
            raise UserError(self.missing())
        roles = self._roles((data.get("models") or {}).items())
        return pipeline_of(data, self.lines, self.source, lambda number: self._players(roles, number))

    def _mapping(self, key: str) -> Iterable[tuple[str, Any]]:
        """The entries of a mapping of the head."""
        found = self.data.get(key) or {}
        if not isinstance(found, dict):
            raise UserError(f"{at(self.lines, key, self.source)}: {key} is a mapping of names, got {found!r}")
        return found.items()

    def _played(self, players: Mapping[str, Any]) -> Recipe:
        data = copy.deepcopy(dict(self.data))
        for role, given in players.items():
            data["models"][role]["player"] = given
        return replace(self, data=data)

    def _roles(self, told: Iterable[tuple[str, Any]]) -> dict[str, Role]:
        return {name: validated(Role, r, f"models.{name}", self.lines, self.source) for name, r in told}

    def _players(self, roles: Mapping[str, Role], number: int) -> dict[str, Any]:
        """The players of roles that are played, in a round (from 1), as options take them."""
        found = {}
        for name, role in roles.items():
            try:
                given = role.in_round(number)
            except UserError as problem:
                raise UserError(f"{at(self.lines, f'models.{name}', self.source)}: {name}: {problem}") from None
            if given is not None:
                found[name] = given
        return found

    def _fill(self) -> tuple[dict[str, Any], set[str]]:
        """The data with the values of parameters (null for one that has none), and those that occur."""
        values = {name: param.default for name, param in self.params.items()}
        used: set[str] = set()
        data = {
            key: value if key in FIXED else filled(value, values, self.lines, key, self.source, used)
            for key, value in self.data.items()
        }
        return data, used

    def _lacking_input(self) -> list[str]:
        """What source steps say of input that is not there, as far as their parameters have values."""
        params = self.params
        values = {name: param.default for name, param in params.items() if param.given}
        found = []
        for name, body in self.data["steps"].items():
            if is_block(body):
                continue
            path = f"steps.{name}"
            cls = class_of(name, body, self.lines, self.source)
            used: set[str] = set()
            filled(body, dict.fromkeys(params), self.lines, path, self.source, used)
            if not issubclass(cls, SourceStep) or not used <= values.keys():
                continue
            node = node_of(name, filled(body, values, self.lines, path, self.source, used), self.lines, self.source)
            assert isinstance(node.step, SourceStep)
            try:
                node.step.preflight()
                node.step.units()
            except UserError as problem:
                found.append(f"step {name!r} ({at(self.lines, path, self.source)}): {problem}")
        return found

    def _check(self) -> None:
        """Refuse a head that is none."""
        data, lines, source = self.data, self.lines, self.source
        for key in data:
            if key not in HEAD:
                told = nearest(str(key), (*HEAD, "extends"))
                raise UserError(f"{at(lines, str(key), source)}: no key {key!r} in a pipeline; {told}")
        name = data.get("name")
        if not isinstance(name, str):
            raise UserError(f"{source}: a pipeline needs a name (letters, digits, - and _)")
        if not all(c.isalnum() or c in "-_." for c in name) or name.startswith("."):
            raise UserError(f"{at(lines, 'name', source)}: name {name!r} may hold letters, digits, - and _ only")
        if not isinstance(data.get("steps"), dict) or not data["steps"]:
            raise UserError(f"{source}: a pipeline needs steps, a mapping of names to options")
        _ = self.params, self.roles

    def _check_used(self) -> None:
        """Refuse parameters and roles that the file declares for nothing."""
        data, used = self._fill()
        for name in self.params:
            if name not in used:
                place = at(self.lines, f"params.{name}", self.source)
                raise UserError(f"{place}: the parameter {name!r} changes nothing: no option holds ${{{name}}}")
        check_named(data["steps"], self.roles, self.lines, self.source)


def _set(data: dict[str, Any], settings: Mapping[str, Any], source: str) -> None:
    """Put `step.option: value` into the data as if it stood in the file."""
    steps = data["steps"]
    for path, value in settings.items():
        first, *rest = path.split(".")
        if not rest:
            if first not in SETTABLE:
                raise UserError(f"--set {path}: write step.option=value, or one of {', '.join(SETTABLE)}")
            data[first] = value
            continue
        if first == "release":
            target = data.setdefault("release", {})
        elif first in steps:
            steps[first] = target = steps[first] or {}
        else:
            raise UserError(f"--set {path}: no step {first!r} in {source}; {nearest(first, [*steps, 'release'])}")
        for key in rest[:-1]:
            if not isinstance(target.get(key), dict):
                target[key] = {}
            target = target[key]
        target[rest[-1]] = value
