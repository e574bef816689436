"""Many things under way at a time, in one event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


async def in_flight(
    items: Iterable[Item], work: Callable[[Item], Awaitable[Result]], most: int
) -> AsyncIterator[tuple[Item, Result]]:
    """Each item and what `work` makes of it, as they end; a slow one holds up no other.

    Items are taken when there is room for them. What `work` raises is raised once the others that are under way have
    ended, which may have paid for what they wait for; no more are begun. Where the caller leaves, they are cancelled.

    Args:
        most: how many are under way at a time.
    """
    running: dict[asyncio.Task[Result], Item] = {}
    # A queue, where `asyncio.wait` would look at all that run whenever one ends.
    ended: asyncio.Queue[asyncio.Task[Result]] = asyncio.Queue()
    waiting = iter(items)
    more = True
    try:
        while more or running:
            while more and len(running) < most:
                try:
                    item = next(waiting)
                except StopIteration:
                    more = False
                    break
                task = asyncio.ensure_future(_of(work, item))
                running[task] = item
                task.add_done_callback(ended.put_nowait)
            if running:
                task = await ended.get()
                item = running.pop(task)
                if task.exception() is not None:
                    await asyncio.gather(*running, return_exceptions=True)
                    running.clear()
                yield item, task.result()
    finally:
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)


async def _of(work: Callable[[Item], Awaitable[Result]], item: Item) -> Result:
    return await work(item)
