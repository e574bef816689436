"""What a stand-in for a chat model answers: something of the form that is asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from xlcorpus.models.chat.answer_forms import Form
from xlcorpus.models.stand_ins.scores import drawn

WRONG = 3
"""Of so many samples one is wrong."""
ITEMS = 2
"""Elements of a list."""
TEXT_WORDS, VALUE_WORDS = 12, 5
"""Words of an answer, and of a text inside of JSON."""
_SYLLABLES = [consonant + vowel for consonant in "bdfklm" for vowel in "aeiou"]


def answer_of(
    form: Form | None, prompt: str, sample: int = 0, gold: str | None = None, source: str | None = None
) -> str:
    """An answer, the same for the same question.

    Args:
        form: of the answer; None: text.
        prompt: what is asked.
        sample: number of the sample: two of three agree.
        gold: the right answer, which two of three samples give.
        source: the text in which tags are put.
    """
    key = f"{prompt}\0{sample if sample % WRONG == WRONG - 1 else ''}"
    wrong = sample % WRONG == WRONG - 1
    if form is not None and form.examples:
        return form.examples[int(drawn(f"{prompt}\0{sample}") * len(form.examples))]
    if form is None or form.form == "text":
        told = gold if gold is not None and not wrong else str(int(drawn(key) * 900) + 100)
        words = _words(f"{prompt}\0{sample}", TEXT_WORDS)
        return f"{words} \\boxed{{{told}}}"
    if form.form == "json":
        return json.dumps(_json(form.schema_ or {}, key), ensure_ascii=False)
    if form.form == "one_of":
        if gold in form.values and not wrong:
            return str(gold)
        # The first is said more often than the others: of several conditions all must have a chance to be met.
        often = [form.values[0]] * (3 * len(form.values)) + form.values
        return often[int(drawn(key) * len(often))]
    if form.form == "number":
        least, most = form.between or (0, 100)
        return str(round(least + drawn(key) * (most - least)))
    if form.form == "tagged":
        return _tagged(source or "", form.tags, key)
    return _matching(form.pattern or "", key)


def _json(schema: Mapping[str, Any], key: str) -> Any:
    """A value of a JSON Schema, as far as prompts need it."""
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][int(drawn(key) * len(schema["enum"]))]
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object" or "properties" in schema:
        return {name: _json(one, f"{key}\0{name}") for name, one in schema.get("properties", {}).items()}
    if kind == "array":
        number = max(schema.get("minItems", ITEMS), min(ITEMS, schema.get("maxItems", ITEMS)))
        return [_json(schema.get("items", {}), f"{key}\0{place}") for place in range(number)]
    if kind in ("integer", "number"):
        least, most = schema.get("minimum", 0), schema.get("maximum", schema.get("minimum", 0) + 10)
        value = least + drawn(key) * (most - least)
        return round(value) if kind == "integer" else round(value, 2)
    if kind == "boolean":
        return drawn(key) < 0.5
    return _words(key, VALUE_WORDS)


def _words(key: str, number: int) -> str:
    """A sentence of words that no language has, hardly any of them in another one."""
    syllables = [_SYLLABLES[int(drawn(f"{key}\0{i}") * len(_SYLLABLES))] for i in range(3 * number)]
    words = ["".join(syllables[3 * i : 3 * i + 3]) for i in range(number)]
    return f"{' '.join(words).capitalize()}."


def _tagged(source: str, tags: Sequence[str], key: str) -> str:
    words = list(re.finditer(r"\w+", source))
    if not words:
        return source
    word = words[int(drawn(key) * len(words))]
    return f"{source[: word.start()]}<{tags[0]}>{word[0]}</{tags[0]}>{source[word.end() :]}"


def _matching(pattern: str, key: str) -> str:
    """A text that matches a regular expression, as far as prompts need it."""
    from re import _constants as op  # type: ignore[attr-defined]
    from re import _parser as parser  # type: ignore[attr-defined]

    def of(parsed: Any, key: str) -> str:
        return "".join(one(code, value, f"{key}\0{place}") for place, (code, value) in enumerate(parsed))

    def one(code: Any, value: Any, key: str) -> str:
        if code is op.LITERAL:
            return chr(value)
        if code in (op.MAX_REPEAT, op.MIN_REPEAT):
            least, most, inner = value
            return "".join(of(inner, f"{key}\0{i}") for i in range(max(least, min(1, most))))
        if code is op.SUBPATTERN:
            return of(value[-1], key)
        if code is op.BRANCH:
            return of(value[1][int(drawn(key) * len(value[1]))], key)
        if code is op.IN:
            kind, what = value[0]
            if kind is op.RANGE:
                return chr(what[0] + int(drawn(key) * (what[1] - what[0] + 1)))
            return one(kind, what, key)
        if code is op.CATEGORY:
            return {op.CATEGORY_DIGIT: str(int(drawn(key) * 10)), op.CATEGORY_SPACE: " "}.get(value, "a")
        return "a" if code in (op.ANY, op.NOT_LITERAL) else ""

    return of(parser.parse(pattern), key)
