"""Trainers by name."""

import pytest

from xlcorpus.errors import UserError
from xlcorpus.training.registry import trainer_class, trainers


def test_every_trainer_is_known_by_its_name():
    assert list(trainers()) == ["static", "sentence-transformers", "distil", "seq2seq"]
    assert all(trainer_class(name).name == name for name in trainers())


def test_a_misspelt_trainer_is_answered_with_the_nearest():
    with pytest.raises(UserError, match="no trainer 'seq2sec'; did you mean 'seq2seq'"):
        trainer_class("seq2sec")
