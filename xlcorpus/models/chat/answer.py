"""What an endpoint says to a chat: an answer, or why there is none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from email.utils import parsedate_to_datetime
from typing import Any, Self

CUT_OFF = "length"
"""`finish` of an answer that reached its longest length: it is not kept."""

LARGEST = 16 * 2**20
"""Bytes of the largest answer that is read."""

_CAPACITY = frozenset({429, 503, 529})
"""Statuses by which an endpoint says that it is asked too much."""
_RETRYABLE = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529})
_REFUSED = {
    401: "the key is wrong or missing",
    402: "payment required",
    403: "it refuses this key",
    404: "there is no such address or model",
}
"""Statuses that every further request would get too."""


@dataclass(frozen=True)
class Answer:
    """One answer of a chat model."""

    content: str
    """as it came"""
    finish: str | None = None
    """why the model stopped: `stop`, `length`, `content_filter`"""
    reasoning: str | None = None
    """what stood in a field of its own beside the content"""
    prompt_tokens: int = 0
    cached_tokens: int = 0
    """prompt tokens that the endpoint had in its own cache"""
    completion_tokens: int = 0
    logprobs: tuple[Mapping[str, Any], ...] | None = None
    """of each token: `token`, `logprob`, `top_logprobs`"""
    model: str | None = None
    """how the endpoint calls its model"""

    def to_dict(self) -> dict[str, Any]:
        """As plain data; what is null or 0 is left out."""
        found = {name: getattr(self, name) for name in _FIELDS}
        return {name: value for name, value in found.items() if value not in (None, 0)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Back from `to_dict`.

        Raises:
            TypeError: it is none.
        """
        if not isinstance(data.get("content"), str):
            raise TypeError("an answer without content")
        logprobs = data.get("logprobs")
        return replace(cls(**data), logprobs=None if logprobs is None else tuple(logprobs))


_FIELDS = tuple(field.name for field in fields(Answer))


@dataclass(frozen=True)
class Failure:
    """Why a request got no answer."""

    reason: str
    retryable: bool = False
    capacity: bool = False
    """whether the endpoint was asked too much; such a request is sent again until it is answered"""
    overload: bool = False
    """whether it speaks for fewer requests at a time"""
    retry_after_s: float | None = None
    stops: str | None = None
    """what every further request would meet too"""
    bad_request: bool = False
    """whether the endpoint does not know a parameter, or takes no such request"""


def read(status: int, headers: Mapping[str, str], data: bytes) -> list[Answer] | Failure:
    """The answers in a response, one a choice, or why there are none."""
    if status in _REFUSED:
        return Failure(f"HTTP {status}: {excerpt(data)}", stops=f"{_REFUSED[status]}: {excerpt(data)}")
    if status != 200:
        return Failure(
            f"HTTP {status}: {excerpt(data)}",
            retryable=status in _RETRYABLE,
            capacity=status in _CAPACITY,
            overload=status in _RETRYABLE,
            retry_after_s=_retry_after(headers),
            bad_request=status in (400, 422),
        )
    try:
        found = json.loads(data)
        choices = [_choice(choice) for choice in found["choices"]]
        if not choices:
            raise LookupError
        usage = found.get("usage") or {}
        details = usage.get("prompt_tokens_details") or {}
        first = replace(
            choices[0],
            prompt_tokens=int(usage.get("prompt_tokens") or 0),
            cached_tokens=int(details.get("cached_tokens") or 0),
            completion_tokens=int(usage.get("completion_tokens") or 0),
        )
        model = found.get("model")
    except (ValueError, LookupError, TypeError, AttributeError):
        return Failure(f"no answer of a chat model: {excerpt(data)}", retryable=True)
    # What was used is known of all choices together.
    return [replace(choice, model=model if isinstance(model, str) else None) for choice in (first, *choices[1:])]


def _choice(choice: Mapping[str, Any]) -> Answer:
    message = choice["message"]
    content = message.get("content")
    reasoning = message.get("reasoning_content") or message.get("reasoning")
    logprobs = (choice.get("logprobs") or {}).get("content")
    return Answer(
        content=content if isinstance(content, str) else "",
        finish=choice.get("finish_reason"),
        reasoning=reasoning if isinstance(reasoning, str) and reasoning else None,
        logprobs=None if logprobs is None else tuple(_token(token) for token in logprobs),
    )


def _token(token: Mapping[str, Any]) -> dict[str, Any]:
    top = [{"token": t["token"], "logprob": t["logprob"]} for t in token.get("top_logprobs") or ()]
    return {"token": token["token"], "logprob": token["logprob"], "top_logprobs": top}


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds the endpoint asks to wait: `retry-after-ms`, `Retry-After` in seconds, or as a date beside its own."""
    try:
        if "retry-after-ms" in headers:
            return float(headers["retry-after-ms"]) / 1000
        if "Retry-After" not in headers:
            return None
        return float(headers["Retry-After"])
    except ValueError:
        pass
    try:
        # By the endpoint's clock: ours may be wrong.
        until, now = (parsedate_to_datetime(headers[name]) for name in ("Retry-After", "Date"))
        return (until - now).total_seconds()
    except (KeyError, ValueError, TypeError):
        return None


def excerpt(data: bytes) -> str:
    """The beginning of what an endpoint said, on one line."""
    return " ".join(data[:2000].decode("utf8", "replace").split())[:200]
