"""The step `identify`: verdicts, conflicts of label and text, and what becomes of them."""

from pathlib import Path

import polars as pl
import pytest

from xlcorpus import records
from xlcorpus.errors import UserError
from xlcorpus.outcomes import REJECT_SCHEMA, Outcome
from xlcorpus.row_calls import run_rows
from xlcorpus.step import RowEnv, Table
from xlcorpus.steps.identify.conflicts import conflicts
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


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Wir haben gestern den ganzen Tag im Garten gearbeitet.", "deu_Latn"),
        ("Dün akşam ışıklı İstanbul sokaklarında uzun uzun yürüdük.", "tur_Latn"),
        ("Χθες όλη μέρα δουλεύαμε στον κήπο με τους φίλους.", "ell_Grek"),
        ("Вчера мы весь день работали в саду.", "rus_Cyrl"),
        ("Երեկ ամբողջ օրը այգում աշխատում էինք։", "hye_Armn"),
        ("გუშინ მთელი დღე ბაღში ვმუშაობდით.", "kat_Geor"),
        ("我们昨天在花园里工作了一整天。", "zho_Hans"),
    ],
)
def test_capitals_addresses_rules_and_line_breaks_change_no_label_or_probability(text: str, lang: str) -> None:
    capitals = text.replace("i", "İ").upper() if lang == "tur_Latn" else text.upper()
    middle = len(text) // 2
    broken = text[:middle] + "\n" + text[middle:] if lang == "zho_Hans" else text.replace(" ", "\n")
    forms = [text, capitals, broken, f"{text} https://example.com/a-b?c=d", f"me@example.org {text}", f"---\n\n{text}"]

    kept = run(Identify(), sentences(*((form, lang) for form in forms))).kept

    assert set(kept["identify_lang"]) == {lang}
    assert kept["identify_probability"].n_unique() == 1


@pytest.mark.parametrize("lang", ["tur_Latn", "und"])
def test_turkish_capitals_are_told_by_the_dotted_one(lang: str) -> None:
    kept = run(Identify(), sentences(("DÜN AKŞAM IŞIKLI İSTANBUL SOKAKLARINDA YÜRÜDÜK.", lang))).kept

    assert kept["identify_lang"].to_list() == ["tur_Latn"]


NOTHING = (
    "d41d8cd98f00b204e9800998ecf8427e",
    "550e8400-e29b-41d4-a716-446655440000",
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
    "ERR_CONNECTION_REFUSED",
    "XJ-449-KLQ-201",
    "12 345,67 / 89 %",
    "٢٠٢٦",
    "१२ ३४५",
    "---\n\n***",
    "| --- | :-: |",
    "https://www.example.com/path?x=1",
    "me@example.org",
    "😂😂🎉",
    "?",
)


@pytest.mark.parametrize("text", NOTHING)
def test_a_text_without_words_is_in_no_language(text: str) -> None:
    outcome = run(Identify(), sentences((text, "deu_Latn"), (text, "und"), (text, "nqo_Nkoo")))

    assert outcome.rejected["rule"].to_list() == ["no_language"] * 3
    assert set(outcome.rejected["value"]) == {"zxx 1.0"}


@pytest.mark.parametrize("text", ["5-vuotias", "2026年11月", "COVID-19-pandemin", "ok", "Ա", "ᎣᏏᏲ", "ߒ ߕߊ߯ߦߊ߫", "A"])
def test_a_few_letters_are_a_language(text: str) -> None:
    assert run(Identify(), sentences((text, "und"))).kept.height == 1


def test_an_empty_text_gets_no_verdict() -> None:
    kept = run(Identify(), sentences(("", "deu_Latn"), (" \n", "deu_Latn"))).kept

    assert kept["identify_lang"].to_list() == [None, None]


def test_a_missing_text_gets_no_verdict() -> None:
    rows = pl.DataFrame({"text": ["Wir gehen heute nicht mehr.", None], "lang": "deu_Latn", "id": ["a", "b"]})
    env = RowEnv(kind="sentence", step="identify")
    env.loaded = Identify().open(env)

    assert Identify().apply(rows, env)["identify_lang"].to_list() == ["deu_Latn", None]
    assert rows["text"].to_list() == ["Wir gehen heute nicht mehr.", None]


def test_keep_rejects_nothing_and_shows_what_was_found() -> None:
    rows = sentences(("The sun is shining in London.", "deu_Latn"), ("12345", "deu_Latn"))

    kept = run(Identify(on_conflict="keep"), rows).kept

    assert kept["lang"].to_list() == ["deu_Latn", "deu_Latn"]
    assert kept["identify_lang"].to_list() == ["eng_Latn", "zxx"]


def test_relabel_rejects_what_is_in_no_language() -> None:
    outcome = run(Identify(on_conflict="relabel"), sentences(("0123 4567", "deu_Latn")))

    assert outcome.rejected["rule"].to_list() == ["no_language"]


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("我们昨天买了很多东西，还没带来。", "zho_Hans"),
        ("我們昨天買了很多東西，還沒帶來。", "zho_Hant"),
        ("Danas smo celo popodne radili u bašti i pričali o svemu.", "srp_Latn"),
    ],
)
def test_relabel_gives_the_script_of_the_text(text: str, lang: str) -> None:
    kept = run(Identify(on_conflict="relabel", min_probability=0.2), sentences((text, "und"))).kept

    assert kept["lang"].to_list() == [lang]


def test_a_language_that_is_not_written_in_the_script_is_never_named() -> None:
    kept = run(Identify(), sentences(("ᎣᏏᏲ ᏙᎯᏧ ᎢᎭ ᎣᏏᏲ ᏙᎯᏧ", "und"))).kept

    assert kept.select("identify_lang", "identify_probability").row(0) == ("und", 0.0)


