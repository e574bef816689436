"""A chat model behind one OpenAI-compatible endpoint (vLLM, TGI, llama.cpp, hosted), over plain HTTP."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import zlib
from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

import httpx
from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, PositiveFloat, PositiveInt

from xlcorpus.errors import UserError, XlcorpusError

BACKOFF_S, BACKOFF_CAP_S = 0.5, 60.0
"""Seconds before the first retry, doubled each time up to the cap, unless the endpoint says how long."""

_JSON = {"Content-Type": "application/json"}
_RETRYABLE = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_REFUSED = {
    401: "the key is wrong or missing",
    402: "payment required",
    403: "it refuses this key",
    404: "there is no such address or model",
}
"""Answers that every further request would get too."""


class Endpoint(BaseModel):
    """Where a chat model is and how to ask it."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    base_url: str = Field(pattern=r"^https?://[^\s/]+")
    """address up to and with the version, as the OpenAI clients take it: http://localhost:8000/v1"""
    model: str
    """name of the model there"""
    api_key_env: str | None = None
    """environment variable that holds the key (the key itself never stands in a pipeline); none: no key"""
    max_concurrency: PositiveInt = 16
    """requests under way at a time, per worker"""
    timeout_s: PositiveFloat = 120.0
    """seconds to wait for an answer"""
    max_retries: NonNegativeInt = 6
    """times a request is sent again after 429, 5xx, a timeout or an answer that is no JSON"""
    max_tokens: PositiveInt = 2048
    """longest answer; one that reaches it is an error, not half a text"""


class Message(NamedTuple):
    """One turn of a chat."""

    role: str
    content: str


@dataclass(frozen=True)
class EndpointError:
    """Why one request got no answer."""

    reason: str
    retryable: bool = False
    retry_after_s: float | None = None


class _StoppedError(Exception):
    """Another request has found that the endpoint is of no use."""


def endpoint_identity(options: Endpoint, prompt: str) -> str:
    """Name of the model and a hash of the prompt it gets: "gpt-x, prompt 1f0c2d3e"."""
    return f"{options.model}, prompt {hashlib.blake2b(prompt.encode(), digest_size=4).hexdigest()}"


class OpenAIEndpoint:
    """Sends chats, many at a time, each with its own retries: a slow or failing one holds up no other.

    Raises:
        UserError: the environment variable for the key is not set.
    """

    def __init__(self, options: Endpoint) -> None:
        self._options = options
        headers = {}
        if options.api_key_env is not None:
            key = os.environ.get(options.api_key_env)
            if not key:
                raise UserError(f"environment variable {options.api_key_env} (openai.api_key_env) is not set")
            headers["Authorization"] = f"Bearer {key}"
        self._url = options.base_url.rstrip("/") + "/chat/completions"
        limits = httpx.Limits(max_connections=options.max_concurrency)
        self._client = httpx.Client(headers=headers, timeout=options.timeout_s, limits=limits)
        # One pool for all who ask at a time: together they have `max_concurrency` requests under way.
        self._pool = ThreadPoolExecutor(options.max_concurrency)
        self._reached = False

    def complete(self, chats: Sequence[Sequence[Message]]) -> list[str | EndpointError]:
        """The answer to each chat, stripped, or why there is none; temperature 0. Several threads may call it.

        Raises:
            XlcorpusError: the endpoint cannot be reached: never yet, or no longer after all retries.
            UserError: it refuses key, address or model.
        """
        stop = threading.Event()
        pending = [self._pool.submit(self._answer, chat, stop) for chat in chats]
        done, _ = wait(pending, return_when=FIRST_EXCEPTION)
        problems = [f.exception() for f in done]
        fatal = [p for p in problems if p is not None]
        if fatal:
            stop.set()
            for future in pending:
                future.cancel()
            wait(pending)
            raise fatal[0]
        return [f.result() for f in pending]

    def _answer(self, chat: Sequence[Message], stop: threading.Event) -> str | EndpointError:
        body = json.dumps(
            {
                "model": self._options.model,
                "messages": [m._asdict() for m in chat],
                "temperature": 0,
                "max_tokens": self._options.max_tokens,
            }
        ).encode()
        for attempt in range(self._options.max_retries + 1):
            if stop.is_set():
                raise _StoppedError
            outcome = self._once(body, last=attempt == self._options.max_retries)
            if isinstance(outcome, str) or not outcome.retryable:
                return outcome
            if attempt < self._options.max_retries and stop.wait(_pause(outcome, attempt, body)):
                raise _StoppedError
        return outcome

    def _once(self, body: bytes, last: bool) -> str | EndpointError:
        try:
            response = self._client.post(self._url, content=body, headers=_JSON)
        except (httpx.ConnectError, httpx.ConnectTimeout) as problem:
            if last or not self._reached:
                raise XlcorpusError(f"cannot reach the endpoint {self._url}: {problem}") from None
            return EndpointError(f"cannot connect: {problem}", retryable=True)
        except httpx.RequestError as problem:
            return EndpointError(f"{type(problem).__name__}: {problem}", retryable=True)
        self._reached = True
        status = response.status_code
        if status in _REFUSED:
            said = f"{_REFUSED[status]}: {_excerpt(response)}"
            raise UserError(f"the endpoint {self._url} answers {status}, {said}")
        if status != httpx.codes.OK:
            reason = f"HTTP {status}: {_excerpt(response)}"
            return EndpointError(reason, status in _RETRYABLE, _retry_after(response.headers))
        return _content(response)


def _content(response: httpx.Response) -> str | EndpointError:
    try:
        choice = response.json()["choices"][0]
        content, finish = choice["message"]["content"], choice.get("finish_reason")
    except (ValueError, LookupError, TypeError, AttributeError):
        return EndpointError(f"malformed answer: {_excerpt(response)}", retryable=True)
    if finish == "length":
        return EndpointError("the answer is longer than openai.max_tokens")
    if not isinstance(content, str) or not content.strip():
        return EndpointError(f"empty answer (finish_reason {finish!r})")
    return content.strip()


def _retry_after(headers: httpx.Headers) -> float | None:
    """Seconds the endpoint asks us to wait: `retry-after-ms`, `Retry-After` in seconds or as a date."""
    try:
        if "retry-after-ms" in headers:
            return float(headers["retry-after-ms"]) / 1000
    except ValueError:
        return None
    given = headers.get("retry-after")
    if given is None:
        return None
    try:
        return float(given)
    except ValueError:
        return _until(given)


def _until(date: str) -> float | None:
    """Seconds to an HTTP date, None if it is none."""
    try:
        return (parsedate_to_datetime(date) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return None


def _pause(error: EndpointError, attempt: int, body: bytes) -> float:
    """Seconds before the next try; the request's own checksum spreads those that failed together."""
    spread = 0.75 + 0.5 * (zlib.crc32(body) / 2**32)
    wanted = error.retry_after_s if error.retry_after_s is not None else BACKOFF_S * 2**attempt * spread
    return min(max(wanted, 0.0), BACKOFF_CAP_S)


def _excerpt(response: httpx.Response) -> str:
    return " ".join(response.text.split())[:200]
