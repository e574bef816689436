"""Who plays a role of a recipe: a model behind an OpenAI-compatible endpoint (vLLM, SGLang, TGI, llama.cpp, hosted)."""

from __future__ import annotations

import os
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from xlcorpus.errors import UserError
from xlcorpus.rehearsing import rehearsing


class Price(BaseModel):
    """Price of a million tokens, in the currency of the price list."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    prompt: NonNegativeFloat
    completion: NonNegativeFloat
    cached: NonNegativeFloat | None = None
    """of prompt tokens that the endpoint had in its own cache; None: as `prompt`"""


class Player(BaseModel):
    """A model, where it is and how it may be asked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str = Field(pattern=r"^https?://[^\s/]+")
    """address up to and with the version, as the OpenAI clients take it: http://localhost:8000/v1"""
    model: str
    """name of the model there"""
    revision: str | None = None
    """what tells this model from others of its name; with it, answers are found again behind another address"""
    api_key_env: str | None = None
    """environment variable that holds the key (the key itself never stands in a file); none: no key"""
    concurrency: PositiveInt = 64
    """requests under way at the start; the number follows what the endpoint takes"""
    max_concurrency: PositiveInt = 512
    """requests under way, at most"""
    requests_per_minute: PositiveFloat | None = None
    """what the endpoint allows; None: not known"""
    tokens_per_minute: PositiveFloat | None = None
    """prompt and completion, what the endpoint allows; None: not known"""
    timeout_s: PositiveFloat = 1800.0
    """seconds to wait for an answer"""
    max_retries: NonNegativeInt = 6
    """times a request is sent again after 5xx, a timeout or an answer that is no JSON; refusals for lack of capacity
    (429) are waited out until `timeout_s`"""
    max_tokens: PositiveInt = 2048
    """longest answer; a step may ask for less"""
    structured: Literal["json_schema", "instruction"] = "json_schema"
    """how an answer in JSON is asked for: `response_format`, or in words alone (where the endpoint knows no other way
    it is asked in words whatever stands here)"""
    sends_seed: bool = True
    """whether a seed goes along where the temperature is above 0"""
    extra: dict[str, Any] = {}
    """what the endpoint knows and xlcorpus does not (`repetition_penalty`), sent as given"""
    price: Price | None = None
    license: str | None = None
    """licence or terms of what the model writes, for the card"""

    @property
    def chat_url(self) -> str:
        """Address that chats are posted to."""
        return self.base_url.rstrip("/") + "/chat/completions"

    def identity(self) -> str:
        """What decides whether its answers are the same: name and revision, or where it is."""
        return f"{self.model}@{self.revision}" if self.revision is not None else f"{self.model} at {self.base_url}"

    def key(self) -> str | None:
        """The key, from the environment.

        Raises:
            UserError: the variable is not set.
        """
        if self.api_key_env is None or rehearsing():
            return None
        found = os.environ.get(self.api_key_env)
        if not found:
            raise UserError(f"environment variable {self.api_key_env} (api_key_env of {self.model}) is not set")
        return found


def played(model: Player | str) -> Player:
    """The player of an option `model`.

    Raises:
        UserError: it names a role that no recipe declares.
    """
    if isinstance(model, Player):
        return model
    raise UserError(
        f"the role {model!r} is played by nobody: write model: {{base_url: http://host:port/v1, model: name}}, or "
        f"declare the role in the head (models: {{{model}: {{about: ...}}}}) and give "
        f"--model {model}=http://host:port/v1#name"
    )
