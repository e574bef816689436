"""Texts made of the fields of a row by Jinja, in a sandbox: no file, no attribute of Python, no chance.

The filter `language` gives a tag's English name; a field that is null is shown as nothing.

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

from xlcorpus import languages
from xlcorpus.errors import UserError, nearest

_BY_CHANCE = ("random",)
"""Filters that give other values at each call."""
_FUNCTIONS = ("range", "dict", "cycler", "joiner", "namespace")


@lru_cache(maxsize=1)
def _environment() -> ImmutableSandboxedEnvironment:
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
    environment.filters["language"] = languages.name
    return environment


class RowTemplate:
    """A template over the fields of a row. It can be pickled."""

    def __init__(self, text: str, where: str | None = None) -> None:
        """Parse it.

        Args:
            text: Jinja.
            where: where it stands, for messages (default: its beginning).

        Raises:
            UserError: no Jinja, with the line.
        """
        self.text, self.where = text, where or f"the template `{_shown(text)}`"
        try:
            tree = _environment().parse(text)
            _environment().compile(tree)
        except jinja2.TemplateSyntaxError as problem:
            line = f", line {problem.lineno}" if "\n" in text else ""
            raise UserError(f"{self.where}{line}: no Jinja: {problem.message}") from None
        self.fields: tuple[str, ...] = tuple(sorted(jinja2.meta.find_undeclared_variables(tree) - {*_FUNCTIONS}))
        """the fields of a row that it names"""

    def check(self, columns: Collection[str]) -> None:
        """Check that rows have what it names.

        Raises:
            UserError: names all fields that no row has.
        """
        missing = [name for name in self.fields if name not in columns]
        if missing:
            named = ", ".join(f"{name!r} ({nearest(name, columns).rstrip('?')})" for name in missing)
            raise UserError(f"{self.where}: no column of the rows: {named}")

    def render(self, row: Mapping[str, Any]) -> str:
        """The text of a row.

        Raises:
            ValueError: it names what the row lacks (an element of a list, a key), or does what the sandbox refuses.
        """
        try:
            return _compiled(self.text)(row)
        except (jinja2.TemplateError, ArithmeticError, TypeError, ValueError, LookupError) as problem:
            raise ValueError(f"{self.where} cannot be filled: {problem}") from None

    def __reduce__(self) -> tuple[type[RowTemplate], tuple[str, str]]:
        return RowTemplate, (self.text, self.where)


@lru_cache(maxsize=1000)
def _compiled(text: str) -> Callable[[Mapping[str, Any]], str]:
    return _environment().from_string(text).render


def _shown(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 60 else flat[:57] + "..."
