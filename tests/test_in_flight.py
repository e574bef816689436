"""Many things under way at a time."""

import asyncio
from collections.abc import Iterator

import pytest

from xlcorpus.in_flight import in_flight


async def collected(items: Iterator[int], work: object, most: int) -> list[tuple[int, int]]:
    return [pair async for pair in in_flight(items, work, most)]  # type: ignore[arg-type]


def test_a_slow_one_holds_up_no_other() -> None:
    async def work(n: int) -> int:
        await asyncio.sleep(0.2 if n == 0 else 0.001)
        return n * n

    ended = asyncio.run(collected(iter(range(20)), work, 4))
    assert ended[-1] == (0, 0)
    assert sorted(ended) == [(n, n * n) for n in range(20)]


def test_items_are_taken_when_there_is_room() -> None:
    taken, most = 0, 0

    def items() -> Iterator[int]:
        nonlocal taken, most
        for n in range(50):
            taken += 1
            most = max(most, taken - ended)
            yield n

    ended = 0

    async def work(n: int) -> int:
        nonlocal ended
        await asyncio.sleep(0)
        ended += 1
        return n

    asyncio.run(collected(items(), work, 3))
    assert most <= 3 + 1


def test_what_one_raises_is_raised_and_the_others_are_cancelled() -> None:
    cancelled = []

    async def work(n: int) -> int:
        if n == 2:
            raise ValueError("two")
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            cancelled.append(n)
            raise
        return n

    with pytest.raises(ValueError, match="two"):
        asyncio.run(collected(iter(range(5)), work, 5))
    assert sorted(cancelled) == [0, 1, 3, 4]


def test_nothing_gives_nothing() -> None:
    assert asyncio.run(collected(iter(()), None, 4)) == []
