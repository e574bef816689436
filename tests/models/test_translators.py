"""Translators: the gloss, Apertium where it is installed, and an endpoint played by a real server."""

import json
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from xlcorpus.errors import MissingExtra, UserError, XlcorpusError
from xlcorpus.models.chat.endpoint import Endpoint
from xlcorpus.models.translators import apertium
from xlcorpus.models.translators.backends import (
    TranslationError,
    Translator,
    load_translator,
    translate_protected,
    translator_identity,
)

ENG, SPA, DEU = "eng_Latn", "spa_Latn", "deu_Latn"

LEXICON = pl.DataFrame(
    [
        (DEU, ENG, "der", "the", 0.9, 9),
        (DEU, ENG, "hund", "dog", 0.6, 6),
        (DEU, ENG, "hund", "hound", 0.3, 3),
        (DEU, ENG, "schläft", "sleeps", 0.5, 4),
        (DEU, ENG, "schläft", "asleep", 0.5, 4),
    ],
    schema=["src_lang", "tgt_lang", "src_word", "tgt_word", "probability", "count"],
    orient="row",
)

needs_apertium = pytest.mark.skipif(
    shutil.which("apertium") is None, reason="needs apertium and apertium-eng-spa (Debian packages)"
)

Reply = tuple[int, dict[str, str], str]


def answer(content: Any, finish: str = "stop") -> Reply:
    choice = {"message": {"role": "assistant", "content": content}, "finish_reason": finish}
    return 200, {}, json.dumps({"choices": [choice]})


class Played(ThreadingHTTPServer):
    """An endpoint; `reply(text, n)` says what the n-th request (from 0) for that text gets."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, reply: Callable[[str, int], Reply]) -> None:
        self.reply = reply
        self.lock = threading.Lock()
        self.seen: list[dict[str, Any]] = []
        self.at_once = self.most_at_once = 0
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are part of the play."""

    def tries(self, text: str) -> int:
        return sum(r["body"]["messages"][-1]["content"] == text for r in self.seen)


class _Handler(BaseHTTPRequestHandler):
    server: Played
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        text = body["messages"][-1]["content"]
        with self.server.lock:
            n = self.server.tries(text)
            self.server.seen.append(
                {"body": body, "path": self.path, "headers": dict(self.headers), "at": time.monotonic()}
            )
            self.server.at_once += 1
            self.server.most_at_once = max(self.server.most_at_once, self.server.at_once)
        status, headers, content = self.server.reply(text, n)
        with self.server.lock:
            self.server.at_once -= 1
        data = content.encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def endpoint(reply: Callable[[str, int], Reply], **options: Any) -> Iterator[tuple[Translator, Played]]:
    server = Played(reply)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        where = Endpoint(base_url=f"http://127.0.0.1:{server.server_port}/v1", model="toy", **options)
        yield load_translator("openai", endpoint=where), server
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xlcorpus.models.chat.endpoint.BACKOFF_S", 0.01)


class Shouting:
    """Stands for any translator: upper-cases, and fails on one word."""

    identity = "upper"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def translate(self, texts: Any, src_lang: str, tgt_lang: str) -> list[str | TranslationError]:
        self.asked += texts
        return [TranslationError("too hard") if t == "hard" else t.upper() for t in texts]


class TestGloss:
    def test_takes_the_most_probable_word_and_keeps_unknown_ones(self) -> None:
        gloss = load_translator("lexicon", lexicon=LEXICON)
        assert gloss.translate(["Der Hund schläft nie."], DEU, ENG) == ["The dog asleep nie."]

    def test_carries_capitals_over(self) -> None:
        assert load_translator("lexicon", lexicon=LEXICON).translate(["DER hund"], DEU, ENG) == ["THE dog"]

    def test_says_which_pair_is_missing(self) -> None:
        [failed] = load_translator("lexicon", lexicon=LEXICON).translate(["the"], ENG, DEU)
        assert failed == TranslationError("the lexicon has no words from eng_Latn to deu_Latn")

    def test_needs_a_lexicon(self) -> None:
        with pytest.raises(UserError, match="needs a lexicon table"):
            load_translator("lexicon")


@needs_apertium
class TestApertium:
    def test_translates_many_texts_each_in_its_place(self) -> None:
        texts = ["The house is red.", "", "A cat\nand two dogs", "xyzzy", "\0", "The house is red."]
        done = load_translator("apertium").translate(texts, ENG, SPA)
        assert done == ["La casa es roja.", "", "Un gato\ny dos perros", "xyzzy", "", "La casa es roja."]

    @pytest.mark.parametrize("sign", list("!#$%&()*+,-./:;<=>?@[\\]^_`{|}~"))
    def test_signs_come_through(self, sign: str) -> None:
        [done] = load_translator("apertium").translate([f"cats {sign} dogs"], ENG, SPA)
        assert isinstance(done, str) and sign in done and "perros" in done.lower()

    def test_says_what_is_installed(self) -> None:
        [failed] = load_translator("apertium").translate(["the"], ENG, DEU)
        assert isinstance(failed, TranslationError)
        assert "no Apertium pair from eng_Latn to deu_Latn" in failed.reason and "eng-spa" in failed.reason

    def test_identity_holds_version_and_data(self) -> None:
        assert translator_identity("apertium").startswith("Apertium 3.")
        assert translator_identity("apertium") == load_translator("apertium").identity

    def test_a_breakdown_stops_the_run(self) -> None:
        with pytest.raises(XlcorpusError, match="exit code"):
            apertium.run_apertium("eng-nowhere", ["the"])


