"""How an answer is read: as text, as JSON, as one of some values, as a number, by a pattern, as a text with tags."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from xlcorpus.errors import UserError
from xlcorpus.languages import UNKNOWN
from xlcorpus.models.chat.tagged_text import tagged_spans
from xlcorpus.models.chat.unreadable import UnreadableError
from xlcorpus.text.numbers import Number, numbers
from xlcorpus.text.word_borders import whole_word

_FENCE = re.compile(r"```[\w-]*\n(.*?)```", re.DOTALL)


class Form(BaseModel):
    """What an answer must look like."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    form: Literal["text", "json", "one_of", "number", "pattern", "tagged"] = "text"
    schema_: dict[str, Any] | None = None
    """of JSON: a JSON Schema"""
    values: list[str] = []
    """of `one_of`"""
    between: tuple[float, float] | None = None
    """of `number`: the least and the greatest one"""
    pattern: str | None = None
    """of `pattern`: a regular expression whose group is the answer, or the whole match"""
    examples: list[str] = []
    """of `text` and `pattern`: answers that a stand-in gives in a rehearsal"""
    source: str | None = None
    """of `tagged`: column with the text that is written again, unchanged but for the tags"""
    tags: list[str] = []
    """of `tagged`: names of tags, as in `<answer>...</answer>`"""
    least: int | None = Field(default=None, ge=0)
    """of `tagged`: tagged spans, at least (default: 1)"""

    @classmethod
    def of(cls, given: Any, where: str) -> Self:
        """The form that stands in a prompt; raises UserError for what is none."""
        if given is None:
            return cls()
        if not isinstance(given, Mapping):
            raise UserError(f"{where}: answer must be a mapping such as {{form: one_of, values: [a, b]}}")
        named = {"schema_" if key == "schema" else key: value for key, value in given.items()}
        try:
            return cls(**named)
        except ValidationError as problem:
            said = problem.errors()[0]
            path = ".".join(str(part).removesuffix("_") for part in said["loc"])
            raise UserError(f"{where}: answer.{path}: {said['msg'].removeprefix('Value error, ')}") from None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.between is not None and (self.form != "number" or self.between[0] >= self.between[1]):
            raise ValueError("between belongs to the form number, and is [the least, the greatest]")
        wanted = {
            "schema": ("json", self.schema_), "values": ("one_of", self.values), "pattern": ("pattern", self.pattern),
            "source": ("tagged", self.source), "tags": ("tagged", self.tags),
        }  # fmt: skip
        for option, (form, value) in wanted.items():
            if form == self.form and not value:
                raise ValueError(f"{form} needs {option}")
            if form != self.form and value:
                raise ValueError(f"{option} belongs to the form {form}, not {self.form}")
        if self.examples and self.form not in ("text", "pattern"):
            raise ValueError(f"examples belong to the forms text and pattern, not {self.form}")
        if self.least is not None and self.form != "tagged":
            raise ValueError(f"least belongs to the form tagged, not {self.form}")
        for tag in self.tags:
            if not re.fullmatch(r"[^\W\d][\w-]*", tag):
                raise ValueError(f"tags: {tag!r} is no name of a tag; write it without < and >")
        if self.schema_ is not None:
            import jsonschema  # takes a tenth of a second to load

            try:
                jsonschema.Draft202012Validator.check_schema(self.schema_)
            except jsonschema.SchemaError as problem:
                raise ValueError(f"no JSON Schema: {problem.message}") from None
        try:
            re.compile(self.pattern or "")
        except re.error as problem:
            raise ValueError(f"pattern {self.pattern}: {problem}") from None
        return self

    @property
    def schema_sent(self) -> dict[str, Any] | None:
        """The JSON Schema that goes along where the endpoint takes one."""
        if self.form == "one_of":
            return {"type": "object", "properties": {"answer": {"enum": self.values}}}
        return self.schema_

    def instruction(self) -> str:
        """What the prompt says of the form of the answer; "" of text and of what the prompt itself describes."""
        if self.form == "json":
            return f"Answer with JSON alone, by this schema: {json.dumps(self.schema_, ensure_ascii=False)}"
        if self.form == "one_of":
            return f"Answer with one of these alone: {', '.join(self.values)}"
        if self.form == "tagged":
            marks = ", ".join(f"<{tag}>...</{tag}>" for tag in self.tags)
            return f"Answer with the text itself alone, unchanged but for the tags put into it: {marks}"
        if self.form == "number" and self.between is not None:
            return f"Answer with a number from {self.between[0]:g} to {self.between[1]:g} alone."
        if self.form == "number":
            return "Answer with a number alone."
        return ""

    def read(self, text: str, lang: str = UNKNOWN, source: str | None = None) -> Any:
        """The value in an answer: str; for JSON what it holds; for `number` a float; for `tagged` the spans.

        Args:
            lang: tag of the language whose numbers are read.
            source: the text in which tags are put.

        Raises:
            UnreadableError: it has another form.
        """
        if self.form == "json":
            return self._json(text)
        if self.form == "one_of":
            return self._one_of(text)
        if self.form == "number":
            return self._number(text, lang)
        if self.form == "tagged":
            spans = tagged_spans(text, source or "", self.tags)
            if len(spans) < (1 if self.least is None else self.least):
                raise UnreadableError(f"it has {len(spans)} tags {', '.join(self.tags)}")
            return spans
        if self.form == "pattern":
            found = re.search(self.pattern or "", text)
            if found is None:
                raise UnreadableError(f"it does not match {self.pattern}")
            return (found[1] if found.re.groups else found[0]) or ""
        if not text.strip():
            raise UnreadableError("it is empty")
        return text.strip()

    def _json(self, text: str) -> Any:
        import jsonschema

        validator = jsonschema.Draft202012Validator(self.schema_ or {})
        problem = "it holds no JSON"
        for value in values_in(text):
            wrong = next(iter(validator.iter_errors(value)), None)
            if wrong is None:
                return value
            where = "".join(f"[{part!r}]" for part in wrong.absolute_path)
            problem = f"its JSON{where}: {wrong.message[:200]}"
        raise UnreadableError(problem)

    def _one_of(self, text: str) -> str:
        for value in values_in(text):
            if isinstance(value, dict) and value.get("answer") in self.values:
                return str(value["answer"])
        said = _folded(text)
        whole = [value for value in self.values if _folded(value) == said]
        # The longest first: "not true" holds "true".
        named = {value: whole_word(re.escape(_folded(value))) for value in self.values}
        held = whole or [value for value, pattern in named.items() if re.search(pattern, said)]
        held = [value for value in held if not any(_folded(value) in _folded(o) for o in held if o != value)]
        if len(held) != 1:
            raise UnreadableError(f"it names {len(held)} of {', '.join(self.values)}")
        return held[0]

    def _number(self, text: str, lang: str) -> float:
        found = numbers(text, lang)
        if self.between is not None and len(found) == 2 and _is_share(text, found, self.between[1]):
            found = found[:1]
        if len(found) != 1:
            raise UnreadableError(f"it holds {len(found)} numbers instead of one")
        value = float(found[0].value)
        if self.between is not None and not self.between[0] <= value <= self.between[1]:
            raise UnreadableError(f"{value:g} is not between {self.between[0]:g} and {self.between[1]:g}")
        return value


