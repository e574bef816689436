"""Documents in, aligned sentences out: the step, and the command without a pipeline."""

import gzip
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from xlcorpus import records
from xlcorpus.cli import align
from xlcorpus.cli.main import app
from xlcorpus.errors import UserError
from xlcorpus.step import CorpusEnv, Table
from xlcorpus.steps.align.align_documents import AlignDocuments

BREAD = {
    "eng_Latn": "Ada baked 500 grams of bread on 12 May 1974. It stayed in the oven for 45 minutes. "
    "Jonas Weck paid 3 euros.",
    "deu_Latn": "Ada buk am 12. Mai 1974 genau 500 Gramm Brot, und nach 45 Minuten kam es aus dem Ofen. "
    "Jonas Weck zahlte 3 Euro.",
    "fra_Latn": "Ada a cuit 500 grammes de pain le 12 mai 1974. Il est resté 45 minutes au four. "
    "Jonas Weck a payé 3 euros.",
}
FERRY = {
    "eng_Latn": "Captain Ilse Marten left Port Selma at 8:15. The crossing took 35 minutes. "
    "All 180 passengers were content.",
    "deu_Latn": "Kapitänin Ilse Marten legte um 8:15 in Port Selma ab. Die Überfahrt dauerte 35 Minuten. Es regnete. "
    "Alle 180 Passagiere waren zufrieden.",
}
RADIO = {
    "eng_Latn": "Radio Arven began in a garage in Lisbon. On 3 June 1988 it reached 80000 listeners.",
    "deu_Latn": "Radio Arven begann in einer Garage in Lissabon. Am 3. Juni 1988 erreichte es 80000 Hörer.",
}


def document(text: str, lang: str, **given: str) -> dict[str, str | None]:
    return {"text": text, "lang": lang, "url": None, "title": None, "license": "CC0-1.0", "source": "test"} | given


def aligned(
    tmp_path: Path, rows: list[dict[str, Any]], step: AlignDocuments
) -> tuple[pl.DataFrame, pl.DataFrame, list[str]]:
    """(pairs, rejected rows with their rule and measure, what was said)."""
    records.finish(pl.DataFrame(rows), "document").write_parquet(tmp_path / "documents.parquet")
    rejected = [pl.DataFrame(schema={"rule": pl.String})]
    said: list[str] = []
    env = CorpusEnv(
        kind="document",
        scratch=tmp_path,
        keep=tmp_path / "kept",
        say=lambda text, warning: said.append(("warning: " if warning else "") + text),
        reject=lambda rows, rule, measure: rejected.append(
            rows.select(pl.lit(rule).alias("rule"), pl.col("^text$"), measure.cast(pl.String).alias("value"))
        ),
    )
    frames = list(step.run({"rows": Table("document", (tmp_path / "documents.parquet",))}, env))
    pairs = [records.finish(pl.DataFrame(schema=records.polars_schema("pair")), "pair")]
    pairs += [records.finish(frame, "pair") for frame in frames]
    return pl.concat(pairs, how="diagonal"), pl.concat(rejected, how="diagonal"), said


def urls(texts: dict[str, str], page: str) -> list[dict[str, str | None]]:
    codes = {"eng_Latn": "en", "deu_Latn": "de", "fra_Latn": "fr"}
    return [document(text, lang, url=f"https://a.org/{codes[lang]}/{page}") for lang, text in texts.items()]


def test_sentences_are_aligned_m_to_n(tmp_path: Path) -> None:
    pairs, rejected, _ = aligned(tmp_path, urls(BREAD, "bread"), AlignDocuments(pairs=["de-en"]))
    assert pairs.select("src_text", "tgt_text").rows() == [
        (
            "Ada buk am 12. Mai 1974 genau 500 Gramm Brot, und nach 45 Minuten kam es aus dem Ofen.",
            "Ada baked 500 grams of bread on 12 May 1974. It stayed in the oven for 45 minutes.",
        ),
        ("Jonas Weck zahlte 3 Euro.", "Jonas Weck paid 3 euros."),
    ]
    places = pairs.select(f"align_documents_{place}" for place in ("src_first", "src_size", "tgt_first", "tgt_size"))
    assert places.rows() == [(0, 1, 0, 2), (1, 1, 2, 1)]
    assert rejected.is_empty()


