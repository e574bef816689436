"""Prompts as files: YAML front matter and a Jinja body.

    ---
    system: You write {{ lang | language }}.
    answer: {form: one_of, values: [yes, no]}
    ---
    Is this a question? {{ text }}

The body becomes the user's message. Its fields are those of the row; the filter `language` gives a tag's English name.
A variant for a language lies beside it: `judge.deu_Latn.md`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from copy import copy
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import yaml

from xlcorpus import languages, shipped, yaml_values
from xlcorpus.errors import UserError, nearest
from xlcorpus.models.chat.answer_forms import Form
from xlcorpus.models.chat.request import Message
from xlcorpus.text.row_templates import RowTemplate

FOLDER = "prompts"
"""Where prompts that come with xlcorpus lie, among its pipelines."""
_KEYS = ("system", "answer", "about")


class Prompt:
    """A prompt: an optional system message, the user's message, and how the answer is read.

    Raises:
        UserError: no such file, unknown keys, or no Jinja.
    """

    def __init__(self, text: str, where: str, path: Path | None = None) -> None:
        self.text, self.where, self._path = text, where, path
        head, body = _parts(text, where)
        for key in head:
            if key not in _KEYS:
                raise UserError(f"{where}: no key {key!r} in a prompt; {nearest(str(key), _KEYS)}")
        self._system = RowTemplate(str(head["system"]), where) if head.get("system") else None
        self._user = RowTemplate(body.strip("\n"), where)
        self.form = Form.of(head.get("answer"), where)

    @classmethod
    def load(cls, name: str) -> Self:
        """A prompt by path, by the name of one that comes with xlcorpus, or the text itself.

        Args:
            name: what has a line break or `{{` in it is the text.
        """
        if "\n" in name or "{{" in name:
            return cls(name, "the prompt")
        for path in (Path(name), shipped.folder("pipelines") / FOLDER / f"{name}.md"):
            if path.is_file():
                return cls(path.read_text("utf8"), path.name, path)
        known = [path.stem for path in (shipped.folder("pipelines") / FOLDER).glob("*.md")]
        shipped_ones = f"nor one of xlcorpus; {nearest(name, known)}" if known else "nor a text with {{ column }} in it"
        raise UserError(f"no prompt {name!r}, neither a file {shipped_ones}")

    def variants(self) -> dict[str, Prompt]:
        """The variants for languages beside it, by tag."""
        if self._path is None:
            return {}
        stem, suffix = self._path.stem, self._path.suffix
        found = sorted(self._path.parent.glob(f"{stem}.*{suffix}"))
        tags = {path.name.removeprefix(f"{stem}.").removesuffix(suffix): path for path in found}
        return {languages.parse(tag): Prompt(path.read_text("utf8"), path.name, path) for tag, path in tags.items()}

    def answered(self, form: Form) -> Prompt:
        """The same prompt, with an answer of another form."""
        made = copy(self)
        made.form = form
        return made

    @cached_property
    def content(self) -> str:
        """Hash of the text, 16 hex digits."""
        return hashlib.blake2b(self.text.encode(), digest_size=8).hexdigest()

    @property
    def fields(self) -> list[str]:
        """Fields of the row that it or the form of its answer names."""
        system = [] if self._system is None else self._system.fields
        source = [] if self.form.source is None else [self.form.source]
        return sorted({*system, *self._user.fields, *source})

    def check(self, columns: Collection[str]) -> None:
        """Raises UserError for a field that no row has."""
        for template in (self._system, self._user):
            if template is not None:
                template.check(columns)
        if self.form.source is not None and self.form.source not in columns:
            raise UserError(f"{self.where}: no column {self.form.source!r}; {nearest(self.form.source, columns)}")

    def messages(self, row: Mapping[str, Any]) -> tuple[Message, ...]:
        """The messages for a row; the user's says how the answer must look, where it must.

        Raises:
            ValueError: it names what the row has not.
        """
        said = self._user.render(row)
        wanted = self.form.instruction()
        user = Message("user", f"{said}\n\n{wanted}" if wanted else said)
        return (user,) if self._system is None else (Message("system", self._system.render(row)), user)


def _parts(text: str, where: str) -> tuple[dict[str, Any], str]:
    if not text.startswith("---\n"):
        return {}, text
    head, mark, body = text[4:].partition("\n---\n")
    if not mark:
        raise UserError(f"{where}: the front matter has no end (a line ---)")
    try:
        found = yaml_values.read(head)
    except yaml.YAMLError as problem:
        raise UserError(f"{where}: the front matter is not valid YAML: {problem}") from None
    if not isinstance(found, dict):
        raise UserError(f"{where}: the front matter must be a mapping")
    return found, body
