"""Pairs inside documents, the prompts around them, and the corpus with and without such documents."""

from pathlib import Path

import polars as pl
import pytest

from xlcorpus import records, run
from xlcorpus.release.validate import validate_release
from xlcorpus.step import CorpusEnv, CorpusStep, Table
from xlcorpus.steps import (
    AblateBilingualism,
    Embed,
    MineTranslationPrompts,
    MineWithinDocuments,
    SegmentLanguageSpans,
    TagLanguageSpans,
)
from xlcorpus.yaml_file import load

ROOT = Path(__file__).parents[2]

INTRO = "Jede Woche schreiben wir für unsere Leser einige nützliche Sätze auf."
PAIRS = [
    ("Der Zug nach Hamburg fährt um 10:45 Uhr ab.", "The train to Hamburg leaves at 10:45."),
    ("Anna Petersen wohnt seit 1998 in Berlin.", "Anna Petersen has lived in Berlin since 1998."),
    ("Das Hotel Astoria hat 250 Zimmer in Leipzig.", "The hotel Astoria has 250 rooms in Leipzig."),
    ("Im Juli kostet die Karte 36 Euro.", "In July the ticket costs 36 euros."),
]


def documents() -> pl.DataFrame:
    """Two documents with two labelled pairs each, and one without."""
    texts = [
        "\n".join([INTRO, *(f"Deutsch: {de}\nEnglisch: {en}" for de, en in PAIRS[first : first + 2])])
        for first in (0, 2)
    ]
    texts.append(f"{INTRO} Diesmal gibt es leider keine, weil alle im Urlaub sind und niemand Zeit hatte.")
    return TagLanguageSpans()(pl.DataFrame({"text": texts, "lang": "deu_Latn", "license": "CC0-1.0"}))


def do(step: CorpusStep, rows: pl.DataFrame, kind: str, tmp_path: Path) -> tuple[pl.DataFrame, pl.DataFrame, list[str]]:
    """(what comes out, what is rejected with its `rule`, what is told); `rows` cut into shards of 3."""
    shards = []
    for number, part in enumerate(rows.iter_slices(3)):
        shards.append(tmp_path / f"{step.step_name()}-{number}.parquet")
        part.write_parquet(shards[-1])
    rejected, said = [pl.DataFrame()], []
    env = CorpusEnv(
        kind=kind,
        scratch=tmp_path,
        keep=tmp_path / "kept",
        say=lambda text, warning: said.append(text),
        reject=lambda rows, rule, measure: rejected.append(rows.with_columns(rule=pl.lit(rule))),
    )
    frames = list(step.run({"rows": Table(kind, tuple(shards))}, env))
    out = pl.concat([records.finish(frame, step.output_kind({"rows": kind})) for frame in frames])
    return out, pl.concat(rejected, how="diagonal"), said


def mined(tmp_path: Path, step: MineWithinDocuments | None = None) -> tuple[pl.DataFrame, pl.DataFrame, list[str]]:
    sentences = Embed()(SegmentLanguageSpans()(documents()), kind="sentence")
    return do(step or MineWithinDocuments(), sentences, "sentence", tmp_path)


def test_pairs_are_found_inside_each_document_however_it_is_cut(tmp_path: Path) -> None:
    pairs, rejected, said = mined(tmp_path)

    assert set(pairs.select("src_text", "tgt_text").rows()) == set(PAIRS)
    assert rejected["rule"].unique().to_list() == ["unpaired"]
    assert rejected["text"].to_list() == [INTRO, INTRO]
    assert said == ["4 pairs among 10 sentences of 2 documents in several languages"]


def test_a_pair_knows_its_document_its_places_and_what_stands_around(tmp_path: Path) -> None:
    pairs, _, _ = mined(tmp_path)
    texts = dict(documents().select("id", "text").iter_rows())

    for row in pairs.iter_rows(named=True):
        place = {name.removeprefix("mine_within_documents_"): value for name, value in row.items()}
        text = texts[place["document"]]
        assert text[place["src_start"] : place["src_end"]] == row["src_text"]
        assert text[place["tgt_start"] : place["tgt_end"]] == row["tgt_text"]
        assert place["before"].endswith("Deutsch: ")
        assert place["between"] == "\nEnglisch: "
        assert row["parents"] == [row["src_id"], row["tgt_id"]]
        assert (row["license"], row["origin"]) == ("CC0-1.0", "mined")


