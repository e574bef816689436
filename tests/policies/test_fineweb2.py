"""Tables of FineWeb-2 as policies: importing always succeeds, and says what it left out."""

import random
from pathlib import Path

import polars as pl
import pytest

from xlcorpus.errors import UserError
from xlcorpus.policies.fineweb2 import import_tables
from xlcorpus.policies.limits import carried
from xlcorpus.policies.spacy_words import spacy_words
from xlcorpus.steps.filter.document_limits import DOCUMENT_BOUNDS
from xlcorpus.steps.filter.quality import Quality
from xlcorpus.text.measures.texts import MeasuredTexts

TABLE = """
dup_line_frac: 0.25
dup_n_grams:
- - 5
  - 0.2
- - 10
  - 1.4
language_score: 0.6
line_punct_thr: 0.1
max_avg_word_length: 11
max_non_alpha_words_ratio: 0.7
min_avg_word_length: 3
new_line_ratio: 0.2
stopwords:
- no
- on
- 'n'
- der
top_n_grams:
- - 2
  - 0.7
"""


def written(folder: Path, **tables: str) -> list[Path]:
    for name, text in tables.items():
        (folder / f"{name}.yml").write_text(text, "utf8")
    return sorted(folder.glob("*.yml"))


def test_limits_on_lines_are_taken_as_they_are(tmp_path: Path) -> None:
    policy = import_tables(written(tmp_path, deu_Latn=TABLE))

    limits = policy.languages["deu_Latn"].limits
    assert (limits["max_repeated_lines"], limits["min_line_ends"]) == (0.25, 0.1)
    assert policy.languages["deu_Latn"].language_score == 0.6


def test_limits_on_words_are_left_out_without_reference_text(tmp_path: Path) -> None:
    policy = import_tables(written(tmp_path, deu_Latn=TABLE))

    limits = policy.languages["deu_Latn"].limits
    assert limits["max_word_length"] is None
    assert limits["max_repeated_5_grams"] is None
    assert any("without reference text" in note for note in policy.notes)


def test_limits_on_words_come_from_reference_text_where_datatrove_takes_other_words(tmp_path: Path) -> None:
    texts = [f"Der Hund Nummer {n} läuft über die lange Straße und bellt sehr laut." for n in range(50)]
    reference = pl.DataFrame({"text": texts, "lang": ["swh_Latn"] * 50})

    policy = import_tables(written(tmp_path, swh_Latn=TABLE), reference)

    assert policy.languages["swh_Latn"].limits["max_word_length"] == pytest.approx(4.27, abs=0.5)
    assert any("50 reference documents" in note for note in policy.notes)


def web_pages(n: int) -> list[str]:
    """Pages with what spaCy and UAX-29 cut otherwise: hyphens, slashes, addresses, punctuation, abbreviations."""
    draw = random.Random(3)
    pieces = [
        "Ost-West-Konflikt",
        "und/oder",
        "z.B.",
        "www.beispiel.example/seite",
        "(siehe oben)",
        "Straße",
        "am",
        "3,5",
        "»gut«",
    ]
    return ["\n".join(" ".join(draw.choices(pieces, k=12)) + "." for _ in range(draw.randint(2, 9))) for _ in range(n)]


@pytest.mark.parametrize("lang", ["deu_Latn", "tur_Latn", "ell_Grek", "arb_Arab"])
@pytest.mark.parametrize("short", [4.4, 4.8, 5.0])
def test_limits_on_words_reject_as_much_of_the_reference_as_with_the_words_of_spacy(
    tmp_path: Path, lang: str, short: float
) -> None:
    texts = web_pages(300)
    reference = pl.DataFrame({"text": texts, "lang": [lang] * len(texts)})
    lengths = f"min_avg_word_length: {short}\nmax_avg_word_length: {short + 0.5}"
    table = f"{lengths}\ntop_n_grams: [[2, 0.1]]\nnew_line_ratio: 0.04"
    policy = import_tables(written(tmp_path, **{lang: table}), reference)

    theirs = MeasuredTexts(reference["text"], reference["lang"], spacy_words(texts, lang)).document_measures({})
    ours = MeasuredTexts(reference["text"], reference["lang"]).document_measures({})
    limits = policy.languages[lang].limits
    for option, measure, limit in (
        ("min_word_length", "word_length", short),
        ("max_word_length", "word_length", short + 0.5),
        ("max_line_breaks", "line_breaks", 0.04),
        ("max_top_2_grams", "top_2_grams", 0.1),
    ):
        own = limits[option]
        assert own is not None
        beyond = [
            (c < at if option.startswith("min") else c > at).sum()
            for c, at in ((theirs[measure], limit), (ours[measure], own))
        ]
        assert beyond[1] == pytest.approx(beyond[0], abs=3)
    assert policy.notes == [
        f"{lang}: limits on words carried over from spaCy's words: they reject as many of 300 reference documents"
    ]


