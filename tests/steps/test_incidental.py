"""Documents in several languages: tagging, and splitting into sentences of each language."""

import json
from pathlib import Path

import polars as pl
import pytest

from xlcorpus import languages, records
from xlcorpus.errors import UserError
from xlcorpus.row_calls import run_rows
from xlcorpus.step import RowEnv
from xlcorpus.steps import SegmentLanguageSpans, TagLanguageSpans

DATA = Path(__file__).parents[2] / "data" / "web_documents.jsonl"

BILINGUAL = {
    "hotel/ahorn", "hotel/sol", "phrases/bahn", "phrases/stadt", "phrases/hotel", "en/spanish-1", "en/spanish-2",
    "fr/musee", "fr/parc", "table/ausstellung", "translation/ru", "translation/ru-2", "it/ricetta", "zh/lvyou",
    "hi/suchna", "de/forum", "fr/lettre", "es/letra",
}  # fmt: skip
"""Gold: written in two languages, translations or not."""
CODE_SWITCHED = {"es/spanglish", "hi/hinglish"}
MULTILINGUAL = {"ch/badi"}


@pytest.fixture(scope="module")
def documents() -> pl.DataFrame:
    """The sample documents, tagged, with the address's path as `page`."""
    rows = [json.loads(line) for line in DATA.read_text("utf8").splitlines()]
    frame = pl.DataFrame([{**row, "lang": languages.parse(row["lang"])} for row in rows])
    tagged = TagLanguageSpans()(frame)
    return tagged.with_columns(page=pl.col("url").str.strip_prefix("https://example.org/"))


def document(text: str, lang: str = "und") -> pl.DataFrame:
    return TagLanguageSpans()(pl.DataFrame({"text": [text], "lang": [lang]}))


def test_the_sample_documents_are_of_the_type_they_were_written_as(documents: pl.DataFrame) -> None:
    gold = dict.fromkeys(documents["page"], "monolingual")
    gold |= dict.fromkeys(BILINGUAL, "bilingual") | dict.fromkeys(CODE_SWITCHED, "code_switched")
    gold |= dict.fromkeys(MULTILINGUAL, "multilingual")

    assert dict(documents.select("page", "tag_language_spans_type").iter_rows()) == gold


def test_languages_come_by_number_of_words(documents: pl.DataFrame) -> None:
    found = dict(documents.select("page", "tag_language_spans_languages").iter_rows())

    assert found["ch/badi"] == ["fra_Latn", "ita_Latn", "deu_Latn"]
    assert found["zh/lvyou"] == ["zho_Hans", "eng_Latn"]


def test_spans_are_characters_of_the_text(documents: pl.DataFrame) -> None:
    row = documents.filter(pl.col("page") == "hi/hinglish").row(0, named=True)
    pieces = [(s["lang"], row["text"][s["start"] : s["end"]]) for s in row["tag_language_spans_spans"]]

    assert pieces[1] == ("eng_Latn", "and then I had to run all the way to the office")
    assert [lang for lang, _ in pieces] == ["hin_Deva", "eng_Latn", "hin_Deva", "eng_Latn", "hin_Deva"]


def test_a_quotation_shorter_than_asked_for_is_no_second_language() -> None:
    text = "Er sagte nur einen einzigen Satz: „I would like to go home now.“ Dann schwieg er den ganzen Abend."

    assert document(text, "deu_Latn")["tag_language_spans_type"][0] == "monolingual"
    few = TagLanguageSpans(min_language_words=5)(pl.DataFrame({"text": [text], "lang": ["deu_Latn"]}))
    assert few["tag_language_spans_languages"][0].to_list() == ["deu_Latn", "eng_Latn"]


def test_a_document_without_words_has_no_language() -> None:
    row = document("12 34 ...").row(0, named=True)

    assert (row["tag_language_spans_type"], row["tag_language_spans_spans"]) == ("none", [])


def test_no_documents_give_no_rows() -> None:
    empty = TagLanguageSpans()(pl.DataFrame(schema={"text": pl.String, "lang": pl.String}))

    assert empty.height == 0


def test_a_missing_identifier_is_found_before_anything_runs() -> None:
    with pytest.raises(UserError, match=r"no language identifier 'glotlid\.bin'"):
        TagLanguageSpans(model="glotlid.bin").preflight()


def test_sentences_are_in_the_language_of_their_span_and_say_where_they_stand(documents: pl.DataFrame) -> None:
    page = documents.filter(pl.col("page") == "phrases/hotel")
    sentences = SegmentLanguageSpans(context=10)(page)
    text = page["text"][0]

    assert sentences.select("lang", "text").rows() == [
        ("deu_Latn", "Wer bucht, sollte diese Sätze kennen, die wir für Sie gesammelt haben."),
        ("deu_Latn", "Ich habe ein Zimmer für 3 Nächte auf den Namen Wagner reserviert."),
        ("eng_Latn", "I have reserved a room for 3 nights in the name of Wagner."),
        ("deu_Latn", "Im Zimmer 214 funktioniert die Lampe nicht."),
        ("eng_Latn", "The lamp in room 214 does not work."),
    ]
    last = sentences.row(-1, named=True)
    assert text[last["segment_language_spans_start"] : last["segment_language_spans_end"]] == last["text"]
    assert last["segment_language_spans_before"] == "Englisch: "
    assert last["document_id"] == page["id"][0]
    assert sentences["position"].to_list() == [0, 1, 2, 3, 4]


def test_documents_in_one_language_are_set_aside_not_lost(documents: pl.DataFrame) -> None:
    step = SegmentLanguageSpans()
    outcome = run_rows(step, documents, RowEnv(kind="document", step="segment_language_spans"), raise_errors=True)

    assert set(outcome.rejected["rule"]) == {"not_asked"}
    assert set(outcome.rejected["value"]) == {"monolingual"}
    assert outcome.rejected.height == documents.height - len(BILINGUAL | CODE_SWITCHED | MULTILINGUAL)


def test_every_document_is_tagged_for_itself(documents: pl.DataFrame) -> None:
    step = TagLanguageSpans()
    bare = records.finish(documents.select("text", "lang")[:12], "document")
    alone = pl.concat([step(bare[i]) for i in range(bare.height)])

    assert step(bare).equals(alone)


def test_a_run_of_loanwords_belongs_to_the_language_around_it() -> None:
    english = "Best practices for customer success management and project planning were shared with all stakeholders."
    text = f"Wir haben gestern lange über den neuen Ablauf gesprochen. {english} Danach waren alle sehr zufrieden."
    loanwords = {"German": english.removesuffix(".").upper().split()}
    rows = pl.DataFrame({"text": [text], "lang": ["deu_Latn"]})

    plain = TagLanguageSpans()(rows)
    listed = TagLanguageSpans(loanwords=loanwords)(rows)

    assert [span["lang"] for span in plain["tag_language_spans_spans"][0]] == ["deu_Latn", "eng_Latn", "deu_Latn"]
    assert [span["lang"] for span in listed["tag_language_spans_spans"][0]] == ["deu_Latn"]
