"""Translation instructions from pairs."""

import string

import polars as pl
import pytest

from xlcorpus import records
from xlcorpus.steps.instruct.translation_instructions import TranslationInstructions
from xlcorpus.steps.instruct.translation_prompts import TEMPLATES, language_name, prompt_lang

DEU, ENG, SWH = "deu_Latn", "eng_Latn", "swh_Latn"


def pairs(*rows: tuple[str, str], langs: tuple[str, str] = (DEU, ENG)) -> pl.DataFrame:
    schema = ["src_text", "tgt_text", "src_lang", "tgt_lang"]
    return pl.DataFrame([(*r, *langs) for r in rows], schema=schema, orient="row")


MANY = pairs(*[(f"Satz {i}", f"Sentence {i}") for i in range(60)])


def test_a_pair_makes_one_instruction_each_way() -> None:
    rows = pairs(("Der Zug kommt.", "The train is coming.")).with_columns(origin=pl.lit("mined"), license=pl.lit("mit"))
    there, back = TranslationInstructions()(rows).to_dicts()
    assert [t["role"] for t in there["messages"]] == ["user", "assistant"]
    assert "Der Zug kommt." in there["messages"][0]["content"] and "Englisch" in there["messages"][0]["content"]
    assert there["messages"][1]["content"] == "The train is coming."
    assert "The train is coming." in back["messages"][0]["content"] and "German" in back["messages"][0]["content"]
    assert back["messages"][1]["content"] == "Der Zug kommt."
    assert (there["prompt_lang"], there["response_lang"], there["lang"]) == (DEU, ENG, ENG)
    assert (there["task"], there["origin"], there["license"]) == ("translation", "mined", "mit")
    assert there["parents"] == back["parents"] and there["id"] != back["id"]


@pytest.mark.parametrize(("directions", "langs"), [("forward", {ENG}), ("backward", {DEU}), ("both", {DEU, ENG})])
def test_directions(directions: str, langs: set[str]) -> None:
    assert set(TranslationInstructions(directions=directions)(MANY)["lang"]) == langs  # type: ignore[arg-type]


def test_all_templates_of_a_language_are_used() -> None:
    used = set(TranslationInstructions(directions="forward")(MANY)["instruct_template"])
    assert used == {f"deu_Latn/{i}" for i in range(len(TEMPLATES[DEU]))}


def test_a_row_gets_the_same_template_in_any_company() -> None:
    together = TranslationInstructions()(MANY)
    alone = pl.concat([TranslationInstructions()(row) for row in MANY.iter_slices(1)])
    assert together.equals(alone)


def test_languages_without_templates_are_asked_in_english() -> None:
    rows = pairs(("Habari za asubuhi", "Guten Morgen"), langs=(SWH, DEU))
    [row] = TranslationInstructions(directions="forward")(rows).to_dicts()
    assert row["prompt_lang"] == ENG and row["instruct_template"].startswith("eng_Latn/")
    assert "German" in row["messages"][0]["content"]


def test_braces_in_a_text_are_text() -> None:
    [row] = TranslationInstructions(directions="forward")(pairs(("{source} {0} {", "x"))).to_dicts()
    assert "{source} {0} {" in row["messages"][0]["content"]


def test_columns_are_those_of_an_instruction() -> None:
    rows = MANY.with_columns(mine_margin=pl.lit(1.1), score=pl.lit(1.1))
    made = TranslationInstructions()(rows)
    assert made.columns == [*records.kind("instruction").schema.names, "instruct_template"]
    assert made["id"].n_unique() == made.height == 2 * MANY.height


@pytest.mark.parametrize("lang", sorted(TEMPLATES))
def test_templates_are_sound(lang: str) -> None:
    templates = TEMPLATES[lang]
    assert len(set(templates)) == len(templates) >= 4
    for template in templates:
        fields = [f for _, f, _, _ in string.Formatter().parse(template) if f is not None]
        assert fields.count("text") == 1 and fields.count("target") == 1 and fields.count("source") <= 1
        assert set(fields) <= {"text", "source", "target"}
        assert template.startswith("{text}") or template.endswith("{text}")


