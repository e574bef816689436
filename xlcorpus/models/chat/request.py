"""What a chat model is asked, and the key under which its answer is kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from xlcorpus.models.chat.player import Player


class Message(NamedTuple):
    """One turn of a chat."""

    role: str
    content: str


@dataclass(frozen=True)
class ChatRequest:
    """One question; the same question may be asked several times, by number."""

    messages: tuple[Message, ...]
    """the last may be the assistant's: the beginning of the answer, where the endpoint goes on from it"""
    temperature: float = 0.0
    max_tokens: int | None = None
    """None: what the player allows"""
    stop: tuple[str, ...] = ()
    top_logprobs: int | None = None
    """how many alternatives of each token come with their log-probabilities; None: none are asked for"""
    schema: Mapping[str, Any] | None = None
    """JSON Schema of the answer"""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """further parameters, sent as given"""
    sample: int = 0
    """number of the sample"""
    stand_in: str | None = None
    """what is answered where a recipe is rehearsed; not sent, no part of the key"""

    def parameters(self, player: Player) -> dict[str, Any]:
        """What is sent beside model, messages, seed and `response_format`."""
        found: dict[str, Any] = {"temperature": self.temperature, "max_tokens": self.max_tokens or player.max_tokens}
        if self.stop:
            found["stop"] = list(self.stop)
        if self.top_logprobs is not None:
            found |= {"logprobs": True, "top_logprobs": self.top_logprobs}
        return found | player.extra | dict(self.extra)

    def digest(self, player: Player) -> bytes:
        """16 bytes: the model, the messages, the parameters, the schema, the number of the sample."""
        return _digest([player.identity(), *self._asked(player)])

    def seed(self, player: Player) -> int:
        """A seed of 31 bits from messages, parameters, schema and number, the same in every recipe."""
        return int.from_bytes(_digest(self._asked(player))[:4], "big") >> 1

    def _asked(self, player: Player) -> list[Any]:
        return [self.messages, self.parameters(player), self.schema, self.sample]

    def body(self, player: Player, structured: bool) -> bytes:
        """The request as JSON.

        Args:
            structured: whether the schema goes along as `response_format`.
        """
        body: dict[str, Any] = {"model": player.model, "messages": [m._asdict() for m in self.messages]}
        body |= self.parameters(player)
        if self.temperature > 0 and player.sends_seed and "seed" not in body:
            body["seed"] = self.seed(player)
        if self.schema is not None and structured:
            form = {"name": "answer", "strict": True, "schema": all_required(self.schema)}
            body["response_format"] = {"type": "json_schema", "json_schema": form}
        return json.dumps(body, ensure_ascii=False).encode("utf8", "surrogatepass")


def all_required(schema: Any) -> Any:
    """A JSON Schema in which every property of an object is required: grammars leave optional ones out."""
    if isinstance(schema, Mapping):
        made = {name: all_required(value) for name, value in schema.items()}
        if isinstance(schema.get("properties"), Mapping):
            made["required"] = list(schema["properties"])
            made.setdefault("additionalProperties", False)
        return made
    if isinstance(schema, list):
        return [all_required(value) for value in schema]
    return schema


def _digest(value: Any) -> bytes:
    written = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(written.encode(), digest_size=16).digest()
