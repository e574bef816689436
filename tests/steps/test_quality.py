"""Rules of `quality` on every kind of record."""

import polars as pl
import pytest

from xlcorpus import records
from xlcorpus.errors import UserError
from xlcorpus.outcomes import Outcome
from xlcorpus.row_calls import run_rows
from xlcorpus.step import RowEnv
from xlcorpus.steps.filter.quality import Quality
from xlcorpus.text.measures.texts import DOCUMENT_MEASURES


def run(step: Quality, rows: pl.DataFrame, kind: str = "sentence") -> Outcome:
    return run_rows(step, records.finish(rows, kind), RowEnv(kind=kind, step="quality"), raise_errors=True)


def sentence(text: str, lang: str = "deu_Latn") -> pl.DataFrame:
    return pl.DataFrame({"text": [text], "lang": [lang]})


def pair(src_text: str, tgt_text: str, src_lang: str = "deu_Latn", tgt_lang: str = "eng_Latn") -> pl.DataFrame:
    return pl.DataFrame(
        {"src_text": [src_text], "tgt_text": [tgt_text], "src_lang": [src_lang], "tgt_lang": [tgt_lang]}
    )


@pytest.mark.parametrize(
    ("text", "lang", "rule"),
    [
        ("Ja.", "deu_Latn", "too_short"),
        ("好", "zho_Hans", "too_short"),
        ("sehr lang " * 201, "deu_Latn", "too_long"),
        ("caf\ufffd am Platz", "deu_Latn", "broken_encoding"),
        ("GrÃ¼ÃŸe aus KÃ¶ln", "deu_Latn", "broken_encoding"),
        ("*** >>> +++ ~~~ ok", "deu_Latn", "few_letters"),
        ("Tel. 030 1234567 890", "deu_Latn", "mostly_digits"),
        ("Siehe https://example.org/eine/lange/adresse", "deu_Latn", "mostly_url"),
        ("Alle Rechte vorbehalten.", "deu_Latn", "boilerplate"),
        ("This website uses cookies", "hin_Deva", "boilerplate"),
        ("Это написано по-русски.", "deu_Latn", "wrong_script"),
        ("yah hindi mein likha hai", "hin_Deva", "wrong_script"),
        ("jetzt kaufen jetzt kaufen jetzt kaufen", "deu_Latn", "repetitive"),
        ("Neeeeeeeeeeeeeiiiiiiiin", "deu_Latn", "repetitive"),
    ],
)
def test_junk_is_rejected_by_name(text: str, lang: str, rule: str) -> None:
    outcome = run(Quality(max_characters=2000), sentence(text, lang))

    assert outcome.rejected["rule"].to_list() == [rule]


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("行。", "zho_Hans"),
        ("我用 iPhone 和 WhatsApp。", "zho_Hans"),
        ("Es kostet 1.250,50 €.", "deu_Latn"),
        ("Mehr dazu steht auf www.example.org unter Hilfe.", "deu_Latn"),
        ("yah hindi mein likha hai", "hin_Latn"),
        ("Tomo la mi", "und"),
    ],
)
def test_what_is_fine_stays(text: str, lang: str) -> None:
    assert run(Quality(), sentence(text, lang)).rejected.height == 0


@pytest.mark.parametrize(
    ("kind", "measures"),
    [
        ("sentence", "letters script repetition shortest broken digits urls boilerplate markup longest"),
        ("document", "letters script repetition shortest broken digits urls boilerplate markup"),
        ("instruction", "letters script repetition shortest broken"),
    ],
)
def test_every_rule_has_its_column_of_floats(kind: str, measures: str) -> None:
    turns = [[{"role": "user", "content": "Was ist das?"}, {"role": "assistant", "content": "Das ist ein Satz."}]]
    rows = pl.DataFrame({"lang": ["deu_Latn"], "text": ["Das ist ein Satz."]})
    if kind == "instruction":
        rows = pl.DataFrame({"lang": ["deu_Latn"], "messages": turns, "task": "answer"})
        rows = rows.with_columns(prompt_lang=pl.col("lang"), response_lang=pl.col("lang"))
    kept = run(Quality(), rows, kind).kept

    found = {name: dtype for name, dtype in kept.schema.items() if name.startswith("quality_")}
    of_documents = DOCUMENT_MEASURES if kind == "document" else ()
    assert found == {f"quality_{name}": pl.Float32 for name in (*measures.split(), *of_documents)}


