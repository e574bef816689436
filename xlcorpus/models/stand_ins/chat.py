"""Answers of a chat model that there is not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from xlcorpus.accounts import Accounts, Asked
from xlcorpus.asking import Asking
from xlcorpus.models.chat.answer import Answer, Failure
from xlcorpus.models.chat.client import Chats, cost
from xlcorpus.models.chat.player import Player
from xlcorpus.models.chat.request import ChatRequest

CHARACTERS_A_TOKEN = 3
"""To guess tokens from text that no tokenizer has seen."""
FREE_TEXT_TOKENS = 200
"""Guess at the tokens of an answer that may have any length."""


@dataclass(frozen=True)
class Question:
    """A prompt as a step sent it, and the stand-in's answer."""

    player: Player
    request: ChatRequest
    answer: str
    order: tuple[int, ...]
    """place of the row in its table"""


class RehearsedChats(Chats):
    """In place of the client of a run: answers at once what the step says that a stand-in answers."""

    def __init__(self, accounts: Accounts) -> None:
        super().__init__(None, accounts)
        self.questions: dict[str, list[Question]] = defaultdict(list)
        """of each step, as they were asked"""

    async def ask(
        self,
        player: Player,
        requests: Sequence[ChatRequest],
        step: str = "",
        order: tuple[int, ...] | None = None,
        asked: Asked | None = None,
    ) -> list[Answer | Failure]:
        """See `Chats.ask`."""
        account = self.accounts.of(step, player.model)
        answers: list[Answer | Failure] = []
        for request in requests:
            text = request.stand_in or ""
            said = Answer(
                content=text,
                finish="stop",
                prompt_tokens=_tokens("".join(message.content for message in request.messages)),
                completion_tokens=_tokens(text) if request.schema is not None else FREE_TEXT_TOKENS,
            )
            self.questions[step].append(Question(player, request, text, order or ()))
            account.requests += 1
            account.paid.add(cost(player, said))
            if asked is not None:
                asked.add(cost(player, said))
            answers.append(said)
        return answers

    @classmethod
    def into(cls, asking: Asking) -> RehearsedChats:
        """Make it the client of a run."""
        made = cls(asking.accounts)
        asking.put(Chats, made)
        return made


def _tokens(text: str) -> int:
    return len(text) // CHARACTERS_A_TOKEN + 1
