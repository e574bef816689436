"""Code-switching: what is switched, and that every place is known."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlcorpus import records
from xlcorpus.row_calls import run_rows
from xlcorpus.step import RowEnv
from xlcorpus.steps.vary.code_switch import CodeSwitch, code_mixing_index
from xlcorpus.text.word_units import word_units

DEU, ENG, SPA, ZHO = "deu_Latn", "eng_Latn", "spa_Latn", "zho_Hans"
ENTRIES = [
    (DEU, ENG, "hund", "dog", 0.7),
    (DEU, ENG, "hund", "hound", 0.3),
    (DEU, ENG, "der", "the", 1.0),
    (DEU, ENG, "schläft", "sleeps", 0.6),
    (DEU, ENG, "taxi", "taxi", 1.0),
    (DEU, ENG, "maus", "mouse", 0.05),
    (DEU, SPA, "hund", "perro", 1.0),
    (DEU, ZHO, "hund", "狗", 1.0),
    (ZHO, ENG, "狗", "dog", 1.0),
]
LEXICON = pl.DataFrame(
    [(*e, 5) for e in ENTRIES],
    schema=["src_lang", "tgt_lang", "src_word", "tgt_word", "probability", "count"],
    orient="row",
)


def sentences(*texts: str, lang: str = DEU) -> pl.DataFrame:
    return pl.DataFrame({"text": texts, "lang": [lang] * len(texts)}, schema={"text": pl.String, "lang": pl.String})


def switch(rows: pl.DataFrame, kind: str = "sentence", **options: object) -> pl.DataFrame:
    return CodeSwitch(**{"ratio": 1.0, **options})(rows, kind=kind, lexicon=LEXICON)  # type: ignore[arg-type]


def undone(row: dict[str, object]) -> str:
    text = str(row["text"])
    for span in reversed(row["spans"]):  # type: ignore[call-overload]
        text = text[: span["start"]] + span["original"] + text[span["end"] :]
    return text


def test_known_words_are_replaced_and_their_places_recorded() -> None:
    [row] = switch(sentences("Heute schläft der Nachbar."), into=["en"]).to_dicts()
    assert row["text"] == "Heute sleeps the Nachbar."
    assert row["original_text"] == "Heute schläft der Nachbar."
    assert row["spans"] == [
        {"start": 6, "end": 12, "original": "schläft", "replacement": "sleeps", "lang": ENG},
        {"start": 13, "end": 16, "original": "der", "replacement": "the", "lang": ENG},
    ]
    assert (row["lang"], row["langs"], row["method"]) == (DEU, [DEU, ENG], "code_switch:lexicon")
    assert row["origin"] == "transformed"
    assert row["code_switch_cmi"] == pytest.approx(50.0)


@given(
    st.lists(
        st.sampled_from(["Der", "Hund", "schläft", "`Hund`", "Taxi", "😀", "und", "HUND", " ", "\n", "7"]), max_size=12
    ),
    st.floats(0, 1),
)
def test_spans_are_exact_and_undoing_them_gives_the_original(tokens: list[str], ratio: float) -> None:
    for row in switch(sentences(" ".join(tokens)), ratio=ratio).to_dicts():
        assert row["spans"]
        for span in row["spans"]:
            assert row["text"][span["start"] : span["end"]] == span["replacement"] != span["original"]
        assert undone(row) == row["original_text"]
        assert 0 < row["code_switch_cmi"] <= 50


def test_capitals_are_carried_over() -> None:
    assert switch(sentences("Schläft er? DER schon."), into=["eng"])["text"].item() == "Sleeps er? THE schon."


def test_the_capital_of_a_german_noun_is_not() -> None:
    made = switch(sentences("Hunde wie der Hund. „Hund!“ Und Hund."), into=["es"])
    assert made["text"].item() == "Hunde wie der perro. „Perro!“ Und perro."


def test_a_row_is_switched_the_same_way_in_any_company() -> None:
    texts = [f"der Hund {i} schläft, und der Hund schläft nicht" for i in range(50)]
    together = switch(sentences(*texts), ratio=0.5)
    alone = pl.concat([switch(sentences(t), ratio=0.5) for t in reversed(texts)])
    assert together.sort("id").equals(alone.sort("id"))


def test_another_seed_switches_other_words() -> None:
    rows = records.finish(sentences(*[f"der Hund schläft {i}" for i in range(20)]), "sentence")
    outcomes = []
    for seed in (0, 1):
        step = CodeSwitch(ratio=0.5, into=["en"])
        env = RowEnv(kind="sentence", step="code_switch", seed=seed, tables={"lexicon": LEXICON})
        env.loaded = step.open(env)
        outcomes.append(run_rows(step, rows, env).kept["text"].to_list())
    assert outcomes[0] != outcomes[1]


def test_ratio_is_the_share_of_known_words_that_are_switched() -> None:
    many = sentences(*[f"Satz {i}: der Hund schläft nie" for i in range(400)])
    switched = switch(many, ratio=0.4, into=["en"])["spans"].list.len().sum()
    assert switched / (3 * 400) == pytest.approx(0.4, abs=0.04)


def test_one_variant_for_each_language_of_the_lexicon() -> None:
    made = switch(sentences("ein Hund"))
    assert made["langs"].to_list() == [[DEU, ENG], [DEU, SPA], [DEU, ZHO]]
    assert made["text"].to_list()[1:] == ["ein perro", "ein 狗"]
    assert made["parents"].n_unique() == 1


def test_into_chooses_the_languages() -> None:
    assert switch(sentences("ein Hund"), into=["Spanish"])["text"].to_list() == ["ein perro"]


def test_one_word_of_the_matrix_language_is_kept() -> None:
    [row] = switch(sentences("der Hund schläft"), into=["en"]).to_dicts()
    assert len(row["spans"]) == 2
    assert switch(sentences("Hund"), into=["en"]).is_empty()


def test_script_without_spaces_is_switched_in_place() -> None:
    assert switch(sentences("我喜欢狗。", lang=ZHO))["text"].to_list() == ["我喜欢dog。"]


def test_code_and_addresses_are_not_touched() -> None:
    made = switch(sentences("der Aufruf `der Hund` auf https://der.hund/schläft heißt so"), into=["en"])
    assert made["text"].item() == "the Aufruf `der Hund` auf https://der.hund/schläft heißt so"


def test_words_that_stay_the_same_are_no_switch() -> None:
    assert switch(sentences("Ein Taxi kommt")).is_empty()


def test_improbable_entries_are_not_used() -> None:
    assert switch(sentences("eine Maus"), into=["en"]).is_empty()
    assert switch(sentences("eine Maus"), into=["en"], min_probability=0.0)["text"].to_list() == ["eine mouse"]


def test_pairs_take_the_word_of_the_other_side() -> None:
    rows = pl.DataFrame(
        [("ein Hund und noch einer", "one hound and another", DEU, ENG)],
        schema=["src_text", "tgt_text", "src_lang", "tgt_lang"],
        orient="row",
    )
    made = switch(rows, kind="pair")
    assert made["text"].to_list() == ["ein hound und noch einer"]
    assert made.columns == [*records.kind("variant").schema.names, "code_switch_cmi"]


def test_a_row_without_a_known_word_has_no_output() -> None:
    step = CodeSwitch()
    env = RowEnv(kind="sentence", step="code_switch", tables={"lexicon": LEXICON})
    env.loaded = step.open(env)
    outcome = run_rows(step, records.finish(sentences("Katzen miauen"), "sentence"), env)
    assert outcome.kept.is_empty()
    assert outcome.rejected["rule"].to_list() == ["no_output"]


def test_licence_and_source_go_along() -> None:
    rows = sentences("ein Hund").with_columns(license=pl.lit("cc0-1.0"), source=pl.lit("here"))
    made = switch(rows, into=["en"])
    assert made.select("license", "source").row(0) == ("cc0-1.0", "here")


@pytest.mark.parametrize(
    ("counts", "index"), [([4, 0], 0.0), ([2, 2], 50.0), ([3, 1], 25.0), ([0, 0], 0.0), ([2, 1, 1], 50.0)]
)
def test_code_mixing_index(counts: list[int], index: float) -> None:
    assert code_mixing_index(counts) == pytest.approx(index)


def test_numbers_belong_to_no_language() -> None:
    text = "12 Hund 34 bellt 56"
    assert len(word_units(text)) == 5
    assert switch(sentences(text), into=["en"])["code_switch_cmi"].item() == pytest.approx(50.0)
