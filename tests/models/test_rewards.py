"""Scores of sequence classifiers, against what transformers computes for each text alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from xlcorpus.errors import UserError
from xlcorpus.models.rewards import SequenceClassifier, load_classifier

from . import tiny_models

TEXTS = ["Katze", "der Hund und die Katze schlafen hier", "a dog"]
TEMPLATE = "{% for m in messages %}{{ m.role }} {{ m.content }}{{ eos_token }}{% endfor %}"
TURNS = [{"role": "user", "content": "ein Hund"}, {"role": "assistant", "content": "schläft"}]


def alone(classifier: SequenceClassifier, ids: list[int]) -> list[float]:
    """The outputs for one text, without padding."""
    import torch

    model: Any = classifier._model
    model.config.pad_token_id = None
    with torch.inference_mode():
        return list(model(input_ids=torch.tensor([ids])).logits[0].tolist())


def test_a_reward_is_the_model_s_output_whatever_the_padding(tmp_path: Path) -> None:
    found = load_classifier(tiny_models.classifier(tmp_path / "m"), "cpu")
    wanted = [alone(found, found._tokenizer(text)["input_ids"])[0] for text in TEXTS]
    np.testing.assert_allclose(found.score(TEXTS), wanted, atol=1e-5)


@pytest.mark.parametrize("pad", [None, "</s>"])
def test_an_end_token_that_is_the_padding_too_is_seen(tmp_path: Path, pad: str | None) -> None:
    folder = tiny_models.classifier(tmp_path / "m", chat_template=TEMPLATE, pad_token=pad)
    found = load_classifier(folder, "cpu")
    ids = found._tokenizer("user ein Hund</s>assistant schläft</s>", add_special_tokens=False)["input_ids"]
    assert ids[-1] == found._tokenizer.eos_token_id
    scores = found.score([TURNS, "der Hund und die Katze schlafen hier und hier"])
    assert scores[0] == pytest.approx(alone(found, ids)[0], abs=1e-5)


def test_a_model_without_chat_template_sees_a_pair(tmp_path: Path) -> None:
    found = load_classifier(tiny_models.classifier(tmp_path / "m", ends=True), "cpu")
    ids = found._tokenizer("ein Hund", "schläft")["input_ids"]
    assert found.score([TURNS])[0] == pytest.approx(alone(found, ids)[0], abs=1e-5)


def test_the_probability_of_a_label(tmp_path: Path) -> None:
    folder = tiny_models.classifier(tmp_path / "m", labels=3)
    found = load_classifier(folder, "cpu", label="LABEL_1")
    outputs = np.exp(alone(found, found._tokenizer("Katze")["input_ids"]))
    assert found.score(["Katze"])[0] == pytest.approx(outputs[1] / outputs.sum(), abs=1e-5)
    with pytest.raises(UserError, match="several labels: give label, one of LABEL_0, LABEL_1, LABEL_2"):
        load_classifier(folder, "cpu")
    with pytest.raises(UserError, match="no label 'LABEL_7'"):
        load_classifier(folder, "cpu", label="LABEL_7")


def test_long_texts_are_cut_and_long_conversations_have_no_score(tmp_path: Path) -> None:
    found = load_classifier(tiny_models.classifier(tmp_path / "m"), "cpu")
    long = " ".join(["Katze und Hund"] * 40)
    ids = found._tokenizer(long)["input_ids"]
    turns = [{"role": "user", "content": long}, {"role": "assistant", "content": "ja"}]
    one, other = found.score([long, turns])
    assert one == pytest.approx(alone(found, ids[:48])[0], abs=1e-5) and np.isnan(other)


def test_labels_that_go_together_have_a_probability_each(tmp_path: Path) -> None:
    folder = Path(tiny_models.classifier(tmp_path / "m", labels=3))
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"problem_type": "multi_label_classification"}))
    found = load_classifier(str(folder), "cpu", label="LABEL_2")
    wanted = [1 / (1 + np.exp(-alone(found, found._tokenizer(text)["input_ids"])[2])) for text in TEXTS]
    np.testing.assert_allclose(found.score(TEXTS), wanted, atol=1e-5)


def test_the_second_text_of_a_pair_is_told_apart_in_a_padded_batch() -> None:
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "ein", "Hund", "schläft", "Katze"]
    core = Tokenizer(models.WordLevel({word: at for at, word in enumerate(words)}, unk_token="[UNK]"))
    core.pre_tokenizer = pre_tokenizers.Whitespace()
    core.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_max_length=32,
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    )
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=8,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=32,
        num_labels=1,
        initializer_range=1.0,
    )
    model: Any = BertForSequenceClassification(config).eval()
    pair = tokenizer("ein Hund", "schläft", return_tensors="pt")
    assert pair["token_type_ids"].tolist() == [[0, 0, 0, 0, 1, 1]]
    with torch.inference_mode():
        wanted = float(model(**pair).logits[0, 0])
        untold = float(model(input_ids=pair["input_ids"]).logits[0, 0])
    longer = [TURNS[0], {"role": "assistant", "content": "Katze schläft ein Hund Katze"}]
    assert SequenceClassifier(model, tokenizer).score([TURNS, longer])[0] == pytest.approx(wanted, abs=1e-5)
    assert abs(wanted - untold) > 1e-3
