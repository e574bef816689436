"""What asking a chat model costs, and how it takes what endpoints do: against servers on loopback.

    python benchmarks/chat.py [flaky bucket kill cpu]

- `flaky`: 50 ms, 1 % stragglers of 2 s, 3 % 429 with `Retry-After: 1`, 1 % 500; 600 requests, 64 at a time; 20 runs.
- `bucket`: a bucket of 200, refilled 200/s; answers after 50 ms, refusals after 5 ms; 6,000 requests, from a
  concurrency of 4 and of 256.
- `kill`: killed at ten random moments between the first and the last request, and started again.
- `cpu`: 10,000 requests of 5 ms, with cache and template.
"""

from __future__ import annotations

import asyncio
import json
import random
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
from targets import Figure

from xlcorpus import records
from xlcorpus.accounts import Accounts
from xlcorpus.in_flight import in_flight
from xlcorpus.models.chat.answer import Answer
from xlcorpus.models.chat.answer_cache import AnswerCache
from xlcorpus.models.chat.client import Chats
from xlcorpus.models.chat.player import Player
from xlcorpus.models.chat.prompt import Prompt
from xlcorpus.models.chat.request import ChatRequest
from xlcorpus.steps import Generate

SERVERS = Path(__file__).with_name("chat_servers.py")
RUNS, KILLS = 20, 10
WINDOW = 1024
PROMPT = Prompt("Question {{ number }}: {{ text }}", "the prompt of the benchmark")
ROWS = 4_000
KILLED = 2_000
"""Requests of the run that is killed."""


