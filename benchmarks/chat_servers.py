"""Chat servers on loopback that behave badly in measured ways; each in a process of its own.

    python benchmarks/chat_servers.py flaky|bucket|quick PORT

An answer repeats the last message, so that it is known what was asked. `GET /seen` tells how often each message was
answered, how many were refused, and when; `POST /reset` forgets it.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable

from aiohttp import web

Reply = Callable[[str], Awaitable[web.Response]]


class Server:
    """What a server has seen, and how it answers."""

    def __init__(self, behaviour: str) -> None:
        self._behaviour = behaviour
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self._answered: Counter[str] = Counter()
        self._outcomes: list[tuple[float, bool]] = []
        self._room, self._at = 200.0, time.monotonic()
        self._draw = random.Random()

    async def chat(self, request: web.Request) -> web.Response:
        """Answer one chat."""
        text = (await request.json())["messages"][-1]["content"]
        refusal = await getattr(self, f"_{self._behaviour}")()
        self._outcomes.append((time.monotonic(), refusal is None))
        if refusal is not None:
            return refusal
        self._answered[text] += 1
        choice = {"message": {"role": "assistant", "content": f"You said: {text}"}, "finish_reason": "stop"}
        usage = {"prompt_tokens": len(text) // 4, "completion_tokens": 8}
        return web.json_response({"model": "echo", "choices": [choice], "usage": usage})

    async def seen(self, request: web.Request) -> web.Response:
        """What was seen."""
        said = {"answered": dict(self._answered), "outcomes": self._outcomes}
        return web.Response(text=json.dumps(said), content_type="application/json")

    async def reset(self, request: web.Request) -> web.Response:
        """Forget it."""
        self.forget()
        return web.Response()

    async def _flaky(self) -> web.Response | None:
        lot = self._draw.random()
        if lot < 0.03:
            return web.Response(status=429, headers={"Retry-After": "1"})
        if lot < 0.04:
            return web.Response(status=500)
        await asyncio.sleep(2 if lot < 0.05 else 0.05)
        return None

    async def _bucket(self) -> web.Response | None:
        now = time.monotonic()
        self._room, self._at = min(200.0, self._room + (now - self._at) * 200), now
        if self._room < 1:
            await asyncio.sleep(0.005)
            return web.Response(status=429)
        self._room -= 1
        await asyncio.sleep(0.05)
        return None

    async def _quick(self) -> web.Response | None:
        await asyncio.sleep(0.005)
        return None


def main() -> None:
    """Serve until killed."""
    server = Server(sys.argv[1])
    app = web.Application()
    app.router.add_post("/v1/chat/completions", server.chat)
    app.router.add_get("/seen", server.seen)
    app.router.add_post("/reset", server.reset)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[2]), print=None, access_log=None)


if __name__ == "__main__":
    main()
