"""What a model thought before its answer, apart from the answer."""

from __future__ import annotations

import re
from dataclasses import dataclass

from xlcorpus.models.chat.answer import Answer

_THOUGHT = re.compile(r"\s*<(think|thinking|thought|reasoning)>(.*?)</\1>\s*", re.DOTALL | re.IGNORECASE)
_ENDS = re.compile(r"</(?:think|thinking|thought|reasoning)>\s*", re.IGNORECASE)
_BEGINS = re.compile(r"\s*<(?:think|thinking|thought|reasoning)>", re.IGNORECASE)


@dataclass(frozen=True)
class Said:
    """An answer in two parts."""

    text: str
    reasoning: str | None
    """None: none was given"""


def apart(answer: Answer) -> Said:
    """The answer without its reasoning, which stands in a field of its own or in tags before it.

    Where the opening tag stands in the prompt (DeepSeek-R1's template), the answer has the closing one alone; where the
    thinking never ends, there is no answer.
    """
    text, reasoning = answer.content, answer.reasoning
    found = _THOUGHT.match(text)
    if found is not None:
        text, thought = text[found.end() :], found[2]
    elif (end := _ENDS.search(text)) is not None and not _BEGINS.search(text, 0, end.start()):
        text, thought = text[end.end() :], text[: end.start()]
    elif _BEGINS.match(text) is not None:
        text, thought = "", _BEGINS.sub("", text, count=1)
    else:
        thought = ""
    parts = [part.strip() for part in (reasoning, thought) if part and part.strip()]
    return Said(text.strip(), "\n\n".join(parts) or None)
