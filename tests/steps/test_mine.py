"""The steps around mining: vectors in a column, pairs of records out, and what found no partner."""

import shutil
from pathlib import Path

import polars as pl
import pytest

from xlcorpus import records
from xlcorpus.errors import UserError, XlcorpusError
from xlcorpus.step import CorpusEnv, Table
from xlcorpus.steps import Embed, InduceLexicon, Mine

ROWS = [
    ("deu_Latn", "Anna wohnt in Berlin.", "CC0-1.0"),
    ("deu_Latn", "Der Zug nach Hamburg fährt um 10:45 Uhr.", "CC0-1.0"),
    ("deu_Latn", "Es regnet.", None),
    ("eng_Latn", "The train to Hamburg leaves at 10:45.", "MIT"),
    ("eng_Latn", "Anna lives in Berlin.", "CC0-1.0"),
    ("fra_Latn", "Anna habite à Berlin.", "CC0-1.0"),
]


def mined(
    tmp_path: Path, step: Mine, said: list[str] | None = None, more: tuple[tuple[str, str, None], ...] = ()
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(pairs, rejected rows); what the step says goes into `said`."""
    rows = pl.DataFrame([*ROWS, *more], schema=["lang", "text", "license"], orient="row").with_columns(
        source=pl.lit("test")
    )
    Embed()(rows).write_parquet(tmp_path / "rows.parquet")
    rejected = [pl.DataFrame()]
    env = CorpusEnv(
        kind="sentence",
        scratch=tmp_path,
        keep=tmp_path / "kept",
        say=lambda text, warning: said.append(text) if said is not None else None,
        reject=lambda rows, rule, measure: rejected.append(rows.with_columns(rule=pl.lit(rule))),
    )
    frames = list(step.run({"rows": Table("sentence", (tmp_path / "rows.parquet",))}, env))
    return pl.concat([records.finish(f, "pair") for f in frames]), pl.concat(rejected, how="diagonal")


def test_a_vector_per_text() -> None:
    rows = Embed()(pl.DataFrame({"text": ["Anna", "Berlin"], "lang": "deu_Latn"}))
    assert rows.schema["embedding"] == pl.Array(pl.Float32, 512)


def test_pairs_carry_texts_languages_and_parents(tmp_path: Path) -> None:
    pairs, _ = mined(tmp_path, Mine(pairs=["de-en"], threshold=1.0))
    assert sorted(pairs.select("src_text", "tgt_text").rows()) == [
        ("Anna wohnt in Berlin.", "Anna lives in Berlin."),
        ("Der Zug nach Hamburg fährt um 10:45 Uhr.", "The train to Hamburg leaves at 10:45."),
    ]
    assert pairs["parents"].to_list() == pairs.select(pl.concat_list("src_id", "tgt_id")).to_series().to_list()
    assert set(pairs["origin"]) == {"mined"}


def test_licences_of_both_sides_are_stated(tmp_path: Path) -> None:
    pairs, _ = mined(tmp_path, Mine(pairs=["de-en"], threshold=1.0))
    assert set(pairs["license"]) == {"CC0-1.0", "CC0-1.0 AND MIT"}


def test_all_pairs_of_languages(tmp_path: Path) -> None:
    pairs, rejected = mined(tmp_path, Mine(threshold=1.0))
    assert set(pairs.select("src_lang", "tgt_lang").rows()) == {
        ("deu_Latn", "eng_Latn"),
        ("deu_Latn", "fra_Latn"),
        ("eng_Latn", "fra_Latn"),
    }
    assert rejected.select("text", "rule").rows() == [("Es regnet.", "unpaired")]


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        (["de"], r"write source-target \(de-en\), not 'de'"),
        (["de-de"], "'de-de' names one language twice"),
        (["de-ru"], "the corpus holds no rus_Cyrl; it holds deu_Latn, eng_Latn, fra_Latn"),
    ],
)
def test_wrong_language_pairs_are_refused(tmp_path: Path, pairs: list[str], message: str) -> None:
    with pytest.raises(UserError, match=message):
        mined(tmp_path, Mine(pairs=pairs))


def test_a_lexicon_in_both_directions(tmp_path: Path) -> None:
    nouns = {"Hund": "dog", "Katze": "cat", "Vogel": "bird", "Pferd": "horse"}
    verbs = {"schläft": "sleeps", "frisst": "eats", "läuft": "runs"}
    texts = [(f"Ein {n} {v}", f"a {m} {w}") for n, m in nouns.items() for v, w in verbs.items()]
    rows = [(s, t, "deu_Latn", "eng_Latn", "CC0-1.0") for s, t in texts * 4]
    pairs = pl.DataFrame(rows, schema=["src_text", "tgt_text", "src_lang", "tgt_lang", "license"], orient="row")
    records.finish(pairs, "pair").write_parquet(tmp_path / "pairs.parquet")
    env = CorpusEnv(kind="pair", scratch=tmp_path, keep=tmp_path / "kept")
    frames = InduceLexicon().run({"rows": Table("pair", (tmp_path / "pairs.parquet",))}, env)
    lexicon = pl.concat([records.finish(f, "lexicon") for f in frames])
    best = {(s, t) for s, t in lexicon.select("src_word", "tgt_word").iter_rows()}
    words = {(s.lower(), t) for s, t in (nouns | verbs).items()}
    assert words | {(t, s) for s, t in words} <= best
    assert set(lexicon["license"]) == {"CC0-1.0"}


def test_pivots_meet_every_other_language(tmp_path: Path) -> None:
    pairs, _ = mined(tmp_path, Mine(pairs={"pivots": ["en"]}, threshold=1.0))
    assert set(pairs.select("src_lang", "tgt_lang").rows()) == {("deu_Latn", "eng_Latn"), ("fra_Latn", "eng_Latn")}


@pytest.mark.parametrize("part_rows", [1, 2])
def test_the_pairs_are_the_same_in_any_number_of_parts(tmp_path: Path, part_rows: int) -> None:
    whole, _ = mined(tmp_path, Mine(threshold=1.0))
    (tmp_path / "parts").mkdir()
    parts, _ = mined(tmp_path / "parts", Mine(threshold=1.0, part_rows=part_rows))
    assert parts.equals(whole)


def test_a_threshold_for_another_margin_is_refused() -> None:
    with pytest.raises(UserError, match=r"threshold 1\.06 is for margin: ratio"):
        Mine(margin="distance").preflight()


def rooms(count: int) -> list[tuple[str, str, str]]:
    """German and English sentences that only differ in a name and a number."""
    names = [f"{chr(65 + i % 26)}{'aeiou'[i % 5]}l{'aeiou'[i // 5 % 5]}n {i * 37 % 1009}" for i in range(count)]
    rows = [("deu_Latn", f"Das Treffen mit {n} beginnt gleich.", "MIT") for n in names]
    return rows + [("eng_Latn", f"The meeting with {n} starts soon.", "MIT") for n in reversed(names)]


@pytest.mark.parametrize("index", ["auto", "shared8", "Flat"])
def test_an_index_gives_the_pairs_of_exact_search_and_says_its_recall(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, index: str
) -> None:
    monkeypatch.setattr(f"{__name__}.ROWS", rooms(300))
    said: list[str] = []
    exact, _ = mined(tmp_path, Mine(threshold=1.0))
    (tmp_path / "index").mkdir()
    found, _ = mined(tmp_path / "index", Mine(threshold=1.0, index=index, recall=1.0), said)
    assert len(set(exact["id"]) & set(found["id"])) >= 0.98 * exact.height
    assert "recall" in said[0]


def test_a_target_precision_sets_the_threshold_and_tells_the_curve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{__name__}.ROWS", rooms(400))
    said: list[str] = []
    pairs, _ = mined(tmp_path, Mine(threshold={"precision": 0.9}), said)
    right = pairs.select(
        pl.col("src_text").str.extract("mit (.*) beginnt") == pl.col("tgt_text").str.extract("with (.*) starts")
    )
    assert pairs.height > 100
    assert right.to_series().mean() >= 0.9
    assert said[0].startswith("deu_Latn-eng_Latn: threshold for a precision of 0.9: ")


def test_a_precision_that_cannot_be_reached_gives_no_pairs_and_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{__name__}.ROWS", [*ROWS[:5]])
    said: list[str] = []
    pairs, _ = mined(tmp_path, Mine(threshold={"precision": 0.9}), said)
    assert pairs.height == 0
    assert len(said) == 2


def test_a_disk_too_small_for_the_vectors_is_told_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr("xlcorpus.steps.mine.parts.shutil.disk_usage", lambda path: usage)
    with pytest.raises(XlcorpusError, match=r"mining deu_Latn needs 0\.0 GiB of disk .* choose another --workdir"):
        mined(tmp_path, Mine(threshold=1.0))


COPIES = (
    ("deu_Latn", "Share this article with your friends and family.", None),
    ("eng_Latn", "Share this article with your friends and family!", None),
    ("deu_Latn", "Windows 11", None),
    ("eng_Latn", "Windows 11", None),
)


def test_the_same_text_on_both_sides_is_left_out_and_counted(tmp_path: Path) -> None:
    said: list[str] = []
    pairs, rejected = mined(tmp_path, Mine(pairs=["de-en"], threshold=1.0), said, COPIES)
    assert ("Windows 11", "Windows 11") in pairs.select("src_text", "tgt_text").rows()
    assert not pairs["src_text"].str.contains("Share").any()
    assert rejected.filter(rule="copied")["text"].to_list() == [COPIES[0][1], COPIES[1][1]]
    assert any("1 pairs with the same text on both sides are left out (copied)" in text for text in said)


def test_copies_stay_where_asked(tmp_path: Path) -> None:
    pairs, _ = mined(tmp_path, Mine(pairs=["de-en"], threshold=1.0, keep_copies=True), more=COPIES)
    assert COPIES[0][1] in pairs["src_text"].to_list()


def test_an_index_is_trained_with_the_seed_of_the_pipeline(tmp_path: Path) -> None:
    Embed()(pl.DataFrame(ROWS, schema=["lang", "text", "license"], orient="row")).write_parquet(
        tmp_path / "rows.parquet"
    )
    env = CorpusEnv(kind="sentence", scratch=tmp_path, keep=tmp_path / "kept", seed=7)
    step = Mine(pairs=["de-en"], index="IVF1,Flat")
    list(step.run({"rows": Table("sentence", (tmp_path / "rows.parquet",))}, env))
    assert {path.stem.rpartition("-")[2] for path in (tmp_path / "index").iterdir()} == {"7"}
