"""Where the final answer of a response stands, and what it is: a number, an option, a formula, code or text.

Looked at in this order: the last `\\boxed{...}`, `<answer>...</answer>`, `#### 18` (as GSM8K writes it), the words for
"answer" in some seventy languages, the response itself where it is a single line, and for numbers the last one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Literal, NamedTuple

from xlcorpus.text import final_answer_words as words
from xlcorpus.text.formulas import boxed, without_setting

Place = Literal["boxed", "tag", "hashes", "words", "whole", "last"]
"""By what an answer was found; `last`: by nothing but being the last number, option or block of code."""


class Marked(NamedTuple):
    """A stretch of a response that holds the final answer."""

    text: str
    place: Place
    before: str = ""
    """what stands before it in its sentence: "18 is" in "18 is the answer"."""
    sure: bool = True
    """whether it is said to be the answer, or no number follows: "Answer: First, ..." begins a solution"""


LONGEST = 20_000
"""Characters at the end of a response in which an answer is looked for; code may be longer."""
_MOST_WORDS = 20
"""Words for "answer" that are looked at, the last ones."""

_THOUGHT = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<(answer|final_answer|ans)>(.*?)(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_HASHES = re.compile(r"^####[ \t]*(\S[^\n]*)$", re.MULTILINE)
_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})([^\n`]*)\n(.*?)(?:^[ \t]*\1[`~]*[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)
_SENTENCE_END = re.compile(r"[.!?](?=\s|\Z)|[。！？।۔؟።፧]|\n\s*\n|\n(?=\S)")
_SENTENCE = 300
"""Characters that are looked at before the words for "answer", and a quarter of those behind them."""
_OPENS = {")": "(", "]": "[", "】": "【", "）": "（"}
_OPENING = re.compile(r"(?:[\s*_`:：︰﹕፦=＝>~→⇒\"“„«'’\]】)）|]|\\[(\[])+|[-–—](?=\s)|[.、,，](?=\s)")


def without_thoughts(response: str) -> str:
    """A response without `<think>...</think>`; nothing is left of one that does not end."""
    rest = _THOUGHT.sub("", response)
    # A template that opens the thought in the prompt leaves the end tag alone.
    return re.split(r"</think(?:ing)?>", rest, flags=re.IGNORECASE)[-1].strip()


def marked(response: str) -> Iterator[Marked]:
    """The stretches of a response that may hold the final answer, the surest first.

    >>> next(marked("So 9 * 2 = 18.\\nThe answer is 18 dollars.")).text
    '18 dollars'
    """
    response = response[-LONGEST:]
    if (inner := boxed(response)) is not None:
        yield Marked(inner.strip(), "boxed")
        return
    if tags := [m[2].strip() for m in _TAG.finditer(response) if m[2].strip()]:
        yield Marked(tags[-1], "tag")
        return
    if hashes := _HASHES.findall(response):
        yield Marked(hashes[-1].strip(), "hashes")
        return
    yield from _announced(response)
    if response and "\n" not in response:
        yield Marked(response, "whole")


def last_fence(response: str) -> str | None:
    """The code in the last fence of a response, without white space around it; None without one."""
    found = [m[3] for m in _FENCE.finditer(response)]
    return found[-1].strip("\n") if found else None


def unfenced(response: str) -> str:
    """A response with fences and bold as plain text."""
    return re.sub(r"^[ \t]*(?:`{3,}|~{3,})[^\n]*$", "", response, flags=re.MULTILINE).replace("**", "")


def _announced(response: str) -> Iterator[Marked]:
    """What follows the words for "answer", the last ones first."""
    text = without_setting(unfenced(response))
    for label in list(_answer_words().finditer(text))[: -_MOST_WORDS - 1 : -1]:
        start = label.end()
        reach = max(0, label.start() - _SENTENCE)
        begin = max([m.end() for m in _SENTENCE_END.finditer(text, reach, label.start())], default=reach)
        rest, said = _opened(text[start : start + 4 * _SENTENCE])
        end = _SENTENCE_END.search(rest)
        clause, after = (rest[: end.start()], rest[end.end() :]) if end else (rest, "")
        sure = said or re.search(r"\d", after) is None
        yield Marked(_behind_copula(_trimmed(clause)), "words", text[begin : label.start()].strip(), sure)


def _opened(rest: str) -> tuple[str, bool]:
    """A text without what leads to an answer (": **"), and whether a copula was there."""
    said = False
    for _ in range(6):
        shorter = _OPENING.sub("", rest, count=1) if _OPENING.match(rest) else rest
        if copula := _copula().match(shorter):
            shorter, said = shorter[copula.end() :], True
        if shorter == rest:
            break
        rest = shorter
    return rest.lstrip(), said


def _trimmed(clause: str) -> str:
    """Without white space, quotation marks and marks of Markdown around it, and brackets that open outside."""
    clause = clause.strip(' \t*_`"“”„«»「」')
    while clause[-1:] in tuple(")]】）") and clause.count(clause[-1]) > clause.count(_OPENS[clause[-1]]):
        clause = clause[:-1].rstrip(' \t*_`"”»」')
    return clause


def _behind_copula(clause: str) -> str:
    """Without "for 3 people is" before the answer: behind the first colon or copula, where something stands there."""
    found = _copula_between().search(clause[:80])
    rest = clause[found.end() :].strip() if found else ""
    return rest if rest and not re.match(r"[\d\\$€£(]", clause) else clause


@cache
def _answer_words() -> re.Pattern[str]:
    return re.compile(_alternatives(words.ANSWER), re.IGNORECASE)


@cache
def _copula() -> re.Pattern[str]:
    return re.compile(rf"\s*(?:{_alternatives(words.COPULAS)})", re.IGNORECASE)


@cache
def _copula_between() -> re.Pattern[str]:
    spaced = [w for w in words.COPULAS if len(w) > 1 and not is_dense(w)]
    return re.compile(rf"[:：](?=\s)|\s(?:{'|'.join(map(re.escape, spaced))})(?=[\s:：])", re.IGNORECASE)


@cache
def option_words() -> re.Pattern[str]:
    """The words for "option" of all languages."""
    return re.compile(_alternatives(words.OPTION), re.IGNORECASE)


def _alternatives(known: tuple[str, ...]) -> str:
    """A pattern for words, alone where their script has spaces."""
    by_length = sorted(known, key=len, reverse=True)
    spaced = "|".join(re.escape(w) for w in by_length if not is_dense(w))
    dense = "|".join(re.escape(w) for w in by_length if is_dense(w))
    # \w leaves out vowel signs: "उत्तर" must not be found in a longer word.
    return rf"(?<![\w\u0900-\u0dff])(?:{spaced})(?![\w\u0900-\u0dff])|(?:{dense})"


def is_dense(text: str) -> bool:
    """Whether a text has letters of a script without spaces, or of Hangul, where particles are glued to a word."""
    dense = r"[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
    return re.search(dense, text) is not None
