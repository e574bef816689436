"""Native text preferred to machine translation."""

import polars as pl

from xlcorpus import records
from xlcorpus.outcomes import Outcome
from xlcorpus.row_calls import run_rows
from xlcorpus.step import RowEnv
from xlcorpus.steps.prefer.prefer_native import PreferNative

DEU, ENG, SPA = "deu_Latn", "eng_Latn", "spa_Latn"
LEXICON = pl.DataFrame(
    [
        (DEU, ENG, "der", "the", 0.9, 9),
        (DEU, ENG, "hund", "dog", 0.9, 9),
        (DEU, ENG, "bellt", "barks", 0.9, 9),
        (DEU, SPA, "hund", "perro", 0.9, 9),
        (DEU, "tur_Latn", "der", "ışık", 0.9, 9),
    ],
    schema=["src_lang", "tgt_lang", "src_word", "tgt_word", "probability", "count"],
    orient="row",
)


def prefer(*rows: tuple[str, str, str, str]) -> Outcome:
    schema = ["src_text", "tgt_text", "src_lang", "tgt_lang"]
    frame = records.finish(pl.DataFrame(rows, schema=schema, orient="row"), "pair")
    step = PreferNative()
    env = RowEnv(kind="pair", step="prefer", tables={"lexicon": LEXICON})
    env.loaded = step.open(env)
    return run_rows(step, frame, env)


def test_native_text_is_chosen_over_the_gloss() -> None:
    [row] = prefer(("Der Hund bellt laut.", "The dog is barking loudly.", DEU, ENG)).kept.to_dicts()
    [chosen], [rejected] = row["chosen"], row["rejected"]
    assert (chosen["role"], chosen["content"]) == ("assistant", "The dog is barking loudly.")
    assert (rejected["role"], rejected["content"]) == ("assistant", "The dog barks laut.")
    [turn] = row["prompt"]
    assert turn["role"] == "user" and "Der Hund bellt laut." in turn["content"] and "Englisch" in turn["content"]
    assert (row["lang"], row["origin"], len(row["parents"])) == (ENG, "synthetic", 1)
    assert (row["score_chosen"], row["score_rejected"]) == (None, None)
    assert row["instruct_template"].startswith("deu_Latn/")


def test_the_same_answer_is_no_preference() -> None:
    outcome = prefer(("der Hund bellt", "The  dog barks", DEU, ENG))
    assert outcome.kept.is_empty()
    assert outcome.rejected.select("rule", "value").row(0) == ("same_answer", "the dog barks")


def test_answers_are_compared_by_the_small_letters_of_their_language() -> None:
    outcome = prefer(("der Abend", "IŞIK ABEND", DEU, "tur_Latn"))
    assert outcome.rejected.select("rule", "value").row(0) == ("same_answer", "ışık Abend")


def test_a_translation_that_translates_nothing_is_no_counterpart() -> None:
    outcome = prefer(("Katzen miauen", "Cats meow", DEU, ENG))
    assert outcome.rejected["rule"].to_list() == ["untranslated"]


def test_languages_mix_and_rows_keep_their_order() -> None:
    kept = prefer(
        ("ein Hund", "a dog", DEU, ENG), ("ein Hund", "un perro", DEU, SPA), ("kein Hund", "no dog", DEU, ENG)
    ).kept
    rejected = kept["rejected"].list.first().struct.field("content").to_list()
    assert rejected == ["ein dog", "ein perro", "kein dog"]


def test_a_pair_without_a_translator_fails_alone() -> None:
    outcome = prefer(("the dog", "der Hund", ENG, DEU), ("der Hund schnarcht", "the dog snores", DEU, ENG))
    assert outcome.kept.height == 1
    [failed] = outcome.failed.to_dicts()
    assert failed["rule"] == "error" and failed["error"] == "the lexicon has no words from eng_Latn to deu_Latn"


def test_columns_are_those_of_a_preference() -> None:
    kept = prefer(("ein Hund", "a dog", DEU, ENG)).kept
    assert kept.columns == [
        *records.kind("preference").schema.names,
        "instruct_template",
        "prefer_native_untranslated",
    ]


def test_a_gloss_that_is_mostly_the_source_is_rejected() -> None:
    outcome = prefer(("ein Hund namens Bello wohnt dort drüben", "a dog called Bello lives over there", DEU, ENG))
    assert outcome.rejected["rule"].to_list() == ["untranslated"]
    assert float(outcome.rejected["value"][0]) > 0.5
