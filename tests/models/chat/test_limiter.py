"""How many requests an endpoint gets at a time, and how many a minute."""

from __future__ import annotations

import asyncio

from xlcorpus.models.chat.limiter import Bucket, Concurrency, Limiter


def test_a_few_refusals_change_nothing() -> None:
    level = Concurrency(64, 64)
    for n in range(1000):
        level.answered(overload=n % 10 == 0, sent_after=0, busy=True)
    assert (level.level, level.falls) == (64, 0)


def test_over_a_tenth_of_refusals_lower_it_once_for_the_requests_sent_before() -> None:
    level = Concurrency(100, 200)
    for _ in range(60):  # all of these were sent at the first level
        level.answered(overload=True, sent_after=0, busy=True)
    assert (level.level, level.falls) == (70, 1)
    for _ in range(11):
        level.answered(overload=True, sent_after=1, busy=True)
    assert round(level.level) == 49


def test_it_rises_by_a_tenth_in_a_round_trip_up_to_the_most() -> None:
    level = Concurrency(10, 11)
    for _ in range(10):
        level.answered(overload=False, sent_after=0, busy=True)
    assert 10.09 < level.level <= 10.1
    for _ in range(1000):
        level.answered(overload=False, sent_after=0, busy=True)
    assert level.level == 11


def test_it_does_not_rise_where_fewer_requests_are_under_way_than_may_be() -> None:
    level = Concurrency(10, 100)
    for _ in range(1000):
        level.answered(overload=False, sent_after=0, busy=False)
    assert level.level == 10


def test_it_never_falls_below_one() -> None:
    level = Concurrency(4, 8)
    for _ in range(1000):
        level.answered(overload=True, sent_after=level.falls, busy=True)
    assert level.level == 1


def test_a_rate_is_kept_and_what_was_not_used_is_given_back() -> None:
    now = 0.0
    bucket = Bucket(600, clock=lambda: now)  # 10 a second
    assert [bucket.take(1) for _ in range(10)] == [0] * 10
    assert bucket.take(1) == 0.1
    assert bucket.take(4) == 0.5
    bucket.take(-5)
    assert bucket.take(1) == 0.1
    now = 10.0
    assert bucket.take(10) == 0


def test_places_go_to_the_rows_that_come_first() -> None:
    async def run() -> list[int]:
        limiter, entered = Limiter(1, 1), []
        await limiter.enter((0,), 0)

        async def enter(row: int) -> None:
            falls = await limiter.enter((row,), 0)
            entered.append(row)
            limiter.leave(False, falls)

        waiting = [asyncio.ensure_future(enter(row)) for row in (5, 3, 4)]
        await asyncio.sleep(0)
        limiter.leave(False, 0)
        await asyncio.gather(*waiting)
        return entered

    assert asyncio.run(run()) == [3, 4, 5]


def test_a_request_that_is_given_up_leaves_its_place() -> None:
    async def run() -> bool:
        limiter = Limiter(1, 1)
        falls = await limiter.enter((0,), 0)
        given_up = asyncio.ensure_future(limiter.enter((1,), 0))
        other = asyncio.ensure_future(limiter.enter((2,), 0))
        await asyncio.sleep(0)
        given_up.cancel()
        limiter.leave(False, falls)
        await asyncio.wait_for(other, 1)
        limiter.leave(False, falls)
        await asyncio.wait_for(limiter.enter((3,), 0), 1)
        return given_up.cancelled()

    assert asyncio.run(run())
