"""Texts made of the fields of a row by Jinja, in a sandbox: no file, no attribute of Python, no chance.

>>> template = RowTemplate("{{ question }} ({{ choices | join(', ') }})")
>>> template.fields, template.render({"question": "Wie viele?", "choices": ["1", "2"]})
(('choices', 'question'), 'Wie viele? (1, 2)')
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any

import jinja2
import jinja2.meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from xlcorpus.errors import UserError, nearest

_BY_CHANCE = ("random",)
"""Filters that give other values at each call."""
_FUNCTIONS = ("range", "dict", "cycler", "joiner", "namespace")


@lru_cache(maxsize=1)
def _environment() -> ImmutableSandboxedEnvironment:
    # A field that is null is shown as nothing, as a missing part of a text is.
    environment = ImmutableSandboxedEnvironment(
        undefined=jinja2.StrictUndefined,
        finalize=lambda value: "" if value is None else value,
        keep_trailing_newline=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals = {name: environment.globals[name] for name in _FUNCTIONS}
    for name in _BY_CHANCE:
        del environment.filters[name]
    return environment


class RowTemplate:
    """A template over the fields of a row. It can be pickled."""

    def __init__(self, text: str) -> None:
        """Parse it.

        Raises:
            UserError: no Jinja, with the line.
        """
        self.text = text
        try:
            tree = _environment().parse(text)
            _environment().compile(tree)
        except jinja2.TemplateSyntaxError as problem:
            where = f" (line {problem.lineno})" if "\n" in text else ""
            raise UserError(f"the template `{_shown(text)}` is no Jinja{where}: {problem.message}") from None
        self.fields: tuple[str, ...] = tuple(sorted(jinja2.meta.find_undeclared_variables(tree) - {*_FUNCTIONS}))
        """the fields of a row that it names"""

    def check(self, known: Collection[str]) -> None:
        """Check that rows have what it names.

        Raises:
            UserError: names all fields that no row has.
        """
        missing = [name for name in self.fields if name not in known]
        if missing:
            named = ", ".join(f"{name!r} ({nearest(name, known)})" for name in missing)
            raise UserError(f"the template `{_shown(self.text)}` has fields that no row has: {named}")

    def render(self, fields: Mapping[str, Any]) -> str:
        """The text of a row.

        Raises:
            UserError: it names what the row lacks (an element of a list, a key), or does what the sandbox refuses.
        """
        try:
            return _compiled(self.text)(fields)
        except (jinja2.TemplateError, ArithmeticError, TypeError, ValueError, LookupError) as problem:
            raise UserError(f"the template `{_shown(self.text)}` cannot be filled: {problem}") from None

    def __reduce__(self) -> tuple[type[RowTemplate], tuple[str]]:
        return RowTemplate, (self.text,)


@lru_cache(maxsize=1000)
def _compiled(text: str) -> Callable[[Mapping[str, Any]], str]:
    return _environment().from_string(text).render


def _shown(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 60 else flat[:57] + "..."
