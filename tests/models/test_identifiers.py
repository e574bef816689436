from pathlib import Path

import numpy as np
import polars as pl
import pytest

from xlcorpus.errors import UserError
from xlcorpus.models.identifiers import loading as identifiers
from xlcorpus.models.identifiers.fasttext_model import FastTextIdentifier
from xlcorpus.models.identifiers.lines import lines
from xlcorpus.models.identifiers.loading import load_identifier
from xlcorpus.models.identifiers.verdicts import verdicts


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


def own(model: FastTextIdentifier, text: str, *tags: str, strict: bool = False) -> float:
    prepared = lines(pl.Series([text]), pl.Series([tags[0]]))
    judged = np.ones(1, dtype=np.bool_)
    return float(verdicts(model, prepared, judged).own(pl.Series([list(tags)]), strict)[0])


def test_own_probability_counts_close_languages_and_every_expected_tag(lid176: FastTextIdentifier) -> None:
    text = "Dobar dan, kako ste danas?"

    assert own(lid176, text, "hrv_Latn") == own(lid176, text, "srp_Cyrl") > 0.3
    assert own(lid176, text, "deu_Latn", "bos_Latn") >= own(lid176, text, "hrv_Latn")
    assert own(lid176, text, "deu_Latn") < 0.05


def test_a_strict_check_takes_close_languages_for_different_ones(lid176: FastTextIdentifier) -> None:
    swedish = "Jag vet inte vad han heter, men han är snäll."

    assert own(lid176, swedish, "dan_Latn") > 0.9 > 0.05 > own(lid176, swedish, "dan_Latn", strict=True)
    assert own(lid176, swedish, "swe_Latn", strict=True) > 0.9


def test_chinese_characters_alone_may_be_japanese_unless_strict(lid176: FastTextIdentifier) -> None:
    assert own(lid176, "東京都千代田区丸内駅前広場", "jpn_Jpan") > 0.9
    assert own(lid176, "我们明天去北京看朋友", "jpn_Jpan", strict=True) < 0.05


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


def test_a_missing_model_is_the_users_mistake() -> None:
    with pytest.raises(UserError, match=r"no language identifier 'glotlid.bin': give 'lid.176', the path"):
        load_identifier("glotlid.bin")


def test_a_file_that_is_no_model_is_the_users_mistake(tmp_path: Path) -> None:
    file = tmp_path / "model.bin"
    file.write_text("not a model")

    with pytest.raises(UserError, match=r"is no fastText model .* it begins with other bytes"):
        load_identifier(str(file))


def test_identity_names_the_content(tmp_path: Path) -> None:
    copy = tmp_path / "lid.176.ftz"
    copy.write_bytes(identifiers.find_identifier().read_bytes())

    assert identifiers.identity().startswith("lid.176@")
    assert identifiers.identity().split("@")[1] == identifiers.identity(str(copy)).split("@")[1]