def test_the_columns_of_pairs_can_be_cut_again() -> None:
    kept = run(
        Quality(max_length_ratio=10), pair("Ja, das ist so.", "Yes, that is how it is and ever was."), "pair"
    ).kept
    assert kept["quality_identical"].to_list() == [0.0]
    assert kept.filter(pl.col("quality_length_ratio") <= 1.2).height == 0


def test_a_limit_of_one_language_holds_exactly_too() -> None:
    text = "Nr. 123456789012 a b"  # 12 of 16 letters and digits
    assert run(Quality(max_digits=0.75), sentence(text)).kept.height == 1
    assert run(Quality(by_language={"de": {"max_digits": 0.75}}), sentence(text)).kept.height == 1
    assert run(Quality(by_language={"de": {"max_digits": 0.74}}), sentence(text)).rejected["rule"].to_list() == [
        "mostly_digits"
    ]


def test_the_value_that_broke_the_rule_is_in_the_rejects() -> None:
    assert run(Quality(), sentence("Ja.")).rejected["value"].to_list() == ["3"]


def test_the_worse_side_of_a_pair_decides() -> None:
    outcome = run(Quality(), pair("Das ist ein guter Satz.", "*** +++ ### a ???"), "pair")

    assert outcome.rejected["rule"].to_list() == ["few_letters"]


@pytest.mark.parametrize(
    ("src", "tgt", "rule"),
    [
        ("Berlin Alexanderplatz", "berlin alexanderplatz ", "identical_sides"),
        (
            "Ja, gern.",
            "Yes, with pleasure, but only if you promise to come along and bring all your friends.",
            "length_ratio",
        ),
    ],
)
def test_pairs_have_rules_of_their_own(src: str, tgt: str, rule: str) -> None:
    assert run(Quality(), pair(src, tgt), "pair").rejected["rule"].to_list() == [rule]


@pytest.mark.parametrize(
    ("src", "tgt"),
    [("IŞIKLARI KAPAT", "ışıkları kapat"), ("INSTALL IT", "Install it"), ("İzmir'e gidin", "izmir'e gidin")],
)
def test_sides_are_identical_by_the_small_letters_of_either_language(src: str, tgt: str) -> None:
    rows = pair(src, tgt).with_columns(src_lang=pl.lit("tur_Latn"), tgt_lang=pl.lit("eng_Latn"))

    assert run(Quality(), rows, "pair").rejected["rule"].to_list() == ["identical_sides"]


def test_chinese_is_shorter_than_english_and_no_worse() -> None:
    kept = run(
        Quality(),
        pair("我明天去市场买菜。", "Tomorrow I am going to the market for vegetables.", "zho_Hans"),
        "pair",
    ).kept

    assert kept["quality_length_ratio"][0] < 1.7


def test_sides_of_one_language_may_be_the_same() -> None:
    same = pair("Das ist gleich.", "Das ist gleich.", "deu_Latn", "deu_Latn")

    assert run(Quality(), same, "pair").kept.height == 1


def test_limits_of_a_language_override_the_general_ones() -> None:
    rows = pl.concat([sentence("Ja.", "deu_Latn"), sentence("Ja.", "nld_Latn")])

    outcome = run(Quality(by_language={"German": {"min_characters": 2}}), rows)

    assert outcome.kept["lang"].to_list() == ["deu_Latn"]


def test_the_most_lenient_limit_of_a_pair_holds() -> None:
    step = Quality(by_language={"eng": {"max_length_ratio": 5}})
    uneven = pair("Ja, gern.", "Yes, with pleasure, but only if you promise to come along and bring your friends.")

    assert run(step, uneven, "pair").kept.height == 1


def test_a_limit_that_does_not_exist_gets_the_nearest() -> None:
    with pytest.raises(UserError, match=r"no limit 'min_leters'; did you mean 'min_letters'\?"):
        Quality(by_language={"deu": {"min_leters": 0.2}})


def test_documents_may_be_long() -> None:
    text = " ".join(f"Satz Nummer {i} handelt von Ding {i + 1}." for i in range(200))

    assert run(Quality(), sentence(text), "document").kept.height == 1