def test_pairs_name_their_documents_and_the_evidence(tmp_path: Path) -> None:
    pairs, _, said = aligned(tmp_path, urls(BREAD, "bread"), AlignDocuments(pairs=["de-en"]))
    documents = pl.read_parquet(tmp_path / "documents.parquet")
    ids = dict(documents.select("lang", "id").iter_rows())
    assert set(pairs["src_id"]) == {ids["deu_Latn"]} and set(pairs["tgt_id"]) == {ids["eng_Latn"]}
    assert pairs["parents"].to_list() == [[ids["deu_Latn"], ids["eng_Latn"]]] * 2
    assert set(pairs["align_documents_match"]) == {"url"}
    assert set(pairs.select("origin", "license", "source").unique().rows()) == {("mined", "CC0-1.0", "test")}
    assert pairs["score"].is_between(0.1, 1).all() and pairs["align_documents_overlap"].is_between(0.1, 1).all()
    assert said[0] == "deu_Latn-eng_Latn: matched documents: 1 of 1 and 1 (1 by url)"


def test_a_sentence_without_partner_is_rejected(tmp_path: Path) -> None:
    pairs, rejected, _ = aligned(tmp_path, urls(FERRY, "ferry"), AlignDocuments())
    assert pairs.height == 3
    assert rejected.rows() == [("unaligned", "Es regnete.", None)]


def test_documents_are_matched_by_what_they_say(tmp_path: Path) -> None:
    rows = [
        document(text, lang) for texts in (BREAD, FERRY, RADIO) for lang, text in texts.items() if lang != "fra_Latn"
    ]
    pairs, _, said = aligned(tmp_path, rows, AlignDocuments(match=["embedding"]))
    assert "(3 by embedding)" in said[0]
    assert {(s.split()[0], t.split()[0]) for s, t in pairs.select("src_text", "tgt_text").iter_rows()} >= {
        ("Ada", "Ada"),
        ("Kapitänin", "Captain"),
        ("Radio", "Radio"),
    }


def test_documents_of_one_id_belong_together(tmp_path: Path) -> None:
    rows = [
        document(BREAD["deu_Latn"], "deu_Latn", source_id="1"),
        document(BREAD["eng_Latn"], "eng_Latn", source_id="1"),
    ]
    rows += [
        document(FERRY["deu_Latn"], "deu_Latn", source_id="2"),
        document(FERRY["eng_Latn"], "eng_Latn", source_id="3"),
    ]
    pairs, rejected, _ = aligned(tmp_path, rows, AlignDocuments(match=["id"]))
    assert {text[:8] for text in pairs["src_text"]} == {"Ada buk ", "Jonas We"}
    assert rejected["rule"].to_list() == ["unpaired", "unpaired"]


def test_a_kept_column_may_hold_the_ids(tmp_path: Path) -> None:
    rows = [document(text, lang, source_id=lang, page="7") for lang, text in BREAD.items()]
    step = AlignDocuments(match=["id"], id_column="page", pairs=["de-en"])
    assert aligned(tmp_path, rows, step)[0].height == 2
    assert step.ports()["rows"].columns == ("page",)


def test_every_pair_of_languages(tmp_path: Path) -> None:
    pairs, _, _ = aligned(tmp_path, urls(BREAD, "bread"), AlignDocuments())
    assert pairs.select("src_lang", "tgt_lang").unique().sort("src_lang", "tgt_lang").rows() == [
        ("deu_Latn", "eng_Latn"),
        ("deu_Latn", "fra_Latn"),
        ("eng_Latn", "fra_Latn"),
    ]


