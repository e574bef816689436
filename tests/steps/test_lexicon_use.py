"""Lexicons as people have them: capitals, several words, stuck punctuation, swapped columns."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from xlcorpus import records
from xlcorpus.errors import UserError
from xlcorpus.step import Table
from xlcorpus.steps import CodeSwitch, InduceLexicon, PreferNative, Translate

DEU, ENG = "deu_Latn", "eng_Latn"


def lexicon(*entries: tuple[str, str], src: str = DEU, tgt: str = ENG) -> pl.DataFrame:
    return pl.DataFrame(
        [(src, tgt, one, two, 1.0, 5) for one, two in entries],
        schema=["src_lang", "tgt_lang", "src_word", "tgt_word", "probability", "count"],
        orient="row",
    )


def sentence(text: str, lang: str = DEU) -> pl.DataFrame:
    return pl.DataFrame({"text": [text], "lang": [lang]})


def switched(text: str, *entries: tuple[str, str], lang: str = DEU) -> list[str]:
    step = CodeSwitch(ratio=1.0)
    table = lexicon(*entries, src=lang, tgt=other(lang))
    return step(sentence(text, lang), lexicon=table)["text"].to_list()


def other(lang: str) -> str:
    return DEU if lang == ENG else ENG


def glossed(text: str, *entries: tuple[str, str], lang: str = DEU) -> list[str]:
    table = lexicon(*entries, src=lang, tgt=other(lang))
    return Translate(into=[other(lang)])(sentence(text, lang), lexicon=table)["text"].to_list()


@pytest.mark.parametrize(
    ("text", "entries", "lang", "made"),
    [
        ("Der Hund trinkt Milch.", [("Hund", "dog"), ("milch", "milk")], DEU, "Der dog trinkt milk."),
        ("Der Hund trinkt Milch.", [("HUND", "dog"), ("Milch!", "milk,")], DEU, "Der dog trinkt milk."),
        ("Ja, guten Morgen, Anna.", [("Guten Morgen", "good morning")], DEU, "Ja, good morning, Anna."),
        ("Guten Morgen, sagt Anna.", [("guten morgen", "good morning")], DEU, "Good morning, sagt Anna."),
        ("I will go home.", [("(to) go", "gehen")], ENG, "I will gehen home."),
        ("Dışarıda IŞIK var.", [("Işık", "light")], "tur_Latn", "Dışarıda LIGHT var."),
        ("Istanbul, İSTANBUL mu?", [("istanbul", "Tsargrad")], "tur_Latn", "Istanbul, TSARGRAD mu?"),
        ("Ο ΔΡΟΜΟΣ εδώ.", [("δρομος", "road")], "ell_Grek", "Ο ROAD εδώ."),
        ("我说你好。", [("你好", "hello")], "zho_Hans", "我说hello。"),
        ("มีหมา", [("หมา", "dog")], "tha_Thai", "มีdog"),
    ],
)
def test_entries_are_used_as_people_write_them(text: str, entries: Any, lang: str, made: str) -> None:
    assert switched(text, *entries, lang=lang) == [made]
    assert glossed(text, *entries, lang=lang) == [made]


def test_several_words_are_one_place_and_count_as_several_of_their_language() -> None:
    made = CodeSwitch(ratio=1.0)(sentence("Sag guten Morgen heute."), lexicon=lexicon(("Guten Morgen", "good morning")))
    [row] = made.to_dicts()
    assert [(s["start"], s["end"], s["original"]) for s in row["spans"]] == [(4, 16, "guten Morgen")]
    assert row["code_switch_cmi"] == pytest.approx(50.0)


def test_a_text_of_one_entry_keeps_its_language() -> None:
    assert switched("Guten Morgen!", ("guten Morgen", "good morning")) == []


def tables(folder: Path, rows: pl.DataFrame, entries: pl.DataFrame, kind: str = "sentence") -> dict[str, Table]:
    made = {}
    for name, kind_name, frame in (("rows", kind, rows), ("lexicon", "lexicon", entries)):
        records.finish(frame, kind_name).write_parquet(folder / f"{name}.parquet")
        made[name] = Table(kind_name, (folder / f"{name}.parquet",))
    return made


@pytest.mark.parametrize("step", [CodeSwitch(), Translate(into=["en"]), PreferNative()])
def test_swapped_columns_are_told_with_the_overlap(tmp_path: Path, step: Any) -> None:
    rows, kind = sentence("Der Hund trinkt Milch."), "sentence"
    if isinstance(step, PreferNative):
        kind = "pair"
        rows = rows.rename({"text": "src_text", "lang": "src_lang"}).with_columns(
            tgt_text=pl.lit("The dog drinks milk."), tgt_lang=pl.lit(ENG)
        )
    entries = lexicon(("dog", "Hund"), ("milk", "Milch"), ("cat", "Katze"))
    with pytest.raises(UserError) as refused:
        step.nothing_kept(tables(tmp_path, rows, entries, kind))
    assert str(refused.value) == (
        "the text has no word of the lexicon: 0 of 4 different words in deu_Latn stand among the source words of its "
        "3 entries, 2 among the target words: source and target seem to be in each other's columns"
    )


def test_a_lexicon_of_other_languages_is_told(tmp_path: Path) -> None:
    entries = lexicon(("perro", "dog"), src="spa_Latn")
    with pytest.raises(UserError, match=r"no entries from deu_Latn \(it goes from spa_Latn to eng_Latn\)"):
        CodeSwitch().nothing_kept(tables(tmp_path, sentence("Der Hund"), entries))


def test_a_lexicon_of_other_words_is_told(tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match=r"0 of 2 different words in deu_Latn stand among the source words of its 1 entr"
    ):
        CodeSwitch().nothing_kept(tables(tmp_path, sentence("Der Hund"), lexicon(("Katze", "cat"))))


def test_a_lexicon_that_the_text_has_words_of_is_not_refused(tmp_path: Path) -> None:
    inputs = tables(tmp_path, sentence("Hund"), lexicon(("Hund", "dog")))
    assert CodeSwitch().nothing_kept(inputs) is None


def written(folder: Path, rows: pl.DataFrame, table: pl.DataFrame) -> dict[str, Table]:
    frames = {"rows": records.finish(rows, "sentence"), "lexicon": records.finish(table, "lexicon")}
    for name, frame in frames.items():
        frame.write_parquet(folder / f"{name}.parquet")
    return {n: Table(k, (folder / f"{n}.parquet",)) for n, k in (("rows", "sentence"), ("lexicon", "lexicon"))}


def test_a_swapped_entry_in_a_good_lexicon_is_told(tmp_path: Path) -> None:
    table = lexicon(("hund", "dog"), ("milk", "Milch"), ("arm", "arm"), ("auch", "also"), ("also", "so"))
    text = sentence("Der Hund trinkt also Milch aus dem Arm.")
    told = CodeSwitch().remarks(written(tmp_path, text, table))
    assert told == [
        "1 entry is not used: the text in deu_Latn does not have the source word, but the target word (milk - Milch); "
        "are the columns swapped there?"
    ]
    assert Translate(into=["en"]).remarks(written(tmp_path, text, table)) == told
    assert CodeSwitch().remarks(written(tmp_path, text, lexicon(("hund", "dog")))) == []


def test_entries_that_nothing_can_use_are_rejected_when_they_are_read(conform: Any) -> None:
    given = pl.DataFrame(
        {
            "src_word": ["hund", "---", "मिल्क", "dog", "犬", "milch"],
            "tgt_word": ["dog", "dog", "milk", "कुत्ता", "いぬ", "?"],
            "src_lang": ["de", "de", "hi", "hi", "zh", "de"],
            "tgt_lang": ["en", "en", "en", "en", "ja", "en"],
        }
    )
    rows, rejected = conform(given, kind="lexicon", paths="a.tsv")
    assert rows["src_word"].to_list() == ["hund", "मिल्क", "犬"]
    assert sorted(rule for rule, _ in rejected) == ["no_word", "no_word", "swapped"]


def test_a_list_of_words_and_translations_alone_is_a_lexicon(conform: Any) -> None:
    given = pl.DataFrame({"1": ["Hund"], "2": ["dog"]})
    rows, _ = conform(given, kind="lexicon", paths={"de-en": "a.tsv"}, columns={"src_word": "1", "tgt_word": "2"})
    assert rows.select("src_word", "tgt_word", "probability", "count").rows() == [("Hund", "dog", 1.0, 1)]
    assert CodeSwitch(ratio=1.0)(sentence("Der Hund trinkt."), lexicon=rows)["text"].to_list() == ["Der dog trinkt."]


@pytest.mark.parametrize(
    ("lang", "words", "written", "text"),
    [
        ("tur_Latn", ["ISPARTA", "Isparta", "ısparta"], "ısparta", "ISPARTA"),
        ("azj_Latn", ["İŞIQ", "İşıq", "işıq"], "işıq", "İŞIQ"),
        ("kaa_Latn", ["ÍSSÍ", "Íssı", "ıssı"], "ıssı", "ÍSSÍ"),
        ("ell_Grek", ["ΔΡΟΜΟΣ", "Δρομος", "δρομος"], "δρομος", "ΔΡΟΜΟΣ"),
        ("kat_Geor", ["ᲐᲮᲐᲚᲘ", "ახალი", "ახალი"], "ახალი", "ᲐᲮᲐᲚᲘ"),
        ("wol_Gara", ["\U00010d50\U00010d51", "\U00010d50\U00010d71"], "\U00010d70\U00010d71", "\U00010d50\U00010d51"),
    ],
)
def test_an_induced_lexicon_finds_its_words_in_any_case(lang: str, words: list[str], written: str, text: str) -> None:
    said = [(f"{word} {i}", f"rose {i}") for i, word in enumerate(words * 10)] + [("7 7", "tulip 7")] * 5
    pairs = pl.DataFrame(said, schema=["src_text", "tgt_text"], orient="row")
    pairs = pairs.with_columns(src_lang=pl.lit(lang), tgt_lang=pl.lit(ENG))
    found = InduceLexicon()(pairs).filter(src_lang=lang, tgt_word="rose")

    assert found["src_word"].to_list() == [written]
    switch = CodeSwitch(ratio=1.0)(sentence(f"{text} 7 {DIFFERENT[lang]}", lang), lexicon=found)
    assert switch["text"].to_list() == [f"ROSE 7 {DIFFERENT[lang]}"]


DIFFERENT = {
    "tur_Latn": "güzel",
    "azj_Latn": "gözəl",
    "kaa_Latn": "suw",
    "ell_Grek": "ωραιος",
    "kat_Geor": "ხიდი",
    "wol_Gara": "suw",
}


@pytest.mark.parametrize(("lang", "text"), [("tur_Latn", "İNTERNET çok yavaş"), ("azj_Latn", "İnternet çox yavaş")])
def test_a_word_that_both_languages_have_is_not_switched(lang: str, text: str) -> None:
    assert switched(text, ("internet", "internet"), lang=lang) == []


def test_a_translation_in_the_other_side_is_preferred_by_the_small_letters_of_its_language() -> None:
    pair = pl.DataFrame(
        {
            "src_text": ["the light and the city"],
            "tgt_text": ["IŞIK ve şehir"],
            "src_lang": [ENG],
            "tgt_lang": "tur_Latn",
        }
    )
    table = lexicon(("light", "hafif"), ("light", "ışık"), src=ENG, tgt="tur_Latn")

    for seed in range(5):
        made = CodeSwitch(ratio=1.0)(pair, kind="pair", lexicon=table, seed=seed)
        assert made["text"].to_list() == ["the ışık and the city"]
