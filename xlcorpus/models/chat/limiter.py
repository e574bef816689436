"""How many requests an endpoint gets at a time, and how many a minute: one limiter an endpoint, for a whole run.

The concurrency falls when over a tenth of the last hundred answers to requests sent after its last fall say that the
endpoint is asked too much, and creeps up otherwise: answers to requests sent before the fall say nothing of the new
level. A refused request waits by itself and holds no place.
"""

from __future__ import annotations

import asyncio
import heapq
import time
from collections import deque
from collections.abc import Callable

FALL, CREEP = 0.7, 0.1
"""Factor of a fall; rise in a round trip. Both, with `TOLERATED` and `LAST`, were simulated: halving, or backing off at
every refusal, leaves capacity unused; a rise of 1 has half of the requests refused."""
LAST, TOLERATED = 100, 0.1

BURST_S = 1.0
"""Seconds of a rate that may be used up at once."""


class Concurrency:
    """The number of requests that may be under way."""

    def __init__(self, start: float, most: float) -> None:
        self.level = min(start, most)
        """requests at a time; whole ones count"""
        self._most = most
        self.falls = 0
        self._bad: deque[bool] = deque(maxlen=LAST)

    def answered(self, overload: bool, sent_after: int, busy: bool) -> None:
        """Take what came of a request.

        Args:
            overload: whether it says that the endpoint is asked too much.
            sent_after: `falls` when it was sent.
            busy: whether as many requests were under way as may be: else nothing is known of more.
        """
        if sent_after == self.falls:
            self._bad.append(overload)
            if sum(self._bad) > TOLERATED * LAST:
                self.level = max(1.0, self.level * FALL)
                self.falls += 1
                self._bad.clear()
        if busy and not overload:
            self.level = min(self._most, self.level + CREEP / self.level)


class Bucket:
    """A rate of requests or tokens: filled steadily, up to `BURST_S`."""

    def __init__(self, a_minute: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._clock = a_minute / 60, clock
        self._room = self._most = max(1.0, self._rate * BURST_S)
        self._at = clock()

    def take(self, amount: float) -> float:
        """Take an amount out; seconds to wait before it is there. What was not used is given back as less than 0."""
        now = self._clock()
        self._room = min(self._most, self._room + (now - self._at) * self._rate) - amount
        self._at = now
        return max(0.0, -self._room / self._rate)


class Limiter:
    """Places at an endpoint, in the order of rows."""

    def __init__(
        self,
        start: float,
        most: float,
        requests_per_minute: float | None = None,
        tokens_per_minute: float | None = None,
    ) -> None:
        self.concurrency = Concurrency(start, most)
        self._requests = None if requests_per_minute is None else Bucket(requests_per_minute)
        self._tokens = None if tokens_per_minute is None else Bucket(tokens_per_minute)
        self._under_way = 0
        self._waiting: list[tuple[tuple[int, ...], int, asyncio.Future[None]]] = []
        self._numbers = 0

    async def enter(self, order: tuple[int, ...], tokens: float) -> int:
        """Wait for a place; `falls` of the concurrency, to be given to `leave`.

        Args:
            order: of the requests that wait, the one with the least gets the next place.
            tokens: how many tokens the request may take.
        """
        if self._waiting or self._under_way >= int(self.concurrency.level):
            place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            heapq.heappush(self._waiting, (order, self._numbers, place))
            self._numbers += 1
            try:
                await place
            except asyncio.CancelledError:
                if place.done() and not place.cancelled():
                    self._under_way -= 1
                    self._admit()
                raise
        else:
            self._under_way += 1
        pause = max(
            0.0 if self._requests is None else self._requests.take(1),
            0.0 if self._tokens is None else self._tokens.take(tokens),
        )
        if pause:
            try:
                await asyncio.sleep(pause)
            except asyncio.CancelledError:
                self.leave(None, -1)
                raise
        return self.concurrency.falls

    def leave(self, overload: bool | None, sent_after: int, unused_tokens: float = 0.0) -> None:
        """Give the place back.

        Args:
            overload: whether the endpoint is asked too much; None: nothing is known.
            sent_after: what `enter` gave.
            unused_tokens: those that the request was said to take, less those that it took.
        """
        busy = self._under_way >= int(self.concurrency.level)
        self._under_way -= 1
        if overload is not None:
            self.concurrency.answered(overload, sent_after, busy)
        if self._tokens is not None and unused_tokens:
            self._tokens.take(-unused_tokens)
        self._admit()

    def _admit(self) -> None:
        while self._waiting and self._under_way < int(self.concurrency.level):
            _, _, place = heapq.heappop(self._waiting)
            if not place.done():
                self._under_way += 1
                place.set_result(None)
