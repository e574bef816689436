from pathlib import Path

import numpy as np
import pytest

from xlcorpus.errors import UserError
from xlcorpus.models.identifiers import loading as identifiers
from xlcorpus.models.identifiers.loading import FastTextIdentifier, load_identifier

GLOTLID_STYLE = ["__label__deu_Latn", "__label__hin_Latn", "__label__cmn_Hani"]


@pytest.fixture(scope="module")
def lid176() -> FastTextIdentifier:
    return load_identifier()


def test_labels_come_as_tags_with_float32_probabilities(lid176: FastTextIdentifier) -> None:
    tags, probabilities = lid176.identify(["Heute scheint die Sonne.", "आज धूप निकली है।", "今天天气很好，我们去散步。"])

    assert tags == ["deu_Latn", "hin_Deva", "zho_Hans"]
    assert probabilities.dtype == np.float32
    assert (probabilities > 0.8).all()


def test_a_line_end_does_not_cut_a_text(lid176: FastTextIdentifier) -> None:
    tags, _ = lid176.identify(["Heute scheint\ndie Sonne,\nmorgen regnet es."])

    assert tags == ["deu_Latn"]


def test_no_text_is_in_no_language(lid176: FastTextIdentifier) -> None:
    tags, probabilities = lid176.identify(["", " \n"])

    assert tags == ["und", "und"]
    assert probabilities.tolist() == [0.0, 0.0]


def test_own_probability_counts_the_macrolanguage_and_every_expected_tag(lid176: FastTextIdentifier) -> None:
    text = "Dobar dan, kako ste danas?"

    croatian, serbian, either = lid176.probability([text] * 3, [["hrv_Latn"], ["srp_Cyrl"], ["deu_Latn", "bos_Latn"]])

    assert croatian == serbian
    assert either >= croatian > 0.3
    assert lid176.probability([text], [["deu_Latn"]])[0] < 0.05


@pytest.mark.parametrize("tag", ["deu_Latn", "zho_Hant", "arz_Arab", "srp_Latn", "kor_Hang", "nob_Latn", "gsw_Latn"])
def test_languages_of_the_model_are_known(lid176: FastTextIdentifier, tag: str) -> None:
    assert lid176.knows(tag)


@pytest.mark.parametrize("tag", ["zul_Latn", "wol_Latn", "hin_Latn", "pan_Arab", "und"])
def test_languages_and_scripts_it_never_saw_are_not(lid176: FastTextIdentifier, tag: str) -> None:
    assert not lid176.knows(tag)


def test_alemannic_is_not_albanian(lid176: FastTextIdentifier) -> None:
    assert {"gsw_Latn", "als_Latn"} <= set(lid176.tags)


def test_all_labels_of_the_model_are_listed(lid176: FastTextIdentifier) -> None:
    # 176 labels; `sh` counts as Croatian, `als` and `bh` as what their Wikipedias are written in.
    assert len(lid176.tags) == 175


def test_labels_with_scripts_are_tags(monkeypatch: pytest.MonkeyPatch, lid176: FastTextIdentifier) -> None:
    monkeypatch.setattr(lid176, "_tags", {label: identifiers._tag(label) for label in GLOTLID_STYLE})
    monkeypatch.setattr(lid176, "_scripted", True)

    assert lid176.tags == ["deu_Latn", "hin_Latn", "zho_Hans"]
    assert lid176._knows("hin_Latn")
    assert lid176._knows("zho_Hant")
    assert not lid176._knows("hin_Deva")


def test_a_code_that_no_standard_has_is_unknown() -> None:
    assert identifiers._tag("__label__xx") == "und"


def test_a_missing_model_is_the_users_mistake() -> None:
    with pytest.raises(UserError, match=r"no language identifier 'glotlid.bin': give 'lid.176' or the path"):
        load_identifier("glotlid.bin")


def test_a_file_that_is_no_model_is_the_users_mistake(tmp_path: Path) -> None:
    file = tmp_path / "model.bin"
    file.write_text("not a model")

    with pytest.raises(UserError, match="is no fastText model"):
        load_identifier(str(file))


def test_identity_names_the_content(tmp_path: Path) -> None:
    copy = tmp_path / "lid.176.ftz"
    copy.write_bytes(identifiers.find_identifier().read_bytes())

    assert identifiers.identity().startswith("lid.176@")
    assert identifiers.identity().split("@")[1] == identifiers.identity(str(copy)).split("@")[1]
