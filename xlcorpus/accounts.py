"""What was asked of models behind endpoints, and what it cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from xlcorpus.errors import XlcorpusError


class BudgetReachedError(XlcorpusError):
    """What may be spent is spent; what was answered is kept."""


@dataclass
class Asked:
    """The answers of one model that stand behind the rows of a table, whenever they were given."""

    answers: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    """prompt tokens that the endpoint had in its own cache"""
    completion_tokens: int = 0
    price: float = 0.0
    """0 where the model has no price"""

    def add(self, other: Asked) -> None:
        """Add other answers to these."""
        for column in fields(self):
            setattr(self, column.name, getattr(self, column.name) + getattr(other, column.name))

    def in_words(self, model: str) -> str:
        """What was answered, for the screen and the card."""
        tokens = f"{self.prompt_tokens:,} prompt tokens, {self.completion_tokens:,} written"
        price = f"; {_money(self.price)} by its price list" if self.price else ""
        return f"{self.answers:,} answers of {model} ({tokens}{price})"


@dataclass
class Account:
    """What a run sends to one model in one step."""

    requests: int = 0
    kept: int = 0
    """answers that were found in the cache"""
    retries: int = 0
    seconds: float = 0.0
    """sum over the requests"""
    paid: Asked = field(default_factory=Asked)
    """the answers that came"""

    def in_words(self, model: str) -> str:
        """What was sent, for the screen."""
        sent = f"{self.requests:,} requests to {model}" + (f" ({self.retries:,} again)" if self.retries else "")
        price = f", {_money(self.paid.price)} by its price list" if self.paid.price else ""
        waited = f", {self.seconds / self.requests:.2f} s each" if self.requests else ""
        return f"{sent}{waited}{price}; {self.kept:,} answers were there"


def _money(amount: float) -> str:
    return f"{amount:,.2f}" if amount >= 1 else f"{amount:.2g}"


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

    def of(self, step: str, model: str) -> Account:
        """The account of a model in a step."""
        return self._by_step[step, model]

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
        """An answer came, at that price."""
        self._cost += price

    def all(self) -> Mapping[tuple[str, str], Account]:
        """The accounts by (step, model)."""
        return dict(self._by_step)