def test_an_address_that_two_share_is_told_and_rejected(tmp_path: Path) -> None:
    rows = [*urls(BREAD, "x"), document(FERRY["deu_Latn"], "deu_Latn", url="https://a.org/de/x/")]
    _, rejected, said = aligned(tmp_path, rows, AlignDocuments(pairs=["de-en"], match=["url"]))
    assert any("url '//a.org/x' has 2 and 1" in text for text in said if text.startswith("warning"))
    assert set(rejected.select("rule", "value").rows()) == {("ambiguous_url", "//a.org/x")}
    assert rejected.height == 3


def test_documents_that_say_other_things_are_no_translations(tmp_path: Path) -> None:
    rows = [
        document("Morgen scheint die Sonne.", "deu_Latn", source_id="1"),
        document("We are looking for gardeners.", "eng_Latn", source_id="1"),
    ] + [document(text, lang, source_id="2") for lang, text in BREAD.items() if lang != "fra_Latn"]
    pairs, rejected, _ = aligned(tmp_path, rows, AlignDocuments(match=["id"]))
    assert {text[:8] for text in pairs["src_text"]} == {"Ada buk ", "Jonas We"}
    assert rejected["rule"].to_list() == ["not_parallel", "not_parallel"]
    assert float(rejected["value"][0]) < 0.1


def test_a_document_without_text_is_rejected(tmp_path: Path) -> None:
    rows = [*urls(BREAD, "bread"), document(" \n ", "deu_Latn")]
    _, rejected, _ = aligned(tmp_path, rows, AlignDocuments(pairs=["de-en"]))
    assert rejected["rule"].to_list() == ["no_text"]


def test_low_scores_are_rejected_with_their_score(tmp_path: Path) -> None:
    pairs, rejected, _ = aligned(tmp_path, urls(BREAD, "b"), AlignDocuments(pairs=["de-en"], min_score=1))
    assert pairs.is_empty()
    assert set(rejected["rule"]) == {"low_score"}


def test_the_pairs_are_the_same_in_any_number_of_tasks(tmp_path: Path) -> None:
    rows = [row for i, texts in enumerate((BREAD, FERRY, RADIO)) for row in urls(texts, str(i))]
    whole, _, _ = aligned(tmp_path, rows, AlignDocuments(pairs=["de-en"]))
    (tmp_path / "parts").mkdir()
    parts, _, _ = aligned(tmp_path / "parts", rows, AlignDocuments(pairs=["de-en"], batch_sentences=1))
    assert parts.drop("score", "align_documents_overlap").equals(whole.drop("score", "align_documents_overlap"))
    assert (parts["score"] - whole["score"]).abs().max() < 1e-5  # matrix products of other shapes


def test_repeated_lines_are_pairs_of_their_own(tmp_path: Path) -> None:
    texts = [texts.replace(". ", ".\nHotel Selma 12\n") for texts in (BREAD["eng_Latn"], BREAD["fra_Latn"])]
    rows = [document(text, lang, source_id="1") for text, lang in zip(texts, ("eng_Latn", "fra_Latn"), strict=True)]
    pairs, _, _ = aligned(tmp_path, rows, AlignDocuments(match=["id"], split="lines"))
    assert pairs.filter(src_text="Hotel Selma 12", tgt_text="Hotel Selma 12").height == 2
    assert pairs["id"].n_unique() == pairs.height


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (AlignDocuments(pairs=["de-de"]), "'de-de' names one language twice"),
        (AlignDocuments(pairs=["de"]), r"write source-target \(de-en\), not 'de'"),
        (AlignDocuments(pairs=["de-ru"]), "the corpus holds no rus_Cyrl; it holds deu_Latn, eng_Latn, fra_Latn"),
        (AlignDocuments(id_column="page"), "the documents have no column 'page'"),
    ],
)
def test_wrong_options_are_refused(tmp_path: Path, step: AlignDocuments, message: str) -> None:
    with pytest.raises(UserError, match=message):
        aligned(tmp_path, urls(BREAD, "bread"), step)