def test_missing_apertium_names_the_packages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    apertium.apertium_modes.cache_clear()
    with pytest.raises(MissingExtra, match="apt-get install apertium apertium-eng-spa"):
        load_translator("apertium")


class TestEndpoint:
    def test_asks_for_a_translation_at_temperature_0(self) -> None:
        with endpoint(lambda text, n: answer(f" {text.upper()}\n")) as (translator, server):
            assert translator.translate(["eins", "zwei"], DEU, ENG) == ["EINS", "ZWEI"]
        request = server.seen[0]
        assert request["path"] == "/v1/chat/completions"
        assert (request["body"]["model"], request["body"]["temperature"]) == ("toy", 0)
        assert "from German into English" in request["body"]["messages"][0]["content"]

    @pytest.mark.parametrize(
        "trouble",
        [
            (429, {"Retry-After": "0"}, "slow down"),
            (500, {}, "oops"),
            (503, {}, ""),
            (200, {}, "<html>not JSON"),
            (200, {}, '{"choices": []}'),
        ],
    )
    def test_tries_again(self, trouble: Reply) -> None:
        with endpoint(lambda text, n: trouble if n < 2 else answer("ok")) as (translator, server):
            assert translator.translate(["x"], DEU, ENG) == ["ok"]
            assert server.tries("x") == 3

    @pytest.mark.parametrize("header", ["seconds", "milliseconds", "date"])
    def test_waits_as_long_as_the_endpoint_asks(self, header: str) -> None:
        def reply(text: str, n: int) -> Reply:
            asked = {
                "seconds": {"Retry-After": "0.4"},
                "milliseconds": {"retry-after-ms": "400"},
                "date": {"Retry-After": formatdate(time.time() + 2, usegmt=True)},
            }[header]
            return (429, asked, "") if n == 0 else answer("ok")

        with endpoint(reply) as (translator, server):
            assert translator.translate(["x"], DEU, ENG) == ["ok"]
            assert server.seen[1]["at"] - server.seen[0]["at"] >= 0.39

    def test_an_error_stays_with_its_text(self) -> None:
        def reply(text: str, n: int) -> Reply:
            return {
                "bad": (400, {}, "context too long"),
                "down": (500, {}, "oops"),
                "long": answer("half a", finish="length"),
                "mute": answer(None),
            }.get(text) or answer("ok")

        with endpoint(reply, max_retries=1) as (translator, server):
            done = translator.translate(["a", "bad", "down", "long", "mute", "b"], DEU, ENG)
        assert [d.reason if isinstance(d, TranslationError) else d for d in done] == [
            "ok",
            "HTTP 400: context too long",
            "HTTP 500: oops",
            "the answer is longer than openai.max_tokens",
            "empty answer (finish_reason 'stop')",
            "ok",
        ]
        assert (server.tries("bad"), server.tries("down")) == (1, 2)

    def test_many_requests_are_under_way_but_no_more_than_allowed(self) -> None:
        def reply(text: str, n: int) -> Reply:
            time.sleep(0.03)
            return answer(text)

        texts = [str(i) for i in range(40)]
        with endpoint(reply, max_concurrency=8) as (translator, server):
            assert translator.translate(texts, DEU, ENG) == texts
        assert 2 <= server.most_at_once <= 8

    def test_a_slow_text_holds_up_no_other(self) -> None:
        others = threading.Semaphore(0)

        def reply(text: str, n: int) -> Reply:
            if text != "slow":
                others.release()
                return answer(text)
            all_came = all(others.acquire(timeout=20) for _ in range(60))
            return answer("after all others" if all_came else "before others")

        with endpoint(reply, max_concurrency=4) as (translator, _):
            assert translator.translate(["slow", *map(str, range(60))], DEU, ENG)[0] == "after all others"

    def test_the_key_comes_from_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TOY_KEY", "secret")
        with endpoint(lambda text, n: answer("ok"), api_key_env="TOY_KEY") as (translator, server):
            translator.translate(["x"], DEU, ENG)
        assert server.seen[0]["headers"]["Authorization"] == "Bearer secret"
        assert "secret" not in translator.identity

    def test_a_key_that_is_not_set_is_the_users_mistake(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("TOY_KEY", raising=False)
        where = Endpoint(base_url="http://127.0.0.1:1/v1", model="toy", api_key_env="TOY_KEY")
        with pytest.raises(UserError, match="environment variable TOY_KEY"):
            load_translator("openai", endpoint=where)

    @pytest.mark.parametrize("status", [401, 403, 404])
    def test_a_refusal_stops_the_run(self, status: int) -> None:
        with (
            endpoint(lambda text, n: (status, {}, "no such model")) as (translator, server),
            pytest.raises(UserError, match=f"answers {status}.*no such model"),
        ):
            translator.translate([str(i) for i in range(100)], DEU, ENG)
        assert len(server.seen) < 100

    def test_nobody_there_stops_the_run_at_once(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        where = Endpoint(base_url=f"http://127.0.0.1:{port}/v1", model="toy")
        with pytest.raises(XlcorpusError, match=rf"cannot reach the endpoint http://127.0.0.1:{port}/v1"):
            load_translator("openai", endpoint=where).translate(["a", "b"], DEU, ENG)

    def test_one_that_goes_away_stops_the_run_after_all_retries(self) -> None:
        closing = (200, {"Connection": "close"}, answer("ok")[2])
        with endpoint(lambda text, n: closing, max_retries=2) as (translator, _):
            translator.translate(["x"], DEU, ENG)
        with pytest.raises(XlcorpusError, match="cannot reach"):
            translator.translate(["y"], DEU, ENG)

    def test_a_timeout_is_tried_again(self) -> None:
        def reply(text: str, n: int) -> Reply:
            time.sleep(0.5 if n == 0 else 0)
            return answer("ok")

        with endpoint(reply, timeout_s=0.2) as (translator, server):
            assert translator.translate(["x"], DEU, ENG) == ["ok"]
            assert server.tries("x") == 2

    def test_identity_changes_with_the_model(self) -> None:
        one, two = (translator_identity("openai", Endpoint(base_url="http://a", model=m)) for m in ("x", "y"))
        assert one != two and one.startswith("x, prompt ")


class TestProtected:
    def test_only_free_text_is_translated(self) -> None:
        [done] = translate_protected(Shouting(), ["see `foo` at https://a.b now"], [ENG], SPA)
        assert done.text == "SEE `foo` AT https://a.b NOW"
        assert (done.changed, done.numbers_kept, done.error) == (True, 1.0, None)

    def test_each_segment_is_asked_once(self) -> None:
        translator = Shouting()
        translate_protected(translator, ["yes", "yes", "no\nyes"], [ENG] * 3, SPA)
        assert translator.asked == ["yes", "no"]

    def test_a_failed_segment_fails_its_text_only(self) -> None:
        done = translate_protected(Shouting(), ["easy", "easy\nhard"], [ENG] * 2, SPA)
        assert [(d.text, d.error) for d in done] == [("EASY", None), ("easy\nhard", "too hard")]

    def test_text_in_the_target_language_stays(self) -> None:
        translator = Shouting()
        [done] = translate_protected(translator, ["ya está"], [SPA], SPA)
        assert (done.text, done.changed, translator.asked) == ("ya está", None, [])

    def test_nothing_to_translate_is_no_change(self) -> None:
        [done] = translate_protected(Shouting(), ["`code`"], [ENG], SPA)
        assert (done.text, done.changed) == ("`code`", None)


def test_threads_that_translate_at_a_time_share_the_requests_of_the_endpoint() -> None:
    def slow(text: str, n: int) -> Reply:
        time.sleep(0.05)
        return answer(f"Le {text}")

    with endpoint(slow, max_concurrency=3) as (translator, server), ThreadPoolExecutor(6) as pool:
        rows = [[f"word {row} {turn}" for turn in range(4)] for row in range(6)]
        made = list(pool.map(lambda texts: translator.translate(texts, "eng_Latn", "fra_Latn"), rows))
        assert made == [[f"Le {text}" for text in texts] for texts in rows]
        assert server.most_at_once == 3


def test_a_text_that_was_answered_is_not_asked_again() -> None:
    reply = {"You help.": "Tu aides.", "One": "Un", "Two": "Deux"}
    with endpoint(lambda text, n: answer(reply[text])) as (translator, server):
        assert translator.translate(["You help.", "One"], "eng_Latn", "fra_Latn") == ["Tu aides.", "Un"]
        assert translator.translate(["You help.", "Two"], "eng_Latn", "fra_Latn") == ["Tu aides.", "Deux"]
        assert [server.tries(text) for text in reply] == [1, 1, 1]
        translator.translate(["One"], "eng_Latn", "deu_Latn")
        assert server.tries("One") == 2


def test_an_error_is_asked_about_again() -> None:
    with endpoint(lambda text, n: answer("" if n == 0 else "Un")) as (translator, _):
        assert isinstance(translator.translate(["One"], "eng_Latn", "fra_Latn")[0], TranslationError)
        assert translator.translate(["One"], "eng_Latn", "fra_Latn") == ["Un"]
