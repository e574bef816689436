"""A chat server on loopback, in a thread, that answers as a test says."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import web

from xlcorpus.models.chat.player import Player

Reply = Callable[[dict[str, Any], int], web.StreamResponse | str]
"""From the body of a request and its number: the text of an answer, or a whole response."""


class Server:
    """What it was asked, and where it is."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.most = 0
        """requests that were under way at a time"""
        self.under_way = 0
        self.url = ""

    def player(self, **options: Any) -> Player:
        """A player of it."""
        return Player(**{"base_url": self.url, "model": "scripted", **options})


def completion(text: str, finish: str = "stop", **message: Any) -> dict[str, Any]:
    """A response with one choice."""
    return completions([text], finish, **message)


def completions(texts: list[str], finish: str = "stop", **message: Any) -> dict[str, Any]:
    """A response with some choices."""
    choices = [
        {"index": i, "message": {"role": "assistant", "content": text, **message}, "finish_reason": finish}
        for i, text in enumerate(texts)
    ]
    return {"model": "scripted", "choices": choices, "usage": {"prompt_tokens": 7, "completion_tokens": 3}}


@contextmanager
def serving(
    reply: Reply, pause_s: float = 0.0, pause: Callable[[dict[str, Any]], Awaitable[None]] | None = None
) -> Iterator[Server]:
    """A server that answers so until the block ends."""
    server = Server()
    loop = asyncio.new_event_loop()

    async def chat(request: web.Request) -> web.StreamResponse:
        body = await request.json()
        server.bodies.append(body)
        server.headers.append(dict(request.headers))
        number = len(server.bodies) - 1
        server.under_way += 1
        server.most = max(server.most, server.under_way)
        await (asyncio.sleep(pause_s) if pause is None else pause(body))
        server.under_way -= 1
        said = reply(body, number)
        return web.Response(text=json.dumps(completion(said))) if isinstance(said, str) else said

    async def start() -> web.AppRunner:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", chat)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        return runner

    runner = loop.run_until_complete(start())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()
