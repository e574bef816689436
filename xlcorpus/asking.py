"""What all asynchronous steps of a run share: one event loop, one client of each sort, what was asked and may be spent.

Asynchronous steps run in the process of the run, on a cluster too: they wait for others most of the time, and one
process can hold the limits of an endpoint for the whole run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

from xlcorpus.accounts import Accounts

T = TypeVar("T")


class Client(Protocol):
    """Something with connections that are closed when the run ends."""

    def close(self) -> Awaitable[None]: ...


C = TypeVar("C", bound=Client)


class Asking:
    """Used as a context: what it holds is closed at the end.

    Args:
        answers: folder of kept answers; None: answers are not kept.
        refresh: ask again what is kept.
        accounts: what is asked, and what may be spent.
    """

    def __init__(self, answers: Path | None = None, refresh: bool = False, accounts: Accounts | None = None) -> None:
        self.answers, self.refresh = answers, refresh
        self.accounts = accounts or Accounts()
        self._runner: asyncio.Runner | None = None
        self._clients: dict[type[Any], Client] = {}

    def client(self, of: type[C], make: Callable[[], C]) -> C:
        """The client of a sort, made when it is first asked for."""
        if of not in self._clients:
            self._clients[of] = make()
        client = self._clients[of]
        assert isinstance(client, of)
        return client

    def put(self, of: type[C], client: C) -> None:
        """Use this client for all of a sort, in place of one that is made."""
        self._clients[of] = client

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end, in the loop that the clients belong to."""
        if self._runner is None:
            self._runner = asyncio.Runner()
        return self._runner.run(work)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is None:
            return
        for client in self._clients.values():
            self._runner.run(_closed(client))
        self._runner.close()
        self._runner = None
        self._clients.clear()


async def _closed(client: Client) -> None:
    await client.close()
