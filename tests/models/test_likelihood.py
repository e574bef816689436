"""log p(y given x) by tiny models with random weights, against the loss that transformers computes itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from xlcorpus.errors import UserError
from xlcorpus.models import likelihood
from xlcorpus.models.likelihood import CausalLikelihood, Seq2SeqLikelihood, Texts, load_likelihood

from . import tiny_models

LENGTHS = ["Katze", "der Hund und die Katze schlafen hier", "a dog"]


@pytest.fixture(scope="module")
def causal(tmp_path_factory: pytest.TempPathFactory) -> str:
    return tiny_models.causal(tmp_path_factory.mktemp("causal") / "gpt")


@pytest.fixture(scope="module")
def seq2seq(tmp_path_factory: pytest.TempPathFactory) -> str:
    return tiny_models.seq2seq(tmp_path_factory.mktemp("seq2seq") / "bart")


@pytest.fixture(scope="module")
def nllb(tmp_path_factory: pytest.TempPathFactory) -> str:
    return tiny_models.nllb(tmp_path_factory.mktemp("nllb") / "nllb")


def loss(model: Any, **inputs: Any) -> float:
    """The mean loss by transformers, of one text."""
    import torch

    with torch.inference_mode():
        return float(model(**{name: torch.tensor([ids]) for name, ids in inputs.items()}).loss)


def test_a_causal_model_s_means_are_its_own_loss_whatever_the_padding(causal: str) -> None:
    scorer = load_likelihood(causal, "cpu")
    assert isinstance(scorer, CausalLikelihood)
    sums, counts = scorer.score([Texts(y, "ein Hund") for y in LENGTHS])
    words = scorer._tokenizer
    for y, total, count in zip(LENGTHS, sums, counts, strict=True):
        x, ids = (words(text, add_special_tokens=False)["input_ids"] for text in ("ein Hund\n", y))
        assert count == len(ids)
        wanted = loss(scorer._model, input_ids=x + ids, labels=[-100] * len(x) + ids)
        assert total / count == pytest.approx(-wanted, abs=1e-5)


def test_without_x_the_start_token_comes_before(causal: str) -> None:
    scorer = load_likelihood(causal, "cpu")
    assert isinstance(scorer, CausalLikelihood)
    ids = scorer._tokenizer("a dog sleeps", add_special_tokens=False)["input_ids"]
    sums, _ = scorer.score([Texts("a dog sleeps")])
    assert sums[0] / len(ids) == pytest.approx(-loss(scorer._model, input_ids=[0, *ids], labels=[-100, *ids]), abs=1e-5)


def test_a_long_x_is_seen_from_its_end_and_a_long_y_has_no_likelihood(causal: str) -> None:
    scorer = load_likelihood(causal, "cpu", between=" ")
    long = " ".join(["Katze und Hund"] * 40)
    (a, b, c), counts = scorer.score([Texts("a dog", long), Texts("a dog", "und " + long), Texts(long, "Hund")])
    assert a == pytest.approx(b, abs=1e-5)
    assert np.isnan(c) and counts.tolist() == [counts[0], counts[0], 0]


def test_x_can_be_a_user_s_message(tmp_path: Path) -> None:
    template = "{% for m in messages %}{{ m.role }} {{ m.content }} {% endfor %}"
    template += "{% if add_generation_prompt %}assistant {% endif %}"
    folder = tiny_models.causal(tmp_path / "chat", chat_template=template)
    scorer, plain = load_likelihood(folder, "cpu", chat=True), load_likelihood(folder, "cpu", between="")
    shown = Texts("Katze", "user ein Hund assistant ")
    assert scorer.score([Texts("Katze", "ein Hund")])[0] == pytest.approx(plain.score([shown])[0], abs=1e-5)


def test_an_encoder_decoder_s_means_are_its_own_loss_whatever_the_padding(seq2seq: str) -> None:
    scorer = load_likelihood(seq2seq, "cpu")
    assert isinstance(scorer, Seq2SeqLikelihood)
    xs = ["ein Hund schläft", "Katze", "der Hund und die Katze"]
    sums, counts = scorer.score([Texts(y, x) for x, y in zip(xs, LENGTHS, strict=True)])
    for x, y, total, count in zip(xs, LENGTHS, sums, counts, strict=True):
        seen, said = (scorer._tokenizer(text)["input_ids"] for text in (x, y))
        assert count == len(said)
        assert total / count == pytest.approx(-loss(scorer._model, input_ids=seen, labels=said), abs=1e-5)


def test_a_model_of_many_languages_is_told_them_and_their_tokens_do_not_count(nllb: str) -> None:
    import torch

    scorer = load_likelihood(nllb, "cpu")
    assert isinstance(scorer, Seq2SeqLikelihood)
    texts = [Texts("dog", "hund", "eng_Latn", "deu_Latn"), Texts("dogs and cats", "hund", "eng_Latn", "deu_Latn"),
             Texts("hund", "dog", "deu_Latn", "eng_Latn"), Texts("dog", "hund", "swh_Latn", "deu_Latn")]  # fmt: skip
    sums, counts = scorer.score(texts)
    ids = scorer._tokenizer.convert_tokens_to_ids
    seen = [*ids(["deu_Latn", "▁", "h", "u", "n", "d", "</s>"])]
    said = [*ids(["eng_Latn", "▁", "d", "o", "g", "</s>"])]
    with torch.inference_mode():
        made = scorer._model(input_ids=torch.tensor([seen]), labels=torch.tensor([said])).logits[0].log_softmax(dim=-1)
    assert sums[0] == pytest.approx(float(sum(made[i, token] for i, token in enumerate(said) if i)), abs=1e-4)
    assert counts[0] == 5
    assert sums[2] != sums[0] and np.isnan(sums[3]) and counts[3] == 0


def test_texts_are_scored_alike_in_any_company(seq2seq: str, causal: str, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [Texts(y, "ein Hund") for y in LENGTHS * 3]
    for name in (seq2seq, causal):
        together, _ = load_likelihood(name, "cpu").score(texts)
        with monkeypatch.context() as patch:
            patch.setattr(likelihood, "LOGITS_AT_ONCE", 1)
            apart, _ = load_likelihood(name, "cpu").score(texts)
        np.testing.assert_allclose(together, apart, atol=1e-4)


def test_nothing_is_scored_as_nothing(causal: str) -> None:
    scorer = load_likelihood(causal, "cpu")
    sums, counts = scorer.score([])
    assert (len(sums), len(counts)) == (0, 0)
    sums, counts = scorer.score([Texts("", "Hund")])
    assert np.isnan(sums[0]) and counts[0] == 0


def test_a_model_that_does_not_fit_the_question_is_refused(causal: str, seq2seq: str) -> None:
    with pytest.raises(UserError, match="has no chat template"):
        load_likelihood(causal, "cpu", chat=True)
    with pytest.raises(UserError, match="is an encoder-decoder: chat is for causal"):
        load_likelihood(seq2seq, "cpu", chat=True)
    with pytest.raises(UserError, match=r"model '\./nowhere': no such folder"):
        load_likelihood("./nowhere", "cpu")
