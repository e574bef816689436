"""Parameters of a recipe: what a user changes, and `${name}` in options, which stands for a value.

Alone, `${into}` keeps the type of its value; inside a string it is text, where a list or a mapping is written as SQL
writes it (`lang IN ${into}`). `$${into}` is the text `${into}` itself. `{{x}}` is left alone: a field of a row.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, model_validator

from xlcorpus import yaml_values
from xlcorpus.errors import UserError, nearest
from xlcorpus.recipe.files import Lines, at

Type = Literal["text", "integer", "number", "boolean", "list", "mapping"]

_PYTHON: dict[Type, tuple[type, ...]] = {
    "text": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "list": (list,),
    "mapping": (dict,),
}
_NAME = re.compile(r"\$(\$?)\{([^\W\d]\w*)\}")


class Param(BaseModel):
    """A parameter: `{default: 3000, about: rows of the corpus}`. Without a default it must be given."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    about: str
    """what it means"""
    type: Type | list[Type] | None = None
    """text, integer, number, boolean, list, mapping, or a list of these that all are taken (default: that of the
    default)"""
    default: Any = None
    """its value where the user gives none"""
    rehearse: Any = None
    """its value in a rehearsal, unless the user gives one: where the default makes more rows than that needs"""

    @model_validator(mode="after")
    def _has_a_type(self) -> Param:
        if self.type is None and _type_of(self.default) is None:
            raise ValueError("without a default it needs a type: text, integer, number, boolean, list or mapping")
        for name, value in (("default", self.default), ("value of a rehearsal", self.rehearse)):
            if value is not None and not self._takes(value):
                raise ValueError(f"the {name} is {_told(value)}, no {self.types}")
        return self

    @property
    def given(self) -> bool:
        """Whether it has a value."""
        return "default" in self.model_fields_set

    @property
    def types(self) -> str:
        """Its type, in words: `list`, `text or list`."""
        return " or ".join(self._types())

    def read(self, text: str) -> Any:
        """The value of what a user wrote on the command line, as YAML; a text need not be quoted.

        Raises:
            UserError: not YAML.
        """
        try:
            value = yaml_values.read(text)
        except yaml.YAMLError as problem:
            if "text" in self._types():
                return text
            raise UserError(f"the value is not valid YAML: {problem}") from None
        return text if not self._takes(value) and "text" in self._types() and not isinstance(value, list) else value

    def checked(self, value: Any) -> Any:
        """The value, if it is of the parameter's type.

        Raises:
            UserError: of another type.
        """
        if value is None and self.given and self.default is None:
            return value
        if not self._takes(value):
            written = f"; write [{value}]" if "list" in self._types() and not isinstance(value, dict | list) else ""
            raise UserError(f"is {_told(value)}, but {self.types} belongs there{written}")
        if isinstance(value, list) and isinstance(self.default, list) and self.default:
            kinds = {_type_of(element) for element in self.default}
            for element in value:
                if _type_of(element) not in kinds:
                    expected = " or ".join(sorted(str(k) for k in kinds))
                    raise UserError(f"holds {_told(element)}, but its elements are of the type {expected}")
        return value

    def _types(self) -> list[Type]:
        if self.type is None:
            return [found] if (found := _type_of(self.default)) is not None else []
        return [self.type] if isinstance(self.type, str) else self.type

    def _takes(self, value: Any) -> bool:
        return any(_is(value, t) for t in self._types())


def filled(value: Any, params: Mapping[str, Any], lines: Lines, path: str, source: str, used: set[str]) -> Any:
    """`value` with its parameters, at any depth, keys of mappings among them.

    Args:
        value: what stands in a recipe.
        params: values by name.
        lines: of the recipe.
        path: of the value in it, for messages.
        source: the recipe's file, for messages.
        used: takes the names that occur.

    Raises:
        UserError: no such parameter; names the nearest.
    """
    if isinstance(value, dict):
        return {
            _text(key, params, lines, f"{path}.{key}", source, used): filled(
                entry, params, lines, f"{path}.{key}", source, used
            )
            for key, entry in value.items()
        }
    if isinstance(value, list):
        return [filled(entry, params, lines, f"{path}.{i}", source, used) for i, entry in enumerate(value)]
    if not isinstance(value, str):
        return value
    alone = _NAME.fullmatch(value)
    if alone is not None and not alone[1]:
        return copy.deepcopy(_value(alone[2], params, lines, path, source, used))
    return _text(value, params, lines, path, source, used)


def escaped(value: Any) -> Any:
    """`value` as a recipe writes it, so that `filled` gives it back: `$${x}` for the text `${x}`."""
    if isinstance(value, dict):
        return {escaped(key): escaped(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [escaped(entry) for entry in value]
    return _NAME.sub(lambda m: f"${m[0]}", value) if isinstance(value, str) else value


def _text(value: Any, params: Mapping[str, Any], lines: Lines, path: str, source: str, used: set[str]) -> Any:
    if not isinstance(value, str):
        return value
    return _NAME.sub(
        lambda m: f"${{{m[2]}}}" if m[1] else _written(_value(m[2], params, lines, path, source, used)), value
    )


def _value(name: str, params: Mapping[str, Any], lines: Lines, path: str, source: str, used: set[str]) -> Any:
    if name not in params:
        known = nearest(name, params) if params else "the recipe has no params"
        raise UserError(f"{at(lines, path, source)}: no parameter {name!r}; {known} ($${{{name}}} is the text itself)")
    used.add(name)
    return params[name]


def _written(value: Any, inside: bool = False) -> str:
    """A value inside a string."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_written(str(k), True)}: {_written(v, True)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_written(v, True) for v in value) + "]"
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    return "'" + value.replace("'", "''") + "'" if inside and isinstance(value, str) else str(value)


def _type_of(value: Any) -> Type | None:
    return next((t for t in _PYTHON if _is(value, t)), None)


def _is(value: Any, of: Type) -> bool:
    return isinstance(value, _PYTHON[of]) and (of == "boolean" or not isinstance(value, bool))


def _told(value: Any) -> str:
    return f"the {_type_of(value) or 'value'} {value!r}" if value is not None else "null"
