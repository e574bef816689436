from pathlib import Path

import polars as pl
import pytest

from xlcorpus import records
from xlcorpus.row_calls import run_rows
from xlcorpus.step import MAIN, RowEnv, Table
from xlcorpus.steps.clean.normalise import Normalise, Segment


@pytest.fixture
def documents() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "text": ["Der Zug ist weg.  Wir warten.\nDr. Maier auch.", "我们走吧。好！", "   "],
            "lang": ["deu_Latn", "zho_Hans", "deu_Latn"],
            "source": ["stories", "stories", "stories"],
            "license": ["cc0-1.0", None, None],
        }
    )


def test_sentences_are_put_on_one_line() -> None:
    rows = pl.DataFrame({"text": ["GrÃ¼ÃŸe\u00a0 aus\nKÃ¶ln"], "lang": ["deu_Latn"]})

    assert Normalise()(rows)["text"].to_list() == ["Grüße aus Köln"]


def test_documents_keep_their_lines(documents: pl.DataFrame) -> None:
    assert Normalise()(documents, kind="document")["text"][0] == "Der Zug ist weg. Wir warten.\nDr. Maier auch."


def test_both_sides_of_a_pair_are_normalised_and_the_id_stays() -> None:
    pair = {
        "src_text": [" a  b "],
        "tgt_text": ["c\u200bd"],
        "src_lang": ["eng_Latn"],
        "tgt_lang": ["deu_Latn"],
    }
    rows = records.finish(pl.DataFrame(pair), "pair")

    clean = Normalise()(rows, kind="pair")

    assert clean.select("src_text", "tgt_text").row(0) == ("a b", "cd")
    assert clean["id"].to_list() == rows["id"].to_list()


def test_conversations_keep_their_layout() -> None:
    messages = [
        {"role": "user", "content": "Write a loop\u200b. &lt;br&gt; stays."},
        {"role": "assistant", "content": "for x in y:\n    print(x)  # GrÃ¼ÃŸe"},
    ]
    rows = pl.DataFrame({"messages": [messages], "task": "code"}).with_columns(
        lang=pl.lit("eng_Latn"), prompt_lang=pl.lit("eng_Latn"), response_lang=pl.lit("eng_Latn")
    )

    clean = Normalise()(rows, kind="instruction")["messages"].to_list()[0]

    assert [turn["role"] for turn in clean] == ["user", "assistant"]
    assert clean[0]["content"] == "Write a loop. &lt;br&gt; stays."
    assert clean[1]["content"] == "for x in y:\n    print(x)  # Grüße"


def test_a_turn_that_only_calls_a_tool_is_no_empty_text() -> None:
    call = {"role": "assistant", "content": None, "tool_calls": '[{"name": "x"}]', "reasoning": "Al\u200bso"}
    rows = pl.DataFrame({"messages": [[{"role": "user", "content": "Hal\u200blo"}, call]], "task": "t"}).with_columns(
        lang=pl.lit("deu_Latn"), prompt_lang=pl.lit("deu_Latn"), response_lang=pl.lit("deu_Latn")
    )
    (user, assistant) = Normalise()(rows, kind="instruction")["messages"].to_list()[0]
    assert user["content"] == "Hallo"
    assert assistant == call | {"reasoning": "Also"}


def test_a_prompt_is_normalised_too() -> None:
    turn = [{"role": "user", "content": "Hal\u200blo"}]
    answer = [{"role": "assistant", "content": "Ja\u200b."}]
    rows = pl.DataFrame({"prompt": [turn], "chosen": [answer], "rejected": [answer], "lang": ["deu_Latn"]})

    clean = Normalise()(rows, kind="preference").row(0, named=True)

    assert clean["prompt"][0]["content"] == "Hallo"
    assert clean["chosen"][0]["content"] == clean["rejected"][0]["content"] == "Ja."


def test_a_row_left_without_text_is_rejected(documents: pl.DataFrame) -> None:
    rows = records.finish(documents, "document")

    outcome = run_rows(Normalise(), rows, RowEnv(kind="document", step="normalise"))

    assert outcome.kept.height == 2
    assert outcome.rejected["rule"].to_list() == ["empty"]