def test_one_language_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="aligning needs two languages, but the corpus holds only deu_Latn"):
        aligned(tmp_path, [document("Guten Tag.", "deu_Latn")], AlignDocuments())


def test_no_document_with_a_partner_is_said(tmp_path: Path) -> None:
    rows = [document("Guten Tag.", "deu_Latn"), document("Eight boats.", "eng_Latn")]
    pairs, rejected, said = aligned(tmp_path, rows, AlignDocuments())
    assert pairs.is_empty()
    assert rejected["rule"].to_list() == ["unpaired", "unpaired"]
    assert said[-1] == "warning: deu_Latn-eng_Latn: no document found its partner, so nothing is aligned; see `match`"


@pytest.fixture
def command() -> Any:
    align.register(app)
    return lambda *args: CliRunner().invoke(app, ["align", *map(str, args), "--src-lang", "de", "--tgt-lang", "en"])


def test_two_text_files_without_a_pipeline(tmp_path: Path, command: Any) -> None:
    for lang, name in (("deu_Latn", "a.de"), ("eng_Latn", "a.en")):
        (tmp_path / name).write_text(FERRY[lang].replace(". ", ".\n") + "\n")
    done = command(tmp_path / "a.de", tmp_path / "a.en", "--out", tmp_path / "pairs.tsv")
    assert done.exit_code == 0 and "3 pairs in" in done.stdout
    rows = [line.split("\t") for line in (tmp_path / "pairs.tsv").read_text().splitlines()]
    assert rows[-1][1:] == ["Alle 180 Passagiere waren zufrieden.", "All 180 passengers were content."]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.de", "a.en", "pairs.tsv"]


def test_two_files_of_documents_without_a_pipeline(tmp_path: Path, command: Any) -> None:
    for lang, name in (("deu_Latn", "de.jsonl.gz"), ("eng_Latn", "en.jsonl.gz")):
        with gzip.open(tmp_path / name, "wt") as file:
            file.writelines(json.dumps({"id": str(i), "text": t[lang]}) + "\n" for i, t in enumerate((BREAD, FERRY)))
    out = tmp_path / "pairs.parquet"
    done = command(tmp_path / "de.jsonl.gz", tmp_path / "en.jsonl.gz", "--out", out, "--json")
    assert json.loads(done.stdout.splitlines()[-1]) == {"pairs": 5, "out": str(out)}
    assert pl.read_parquet(out)["src_id"].to_list() == ["0", "0", "1", "1", "1"]


@pytest.mark.parametrize(
    ("source", "further", "message"),
    [
        ("a.en", [], "source and target are the same file"),
        ("b.jsonl", [], "give two text files or two files of documents, not one of each"),
        ("none.txt", [], "no such file"),
        ("empty.txt", [], "holds no text"),
        ("a.de", ["--max-size", "1"], "--max-size: Input should be greater than or equal to 2, got 1"),
        ("a.de", ["--format", "tmx"], "--format tmx: valid: parquet, tsv"),
        ("a.de", ["--encoder", "./nowhere"], "encoder './nowhere': no such folder"),
    ],
)
def test_bad_input_is_named(tmp_path: Path, command: Any, source: str, further: list[str], message: str) -> None:
    for name, text in (("a.de", "Guten Tag.\n"), ("a.en", "Good day.\n"), ("empty.txt", "\n"), ("b.jsonl", "{}\n")):
        (tmp_path / name).write_text(text)
    done = command(tmp_path / source, tmp_path / "a.en", "--out", tmp_path / "p.tsv", *further)
    assert isinstance(done.exception, UserError)
    assert message in str(done.exception)
    assert not (tmp_path / "p.tsv").exists()
