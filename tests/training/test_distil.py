"""Distillation of a teacher into a student."""

import numpy as np
import polars as pl
import pytest

from xlcorpus.errors import UserError
from xlcorpus.mining.evaluate.measures import translation_ranks
from xlcorpus.models.arithmetic import Arithmetic
from xlcorpus.models.encoders.loading import load_encoder
from xlcorpus.training.bitext import bitext
from xlcorpus.training.student import fresh_student
from xlcorpus.training.trainers.distil import DistilTrainer, _Objective

ENGLISH_ONLY = DistilTrainer(teacher="bootstrap", teacher_langs=["en"], epochs=5, vocabulary=2000)


def test_the_student_learns_the_teachers_vectors_for_a_language_the_teacher_does_not_know(toy, tmp_path):
    trained = ENGLISH_ONLY.train(toy(500), tmp_path / "student")
    unseen = toy(100, seed=9)
    german, english = unseen["src_text"].to_list(), unseen["tgt_text"].to_list()
    teacher, student = load_encoder("bootstrap"), load_encoder(str(trained.folder), device="cpu")
    assert student.dim == teacher.dim
    before = translation_ranks(teacher.encode(german), teacher.encode(english)).p_at_1
    after = translation_ranks(student.encode(german), student.encode(english)).p_at_1
    assert max(before) < 0.1 and min(after) > 0.9
    assert np.einsum("nd,nd->n", student.encode(german), teacher.encode(english)).mean() > 0.8


def test_it_says_when_the_teacher_does_not_know_both_languages(toy, tmp_path):
    said = []
    DistilTrainer(teacher="bootstrap", epochs=1, vocabulary=2000).train(
        toy(60), tmp_path / "m", say=lambda text, warning: said.append(text) if warning else None
    )
    assert len(said) == 1 and said[0].startswith("teacher: P@1 0.0")
    assert "name those it knows (teacher_langs)" in said[0]


def test_a_student_of_another_dimension_gets_a_layer(toy, tiny_bert, tmp_path):
    said = []
    ENGLISH_ONLY.model_copy(update={"epochs": 1}).train(
        toy(60), tmp_path / "m", start=str(tiny_bert), say=lambda text, warning: said.append(text)
    )
    assert said[0] == "the student's vectors have 48 numbers, the teacher's 512: it gets a Dense layer"
    assert load_encoder(str(tmp_path / "m"), device="cpu").dim == 512


def test_that_layer_is_the_best_linear_map(tiny_bert):
    from xlcorpus.training.student import load_student

    student = load_student(str(tiny_bert), Arithmetic("cpu", "float32"))
    texts = [
        f"{a}{b}" for a in "bdfgklm" for b in ("amu", "ika", "opu", "eti", "ulo", "aba", "idi", "upu", "ana", "omo")
    ]
    own = student.model.encode(texts)
    wanted = (own @ np.random.default_rng(0).normal(size=(48, 5))).astype(np.float32)
    student.widen(texts, wanted)
    made = student.model.encode(texts)
    assert np.square(made - wanted).sum() < 0.05 * np.square(wanted).sum()


def test_gradients_in_parts_are_those_of_the_whole_batch(toy):
    data = bitext(toy(10).with_columns(weight=pl.Series(np.linspace(0.5, 1.5, 10))))
    lesson = np.random.default_rng(0).normal(size=(10, 8)).astype(np.float32)
    found = []
    for parts in (1, 3, 10):
        student = fresh_student([*data.src, *data.tgt], 300, 8, Arithmetic("cpu", "float32"), 0)
        loss = _Objective(student, data, data, lesson, ENGLISH_ONLY).backward(np.arange(10), parts, lambda x: x)
        found.append((loss, student.model[0].embedding.weight.grad.to_dense().numpy()))
    for loss, gradient in found[1:]:
        assert loss == pytest.approx(found[0][0], rel=1e-5)
        np.testing.assert_allclose(gradient, found[0][1], atol=1e-6)


def test_the_same_seed_gives_the_same_student(toy, tmp_path):
    vectors = []
    for name in ("a", "b"):
        ENGLISH_ONLY.model_copy(update={"epochs": 1}).train(toy(60), tmp_path / name, seed=3)
        vectors.append(load_encoder(str(tmp_path / name), device="cpu").encode(["gabu mupe"]))
    np.testing.assert_array_equal(*vectors)


def test_pairs_of_which_the_teacher_knows_no_side_are_refused(toy, tmp_path):
    pairs = pl.concat([toy(10), toy(10, seed=1, langs=("deu_Latn", "fra_Latn"))])
    with pytest.raises(UserError, match="in the pairs of deu_Latn-fra_Latn the teacher knows neither language"):
        ENGLISH_ONLY.train(pairs, tmp_path / "m")


def test_an_unknown_teacher_is_refused(toy, tmp_path):
    with pytest.raises(UserError, match=r"encoder '\./nowhere': no such folder"):
        DistilTrainer(teacher="./nowhere").train(toy(10), tmp_path / "m")
