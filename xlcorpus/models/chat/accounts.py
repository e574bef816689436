"""What was asked of chat models, and what it cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from xlcorpus.errors import XlcorpusError
from xlcorpus.models.chat.answer import Answer
from xlcorpus.models.chat.player import Player


class BudgetReachedError(XlcorpusError):
    """What may be spent is spent; what was answered is kept."""


@dataclass
class Account:
    """Counts of one model in one step."""

    answers: int = 0
    """answers given to rows, kept ones among them"""
    requests: int = 0
    """sent"""
    kept: int = 0
    """answers that were found in the cache"""
    retries: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    """prompt tokens that the endpoint had in its own cache"""
    completion_tokens: int = 0
    seconds: float = 0.0
    """sum over the requests"""
    price: float = 0.0
    """0 where the player has no price"""

    def add(self, other: Account) -> None:
        """Add another account to this one."""
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


def price_of(player: Player, answer: Answer) -> float:
    """What an answer costs by the player's price; 0 without one."""
    if player.price is None:
        return 0.0
    price = player.price
    cached = price.prompt if price.cached is None else price.cached
    fresh = answer.prompt_tokens - answer.cached_tokens
    return (
        fresh * price.prompt + answer.cached_tokens * cached + answer.completion_tokens * price.completion
    ) / 1e6  # fmt: skip


class Accounts:
    """The accounts of a run by step and model, and what may be spent.

    Args:
        max_cost: of the requests of this run; None: no limit.
        max_requests: sent in this run; None: no limit.
    """

    def __init__(self, max_cost: float | None = None, max_requests: int | None = None) -> None:
        self._by_step: dict[tuple[str, str], Account] = defaultdict(Account)
        self._max_cost, self._max_requests = max_cost, max_requests
        self._cost, self._requests = 0.0, 0

    def of(self, step: str, player: Player) -> Account:
        """The account of a model in a step."""
        return self._by_step[step, player.model]

    def check(self) -> None:
        """Before a request is sent.

        Raises:
            BudgetReachedError: no more may be spent.
        """
        if self._max_requests is not None and self._requests >= self._max_requests:
            raise BudgetReachedError(
                f"{self._requests:,} requests were sent, as many as max_requests allows; the answers are kept: a run "
                "with a higher limit goes on from here"
            )
        if self._max_cost is not None and self._cost >= self._max_cost:
            raise BudgetReachedError(
                f"the requests of this run cost {self._cost:.2f}, and max_cost is {self._max_cost:g}; the answers are "
                "kept: a run with a higher limit goes on from here"
            )

    def sent(self) -> None:
        """A request was sent."""
        self._requests += 1

    def paid(self, price: float) -> None:
        """An answer came."""
        self._cost += price

    def all(self) -> Mapping[tuple[str, str], Account]:
        """The accounts by (step, model)."""
        return dict(self._by_step)
