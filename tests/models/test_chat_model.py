"""Our client of OpenAI-compatible endpoints against a real one: SmolLM2-135M, served by llama.cpp on this machine."""

import asyncio
import os
from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest

from xlcorpus.errors import XlcorpusError
from xlcorpus.models.chat.answer import Answer, Failure
from xlcorpus.models.chat.client import Chats
from xlcorpus.models.chat.player import Player
from xlcorpus.models.chat.request import ChatRequest, Message
from xlcorpus.steps import Generate, Translate

from .chat.smollm2 import needs_smollm2, smollm2

pytestmark = needs_smollm2


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Address of a server with the model."""
    with smollm2() as found:
        yield found


def ask(address: str, *requests: ChatRequest, **options: Any) -> list[Answer | Failure]:
    async def asked() -> list[Answer | Failure]:
        async with Chats() as chats:
            player = Player(base_url=address, model="smollm2", **options)
            return [said for one in requests for said in await chats.ask(player, [one])]

    return asyncio.run(asked())


def question(text: str, **options: Any) -> ChatRequest:
    return ChatRequest((Message("user", text),), **options)


PARIS = question("What is the capital of France? Answer in one short sentence.", max_tokens=60)


def test_an_answer_comes_back_and_is_repeated_at_temperature_0(address: str) -> None:
    first, again = ask(address, PARIS, PARIS)
    assert isinstance(first, Answer)
    assert "Paris" in first.content
    assert first.prompt_tokens > 10
    assert isinstance(again, Answer)
    assert again.content == first.content


def test_a_text_that_is_cut_off_says_so(address: str) -> None:
    (answer,) = ask(address, question("Tell me a long story about a dragon.", max_tokens=5))
    assert isinstance(answer, Answer)
    assert answer.finish == "length"


def test_samples_differ_although_the_server_takes_no_n(address: str) -> None:
    rows = pl.DataFrame({"text": ["a dog", "a cat"], "lang": "eng_Latn"})
    player = Player(base_url=address, model="smollm2", max_tokens=30)
    step = Generate(
        model=player, prompt="Tell me about {{ text }}.", into="x", samples=3, temperature=1.0, checks="columns"
    )
    made = step(rows, kind="sentence")
    assert made["generate_sample"].to_list() == [0, 1, 2] * 2
    assert made["x"].n_unique() == 6


def test_json_is_held_to_its_schema_by_the_server(address: str) -> None:
    prompt = (
        "---\nanswer: {form: json, schema: {type: object, properties: {name: {type: string}, legs: {type: integer}}}}\n"
        "---\nDescribe {{ text }}."
    )
    player = Player(base_url=address, model="smollm2", max_tokens=80)
    step = Generate(model=player, prompt=prompt, into="animal")
    made = step(pl.DataFrame({"text": ["a dog"], "lang": "eng_Latn"}), kind="sentence")
    assert made.select("animal_name", "animal_legs").dtypes == [pl.String, pl.Float64]
    assert made["animal_name"].null_count() == made["animal_legs"].null_count() == 0


def test_log_probabilities_of_alternatives_come_along(address: str) -> None:
    (answer,) = ask(address, question("Is the sky blue? Answer yes or no.", top_logprobs=5, max_tokens=3))
    assert isinstance(answer, Answer)
    assert answer.logprobs is not None
    assert len(answer.logprobs[0]["top_logprobs"]) == 5


def test_an_address_where_nothing_listens_is_told(address: str) -> None:
    nowhere = address.rpartition(":")[0] + ":9/v1"
    with pytest.raises(XlcorpusError, match="cannot reach the endpoint"):
        ask(nowhere, PARIS)


def test_what_a_poor_model_makes_is_a_translation_or_rejected_by_a_rule(address: str) -> None:
    player = Player(base_url=address, model="smollm2", max_tokens=80)
    step = Translate(into=["es"], translator="chat", model=player)
    texts = ["Good morning, my friend.", "The bread is fresh.", "Where is the station?"]
    outcome = step.outcome(pl.DataFrame({"text": texts, "lang": "eng_Latn"}))
    assert outcome.kept.height + outcome.rejected.height == 3
    rules = {"refusal", "no_translation", "not_alone", "untranslated", "wrong_language", "number_mismatch", "cut_off"}
    assert set(outcome.rejected["rule"]) <= rules


def test_the_model_needs_no_network() -> None:
    assert os.environ["HF_HUB_OFFLINE"] == "1"