@pytest.mark.parametrize(
    ("tag", "in_lang", "name"),
    [
        (DEU, "fra_Latn", "allemand"),
        (ENG, "rus_Cyrl", "английский"),
        ("zho_Hans", "zho_Hans", "中文"),
        ("zho_Hant", "deu_Latn", "Chinesisch (Traditionell)"),
        ("arb_Arab", "jpn_Jpan", "アラビア語"),
        ("hin_Latn", "eng_Latn", "Hindi (Latin)"),
        ("srp_Latn", "por_Latn", "sérvio (alfabeto latino)"),
        ("srp_Latn", "deu_Latn", "Serbisch (lateinische Schrift)"),
        ("srp_Latn", "spa_Latn", "serbio (alfabeto latino)"),
        ("srp_Latn", "fra_Latn", "serbe (alphabet latin)"),
        ("srp_Latn", "rus_Cyrl", "сербский (латиница)"),
        ("srp_Latn", "arb_Arab", "الصربية (بالحروف اللاتينية)"),
        ("srp_Latn", "zho_Hans", "塞尔维亚语（拉丁字母）"),
        ("srp_Latn", "jpn_Jpan", "セルビア語（ローマ字）"),
        ("uzn_Cyrl", "ita_Latn", "uzbeco (alfabeto cirillico)"),
        ("zho_Hant", "rus_Cyrl", "китайский (традиционный)"),
        ("zho_Hant", "por_Latn", "chinês (tradicional)"),
        ("hin_Latn", "hin_Deva", "हिन्दी (रोमन लिपि)"),
        ("hin_Deva", "deu_Latn", "Hindi"),
        ("yor_Latn", "deu_Latn", "Yoruba"),
        ("arz_Arab", "spa_Latn", None),
        ("acm_Arab", "deu_Latn", None),
        ("srp_Goth", "deu_Latn", None),
        ("prs_Arab", "eng_Latn", "Dari"),
    ],
)
def test_language_names(tag: str, in_lang: str, name: str | None) -> None:
    assert language_name(tag, in_lang) == name


@pytest.mark.parametrize(
    ("src", "tgt", "lang"),
    [
        ("spa_Latn", "arz_Arab", "eng_Latn"),
        ("deu_Latn", "acm_Arab", "eng_Latn"),
        ("deu_Latn", "arz_Arab", "deu_Latn"),
        ("deu_Latn", "hin_Deva", "deu_Latn"),
        ("spa_Latn", "swh_Latn", "spa_Latn"),
        ("swh_Latn", "deu_Latn", "eng_Latn"),
    ],
)
def test_english_asks_where_a_language_has_no_name(src: str, tgt: str, lang: str) -> None:
    assert prompt_lang(src, tgt) == lang


@pytest.mark.parametrize(
    ("src", "tgt", "words"),
    [("arb_Arab", "deu_Latn", "بالألمانية"), ("deu_Latn", "arz_Arab", "auf Ägyptischem Arabisch"),
     ("rus_Cyrl", "zho_Hant", "на китайский (традиционный)"), ("spa_Latn", "arz_Arab", "Egyptian Arabic")],
)  # fmt: skip
def test_names_fit_their_sentence(src: str, tgt: str, words: str) -> None:
    rows = pairs(*[(f"{i}", "x") for i in range(60)], langs=(src, tgt))
    prompts = [turns[0]["content"] for turns in TranslationInstructions(directions="forward")(rows)["messages"]]

    assert any(words in prompt for prompt in prompts)
    assert not any("ـ" in prompt for prompt in prompts)


def test_no_pairs_make_no_instructions() -> None:
    assert TranslationInstructions()(MANY.clear()).is_empty()
