"""Learning to translate, and the encoder that comes of it."""

import numpy as np
import polars as pl
import pytest
from pydantic import ValidationError

from xlcorpus.errors import UserError
from xlcorpus.models.arithmetic import Arithmetic
from xlcorpus.models.encoders.loading import encoder_identity, load_encoder
from xlcorpus.training.bitext import bitext
from xlcorpus.training.trainers.seq2seq import Seq2seqTrainer, _Objective
from xlcorpus.training.trainers.seq2seq_start import random_start

SMALL = Seq2seqTrainer(
    layers=1,
    width=64,
    vocabulary=150,
    dropout=0.0,
    label_smoothing=0.0,
    batch_tokens=128,
    learning_rate=2e-3,
    epochs=10,
)
LANGS = ["deu_Latn", "eng_Latn"]


@pytest.fixture(scope="module")
def trained(toy, tmp_path_factory):
    said = []
    folder = tmp_path_factory.mktemp("seq2seq") / "model"
    result = SMALL.model_copy(update={"held_out": 0.05}).train(
        short(toy(700, words=12)), folder, say=lambda text, warning: said.append(text)
    )
    return result, said


def short(pairs: pl.DataFrame) -> pl.DataFrame:
    """The first three words of each sentence, which are the last three of its translation."""
    words = pl.col("src_text", "tgt_text").str.split(" ")
    src, tgt = (pairs.select(words)[c] for c in ("src_text", "tgt_text"))
    return pairs.with_columns(src.list.head(3).list.join(" "), tgt.list.tail(3).list.join(" ")).unique(
        maintain_order=True
    )


def test_it_translates_sentences_it_has_not_seen(trained, toy):
    model = load_encoder(str(trained[0].folder), device="cpu")
    unseen = short(toy(60, seed=9, words=12))
    to_english = model.translate(unseen["src_text"].to_list(), "eng_Latn")
    to_german = model.translate(unseen["tgt_text"].to_list(), "deu_Latn", beams=1)
    assert np.mean([a == b for a, b in zip(to_english, unseen["tgt_text"], strict=True)]) > 0.9
    assert np.mean([a == b for a, b in zip(to_german, unseen["src_text"], strict=True)]) > 0.9


def test_the_losses_fall_and_the_held_out_ones_are_told(trained):
    result, said = trained
    assert len(result.losses) == 10 and result.losses[-1] < 0.2 * result.losses[0]
    assert said[-1].startswith("epoch 10 of 10: loss ") and "held-out loss " in said[-1] and "P@1" in said[-1]


def test_its_folder_is_an_encoder(trained):
    folder = str(trained[0].folder)
    encoder = load_encoder(folder, device="cpu")
    assert encoder.identity == encoder_identity(folder)
    assert encoder.encode(["gabu mupe", ""]).shape == (2, 64)


def test_it_goes_on_from_a_model_and_learns_a_language_more(trained, toy, tmp_path):
    said = []
    pairs = toy(40, langs=("deu_Latn", "fra_Latn"))
    trainer = SMALL.model_copy(update={"epochs": 1})
    trainer.train(pairs, tmp_path / "m", start=str(trained[0].folder), say=lambda text, warning: said.append(text))
    assert said[0].endswith("has no token for fra_Latn: a new one is added")
    assert load_encoder(str(tmp_path / "m"), device="cpu").decoder_prefix("fra_Latn")


def test_the_same_seed_gives_the_same_model(toy, tmp_path):
    vectors = []
    for name in ("a", "b"):
        SMALL.model_copy(update={"epochs": 1, "dropout": 0.1}).train(toy(40), tmp_path / name, seed=5)
        vectors.append(load_encoder(str(tmp_path / name), device="cpu").encode(["gabu mupe"]))
    np.testing.assert_array_equal(*vectors)


def test_gradients_in_parts_are_those_of_the_whole_batch(toy):
    data = bitext(toy(12).with_columns(weight=pl.Series(np.linspace(0.5, 1.5, 12))))
    found = []
    for parts in (1, 5, 24):
        model = random_start([*data.src, *data.tgt], LANGS, 1, 32, 150, 0.0, seed=0)
        learner = _Objective(model, data, data, SMALL, Arithmetic("cpu", "float32"), lambda text, warning: None)
        loss = learner.backward(np.arange(24), parts, lambda x: x)
        gradients = np.concatenate([p.grad.flatten().numpy() for p in learner.model.parameters() if p.grad is not None])
        found.append((loss, gradients))
    for loss, gradients in found[1:]:
        assert loss == pytest.approx(found[0][0], rel=1e-5)
        np.testing.assert_allclose(gradients, found[0][1], atol=1e-6)


def test_long_sentences_are_cut_and_counted(toy, tmp_path):
    said = []
    SMALL.model_copy(update={"epochs": 1, "most_tokens": 4}).train(
        toy(30), tmp_path / "m", say=lambda text, warning: said.append(text) if warning else None
    )
    assert said == ["30 of 30 pairs are as long as most_tokens or longer, and cut there"]


def test_a_start_that_cannot_translate_is_refused(toy, tiny_bert, tmp_path):
    with pytest.raises(UserError, match="is no encoder-decoder; start from one of transformers"):
        SMALL.train(toy(10), tmp_path / "m", start=str(tiny_bert))


def test_a_width_without_whole_heads_is_refused():
    with pytest.raises(ValidationError, match="must be a multiple of 64, or less than that"):
        Seq2seqTrainer(width=100)