def test_a_language_may_need_more_than_others() -> None:
    rows = sentences(("Heute scheint die Sonne in Berlin.", "deu_Latn"), ("The sun is shining in London.", "eng_Latn"))

    outcome = run(Identify(thresholds={"English": 0.99}), rows)

    assert outcome.kept["lang"].to_list() == ["deu_Latn"]
    assert outcome.rejected["rule"].to_list() == ["uncertain_language"]


def test_a_threshold_is_a_probability() -> None:
    with pytest.raises(UserError, match=r"thresholds of deu_Latn: 60\.0 is no probability; give 0 to 1"):
        Identify(thresholds={"deu_Latn": 60})


def test_close_languages_are_one_unless_strict() -> None:
    rows = sentences(("Jag vet inte vad han heter, men han är mycket snäll.", "dan_Latn"))

    assert run(Identify(), rows).kept.height == 1
    assert run(Identify(strict=True), rows).rejected["rule"].to_list() == ["wrong_language"]


def test_short_texts_can_be_rejected() -> None:
    outcome = run(Identify(short="reject"), sentences(("Hm, ja.", "deu_Latn"), ("今天天气很好", "zho_Hans")))

    assert outcome.kept["lang"].to_list() == ["zho_Hans"]
    assert outcome.rejected.select("rule", "value").row(0) == ("too_short_to_identify", "7")


def test_the_most_probable_languages_are_lists() -> None:
    rows = sentences(("Danas je vrlo lijepo vrijeme u Zagrebu.", "hrv_Latn"), ("Hm", "hrv_Latn"))

    kept = run(Identify(top_k=3), rows).kept

    assert kept["identify_langs"][0][0] == kept["identify_lang"][0]
    assert kept["identify_probabilities"].list.len().to_list() == kept["identify_langs"].list.len().to_list()
    assert kept["identify_langs"][1] is None
    assert kept.schema["identify_probabilities"] == pl.List(pl.Float32)


def test_a_long_document_is_judged_by_five_windows() -> None:
    german, english = "Heute scheint die Sonne in Berlin. " * 300, "The sun is shining over the city. " * 200
    rows = pl.DataFrame({"text": [german + english, german[:2000], german * 5], "lang": "deu_Latn"})

    kept = run(Identify(), rows, "document").kept

    assert kept["identify_lang"].to_list() == ["deu_Latn"] * 3
    assert kept["identify_votes"].to_list() == [3, None, 5]
    assert 0.5 < kept["identify_probability"][0] < 0.65 < 0.8 < kept["identify_probability"][2]


def test_a_line_of_ten_million_characters_is_read_in_windows() -> None:
    rows = pl.DataFrame({"text": ["Heute scheint die Sonne. " * 400_000], "lang": "deu_Latn"})

    assert run(Identify(), rows, "document").kept["identify_votes"].to_list() == [5]


def test_mixed_directions_get_a_verdict() -> None:
    text = "\u2068Berlin\u2069 היא עיר גדולה מאוד ואני אוהב לגור בה"

    assert run(Identify(), sentences((text, "heb_Hebr"))).kept["identify_lang"].to_list() == ["heb_Hebr"]


@pytest.mark.parametrize("on_conflict", ["reject", "keep", "relabel"])
def test_texts_in_another_language_are_counted_by_pair(tmp_path: Path, on_conflict: str) -> None:
    english, french = "The sun is shining in London.", "Le soleil brille aujourd'hui."
    rows = sentences((english, "deu_Latn"), (english + "!", "deu_Latn"), (french, "deu_Latn"), (english, "eng_Latn"))
    step = Identify.model_validate({"on_conflict": on_conflict})

    outcome = run(step, rows)
    outcome.kept.write_parquet(tmp_path / "kept.parquet")
    said = step.facts(Table("sentence", (tmp_path / "kept.parquet",)), outcome.rejected)

    assert said == ["3 texts are in another language than declared: deu_Latn is eng_Latn (2), deu_Latn is fra_Latn (1)"]


def test_nothing_is_said_where_all_texts_are_in_their_language() -> None:
    assert Identify().facts(Table("sentence", ()), REJECT_SCHEMA.to_frame()) == []


@pytest.mark.parametrize(
    "text",
    [
        "womenzhongyunongqingchuyushitianhuabanshangdeshuishicongnarlaidele.",
        "mimazhishaoyaoyou12gezifu, qizhongbaohan1geshuzi.",
    ],
)
def test_romanised_text_without_spaces_is_in_a_language(text: str) -> None:
    rows = pl.DataFrame({"text": [text], "lang": ["zho_Latn"]})

    assert run(Identify(), rows).kept.height == 1


def test_a_number_is_an_answer() -> None:
    messages = [{"role": "user", "content": "Wie viel ist sechs mal sieben?"}, {"role": "assistant", "content": "42"}]
    row = {"messages": [messages], "lang": "deu_Latn", "task": "arithmetic", "prompt_lang": "deu_Latn"}

    kept = run(Identify(), pl.DataFrame({**row, "response_lang": "deu_Latn"}), "instruction").kept

    assert kept["identify_response_lang"].to_list() == ["zxx"]


def test_a_text_of_no_declared_language_is_in_no_other_language_than_declared() -> None:
    pairs = conflicts(pl.DataFrame({"declared": ["und", "deu_Latn"], "found": ["eng_Latn", "eng_Latn"]}))
    assert pairs.rows() == [("deu_Latn", "eng_Latn", 1)]