def test_a_limit_that_rejects_nothing_of_the_reference_stays_as_far_from_it() -> None:
    theirs, ours = pl.Series([4.0, 5.0, 6.0]), pl.Series([3.0, 3.5, 4.0])
    least, most = (next(b for b in DOCUMENT_BOUNDS if b.option == f"{end}_word_length") for end in ("min", "max"))

    # One above the greatest word length, which is one from the median: with our words that is a half.
    assert carried(most, 7.0, theirs, ours) == pytest.approx(4.5)
    assert carried(least, 3.0, theirs, ours) == pytest.approx(2.5)
    assert carried(most, 5.5, theirs, ours) == pytest.approx(3.75)
    assert carried(least, 0.5, theirs, ours) == pytest.approx(1.25)
    assert carried(least, 0.5, theirs, pl.Series([2.0, 3.0, 4.0])) is None


@pytest.mark.parametrize("lang", ["jpn_Jpan", "hin_Deva", "tha_Thai", "swh_Latn"])
def test_languages_with_words_of_other_packages_are_derived_anew(tmp_path: Path, lang: str) -> None:
    reference = pl.DataFrame({"text": web_pages(40), "lang": [lang] * 40})

    (note,) = import_tables(written(tmp_path, **{lang: "max_avg_word_length: 11"}), reference).notes

    assert note.startswith(f"{lang}: limits on words derived anew from 40 reference documents at 1%")
    assert "other words than spaCy's" in note


def test_without_spacy_the_notes_say_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xlcorpus.policies.spacy_words.installed", lambda: False)
    reference = pl.DataFrame({"text": web_pages(40), "lang": ["deu_Latn"] * 40})

    (note,) = import_tables(written(tmp_path, deu_Latn="max_avg_word_length: 11"), reference).notes

    assert "derived anew" in note
    assert "pip install 'xlcorpus[spacy]'" in note


def test_words_that_yaml_reads_as_something_else_stay_words(tmp_path: Path) -> None:
    policy = import_tables(written(tmp_path, nob_Latn=TABLE))

    assert policy.languages["nob_Latn"].stop_words == ["no", "on", "n", "der"]
    assert policy.languages["nob_Latn"].limits["min_stop_words"] == 2


@pytest.mark.parametrize(
    ("line", "option"),
    [
        ("dup_line_frac: 1.32", "max_repeated_lines"),
        ("line_punct_thr: -1", "min_line_ends"),
        ("max_avg_word_length: 3141", "max_word_length"),
        ("min_avg_word_length: 1", "min_word_length"),
        ("max_non_alpha_words_ratio: 0", "min_letter_words"),
        ("new_line_ratio: .nan", "max_line_breaks"),
        ("new_line_ratio: many", "max_line_breaks"),
    ],
)
def test_a_limit_that_can_reject_nothing_becomes_none_and_is_said(tmp_path: Path, line: str, option: str) -> None:
    policy = import_tables(written(tmp_path, deu_Latn=line))

    assert policy.languages["deu_Latn"].limits[option] is None
    assert any(line.partition(":")[0] in note for note in policy.notes)


@pytest.mark.parametrize(
    ("line", "note"),
    [
        ("language_score: 60", "language_score is 60, no probability"),
        ("language_score: .nan", "language_score is nan, no probability"),
        ("language_score: high", "language_score is 'high', no probability"),
        ("dup_n_grams: [[12, 0.1]]", "dup_n_grams [12, 0.1] is no pair"),
        ("top_n_grams: null", "top_n_grams None is no pair"),
        ("max_words: 100", "max_words is not known"),
    ],
)
def test_what_cannot_be_taken_over_is_said(tmp_path: Path, line: str, note: str) -> None:
    policy = import_tables(written(tmp_path, deu_Latn=line))

    assert policy.languages["deu_Latn"].limits == {}
    assert policy.languages["deu_Latn"].language_score is None
    assert [text.startswith(f"deu_Latn: {note}") for text in policy.notes] == [True]


@pytest.mark.parametrize("text", ["", "[]", "dup_n_grams: {5: 1}\nunheard_of: 3\nstopwords: null"])
def test_odd_tables_are_imported_all_the_same(tmp_path: Path, text: str) -> None:
    assert "deu_Latn" in import_tables(written(tmp_path, deu_Latn=text)).languages


def test_a_file_of_no_language_is_left_out_and_said(tmp_path: Path) -> None:
    policy = import_tables(written(tmp_path, README_xx=TABLE, hin_Deva=TABLE))

    assert list(policy.languages) == ["hin_Deva"]
    assert any("README_xx.yml" in note for note in policy.notes)


def test_a_file_that_is_no_yaml_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"deu_Latn\.yml"):
        import_tables(written(tmp_path, deu_Latn="a: [1"))


def test_an_imported_policy_can_be_used(tmp_path: Path) -> None:
    import_tables(written(tmp_path, deu_Latn=TABLE)).save(tmp_path / "policy.yaml")
    step = Quality(policy=str(tmp_path / "policy.yaml"))
    step.preflight()
    lines = "\n".join(["Der Hund läuft on die Straße."] * 3 + ["Die Katze schläft in der Sonne."])

    outcome = step.outcome(pl.DataFrame({"text": [lines], "lang": ["deu_Latn"]}), kind="document")

    assert outcome.rejected["rule"].to_list() == ["repeated_lines"]
