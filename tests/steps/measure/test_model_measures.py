"""Similarity, likelihood and reward of rows."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from xlcorpus import records
from xlcorpus.errors import UserError
from xlcorpus.steps import Likelihood, Reward, Similarity

from ...models import tiny_models


def pairs(*texts: tuple[str | None, str | None]) -> pl.DataFrame:
    schema = {"src_text": pl.String, "tgt_text": pl.String}
    return pl.DataFrame(texts, schema=schema, orient="row").with_columns(
        src_lang=pl.lit("deu_Latn"), tgt_lang=pl.lit("eng_Latn"), score=pl.lit(None, pl.Float64),
        src_id=pl.lit(None, pl.String), tgt_id=pl.lit(None, pl.String),
    )  # fmt: skip


def preference(chosen: str, rejected: str) -> pl.DataFrame:
    def turns(role: str, text: str) -> pl.Expr:
        return records.messages([records.message(role, pl.lit(text))])

    columns = {"prompt": turns("user", "ein Hund"), "chosen": turns("assistant", chosen)}
    nothing = pl.lit(None, pl.Float64)
    return pl.select(**columns, rejected=turns("assistant", rejected), lang=pl.lit("deu_Latn"), score_chosen=nothing,
                     score_rejected=nothing)  # fmt: skip


@pytest.fixture(scope="module")
def causal(tmp_path_factory: pytest.TempPathFactory) -> str:
    return tiny_models.causal(tmp_path_factory.mktemp("models") / "gpt")


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> str:
    return tiny_models.classifier(tmp_path_factory.mktemp("models") / "reward")


def test_equal_texts_have_the_cosine_one_and_strange_ones_less() -> None:
    rows = pairs(("Berlin 1999", "BERLIN 1999"), ("Berlin 1999", "Katze"), ("Berlin", None), (" ", "Berlin"))
    found = Similarity(between=["src", "tgt"])(rows, kind="pair")["similarity_cosine"].to_list()
    assert found[0] == pytest.approx(1.0)
    assert found[1] < 0.5
    assert found[2:] == [None, None]


def test_any_two_texts_of_a_row_are_compared_under_any_name() -> None:
    rows = preference("ein Hund schläft", "ein Hund schläft").with_columns(note=pl.lit("ein Hund schläft"))
    made = Similarity(between=["chosen", "note"], into="note_cosine")(rows, kind="preference")
    assert made["note_cosine"].to_list() == [pytest.approx(1.0)]
    with pytest.raises(UserError, match="no rows have all of the texts chosen, src"):
        Similarity(between=["chosen", "src"]).ports()


def test_empty_tables_are_measured(causal: str, classifier: str) -> None:
    rows = pairs(("a", "b")).head(0)
    assert Similarity(between=["src", "tgt"])(rows, kind="pair").height == 0
    assert Likelihood(model=causal, y="tgt", x="src", device="cpu")(rows, kind="pair").height == 0
    assert Reward(model=classifier, of=["src"], device="cpu")(rows, kind="pair").height == 0


def test_the_likelihood_of_a_text_after_another(causal: str) -> None:
    step = Likelihood(model=causal, y="tgt", x="src", device="cpu")
    rows = pairs(("ein Hund", "a dog"), ("Katze", "a dog"), (None, "a dog"), ("Katze", " "), ("Katze", None))
    made = step(rows, kind="pair")
    sums, means, tokens = (made[f"likelihood_{name}"].to_list() for name in ("sum", "mean", "tokens"))
    assert sums[0] < 0 and sums[0] != sums[1]
    assert means[0] == pytest.approx(sums[0] / tokens[0])
    assert [sums[2:], means[2:], tokens[2:]] == [[None] * 3] * 3
    alone = Likelihood(model=causal, y="tgt", into="alone", device="cpu")(rows, kind="pair")
    assert alone["alone_sum"].is_not_null().to_list() == [True, True, True, False, False]


def test_a_text_in_parts_is_as_probable_as_the_whole(causal: str) -> None:
    rows = pairs(("a", " dog"), ("a dog", " sleeps"), ("a", " dog sleeps"))
    made = Likelihood(model=causal, y="tgt", x="src", between="", device="cpu")(rows, kind="pair")["likelihood_sum"]
    first, second, both = made
    assert both == pytest.approx(first + second, abs=1e-4)


def test_the_languages_of_a_pair_are_told_to_the_model(tmp_path: Path) -> None:
    model = tiny_models.nllb(tmp_path / "nllb")
    made = Likelihood(model=model, y="tgt", x="src", device="cpu")(pairs(("hund", "dog")), kind="pair")
    assert made["likelihood_tokens"].to_list() == [5.0]
    with pytest.raises(UserError, match="is an encoder-decoder: give x"):
        Likelihood(model=model, y="tgt", device="cpu").preflight()


def test_both_answers_of_a_preference_are_scored_with_their_prompt(classifier: str) -> None:
    from xlcorpus.models.rewards import load_classifier

    made = Reward(model=classifier, device="cpu")(preference("schläft", "a dog"), kind="preference")
    model = load_classifier(classifier, "cpu")
    asked = {"role": "user", "content": "ein Hund"}
    wanted = model.score([[asked, {"role": "assistant", "content": text}] for text in ("schläft", "a dog")])
    assert made.select("reward_chosen", "reward_rejected").row(0) == tuple(pytest.approx(w, abs=1e-5) for w in wanted)
    alone = Reward(model=classifier, of=["chosen"], alone=True, device="cpu")(
        preference("schläft", ""), kind="preference"
    )
    assert alone["reward_score"].item() == pytest.approx(model.score(["schläft"])[0], abs=1e-5)
    empty = Reward(model=classifier, device="cpu")(preference("schläft", ""), kind="preference")
    assert empty["reward_rejected"].to_list() == [None]


def test_a_conversation_that_waits_for_an_answer_has_no_score(classifier: str) -> None:
    turns = records.messages([records.message("user", pl.lit("ein Hund"))])
    rows = pl.select(messages=turns, lang=pl.lit("deu_Latn"), prompt_lang=pl.lit("deu_Latn"),
                     response_lang=pl.lit("deu_Latn"), task=pl.lit("chat"))  # fmt: skip
    assert Reward(model=classifier, device="cpu")(rows, kind="instruction")["reward_score"].to_list() == [None]


def test_documents_are_scored_as_texts(classifier: str) -> None:
    rows = pl.DataFrame({"text": ["Katze", ""], "lang": ["deu_Latn"] * 2})
    (one, empty) = Reward(model=classifier, device="cpu")(rows, kind="document")["reward_score"]
    assert math.isfinite(one) and empty is None


@pytest.mark.parametrize(
    ("step", "options", "message"),
    [
        (Likelihood, {"y": "text", "chat": True}, "chat has no effect here: there is no x"),
        (Likelihood, {"y": "tgt", "x": "src", "chat": True, "between": " "}, "between has no effect here"),
        (Reward, {"into": "Reward!"}, "into"),
        (Similarity, {"between": ["src"]}, "between"),
    ],
)
def test_options_that_do_not_fit_are_refused(step: Any, options: dict[str, Any], message: str) -> None:
    named = options if step is Similarity else {"model": "m", **options}
    with pytest.raises(ValidationError, match=message):
        step(**named)


def test_a_model_that_is_not_there_is_found_before_anything_runs() -> None:
    with pytest.raises(UserError, match=r"model '\./nowhere': no such folder"):
        Reward(model="./nowhere").preflight()


def test_a_gpu_is_held_where_one_is_asked_for(classifier: str) -> None:
    assert Reward(model=classifier, device="cuda").num_gpus() == 1.0
    assert Reward(model=classifier).num_gpus() == 0.0
