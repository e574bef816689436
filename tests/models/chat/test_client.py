"""Asking chat models over HTTP: retries, samples, what endpoints cannot do, the cache, the budget."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from xlcorpus.accounts import Accounts, BudgetReachedError
from xlcorpus.errors import UserError, XlcorpusError
from xlcorpus.models.chat import client
from xlcorpus.models.chat.answer import Answer, Failure
from xlcorpus.models.chat.answer_cache import AnswerCache
from xlcorpus.models.chat.client import Chats
from xlcorpus.models.chat.player import Player, Price
from xlcorpus.models.chat.request import ChatRequest, Message

from .server import completion, completions, serving


def question(text: str = "Wie geht es?", **options: Any) -> ChatRequest:
    return ChatRequest((Message("user", text),), **options)


def ask(
    player: Player,
    *requests: ChatRequest,
    folder: Path | None = None,
    accounts: Accounts | None = None,
    refresh: bool = False,
) -> list[Answer | Failure]:
    """The answers to samples of one question, asked by a client of its own."""

    async def asked() -> list[Answer | Failure]:
        cache = None if folder is None else AnswerCache(folder)
        async with Chats(cache, accounts, refresh) as chats:
            return await chats.ask(player, requests, "step")

    return asyncio.run(asked())


def said(answers: list[Answer | Failure]) -> list[str | None]:
    return [answer.content if isinstance(answer, Answer) else None for answer in answers]


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "BACKOFF_S", 0.01)


def test_what_is_sent_and_what_comes_back() -> None:
    with serving(lambda body, n: "Gut.") as server:
        (answer,) = ask(server.player(), question(temperature=0.7, stop=("\n",), max_tokens=9))
    assert answer == Answer("Gut.", "stop", prompt_tokens=7, completion_tokens=3, model="scripted")
    (body,) = server.bodies
    seed = body.pop("seed")
    assert isinstance(seed, int)
    assert body == {
        "model": "scripted", "messages": [{"role": "user", "content": "Wie geht es?"}], "temperature": 0.7,
        "stop": ["\n"], "max_tokens": 9,
    }  # fmt: skip


def test_a_seed_goes_by_the_question_and_the_number_of_the_sample() -> None:
    player = Player(base_url="http://a/v1", model="m")
    seeds = [question(temperature=1, sample=n).seed(player) for n in (0, 1, 0)]
    assert seeds[0] == seeds[2] != seeds[1]
    assert question(temperature=1).seed(Player(base_url="http://b/v1", model="m")) == seeds[0]


def test_what_an_endpoint_knows_and_we_do_not_is_sent_as_given_and_part_of_the_key() -> None:
    with serving(lambda body, n: str(body.get("repetition_penalty"))) as server:
        player = server.player(extra={"repetition_penalty": 1.1})
        assert said(ask(player, question())) == ["1.1"]
    assert question().digest(player) != question().digest(server.player())


@pytest.mark.parametrize("status", [429, 500, 502, 503, 408])
def test_a_request_that_failed_for_a_while_is_sent_again(status: int) -> None:
    with serving(lambda body, n: web.Response(status=status) if n < 2 else "da") as server:
        accounts = Accounts()
        assert said(ask(server.player(), question(), accounts=accounts)) == ["da"]
    account = accounts.of("step", "scripted")
    assert (account.requests, account.retries, account.paid.answers) == (3, 2, 1)


def test_retries_end() -> None:
    with serving(lambda body, n: web.Response(status=500, text="out of memory")) as server:
        (answer,) = ask(server.player(max_retries=2), question())
    assert isinstance(answer, Failure)
    assert answer.reason == "HTTP 500: out of memory"
    assert len(server.bodies) == 3


def test_refusals_for_lack_of_capacity_are_waited_out_beyond_the_retries() -> None:
    with serving(lambda body, n: web.Response(status=429) if n < 5 else "da") as server:
        assert said(ask(server.player(max_retries=1), question())) == ["da"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "0.3"},
        {"retry-after-ms": "300"},
        {"Retry-After": "Sat, 01 Jan 2000 00:00:01 GMT", "Date": "Sat, 01 Jan 2000 00:00:00 GMT"},
    ],
)
def test_an_endpoint_says_how_long_to_wait_by_its_own_clock(headers: dict[str, str]) -> None:
    with serving(lambda body, n: web.Response(status=429, headers=headers) if n == 0 else "da") as server:
        begun = time.monotonic()
        assert said(ask(server.player(), question())) == ["da"]
    assert 0.3 <= time.monotonic() - begun < 2.5


@pytest.mark.parametrize(
    "text", ["", "<html>Bad gateway</html>", "{}", '{"choices": []}', '{"choices": [{}]}', "[1]", '{"choices": 3}']
)
def test_what_is_no_answer_is_asked_again(text: str) -> None:
    with serving(lambda body, n: web.Response(text=text) if n == 0 else "da") as server:
        assert said(ask(server.player(), question())) == ["da"]


def test_bytes_that_are_no_utf8_are_asked_again_and_then_named() -> None:
    with serving(lambda body, n: web.Response(body=b'{"choices": [{"message": {"content": "\xff\xfe"}}]}')) as server:
        (answer,) = ask(server.player(max_retries=1), question())
    assert isinstance(answer, Failure)
    assert "no answer of a chat model" in answer.reason


def test_an_answer_of_ten_megabytes_is_read_and_one_of_more_than_16_is_not() -> None:
    with serving(lambda body, n: "é" * (10 if "ten" in body["messages"][0]["content"] else 17) * 2**18) as server:
        (ten,) = ask(server.player(), question("ten"))
        (more,) = ask(server.player(max_retries=0), question("more"))
    assert isinstance(ten, Answer)
    assert len(ten.content) == 10 * 2**18
    assert isinstance(more, Failure)


@pytest.mark.parametrize(("status", "why"), [(401, "the key is wrong or missing"), (404, "no such address or model")])
def test_what_every_request_would_meet_stops_the_run(status: int, why: str) -> None:
    with serving(lambda body, n: web.Response(status=status)) as server, pytest.raises(UserError, match=why):
        ask(server.player(), question())


def test_an_endpoint_that_is_not_there_is_named_at_once() -> None:
    begun = time.monotonic()
    with pytest.raises(XlcorpusError, match=r"cannot reach the endpoint http://127\.0\.0\.1:9/v1/chat/completions"):
        ask(Player(base_url="http://127.0.0.1:9/v1", model="m"), question())
    assert time.monotonic() - begun < 10


def test_samples_are_asked_for_at_once_where_the_endpoint_can() -> None:
    with serving(lambda body, n: web.json_response(completions([f"s{i}" for i in range(body.get("n", 1))]))) as server:
        asked = [question(temperature=1, sample=i) for i in range(3)]
        assert said(ask(server.player(), *asked)) == ["s0", "s1", "s2"]
    assert [body.get("n") for body in server.bodies] == [3]


def test_samples_are_asked_for_one_by_one_where_n_is_refused() -> None:
    def reply(body: dict[str, Any], number: int) -> web.StreamResponse | str:
        return web.Response(status=400, text="n must be 1") if "n" in body else str(body["seed"])

    with serving(reply) as server:
        answers = said(ask(server.player(), *[question(temperature=1, sample=i) for i in range(3)]))
    assert len({*answers}) == 3
    assert len(server.bodies) == 4


def test_samples_that_an_endpoint_left_out_are_asked_for_one_by_one() -> None:
    with serving(lambda body, n: f"answer {n}") as server:
        answers = said(ask(server.player(), *[question(temperature=1, sample=i) for i in range(3)]))
    assert sorted(map(str, answers)) == ["answer 0", "answer 1", "answer 2"]


def test_a_schema_goes_along_with_every_property_required() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}
    with serving(lambda body, n: "{}") as server:
        ask(server.player(), question(schema=schema))
    form = server.bodies[0]["response_format"]["json_schema"]["schema"]
    assert form["required"] == ["a", "b"]
    assert "required" not in schema


def test_an_endpoint_that_knows_no_schema_is_asked_without() -> None:
    def reply(body: dict[str, Any], number: int) -> web.StreamResponse | str:
        return web.Response(status=400, text="response_format?") if "response_format" in body else "{}"

    with serving(reply) as server:
        assert said(ask(server.player(), question(schema={"type": "object"}))) == ["{}"]


def test_reasoning_beside_the_content_and_log_probabilities_come_along() -> None:
    token = {"token": "A", "logprob": -0.1, "bytes": [65], "top_logprobs": [{"token": "B", "logprob": -2.5}]}

    def reply(body: dict[str, Any], number: int) -> web.StreamResponse:
        found = completion("A", reasoning_content="Because.")
        found["choices"][0]["logprobs"] = {"content": [token]}
        return web.json_response(found)

    with serving(reply) as server:
        (answer,) = ask(server.player(), question(top_logprobs=5))
    assert isinstance(answer, Answer)
    assert answer.reasoning == "Because."
    assert answer.logprobs == (
        {"token": "A", "logprob": -0.1, "top_logprobs": [{"token": "B", "logprob": -2.5}]},
    )  # fmt: skip
    assert (server.bodies[0]["logprobs"], server.bodies[0]["top_logprobs"]) == (True, 5)


def test_what_was_answered_is_not_asked_again(tmp_path: Path) -> None:
    with serving(lambda body, n: f"answer {n}") as server:
        first = ask(server.player(), question(), folder=tmp_path)
        accounts = Accounts()
        assert ask(server.player(), question(), folder=tmp_path, accounts=accounts) == first
        assert said(ask(server.player(), question(sample=1), folder=tmp_path)) == ["answer 1"]
        assert said(ask(server.player(), question(), folder=tmp_path, refresh=True)) == ["answer 2"]
        assert said(ask(server.player(), question(), folder=tmp_path)) == ["answer 2"]
    account = accounts.of("step", "scripted")
    assert (account.requests, account.kept, account.paid.answers) == (0, 1, 0)


def test_an_answer_that_was_cut_off_is_given_but_asked_for_again(tmp_path: Path) -> None:
    with serving(lambda body, n: web.json_response(completion("Es war ein", "length"))) as server:
        for _ in range(2):
            (answer,) = ask(server.player(), question(), folder=tmp_path)
            assert isinstance(answer, Answer)
            assert answer.finish == "length"
    assert len(server.bodies) == 2


def test_one_question_of_two_rows_is_asked_once() -> None:
    async def both(player: Player) -> list[list[Answer | Failure]]:
        async with Chats() as chats:
            return await asyncio.gather(*(chats.ask(player, [question()]) for _ in range(2)))

    with serving(lambda body, n: f"answer {n}", pause_s=0.1) as server:
        first, second = asyncio.run(both(server.player()))
    assert first == second
    assert len(server.bodies) == 1


def test_as_many_requests_are_under_way_as_the_player_says() -> None:
    async def many(player: Player) -> None:
        async with Chats() as chats:
            await asyncio.gather(*(chats.ask(player, [question(str(i))]) for i in range(20)))

    with serving(lambda body, n: "ja", pause_s=0.05) as server:
        asyncio.run(many(server.player(concurrency=4, max_concurrency=4)))
    assert server.most == 4


def test_what_may_be_spent_ends_the_run_and_a_higher_limit_goes_on(tmp_path: Path) -> None:
    async def many(player: Player, accounts: Accounts) -> None:
        async with Chats(AnswerCache(tmp_path), accounts) as chats:
            for i in range(5):
                await chats.ask(player, [question(str(i))])

    with serving(lambda body, n: "ja") as server:
        player = server.player(price=Price(prompt=1e6 / 7, completion=0))
        with pytest.raises(BudgetReachedError, match=r"cost 2\.00, and max_cost is 2"):
            asyncio.run(many(player, Accounts(max_cost=2)))
        assert len(server.bodies) == 2
        with pytest.raises(BudgetReachedError, match="1 requests were sent"):
            asyncio.run(many(player, Accounts(max_requests=1)))
        asyncio.run(many(player, Accounts(max_cost=100)))
    assert len(server.bodies) == 5


def test_a_key_goes_to_the_endpoint_and_nowhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = "sk-planted-0123456789"
    monkeypatch.setenv("TEACHER_KEY", key)
    with serving(lambda body, n: web.Response(status=500, text="no") if n == 0 else "ja") as server:
        player = server.player(api_key_env="TEACHER_KEY", max_retries=0)
        answers = [*ask(player, question(), folder=tmp_path), *ask(player, question(), folder=tmp_path)]
    assert server.headers[0]["Authorization"] == f"Bearer {key}"
    assert key not in repr(answers) + repr(player) + player.model_dump_json() + question().digest(player).hex()
    assert not [file for file in tmp_path.rglob("*") if key.encode() in file.read_bytes()]


def test_each_player_of_an_address_has_its_own_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONE_KEY", "one")
    monkeypatch.setenv("TWO_KEY", "two")

    async def both(players: list[Player]) -> None:
        async with Chats() as chats:
            for player in players:
                await chats.ask(player, [question(player.model)])

    with serving(lambda body, n: "ja") as server:
        players = [server.player(model=name, api_key_env=f"{name}_KEY") for name in ("ONE", "TWO")]
        asyncio.run(both(players))
    assert [headers["Authorization"] for headers in server.headers] == ["Bearer one", "Bearer two"]


def test_samples_that_came_are_kept_when_another_one_ends_the_run(tmp_path: Path) -> None:
    def reply(body: dict[str, Any], number: int) -> web.StreamResponse | str:
        return web.Response(status=400) if "n" in body else str(body["seed"])

    with serving(reply) as server:
        asked = [question(temperature=1, sample=i) for i in range(3)]
        with pytest.raises(BudgetReachedError):
            ask(server.player(), *asked, folder=tmp_path, accounts=Accounts(max_requests=3))
        server.bodies.clear()
        assert None not in said(ask(server.player(), *asked, folder=tmp_path))
    assert len(server.bodies) == 1  # the third sample: two were paid for before


def test_a_key_that_is_not_set_is_named() -> None:
    with pytest.raises(UserError, match="environment variable NO_SUCH_KEY"):
        ask(Player(base_url="http://127.0.0.1:9/v1", model="m", api_key_env="NO_SUCH_KEY"), question())


def test_a_revision_finds_answers_behind_another_address(tmp_path: Path) -> None:
    with serving(lambda body, n: "hier") as server:
        ask(server.player(revision="r1"), question(), folder=tmp_path)
    with serving(lambda body, n: "dort") as other:
        assert said(ask(other.player(revision="r1"), question(), folder=tmp_path)) == ["hier"]
        assert said(ask(other.player(), question(), folder=tmp_path)) == ["dort"]
    assert json.dumps(other.bodies[0])


def test_messages_hold_any_text(tmp_path: Path) -> None:
    text = "שלום \u2028 \x00 𞤀𞤣 e\u0301 \n</s>"
    with serving(lambda body, n: body["messages"][0]["content"]) as server:
        assert said(ask(server.player(), question(text), folder=tmp_path)) == [text]
        assert said(ask(server.player(), question(text), folder=tmp_path)) == [text]
    assert len(server.bodies) == 1
