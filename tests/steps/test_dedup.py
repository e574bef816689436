"""Duplicates, with tables made by hand."""

from pathlib import Path

import polars as pl

from xlcorpus import records
from xlcorpus.step import CorpusEnv, Table
from xlcorpus.steps import Deduplicate


def deduplicated(tmp_path: Path, shards: list[list[str]], match: str) -> tuple[list[str], list[tuple[str, str]]]:
    """(texts kept, (text, kept in its place) of the others)"""
    paths, ids, rejected = [], {}, []
    for index, texts in enumerate(shards):
        frame = pl.DataFrame(
            {"text": texts, "lang": "deu_Latn", "document_id": str(index), "position": range(len(texts))}
        )
        frame = records.finish(frame, "sentence")
        ids |= dict(frame.select("id", "text").iter_rows())
        frame.write_parquet(tmp_path / f"{index}.parquet")
        paths.append(tmp_path / f"{index}.parquet")

    def reject(rows: pl.DataFrame, rule: str, measure: pl.Expr) -> None:
        assert rule == "duplicate"
        rejected.extend((t, ids[i]) for t, i in rows.select("text", measure.alias("first")).iter_rows())

    step = Deduplicate(match=match)
    env = CorpusEnv(kind="sentence", scratch=tmp_path, keep=tmp_path / "kept", reject=reject)
    frames = step.run({"rows": Table("sentence", tuple(paths))}, env)
    return [t for f in frames for t in f["text"]], rejected


def test_the_first_of_equal_rows_stays_also_across_shards(tmp_path: Path) -> None:
    kept, rejected = deduplicated(tmp_path, [["a b", "c", "a b"], ["c", "d"]], "exact")
    assert kept == ["a b", "c", "d"]
    assert rejected == [("a b", "a b"), ("c", "c")]


def test_exact_minds_case_and_folded_does_not(tmp_path: Path) -> None:
    texts = [["Guten Tag!", "guten  Tag", "Nr. 1", "Nr. 2"]]
    assert deduplicated(tmp_path, texts, "exact")[0] == texts[0]
    assert deduplicated(tmp_path, texts, "folded") == (
        ["Guten Tag!", "Nr. 1", "Nr. 2"],
        [("guten  Tag", "Guten Tag!")],
    )


def test_folded_is_by_the_language_of_the_row(tmp_path: Path) -> None:
    texts = [["Straße", "STRASSE", "Donau\u00addampf", "Donaudampf", "İz", "iz"]]
    assert deduplicated(tmp_path, texts, "folded")[0] == ["Straße", "Donau\u00addampf", "İz", "iz"]


def test_texts_of_symbols_do_not_fold_together(tmp_path: Path) -> None:
    assert deduplicated(tmp_path, [[":-)", ":-("]], "folded")[0] == [":-)", ":-("]


def test_vowel_signs_are_letters(tmp_path: Path) -> None:
    assert deduplicated(tmp_path, [["कि", "की", "का"]], "folded")[0] == ["कि", "की", "का"]


def test_conversations_with_other_calls_are_no_duplicates(tmp_path: Path) -> None:
    def row(name: str) -> dict[str, object]:
        call = {"role": "assistant", "content": None, "tool_calls": name, "reasoning": None}
        return {"messages": [{"role": "user", "content": "Licht!"}, call], "task": "t"}

    frame = pl.DataFrame([row("an"), row("aus"), row("an")]).with_columns(
        pl.lit("deu_Latn").alias(c) for c in ("lang", "prompt_lang", "response_lang")
    )
    frame = frame.with_columns(id=pl.Series(["1", "2", "3"]))
    records.finish(frame, "instruction").write_parquet(tmp_path / "a.parquet")
    frames = Deduplicate().run(
        {"rows": Table("instruction", (tmp_path / "a.parquet",))},
        CorpusEnv(kind="instruction", scratch=tmp_path, keep=tmp_path / "kept"),
    )
    assert [i for f in frames for i in f["id"]] == ["1", "2"]
