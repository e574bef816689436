"""Training on pairs inside a pipeline."""

import importlib.util
from pathlib import Path

import polars as pl
import pytest

from xlcorpus.errors import UserError
from xlcorpus.models.encoders.loading import load_encoder
from xlcorpus.steps import TrainEncoder

_spec = importlib.util.spec_from_file_location("toys", Path(__file__).parent.parent / "training" / "conftest.py")
assert _spec is not None and _spec.loader is not None
toys = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(toys)


def pairs() -> pl.DataFrame:
    src, tgt = toys.captions(200)
    return pl.DataFrame({"src_text": src, "tgt_text": tgt, "score": 1.0}).with_columns(
        src_lang=pl.lit("deu_Latn"), tgt_lang=pl.lit("eng_Latn")
    )


def test_the_encoder_is_kept_and_the_pairs_go_on(tmp_path: Path) -> None:
    step = TrainEncoder(trainer_options={"dim": 32, "epochs": 2})
    outcome = step.outcome(pairs(), folder=tmp_path)
    assert outcome.kept.select("src_text", "tgt_text").equals(pairs().select("src_text", "tgt_text"))
    assert "the encoder is in kept/encoder of the step's folder" in outcome.notes
    assert load_encoder(str(tmp_path / "kept" / "encoder")).encode(["ein Hund"]).shape == (1, 32)


def test_a_student_learns_from_a_teacher(tmp_path: Path) -> None:
    options = {"teacher": "bootstrap", "teacher_langs": ["en"], "epochs": 1, "vocabulary": 200}
    step = TrainEncoder(trainer="distil", trainer_options=options)
    assert list(step.models()) == ["teacher"]
    step(pairs(), folder=tmp_path)
    student = load_encoder(str(tmp_path / "kept" / "encoder"))
    assert student.encode(["ein Hund"]).shape == load_encoder("bootstrap").encode(["a dog"]).shape


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"trainer": "magic"}, "no trainer 'magic'"),
        ({"trainer": "distil"}, "trainer_options of distil: teacher: Field required"),
        ({"trainer_options": {"epoch": 3}}, "trainer_options of static: epoch: Extra inputs"),
        ({"trainer": "distil", "trainer_options": {"teacher": "no/where"}}, "no/where"),
    ],
)
def test_what_cannot_be_trained_is_said_before_the_run(options: dict[str, object], why: str) -> None:
    with pytest.raises(UserError, match=why):
        TrainEncoder(**options).preflight()
