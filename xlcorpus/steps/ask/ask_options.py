"""Options of all steps that ask chat models, and what follows from them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic import BaseModel, NonNegativeFloat, PositiveInt

from xlcorpus.models.chat.player import Player, played
from xlcorpus.models.chat.prompt import Prompt
from xlcorpus.models.chat.request import ChatRequest, Message
from xlcorpus.once import once_a_run


class AskOptions(BaseModel):
    """Who is asked, and how. Name it before the base of the step: `class Generate(AskOptions, AsyncStep)`."""

    model: Player | list[Player] | str
    """who is asked: a role of the recipe, or a model ({base_url: ..., model: ...}); of several each is asked"""
    prompt: str | None = None
    """file with the prompt, or the name of one that comes with xlcorpus, or the text itself"""
    prompt_language: str | None = None
    """column with a language tag by which a variant of the prompt is chosen (`judge.deu_Latn.md` beside `judge.md`)"""
    samples: PositiveInt = 1
    """answers to each row"""
    temperature: NonNegativeFloat = 0.0
    """0: the likeliest answer; several samples need more"""
    max_tokens: PositiveInt | None = None
    """longest answer (default: what the model's entry says)"""
    extra: dict[str, Any] = {}
    """further parameters of the request, sent as given (`repetition_penalty`)"""
    attempts: PositiveInt = 3
    """requests for an answer of the form that the prompt asks for"""

    def licences(self) -> list[str]:
        """Licences or terms of what the models write, in words."""
        return [f"{player.model} is used under: {player.license}" for player in self._players if player.license]

    def file_contents(self) -> dict[str, str]:
        """The prompt, and its variants."""
        if self._prompt is None:
            return {}
        return {"prompt": self._prompt.content} | {tag: p.content for tag, p in self._variants.items()}

    def _identities(self) -> dict[str, str]:
        """The models asked, for `Step.models`."""
        return {f"model {i}" if i else "model": player.identity() for i, player in enumerate(self._players)}

    def _check_keys(self) -> None:
        """Raises UserError where a role is played by nobody, or a key is not set."""
        for player in self._players:
            player.key()

    @property
    def _players(self) -> list[Player]:
        return [played(one) for one in (self.model if isinstance(self.model, list) else [self.model])]

    @property
    def _prompt(self) -> Prompt | None:
        return None if self.prompt is None else loaded(self.prompt)

    @property
    def _variants(self) -> dict[str, Prompt]:
        if self._prompt is None or self.prompt_language is None:
            return {}
        return self._prompt.variants()


@once_a_run
def loaded(prompt: str) -> Prompt:
    """The prompt of that name; see `Prompt.load`."""
    return Prompt.load(prompt)


def again(request: ChatRequest, answer: str, wrong: str) -> ChatRequest:
    """The question once more, with the answer that could not be read and what is wrong with it."""
    said = f"That answer cannot be read: {wrong}. Answer again, in the form that was asked for."
    return replace(request, messages=(*request.messages, Message("assistant", answer), Message("user", said)))