@pytest.mark.parametrize(
    ("answer", "kept"),
    [("42", 1), ("def f(x): return {'a': [x]}", 1), ("Да.", 1), ("", 0), ("so so so so so so", 0)],
)
def test_answers_may_be_short_or_code(answer: str, kept: int) -> None:
    messages = [
        {"role": "user", "content": "Wie viel ist 6 mal 7?"},
        {"role": "assistant", "content": answer},
    ]
    row = {"messages": [messages], "task": "qa"} | dict.fromkeys(("lang", "prompt_lang", "response_lang"), "deu_Latn")

    assert run(Quality(), pl.DataFrame(row), "instruction").kept.height == kept


def test_an_answer_that_only_calls_a_tool_is_not_too_short() -> None:
    call = {"role": "assistant", "content": None, "tool_calls": '[{"name": "uhr"}]'}
    messages = [{"role": "user", "content": "Wie spät ist es?"}, call]
    row = {"messages": [messages], "task": "qa"} | dict.fromkeys(("lang", "prompt_lang", "response_lang"), "deu_Latn")
    assert run(Quality(), pl.DataFrame(row), "instruction").kept.height == 1


def test_a_mixed_text_may_use_the_scripts_of_its_languages() -> None:
    variant = pl.DataFrame(
        {
            "text": ["मैं tomorrow market shopping going today evening"],
            "original_text": ["मैं कल बाज़ार जा रहा हूँ"],
            "lang": ["hin_Deva"],
            "langs": [["hin_Deva", "eng_Latn"]],
            "method": ["lexicon"],
            "spans": pl.Series([[]], dtype=records.polars_schema("variant")["spans"]),
        }
    )

    assert run(Quality(), variant, "variant").kept["quality_script"].to_list() == [1.0]
    single = variant.with_columns(langs=pl.lit(["hin_Deva"]))
    assert run(Quality(), single, "variant").rejected["rule"].to_list() == ["wrong_script"]


def test_each_row_is_judged_for_itself() -> None:
    rows = pl.concat(
        [
            sentence("Das ist ein Satz."),
            sentence("這是一個句子。", "zho_Hant"),
            sentence("Ещё одно предложение.", "rus_Cyrl"),
        ]
    )

    together = run(Quality(), rows).kept
    alone = pl.concat([run(Quality(), rows[i]).kept for i in range(rows.height)])

    assert together.equals(alone)


@pytest.mark.parametrize(
    "text",
    [
        "<p>The shop opens at nine.</p>",
        'Read the <a href="/news">local news</a> before lunch.',
        "The lake <b>is</b> frozen<br/>this winter.",
        "'''Bonn''' is a city on the [[Rhine]].",
        "He said &quot;no&quot; and went home.",
        '<tuv xml:lang="en"><seg>Good morning, Anna.</seg></tuv>',
    ],
)
def test_markup_is_rejected_by_name(text: str) -> None:
    assert run(Quality(), sentence(text, "eng_Latn")).rejected["rule"].to_list() == ["markup"]
    assert run(Quality(), pair("Der Laden öffnet um neun.", text), "pair").rejected["rule"].to_list() == ["markup"]
    assert run(Quality(max_markup=1), sentence(text, "eng_Latn")).rejected.height == 0


@pytest.mark.parametrize("text", ["In the proof a < b and b > c hold.", "AT&T and R&D are short names."])
def test_prose_is_no_markup(text: str) -> None:
    assert run(Quality(), sentence(text, "eng_Latn")).rejected.height == 0


def test_a_long_document_may_have_one_stray_tag() -> None:
    text = " ".join(f"Satz Nummer {i} handelt von Ding {i + 1}." for i in range(60)) + "<br/>"

    assert run(Quality(), sentence(text), "document").kept.height == 1


def test_conversations_may_be_about_markup() -> None:
    messages = [
        {"role": "user", "content": "Wie schreibt man fett?"},
        {"role": "assistant", "content": "So: <b>fett</b>, und in Java List<String>."},
    ]
    row = {"messages": [messages], "task": "qa"} | dict.fromkeys(("lang", "prompt_lang", "response_lang"), "deu_Latn")

    assert run(Quality(), pl.DataFrame(row), "instruction").kept.height == 1
