"""Steps that ask others about their rows and wait for them, with many rows under way at a time."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, ClassVar

import polars as pl

from xlcorpus.asking import Asking
from xlcorpus.errors import XlcorpusError
from xlcorpus.in_flight import in_flight
from xlcorpus.step import RowEnv, RowStep

PLACE = "_place"
"""Column with the place of a row in a shard that was asked about, see `RowEnv.said`."""


class AsyncStep(RowStep):
    """A row step that asks others about each row (a model behind an endpoint) and waits for them.

    `ask` is called for many rows at a time, of several shards, so that a slow row holds up no other; what it returns is
    handed to `made` once it is there for all rows of a shard. It is called again for all rows of a shard that was not
    whole when a run ended, so `ask` keeps what is dear (`models.chat.client.Chats` keeps every answer). Runs in the
    process of the run.

    A step that asks about something else than rows (each distinct segment of a shard once) says so in `questions` and
    `answers`.
    """

    rows_in_flight: ClassVar[int] = 2048
    """rows under way at a time; how many requests are under way is the endpoint's business"""

    def asks(self) -> bool:
        """Whether it asks at all with its options; else it is a row step like others."""
        return True

    def questions(self, rows: pl.DataFrame, env: RowEnv) -> Sequence[Any]:
        """What is asked about the rows of a shard: each row, by columns."""
        return rows.to_dicts()

    @abstractmethod
    async def ask(self, question: Any, order: tuple[int, ...], env: RowEnv) -> Any:
        """What is said to a question. What it raises fails the row alone, unless it is an `XlcorpusError`.

        Args:
            question: one of `questions`.
            order: its place in the table: of those that wait, the least goes first.
        """

    def answers(self, places: Sequence[int], env: RowEnv) -> list[Any]:
        """What `made` is given for the rows at some places of a shard: what was said of each."""
        return [_raised(env.said[place]) for place in places]

    @abstractmethod
    def made(self, rows: pl.DataFrame, said: list[Any], env: RowEnv) -> pl.DataFrame:
        """The new rows, as `RowStep.apply` makes them, from rows and their `answers`."""

    def apply(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        """See `RowStep.apply`; of rows that were asked about."""
        return self.made(rows.drop(PLACE), self.answers(rows[PLACE].to_list(), env), env)

    def prepared(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        """Ask about all rows; see `RowStep.prepared`."""
        if not self.asks():
            return rows
        with Asking() if env.asking is None else nullcontext(env.asking) as asking:
            env.asking = asking
            env.questions = self.questions(rows, env)
            env.said = asking.run(self._all(env))
        return rows.with_row_index(PLACE)

    async def _all(self, env: RowEnv) -> list[Any]:
        said: list[Any] = [None] * len(env.questions)

        async def ask(numbered: tuple[int, Any]) -> Any:
            return await self.heard(numbered[1], (numbered[0],), env)

        async for (place, _), one in in_flight(enumerate(env.questions), ask, self.rows_in_flight):
            said[place] = one
        return said

    async def heard(self, question: Any, order: tuple[int, ...], env: RowEnv) -> Any:
        """What `ask` returns, or the exception that it raises and that fails the row."""
        try:
            return await self.ask(question, order, env)
        except XlcorpusError:
            raise
        except Exception as problem:  # noqa: BLE001 - whatever becomes of one row must not stop the others
            return _Raised(problem)


@dataclass(frozen=True)
class _Raised:
    problem: Exception


def _raised(said: Any) -> Any:
    if isinstance(said, _Raised):
        raise said.problem
    return said
