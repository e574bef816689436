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


def test_what_one_raises_is_raised_when_those_under_way_have_ended_and_no_more_are_begun() -> None:
    ended: list[int] = []

    async def work(n: int) -> int:
        if n == 2:
            raise ValueError("two")
        await asyncio.sleep(0.05)
        ended.append(n)
        return n

    with pytest.raises(ValueError, match="two"):
        asyncio.run(collected(iter(range(9)), work, 5))
    assert sorted(ended) == [0, 1, 3, 4]


def test_where_the_caller_leaves_they_are_cancelled() -> None:
    ended: list[int] = []

    async def work(n: int) -> int:
        await asyncio.sleep(0.001 if n == 0 else 0.1)
        ended.append(n)
        return n

    async def first() -> None:
        pairs = in_flight(range(5), work, 5)
        assert await anext(pairs) == (0, 0)
        await pairs.aclose()  # type: ignore[attr-defined]
        await asyncio.sleep(0.2)

    asyncio.run(first())
    assert ended == [0]


def test_nothing_gives_nothing() -> None:
    assert asyncio.run(collected(iter(()), None, 4)) == []
