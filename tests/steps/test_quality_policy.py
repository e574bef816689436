"""Policies of `quality`: limits by language from a file."""

from pathlib import Path

import polars as pl
import pytest

from xlcorpus import records
from xlcorpus.engine.fingerprint import folders
from xlcorpus.errors import UserError
from xlcorpus.step import Table
from xlcorpus.steps.filter.policy import Policy
from xlcorpus.steps.filter.quality import Quality
from xlcorpus.steps.identify.identify import Identify

POLICY = """
policy: 1
default: {limits: {min_words: 2}}
languages:
  de:
    limits: {min_words: 6, max_digits: null}
    stop_words: [der, 'no', 7]
    language_score: 0.9
"""


@pytest.fixture
def policy(tmp_path: Path) -> str:
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY, "utf8")
    return str(path)


def documents(*rows: tuple[str, str]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["text", "lang"], orient="row")


ROWS = documents(
    ("Der Hund schläft heute.", "deu_Latn"),
    ("Der Hund schläft heute schon wieder.", "deu_Latn"),
    ("Hunden sover.", "dan_Latn"),
    ("12345 12345 67890 a b c d e", "deu_Latn"),
)


def test_each_row_is_judged_by_its_language(policy: str) -> None:
    step = Quality(policy=policy, min_letter_words=None)

    kept = step(ROWS, kind="document")

    assert kept["text"].to_list() == [ROWS["text"][i] for i in (1, 2, 3)]


def test_options_override_the_file_and_languages_override_options(policy: str) -> None:
    assert Quality(policy=policy, min_words=4)(ROWS[:3], kind="document").height == 2
    own = Quality(policy=policy, min_words=4, by_language={"dan": {"min_words": None}})
    assert own(ROWS[:3], kind="document").height == 3


def test_the_file_is_part_of_the_fingerprint_and_its_stop_words_of_the_measures(policy: str) -> None:
    step = Quality(policy=policy)
    before = folders("quality", step, 0, step.models())
    Path(policy).write_text(POLICY.replace("min_words: 6", "min_words: 7"), "utf8")
    step = Quality(policy=policy)
    after = folders("quality", step, 0, step.models())
    Path(policy).write_text(POLICY.replace("[der", "[die"), "utf8")
    step = Quality(policy=policy)
    other_words = folders("quality", step, 0, step.models())

    assert before[0] != after[0]
    assert before[1] == after[1] != other_words[1]


def test_stop_words_may_be_numbers_and_words_that_yaml_knows(policy: str) -> None:
    assert Policy.load(policy).languages["deu_Latn"].stop_words == ["der", "no", "7"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("languages: {}", "must begin with 'policy: 1'"),
        ("policy: 2", "has version 2"),
        ("policy: 1\nlanguages: {deu_Latn: {limit: {}}}", "languages: deu_Latn: limit"),
        ("policy: 1\nlanguages: {deu_Latn: {limits: {min_words: viele}}}", "min_words"),
        ("policy: 1\nlanguages: {xx9: {}}", "xx9"),
        ("policy: 1\nlanguages: {fr: {}, de: {}, deu_Latn: {}}", "two entries for one language: de and deu_Latn$"),
        ("policy: [1", "is no YAML"),
        ("policy: 1\nlanguages: {deu_Latn: {limits: {min_wordz: 1}}}", "no limit 'min_wordz'; did you mean"),
    ],
)
def test_a_damaged_policy_is_refused_with_what_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(text, "utf8")

    with pytest.raises(UserError, match=message):
        Quality(policy=str(path)).preflight()


def test_a_missing_policy_is_refused() -> None:
    with pytest.raises(UserError, match=r"no file 'nowhere\.yaml'"):
        Quality(policy="nowhere.yaml").preflight()


def test_a_corpus_that_has_drifted_is_told_language_by_language(tmp_path: Path) -> None:
    reference = "{documents: 100, words: 900, quantiles: {words: [8, 8, 9, 9, 10, 11, 12]}}"
    (tmp_path / "policy.yaml").write_text(
        f"policy: 1\nlanguages: {{deu_Latn: {{reference: {reference}}}, eng_Latn: {{reference: {reference}}}}}", "utf8"
    )
    short, long = "Der Hund schläft.", "The old dog of the house sleeps in the sun."
    rows = documents(*[(short, "deu_Latn")] * 40, *[(long, "eng_Latn")] * 40, *[(short, "dan_Latn")] * 3)
    records.finish(rows, "document").write_parquet(tmp_path / "rows.parquet")

    said = Quality(policy=str(tmp_path / "policy.yaml")).remarks(
        {"rows": Table("document", (tmp_path / "rows.parquet",))}
    )

    assert len(said) == 2
    assert "no limits for dan_Latn (3 rows)" in said[0]
    assert said[1].startswith("deu_Latn has drifted")
    assert "median of words is 3 (there 9)" in said[1]


def test_identify_takes_the_language_scores_of_a_policy(policy: str) -> None:
    rows = documents(("Der Hund schläft heute schon wieder auf dem Sofa.", "deu_Latn"))
    sure = Identify(policy=policy).outcome(rows, kind="document")
    Path(policy).write_text(POLICY.replace("0.9", "1.0"), "utf8")
    never = Identify(policy=policy).outcome(rows, kind="document")

    assert sure.kept.height == 1
    assert never.rejected["rule"].to_list() == ["uncertain_language"]


@pytest.mark.parametrize("number", [".nan", ".inf"])
def test_a_limit_that_is_no_finite_number_is_refused(tmp_path: Path, number: str) -> None:
    (tmp_path / "policy.yaml").write_text(f"policy: 1\ndefault: {{limits: {{min_words: {number}}}}}", "utf8")

    with pytest.raises(UserError, match="default: limits: min_words: Input should be a finite number"):
        Quality(policy=str(tmp_path / "policy.yaml")).preflight()


@pytest.mark.parametrize(
    ("quantiles", "message"),
    [
        ("{words: [1, 2, 3]}", "quantiles: words: List should have at least 7 items"),
        ("{wordz: [1, 2, 3, 4, 5, 6, 7]}", "deu_Latn: no measure 'wordz' for quantiles; did you mean 'words'"),
    ],
)
def test_quantiles_that_no_corpus_can_be_compared_with_are_refused(
    tmp_path: Path, quantiles: str, message: str
) -> None:
    reference = f"{{documents: 100, words: 900, quantiles: {quantiles}}}"
    (tmp_path / "policy.yaml").write_text(f"policy: 1\nlanguages: {{de: {{reference: {reference}}}}}", "utf8")

    with pytest.raises(UserError, match=message):
        Quality(policy=str(tmp_path / "policy.yaml")).preflight()
