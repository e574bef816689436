"""JSON text that every reader takes: no NaN, every script as it is, halves of surrogate pairs as escapes."""

from __future__ import annotations

import json
from typing import Any, NoReturn


def parse(text: str) -> Any:
    """What JSON text says.

    Raises:
        ValueError: no JSON; NaN and Infinity, which Python would take, are none.
    """
    return json.loads(text, parse_constant=_refuse)


def dump(value: Any) -> str:
    """A value as JSON text. Where a text has half of a surrogate pair, which UTF-8 cannot hold, all is ASCII."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value)
    return text


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)
