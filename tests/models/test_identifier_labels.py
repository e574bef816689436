"""Labels of published identifiers, on small models with such labels."""

from pathlib import Path

import numpy as np
import pytest

from xlcorpus.errors import UserError
from xlcorpus.models.identifiers.fasttext_model import FastTextIdentifier
from xlcorpus.models.identifiers.labels import tag_of

from .fasttext_files import write_classifier

PUBLISHED = {
    "lid.176": {"de": "deu_Latn", "als": "gsw_Latn", "sh": "hrv_Latn", "zh": "zho_Hans", "ckb": "ckb_Arab"},
    "NLLB": {"als_Latn": "als_Latn", "zho_Hant": "zho_Hant", "arb_Arab": "arb_Arab", "taq_Tfng": "taq_Tfng"},
    "GlotLID": {"cmn_Hani": "zho_Hans", "hin_Latn": "hin_Latn", "ekk_Latn": "est_Latn", "fil_Latn": "tgl_Latn"},
    "OpenLID-v2": {"cmn_Hans": "zho_Hans", "swh_Latn": "swh_Latn", "kmr_Latn": "kmr_Latn", "nob_Latn": "nob_Latn"},
    "OpenLID-v3": {"zxx_Zxxx": "zxx", "srp_Latn": "srp_Latn", "bos_Latn": "bos_Latn", "lat_Latn": "lat_Latn"},
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_labels_of_a_published_model_come_as_our_tags(tmp_path: Path, name: str) -> None:
    labels = PUBLISHED[name]
    words = {f"word{i}": f"__label__{label}" for i, label in enumerate(labels)}

    model = FastTextIdentifier(write_classifier(tmp_path / "model.bin", words))
    found, probabilities = model.identify(list(words))

    assert found == list(labels.values())
    assert (probabilities > 0.99).all()


@pytest.mark.parametrize(
    ("label", "tag"), [("xx", "und"), ("und_Zzzz", "und"), ("mul_Latn", "und"), ("zxx", "zxx"), ("ber_Latn", "und")]
)
def test_a_label_that_is_no_language_is_unknown_or_no_language(label: str, tag: str) -> None:
    assert tag_of(f"__label__{label}") == tag


def test_a_model_with_scripts_knows_a_language_in_these_scripts(tmp_path: Path) -> None:
    words = {"aaj": "__label__hin_Latn", "词": "__label__cmn_Hani"}

    model = FastTextIdentifier(write_classifier(tmp_path / "model.bin", words))

    assert model.knows("hin_Latn")
    assert not model.knows("hin_Deva")
    assert model.knows("zho_Hant")
    assert not model.knows("zxx")


def test_labels_of_one_tag_count_together(tmp_path: Path) -> None:
    words = {"a": "__label__hr", "b": "__label__sh"}

    answers = FastTextIdentifier(write_classifier(tmp_path / "model.bin", words)).answers(["a b"])

    assert answers.probability.tolist() == [pytest.approx(1, abs=1e-3)]
    assert answers.place.dtype == np.int32


def test_a_blank_line_has_no_answers(tmp_path: Path) -> None:
    model = FastTextIdentifier(write_classifier(tmp_path / "model.bin", {"a": "__label__de"}))

    assert len(model.answers(["", " "]).line) == 0


def test_word_vectors_are_no_identifier(tmp_path: Path) -> None:
    file = write_classifier(tmp_path / "vectors.bin", {"a": "__label__de"}, model=1)

    with pytest.raises(UserError, match=r"vectors\.bin' holds word vectors; give a classifier"):
        FastTextIdentifier(file)


def test_a_file_that_ends_too_early_is_refused(tmp_path: Path) -> None:
    file = write_classifier(tmp_path / "model.bin", {"a": "__label__de", "b": "__label__en"})
    file.write_bytes(file.read_bytes()[:-20])

    with pytest.raises(UserError, match=r"is not whole, or in another format"):
        FastTextIdentifier(file)


def test_a_format_newer_than_fasttext_is_refused(tmp_path: Path) -> None:
    file = write_classifier(tmp_path / "model.bin", {"a": "__label__de"})
    content = bytearray(file.read_bytes())
    content[4] = 13
    file.write_bytes(content)

    with pytest.raises(UserError, match=r"has version 13 of fastText's format; 12 is the newest known"):
        FastTextIdentifier(file)


def test_labels_that_are_no_languages_are_refused(tmp_path: Path) -> None:
    file = write_classifier(tmp_path / "model.bin", {"good": "__label__positive"})

    with pytest.raises(UserError, match=r"has labels that are no languages \(__label__positive\)"):
        FastTextIdentifier(file)