def _is_share(text: str, found: Sequence[Number], greatest: float) -> bool:
    """Whether two numbers are one of a scale and its greatest: "7/10"."""
    return float(found[1].value) == greatest and text[found[0].end : found[1].start].strip() == "/"


def values_in(text: str) -> Iterator[Any]:
    """JSON values in an answer, best guess first: the whole of it, code fences, the widest braces or brackets in prose.

    Quotes may be single or typographic, a last comma may stand before a bracket.
    """
    seen: list[Any] = []
    for piece in (text, *_FENCE.findall(text), *_bracketed(text)):
        value = _value(piece.strip())
        if value is not None and value not in seen:
            seen.append(value)
            yield value


def _bracketed(text: str) -> Iterator[str]:
    for opening, closing in ("{}", "[]"):
        first, last = text.find(opening), text.rfind(closing)
        if 0 <= first < last:
            yield text[first : last + 1]


def _value(text: str) -> Any:
    """What a text holds as JSON; None if it holds none. Plain words are none."""
    if not text.startswith(("{", "[")):
        return None
    for form in (text, re.sub(r",(\s*[}\]])", r"\1", text)):
        try:
            return json.loads(form, strict=False)
        except (ValueError, RecursionError):
            pass
    plain = re.sub("[“”„«»＂]", '"', text)
    try:
        return json.loads(re.sub(r",(\s*[}\]])", r"\1", plain), strict=False)
    except (ValueError, RecursionError):
        pass
    try:
        return ast.literal_eval(re.sub(r"\b(true|false|null)\b", lambda m: _PYTHON[m[1]], plain))
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


_PYTHON = {"true": "True", "false": "False", "null": "None"}


def _folded(text: str) -> str:
    return " ".join(re.sub(r"[*_`\"'“”„«».,!。！]", " ", text).casefold().split())
