"""Behaviours of a chat model on loopback, of which a test puts together the model that it needs.

with serving(model(sometimes(refuses, 0.1), translates, says(ANSWERS))) as server:
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

from aiohttp import web

from xlcorpus import languages
from xlcorpus.models.translators.backends import ApertiumTranslator

from ..models.chat.server import Reply, completions


class Question(NamedTuple):
    """What a model is asked, for one answer."""

    system: str
    text: str
    """the last message"""
    sample: int
    """how often it was asked before"""
    model: str


Behaviour = Callable[[Question], str | None]
"""An answer; None: this behaviour has none, the next one is asked."""

_TRANSLATE = re.compile(r"Translate the text of the user from (?P<src>.+?) into (?P<tgt>.+?)\. ")


def model(*behaviours: Behaviour) -> Reply:
    """A model whose answer is that of the first behaviour that has one."""
    asked: Counter[tuple[str, str, str]] = Counter()

    def reply(body: dict[str, Any], number: int) -> web.StreamResponse:
        messages = body["messages"]
        system = "\n".join(m["content"] for m in messages if m["role"] == "system")
        text, name = messages[-1]["content"], body["model"]
        said = []
        for _ in range(body.get("n", 1)):
            question = Question(system, text, asked[name, system, text], name)
            asked[name, system, text] += 1
            said.append(_first(behaviours, question))
        return web.json_response(completions(said))

    return reply


def _first(behaviours: tuple[Behaviour, ...], question: Question) -> str:
    for behaviour in behaviours:
        answer = behaviour(question)
        if answer is not None:
            return answer
    raise AssertionError(f"nobody answers {question.text!r}")


def translates(question: Question) -> str | None:
    """Translates by Apertium where `translate` asks for it."""
    asked = _TRANSLATE.search(question.system)
    return None if asked is None else translation(question.text, asked["src"], asked["tgt"])


@cache
def translation(text: str, src: str, tgt: str) -> str:
    """What Apertium makes of a text; languages by name or tag."""
    (made,) = ApertiumTranslator().translate([text], languages.parse(src), languages.parse(tgt))
    return str(made)


def says(answers: Mapping[str, str]) -> Behaviour:
    """Answers by a part of the question."""
    return lambda question: next((answer for part, answer in answers.items() if part in question.text), None)


def refuses(question: Question) -> str:
    """Refuses."""
    return "I'm sorry, but I can't help with that."


def rambles(question: Question) -> str:
    """Answers in a language that nobody asked for, and in no form."""
    return "Tohle je odpověď v jazyce, o který nikdo nežádal, a nemá žádný tvar, který by byl potřeba."


def sometimes(behaviour: Behaviour, share: float) -> Behaviour:
    """A behaviour in a share of the questions, always in the same ones."""
    return lambda question: behaviour(question) if _drawn(question.text, question.sample) < share else None


def slow(share: float, seconds: float) -> Callable[[dict[str, Any]], Awaitable[None]]:
    """A pause before a share of the answers, for `serving`."""

    async def pause(body: dict[str, Any]) -> None:
        if _drawn(body["messages"][-1]["content"], 0) < share:
            await asyncio.sleep(seconds)

    return pause


def _drawn(text: str, sample: int) -> float:
    digest = hashlib.blake2b(f"{sample}\0{text}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") / 2**32