def test_a_sentence_does_not_pair_with_another_document(tmp_path: Path) -> None:
    both = [
        [PAIRS[0][0], "This page is only about the weather and the sea."],
        ["Hier geht es um das Meer.", PAIRS[0][1]],
    ]
    rows = pl.DataFrame(
        {
            "text": [text for pair in both for text in pair],
            "lang": ["deu_Latn", "eng_Latn"] * 2,
            "document_id": ["a", "a", "b", "b"],
        }
    ).with_columns(
        segment_language_spans_start=pl.lit(0, pl.Int64),
        segment_language_spans_end=pl.lit(9, pl.Int64),
        segment_language_spans_before=pl.lit(""),
        segment_language_spans_after=pl.lit(""),
    )
    pairs, rejected, _ = do(MineWithinDocuments(), Embed()(rows), "sentence", tmp_path)

    assert pairs.height == 0
    assert rejected.height == 4


def test_no_documents_in_several_languages_give_no_pairs(tmp_path: Path) -> None:
    step = MineWithinDocuments()
    said: list[str] = []
    env = CorpusEnv(kind="sentence", scratch=tmp_path, keep=tmp_path, say=lambda text, warning: said.append(text))

    assert list(step.run({"rows": Table("sentence", ())}, env)) == []
    assert said == ["0 pairs among 0 sentences of 0 documents in several languages"]


def test_the_text_around_pairs_becomes_prompts_for_all_of_them(tmp_path: Path) -> None:
    pairs, _, _ = mined(tmp_path)
    made, rejected, said = do(MineTranslationPrompts(), pairs, "pair", tmp_path)

    asked = [tuple(turn["content"] for turn in turns) for turns in made["messages"].to_list()]
    forward = [(f"Deutsch: {de}\nEnglisch:", en) for de, en in PAIRS]
    backward = [(f"English: {en}\nGerman:", de) for de, en in PAIRS]  # the same template has no words of its own
    assert sorted(asked) == sorted(forward + backward)
    own = made.filter(pl.col("prompt_lang") == "deu_Latn")
    assert own["mine_translation_prompts_template"].unique().to_list() == [
        "{source_native}: {source_text}\n{target_other}: {target_text}"
    ]
    assert own.select("mine_translation_prompts_pairs", "mine_translation_prompts_documents").unique().rows() == [
        (4, 2)
    ]
    assert rejected.height == 0
    assert said[1].startswith("deu_Latn to eng_Latn, native_names, 4 pairs in 2 documents: ")


def test_rare_templates_make_no_instruction(tmp_path: Path) -> None:
    pairs, _, _ = mined(tmp_path)
    made, rejected, _ = do(MineTranslationPrompts(min_documents=3), pairs, "pair", tmp_path)

    assert made.height == 0
    assert rejected["rule"].to_list() == ["no_template"] * 4


def corpus() -> pl.DataFrame:
    """Ten German documents of 100 characters, two of them bilingual; one Spanish."""
    kinds = ["bilingual", "code_switched"] + ["monolingual"] * 9
    return records.finish(
        pl.DataFrame(
            {
                "text": [f"{number:02} " + "a" * 97 for number in range(11)],
                "lang": ["deu_Latn"] * 10 + ["spa_Latn"],
                "tag_language_spans_type": kinds,
            }
        ),
        "document",
    )


def test_the_corpus_without_documents_in_several_languages(tmp_path: Path) -> None:
    kept, rejected, said = do(AblateBilingualism(), corpus(), "document", tmp_path)

    assert kept["tag_language_spans_type"].unique().to_list() == ["monolingual"]
    assert rejected["rule"].to_list() == ["several_languages"] * 2
    assert said == ["removed 2 of 11 documents, 200 of 1,100 characters"]


def test_the_control_loses_as_much_of_each_language_at_random(tmp_path: Path) -> None:
    step = AblateBilingualism(remove="as_many_others")
    kept, rejected, said = do(step, corpus(), "document", tmp_path)

    assert rejected["rule"].to_list() == ["control"] * 2
    assert rejected.select("lang", "tag_language_spans_type").unique().rows() == [("deu_Latn", "monolingual")]
    assert kept.height == 9
    assert said == ["removed 2 of 11 documents, 200 of 1,100 characters"]


def test_a_control_that_cannot_be_as_large_says_so(tmp_path: Path) -> None:
    few = corpus().filter(pl.col("lang") == "deu_Latn")[:3]
    _, _, said = do(AblateBilingualism(remove="as_many_others"), few, "document", tmp_path)

    assert said[0].startswith("deu_Latn: the documents in one language have 100 characters, fewer than the 200 to be")


@pytest.mark.ray
def test_the_recipe_releases_the_corpus_with_and_without(
    ray_cluster: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    folder = run(load(ROOT / "pipelines" / "mining" / "incidental_bilingualism.yaml"), tmp_path).folder / "release"

    assert validate_release(folder) == []
    tables = sorted((folder / "data").iterdir())
    counts = {table.name: pl.read_parquet(table / "*.parquet").height for table in tables}
    assert counts["document"] == 54
    assert counts["document_without"] == 54 - 21
    assert counts["pair"] >= 30
    assert counts["instruction"] >= 30
    assert "templates around" in (folder / "README.md").read_text("utf8")
