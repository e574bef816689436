import polars as pl
import pytest

from xlcorpus import records
from xlcorpus.errors import UserError
from xlcorpus.outcomes import Outcome
from xlcorpus.row_calls import run_rows
from xlcorpus.step import RowEnv
from xlcorpus.steps.identify.identify import Identify


def run(step: Identify, rows: pl.DataFrame, kind: str = "sentence") -> Outcome:
    env = RowEnv(kind=kind, step="identify")
    env.loaded = step.open(env)
    return run_rows(step, records.finish(rows, kind), env, raise_errors=True)


def sentences(*rows: tuple[str, str]) -> pl.DataFrame:
    return pl.DataFrame({"text": [text for text, _ in rows], "lang": [lang for _, lang in rows]})


def test_a_sentence_in_another_language_is_rejected_with_what_was_found() -> None:
    rows = sentences(("Heute scheint die Sonne in Berlin.", "deu_Latn"), ("The sun is shining in London.", "deu_Latn"))

    outcome = run(Identify(), rows)

    assert outcome.kept["text"].to_list() == ["Heute scheint die Sonne in Berlin."]
    assert outcome.rejected["rule"].to_list() == ["wrong_language"]
    assert outcome.rejected["value"][0].startswith("eng_Latn 0.6")


def test_scores_are_stored_apart_from_the_rule() -> None:
    kept = run(Identify(min_probability=1.0), sentences(("The sun is shining in London.", "deu_Latn"))).kept

    assert kept["identify_lang"].to_list() == ["eng_Latn"]
    assert kept["identify_probability"].dtype == kept["identify_own_probability"].dtype == pl.Float32
    assert kept["identify_own_probability"][0] < 0.05 < 0.6 < kept["identify_probability"][0]


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("The sun is shining in London.", "und"),  # nothing to compare with
        ("Namhlanje izulu lihle kakhulu eThekwini.", "zul_Latn"),  # not among the 176
        ("aaj mausam bahut accha hai", "hin_Latn"),  # romanised
    ],
)
def test_where_the_model_cannot_know_there_is_no_verdict(text: str, lang: str) -> None:
    kept = run(Identify(), sentences((text, lang))).kept

    assert kept["identify_lang"][0] is not None
    assert kept["identify_own_probability"].to_list() == [None]


def test_a_short_text_is_not_looked_at() -> None:
    kept = run(Identify(), sentences(("Good day", "deu_Latn"))).kept

    assert kept.select("identify_lang", "identify_probability", "identify_own_probability").row(0) == (None,) * 3


def test_chinese_sentences_are_long_enough_at_four_characters() -> None:
    outcome = run(Identify(), sentences(("今天天气", "deu_Latn")))

    assert outcome.rejected["rule"].to_list() == ["wrong_language"]


def test_variants_of_a_macrolanguage_are_one_language() -> None:
    outcome = run(Identify(), sentences(("Danas je vrlo lijepo vrijeme u Zagrebu.", "srp_Latn")))

    assert outcome.kept.height == 1


def test_every_text_of_a_pair_is_looked_at() -> None:
    pairs = pl.DataFrame(
        {
            "src_text": ["Heute scheint die Sonne.", "Heute scheint die Sonne."],
            "tgt_text": ["The sun is shining today.", "Le soleil brille aujourd'hui."],
            "src_lang": "deu_Latn",
            "tgt_lang": "eng_Latn",
        }
    )

    outcome = run(Identify(), pairs, "pair")

    assert outcome.kept["tgt_text"].to_list() == ["The sun is shining today."]
    assert outcome.kept.row(0, named=True)["identify_src_lang"] == "deu_Latn"
    assert outcome.rejected["value"][0].startswith("fra_Latn")


def test_a_code_switched_variant_may_be_in_any_of_its_languages() -> None:
    text = "The weather will be really nice tomorrow morning, oder?"
    variants = pl.DataFrame(
        {
            "text": [text, text],
            "original_text": ["Das Wetter wird morgen früh richtig schön, oder?"] * 2,
            "lang": ["deu_Latn"] * 2,
            "langs": [["deu_Latn", "eng_Latn"], ["deu_Latn", "spa_Latn"]],
            "method": ["lexicon"] * 2,
            "spans": pl.Series([[], []], dtype=records.polars_schema("variant")["spans"]),
        }
    )

    outcome = run(Identify(), variants, "variant")

    assert outcome.kept["langs"].to_list() == [["deu_Latn", "eng_Latn"]]


def test_the_turns_of_a_conversation_are_in_their_own_languages() -> None:
    messages = [
        {"role": "user", "content": "Übersetze das bitte ins Englische."},
        {"role": "assistant", "content": "The sun is shining in London."},
    ]
    row = {"messages": [messages], "lang": "deu_Latn", "task": "translation", "prompt_lang": "deu_Latn"}

    assert run(Identify(), pl.DataFrame({**row, "response_lang": "eng_Latn"}), "instruction").kept.height == 1
    assert run(Identify(), pl.DataFrame({**row, "response_lang": "deu_Latn"}), "instruction").kept.height == 0


def test_relabel_sets_the_language_and_says_what_it_was() -> None:
    rows = sentences(("Le soleil brille aujourd'hui.", "und"), ("The sun is shining.", "deu_Latn"), ("Hm.", "und"))

    outcome = run(Identify(on_conflict="relabel"), rows)

    assert outcome.kept["lang"].to_list() == ["fra_Latn", "eng_Latn", "und"]
    assert outcome.kept["identify_declared_lang"].to_list() == ["und", "deu_Latn", "und"]


def test_each_row_is_judged_for_itself() -> None:
    rows = sentences(
        ("Heute scheint die Sonne.", "deu_Latn"),
        ("Hm.", "deu_Latn"),
        ("今天天气很好。", "zho_Hans"),
        ("Wir gehen jetzt.", "deu_Latn"),
    )

    together = run(Identify(), rows).kept
    alone = pl.concat([run(Identify(), rows[i]).kept for i in range(rows.height)], how="vertical_relaxed")

    assert together.equals(alone)


def test_a_missing_model_is_found_before_anything_runs() -> None:
    with pytest.raises(UserError, match=r"no language identifier 'glotlid\.bin'"):
        Identify(model="glotlid.bin").preflight()


def test_the_model_is_named_with_its_content() -> None:
    assert Identify().models()["language_identifier"].startswith("lid.176@")