def test_documents_become_sentences_that_know_where_they_stood(documents: pl.DataFrame) -> None:
    rows = records.finish(documents, "document")

    sentences = Segment()(rows)

    assert sentences["text"].to_list() == [
        "Der Zug ist weg.",
        "Wir warten.",
        "Dr. Maier auch.",
        "我们走吧。",
        "好！",
    ]
    assert sentences["position"].to_list() == [0, 1, 2, 0, 1]
    assert sentences["document_id"].to_list() == [rows["id"][0]] * 3 + [rows["id"][1]] * 2
    assert sentences["parents"].to_list() == [[i] for i in sentences["document_id"]]
    assert sentences["license"].to_list() == ["cc0-1.0"] * 3 + [None] * 2
    assert sentences["id"].n_unique() == 5


def test_a_document_without_sentences_is_no_output(documents: pl.DataFrame) -> None:
    rows = records.finish(documents, "document")

    outcome = run_rows(Segment(), rows, RowEnv(kind="document", step="segment"))

    assert outcome.rejected.select("rule", "id").rows() == [("no_output", rows["id"][2])]


def test_sentences_pass_unchanged() -> None:
    rows = records.finish(pl.DataFrame({"text": ["One. Two."], "lang": ["eng_Latn"]}), "sentence", step="read")

    assert Segment()(rows, kind="sentence").equals(rows)


def test_wrapped_text_is_joined() -> None:
    rows = pl.DataFrame({"text": ["Der Zug\nist weg."], "lang": ["deu_Latn"]})

    assert Segment(line_ends=False)(rows)["text"].to_list() == ["Der Zug ist weg."]


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("The lake <b>is</b>  frozen<br/>this winter.", "The lake is frozen this winter."),
        ("&lt;p&gt;GrÃ¼ÃŸe&lt;/p&gt;", "Grüße"),
        ("a < b and b > c", "a < b and b > c"),
    ],
)
def test_markup_goes_where_asked(text: str, clean: str) -> None:
    rows = pl.DataFrame({"text": [text], "lang": ["eng_Latn"]})

    assert Normalise(strip_markup=True)(rows)["text"].to_list() == [clean]


def test_markup_stays_unless_asked_and_in_conversations() -> None:
    rows = pl.DataFrame({"text": ["<p>Hallo</p>"], "lang": ["deu_Latn"]})
    turns = [
        {"role": "user", "content": "Was ist <p>Hallo</p> und List<String>?"},
        {"role": "assistant", "content": "Ein Absatz: <p>."},
    ]
    talk = pl.DataFrame({"messages": [turns], "task": "code"}).with_columns(
        lang=pl.lit("deu_Latn"), prompt_lang=pl.lit("deu_Latn"), response_lang=pl.lit("deu_Latn")
    )

    assert Normalise()(rows)["text"].to_list() == ["<p>Hallo</p>"]
    clean = Normalise(strip_markup=True)(talk, kind="instruction")["messages"].to_list()[0]
    assert [turn["content"] for turn in clean] == [turn["content"] for turn in turns]


def test_a_row_of_markup_alone_is_empty() -> None:
    rows = records.finish(pl.DataFrame({"text": ["<br/>"], "lang": ["deu_Latn"]}), "sentence")

    outcome = run_rows(Normalise(strip_markup=True), rows, RowEnv(kind="sentence", step="normalise"))

    assert outcome.rejected["rule"].to_list() == ["empty"]


def test_documents_that_are_not_split_into_sentences_are_counted_by_language(tmp_path: Path) -> None:
    rows = pl.DataFrame({"text": ["ລາວ ດີ", "ດີ", "Gut. Ja."], "lang": ["lao_Laoo", "lao_Laoo", "deu_Latn"]})
    rows.write_parquet(tmp_path / "rows.parquet")

    def remarks(kind: str) -> list[str]:
        return Segment().remarks({MAIN: Table(kind, (tmp_path / "rows.parquet",))})

    assert remarks("document") == [
        "lao_Laoo: 2 documents are split at line ends only: a mere space stands between their sentences"
    ]
    assert remarks("sentence") == []