@contextmanager
def server(behaviour: str) -> Iterator[str]:
    """Address of a server that answers in such a way."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, str(SERVERS), behaviour, str(port)])
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            try:
                called(f"{address}/seen")
                break
            except OSError:
                time.sleep(0.05)
        yield address
    finally:
        process.kill()
        process.wait()


def called(url: str, method: str = "GET") -> bytes:
    """What an address of a server gives."""
    with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=5) as response:
        data: bytes = response.read()
    return data


def seen(address: str) -> dict[str, Any]:
    """What a server has seen."""
    found: dict[str, Any] = json.loads(called(f"{address}/seen"))
    return found


async def asked(player: Player, n: int, folder: Path | None = None, most: int = WINDOW) -> list[str | None]:
    """The answers to n questions, in order; None where there is none."""
    answers: list[str | None] = [None] * n
    cache = None if folder is None else AnswerCache(folder)
    async with Chats(cache, Accounts()) as chats:

        async def ask(i: int) -> Any:
            request = ChatRequest(PROMPT.messages({"number": i, "text": "what is this? " * 20}))
            return (await chats.ask(player, [request], "ask", (i,)))[0]

        async for i, said in in_flight(range(n), ask, most):
            answers[i] = said.content if isinstance(said, Answer) else None
    return answers


def right(answers: list[str | None]) -> bool:
    """Whether every question has its answer, in order."""
    return all(said is not None and said.startswith(f"You said: Question {i}:") for i, said in enumerate(answers))


def flaky() -> Iterator[Figure]:
    """See the module."""
    with server("flaky") as address:
        player = Player(base_url=f"{address}/v1", model="echo", concurrency=64, max_concurrency=64)
        taken, whole = [], 0
        for _ in range(RUNS):
            begun = time.monotonic()
            answers = asyncio.run(asked(player, 600))
            taken.append(time.monotonic() - begun)
            whole += right(answers)
    yield Figure(f"flaky: median of {RUNS} runs of 600 requests", statistics.median(taken), 3.5, False, unit="s")
    yield Figure("flaky: slowest run", max(taken), unit="s")
    yield Figure("flaky: runs without a loss, in order", whole, RUNS)


def bucket() -> Iterator[Figure]:
    """See the module."""
    for start in (4, 256):
        with server("bucket") as address:
            player = Player(base_url=f"{address}/v1", model="echo", concurrency=start)
            answers = asyncio.run(asked(player, 6000))
            outcomes = [(at, bool(ok)) for at, ok in seen(address)["outcomes"]]
        begun, end = outcomes[0][0], max(at for at, ok in outcomes if ok)
        # The last second has fewer requests than places.
        steady = [(at, ok) for at, ok in outcomes if begun + 5 <= at <= end - 1]
        seconds = end - 1 - (begun + 5)
        good, bad = sum(ok for _, ok in steady), sum(not ok for _, ok in steady)
        name = f"bucket from {start}"
        yield Figure(f"{name}: capacity used from second 5", good / seconds / 200, 0.9)
        yield Figure(f"{name}: refused from second 5", bad / (good + bad), 0.05, False)
        refused = sum(not ok for _, ok in outcomes) / len(outcomes)
        yield Figure(f"{name}: refused in all", refused, 0.25 if start == 256 else None, False)
        yield Figure(f"{name}: answered, in order", float(right(answers)), 1)


def kill() -> Iterator[Figure]:
    """See the module."""
    draw = random.Random(0)
    with tempfile.TemporaryDirectory() as work, server("quick") as address:
        once = Path(work) / "once"
        run = [sys.executable, __file__, "--asks", address]
        begun = time.monotonic()
        subprocess.run([*run, str(once)], check=True)
        whole, taken = (once / "out.json").read_bytes(), time.monotonic() - begun
        called(f"{address}/reset", "POST")
        folder, in_flight_at_kills, kills = Path(work) / "killed", 0, 0
        while kills < KILLS:
            process = subprocess.Popen([*run, str(folder)])
            before = len(seen(address)["outcomes"])
            while len(seen(address)["outcomes"]) == before and process.poll() is None:
                time.sleep(0.01)  # until its first request
            time.sleep(draw.uniform(0, 0.6 * taken / KILLS))
            if process.poll() is not None:
                break
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills, in_flight_at_kills = kills + 1, in_flight_at_kills + 64
            time.sleep(0.05)
        subprocess.run([*run, str(folder)], check=True)
        twice = sum(n - 1 for n in seen(address)["answered"].values())
        yield Figure("kill: kills between the first and the last request", kills)
        yield Figure("kill: the same bytes", float((folder / "out.json").read_bytes() == whole), 1)
        yield Figure("kill: answered twice", twice, in_flight_at_kills, False)


def cpu() -> Iterator[Figure]:
    """See the module."""
    with tempfile.TemporaryDirectory() as work, server("quick") as address:
        player = Player(base_url=f"{address}/v1", model="echo")
        asyncio.run(asked(player, 100))
        used, resident = [], []
        for n in (1_000, 10_000):
            begun = time.process_time()
            answers = asyncio.run(asked(player, n, Path(work) / str(n)))
            used.append((time.process_time() - begun) / n * 1000)
            resident.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
            assert right(answers)
        texts = pl.DataFrame({"text": [f"Question {i}" for i in range(ROWS)]})
        turn = records.messages([records.message("user", pl.col("text"))])
        tags = {name: pl.lit("eng_Latn") for name in ("lang", "prompt_lang", "response_lang")}
        rows = texts.select(messages=turn, task=pl.lit("open"), **tags)
        step = Generate(model=player, checks="columns")
        step.outcome(rows[:100], kind="instruction")
        begun = time.process_time()
        assert step.outcome(rows, kind="instruction").kept.height == ROWS
        generated = (time.process_time() - begun) / ROWS * 1000
    yield Figure("cpu: a row of `generate`, refusal, language and loops checked", generated, 0.6, False, unit="ms")
    yield Figure("cpu: a request, 10,000 of 5 ms", used[1], 0.6, False, unit="ms")
    yield Figure("cpu: memory at 1,000 requests", resident[0], unit="MiB")
    yield Figure("cpu: memory at 10,000 requests", resident[1], unit="MiB")
    yield Figure("cpu: memory at 10,000 requests over that at 1,000", resident[1] / resident[0], 1.25, False)


PARTS = {"flaky": flaky, "bucket": bucket, "kill": kill, "cpu": cpu}


def main() -> None:
    """Run from the command line."""
    if sys.argv[1:2] == ["--asks"]:
        address, folder = sys.argv[2], Path(sys.argv[3])
        player = Player(base_url=f"{address}/v1", model="echo", concurrency=64, max_concurrency=64)
        answers = asyncio.run(asked(player, KILLED, folder / "answers"))
        (folder / "out.json").write_text(json.dumps(answers))
        return
    for part in sys.argv[1:] or PARTS:
        for figure in PARTS[part]():
            print(figure, flush=True)


if __name__ == "__main__":
    main()
