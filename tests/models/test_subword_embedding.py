"""The static embedding: what a text's vector depends on, and that a folder holds all of it."""

from pathlib import Path

import numpy as np
import pytest

from xlcorpus.errors import UserError
from xlcorpus.models.encoders.loading import load_encoder
from xlcorpus.models.encoders.subword_embedding import SubwordEmbedding
from xlcorpus.training.trainers.static import encode, prepare, save

TEXTS = ["ein kleiner hund", "ein großer hund", "eine katze schläft", "zwei kleine hunde", "die katze spielt", "hund!"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save(prepare(TEXTS, 16)[0], tmp_path / "model")
    return tmp_path / "model"


def test_vectors_have_length_one_and_do_not_depend_on_the_batch(folder: Path) -> None:
    encoder = load_encoder(str(folder))
    together = encoder.encode(TEXTS)
    assert together.shape == (6, 16)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(np.vstack([encoder.encode([t]) for t in TEXTS]), together, atol=1e-6)


def test_a_folder_holds_all_of_the_model(folder: Path) -> None:
    model, texts = prepare(TEXTS, 16)
    np.testing.assert_allclose(load_encoder(str(folder)).encode(TEXTS), encode(model, texts), atol=1e-6)


def test_an_unseen_form_is_made_of_its_n_grams(folder: Path) -> None:
    vectors = load_encoder(str(folder)).encode(["kleines", "kleine", "spielt"])
    assert vectors[0] @ vectors[1] > 0.5 > vectors[0] @ vectors[2]


def test_a_text_of_nothing_known_has_no_direction(folder: Path) -> None:
    assert not load_encoder(str(folder)).encode(["", "xyz"]).any()


def test_other_words_mean_another_identity(folder: Path, tmp_path: Path) -> None:
    save(prepare([*TEXTS, "noch ein hund"], 16)[0], tmp_path / "other")
    assert load_encoder(str(folder)).identity != load_encoder(str(tmp_path / "other")).identity


def test_a_damaged_folder_is_refused(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"damaged")
    with pytest.raises(UserError, match="is there but cannot be loaded"):
        load_encoder(str(folder))


def test_sentence_transformers_loads_it_when_the_folder_is_trusted(folder: Path) -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), trust_remote_code=True, device="cpu")
    assert isinstance(model[0], SubwordEmbedding)
    np.testing.assert_allclose(model.encode(TEXTS), load_encoder(str(folder)).encode(TEXTS), atol=1e-6)
