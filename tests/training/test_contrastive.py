"""Fine-tuning a sentence-transformers model on pairs."""

import numpy as np
import polars as pl
import pytest

from xlcorpus.errors import UserError
from xlcorpus.mining.evaluate.measures import translation_ranks
from xlcorpus.models.arithmetic import Arithmetic
from xlcorpus.models.encoders.loading import load_encoder
from xlcorpus.training.bitext import bitext
from xlcorpus.training.student import load_student
from xlcorpus.training.trainers.contrastive import ContrastiveTrainer, _Objective

FAST = ContrastiveTrainer(epochs=1, learning_rate=5e-3, batch_size=32)


def p_at_1(folder, pairs):
    encoder = load_encoder(str(folder), device="cpu")
    vectors = [encoder.encode(pairs[column].to_list()) for column in ("src_text", "tgt_text")]
    return min(translation_ranks(*vectors).p_at_1)


def test_sentences_find_their_translations_after_it(toy, tiny_bert, tmp_path):
    unseen = toy(100, seed=9)
    assert p_at_1(tiny_bert, unseen) < 0.1
    said = []
    trained = FAST.model_copy(update={"epochs": 2, "held_out": 0.1}).train(
        toy(400), tmp_path / "model", start=str(tiny_bert), say=lambda text, warning: said.append(text)
    )
    assert p_at_1(trained.folder, unseen) > 0.9
    assert trained.pairs == 360 and len(trained.losses) == 2 and trained.losses[1] < trained.losses[0]
    assert said[1].startswith("epoch 2 of 2: loss ") and ", held-out P@1 " in said[1]
    assert [p.name for p in tmp_path.iterdir()] == ["model"]


def test_the_same_seed_gives_the_same_model(toy, tiny_bert, tmp_path):
    vectors = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        FAST.train(toy(64), tmp_path / name, start=str(tiny_bert), seed=seed)
        vectors.append(load_encoder(str(tmp_path / name), device="cpu").encode(toy(5)["src_text"].to_list()))
    np.testing.assert_array_equal(vectors[0], vectors[1])
    assert not np.array_equal(vectors[0], vectors[2])


def test_gradients_in_parts_are_those_of_the_whole_batch(toy, tiny_bert):
    """Dropout off, which differs from draw to draw."""
    data = bitext(toy(20).with_columns(weight=pl.Series(np.linspace(0.5, 1.5, 20))))
    found = []
    for parts in (1, 3, 20):
        student = load_student(str(tiny_bert), Arithmetic("cpu", "float32"))
        student.model.eval()
        learner = _Objective(student, data, data, FAST)
        loss = learner.backward(np.arange(20), parts, lambda x: x)
        gradients = np.concatenate([p.grad.flatten().numpy() for p in student.model.parameters() if p.grad is not None])
        found.append((loss, gradients))
    for loss, gradients in found[1:]:
        assert loss == pytest.approx(found[0][0], rel=1e-5)
        np.testing.assert_allclose(gradients, found[0][1], atol=1e-6)


@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_several_language_pairs_learn_together(toy, tiny_bert, tmp_path, precision):
    pairs = pl.concat([toy(60), toy(6, seed=3, langs=("fra_Latn", "eng_Latn"))])
    trainer = FAST.model_copy(update={"precision": precision})
    assert trainer.train(pairs, tmp_path / "m", start=str(tiny_bert)).pairs == 66


def test_without_a_start_it_says_what_to_give(toy, tmp_path):
    with pytest.raises(UserError, match=r"needs a model to start from: give a start.*static and distil need none"):
        FAST.train(toy(10), tmp_path / "m")


def test_bootstrap_cannot_be_trained(toy, tmp_path):
    with pytest.raises(UserError, match="bootstrap has no weights that can be trained"):
        FAST.train(toy(10), tmp_path / "m", start="bootstrap")


def test_a_damaged_model_is_refused_and_leaves_nothing_behind(toy, tiny_bert, tmp_path):
    import shutil

    broken = tmp_path / "broken"
    shutil.copytree(tiny_bert, broken)
    weights = next(broken.rglob("*.safetensors"))
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(UserError, match=r"cannot be loaded.*fetch or train it again"):
        FAST.train(toy(10), tmp_path / "m", start=str(broken))
    assert [p.name for p in tmp_path.iterdir()] == ["broken"]
