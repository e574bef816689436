"""Foreign rows become records row by row: types, languages, ids, kept columns."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from xlcorpus.errors import UserError
from xlcorpus.step import SourceEnv, Unit
from xlcorpus.steps import Read
from xlcorpus.steps.read.conform import to_records
from xlcorpus.steps.read.found import Found
from xlcorpus.steps.read.row_ids import Seen

Conform = Callable[..., tuple[pl.DataFrame, list[tuple[str, str]]]]
DE = "deu_Latn"


# Types


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (["a"], "a list"),
        ({"de": "a"}, "an object"),
        (True, "a boolean"),
        (2.0, "a number"),
        (7, "a number"),
    ],
)
def test_a_text_of_another_type_is_rejected_alone(conform: Conform, value: Any, found: str) -> None:
    rows, rejected = conform([{"text": "Eins."}, {"text": value}, {"text": "Zwei."}])
    assert rows["text"].to_list() == ["Eins.", "Zwei."]
    assert rejected == [("wrong_type", f"line 2: text is {found}")]


def test_a_file_of_numbers_alone_gives_no_text(conform: Conform) -> None:
    rows, rejected = conform([{"text": 1.0}, {"text": 2.0}])
    assert rows.is_empty()
    assert [rule for rule, _ in rejected] == ["wrong_type", "wrong_type"]


def test_a_typed_column_of_numbers_gives_no_text(conform: Conform) -> None:
    rows, rejected = conform(pl.DataFrame({"text": [1, 2]}))
    assert rows.is_empty()
    assert rejected[0] == ("wrong_type", "line 1: text is a number")


def test_a_language_that_is_a_number_is_rejected_alone(conform: Conform) -> None:
    rows, rejected = conform([{"text": "Eins.", "lang": "de"}, {"text": "Zwei.", "lang": 5}], paths="a.jsonl")
    assert rows.select("text", "lang").rows() == [("Eins.", DE)]
    assert rejected == [("wrong_type", "line 2: lang is a number")]


def test_a_null_is_a_missing_field(conform: Conform) -> None:
    rows, rejected = conform([{"text": None}, {"text": "Eins."}, {"other": 1}])
    assert rows["text"].to_list() == ["Eins."]
    assert rejected == [("missing_field", "line 1: text"), ("missing_field", "line 3: text")]


def test_a_column_nobody_asked_for_does_not_matter(conform: Conform) -> None:
    rows, rejected = conform(
        [{"text": "Eins.", "meta": {"a": 1}}, {"text": "Zwei.", "meta": ["b"]}, {"text": "Drei.", "meta": "c"}]
    )
    assert rows["text"].to_list() == ["Eins.", "Zwei.", "Drei."]
    assert rejected == []
    assert "meta" not in rows.columns


def test_columns_that_only_sound_like_provenance_do_not_matter(conform: Conform) -> None:
    rows, rejected = conform(
        [{"text": "Eins.", "source": {"url": "x"}, "origin": "Bonn", "license": ["MIT"], "step": 3}]
    )
    assert rows.select("source", "origin", "license", "step").rows() == [("a.jsonl", "native", None, "read")]
    assert rejected == []


def test_provenance_of_our_form_is_taken(conform: Conform) -> None:
    rows, _ = conform(
        [{"text": "Eins.", "source": "Zeitung", "origin": "translated", "license": "MIT"}, {"text": "Zwei."}],
        license="CC0-1.0",
    )
    assert rows.select("source", "origin", "license").rows() == [
        ("Zeitung", "translated", "MIT"),
        ("a.jsonl", "native", "CC0-1.0"),
    ]


def test_provenance_that_the_options_name_must_fit(conform: Conform) -> None:
    rows, rejected = conform([{"text": "a", "o": "translatd"}, {"text": "b", "o": "mined"}], columns={"origin": "o"})
    assert rows["text"].to_list() == ["b"]
    assert rejected == [("wrong_type", "line 1: origin is 'translatd'; did you mean 'translated'?")]


def test_numbers_of_a_text_format_are_read(conform: Conform) -> None:
    frame = pl.DataFrame({"src_text": ["a", "b"], "tgt_text": ["c", "d"], "score": ["0.5", "gut"]})
    rows, rejected = conform(frame, kind="pair", paths={"de-en": "a.tsv"})
    assert rows["score"].to_list() == [0.5]
    assert rejected == [("wrong_type", "line 2: score is a text")]


def test_an_empty_cell_is_no_number(conform: Conform) -> None:
    frame = pl.DataFrame({"src_text": ["a", "b", "c"], "tgt_text": ["d", "e", "f"], "score": ["", " ", "0.5"]})
    rows, rejected = conform(frame, kind="pair", paths={"de-en": "a.tsv"})
    assert (rows["score"].to_list(), rejected) == ([None, None, 0.5], [])


def test_labels_are_truth_values(conform: Conform) -> None:
    given = [{"prompt": "P", "completion": "C", "label": label} for label in (True, 0, "true", "vielleicht", 2)]
    rows, rejected = conform(given, kind="feedback")
    assert rows["label"].to_list() == [True, False, True]
    assert rejected == [("wrong_type", "line 4: label is a text"), ("wrong_type", "line 5: label is a number")]


def test_rejected_rows_show_what_the_file_has() -> None:
    shown: list[pl.DataFrame] = []
    found = Found(pl.Series([1, 2]), {"id": [1, "b"], "text": [["x"], "y"], "meta": [{"k": 1}, 2]})
    env = SourceEnv(kind="sentence", reject=lambda rows, rule, measure: shown.append(rows))
    to_records(found, Read(paths={"de": "a.jsonl"}), Unit(Path("a"), "a", DE), env, Seen())
    assert shown[0].drop("_value").rows(named=True) == [
        {"text": '["x"]', "meta": '{"k": 1}', "source_id": "1", "lang": DE}
    ]


# Languages


def test_every_language_becomes_a_tag(conform: Conform) -> None:
    given = [
        {"prompt": "a", "response": "b", "prompt_lang": "German", "response_lang": "fr"},
        {"prompt": "a", "response": "c"},
    ]
    rows, _ = conform(given, kind="instruction")
    assert rows.select("lang", "prompt_lang", "response_lang", "task").rows() == [
        (DE, DE, "fra_Latn", "open"),
        (DE, DE, DE, "open"),
    ]


def test_languages_inside_groups_become_tags(conform: Conform) -> None:
    given = [
        {"texts": [{"lang": "de", "text": "Hallo", "id": 7}, {"lang": "ja", "text": "こんにちは"}], "parallelism": 2},
        {"texts": [{"lang": "qqq-nonsense", "text": "?"}]},
        {"texts": [{"lang": "de"}]},
    ]
    rows, rejected = conform(given, kind="group", paths="a.jsonl")
    assert [(t["lang"], t["text"], t["id"]) for t in rows["texts"][0].to_list()] == [
        (DE, "Hallo", "7"),
        ("jpn_Jpan", "こんにちは", None),
    ]
    assert rejected == [("unknown_language", "qqq-nonsense"), ("missing_field", "line 3: text")]


def test_a_group_may_have_a_column_for_each_language(conform: Conform) -> None:
    given = pl.DataFrame({"id": ["g1", "g2"], "zh_Hant": ["你好", "再見"], "yo": ["Báwo", " "], "note": ["a", "b"]})
    rows, rejected = conform(given, kind="group", paths="a.tsv")
    assert [[(t["lang"], t["text"]) for t in texts] for texts in rows["texts"]] == [
        [("zho_Hant", "你好"), ("yor_Latn", "Báwo")],
        [("zho_Hant", "再見")],
    ]
    assert rows["source_id"].to_list() == ["g1", "g2"]
    assert rejected == []


# Ids


def test_ids_of_the_file_go_to_source_id(conform: Conform) -> None:
    big = 12345678901234567890123
    given = [{"id": i, "text": f"Satz {n}."} for n, i in enumerate(["q1", 7, big, 1.0, 1.5, None, {"$oid": "5f"}])]
    rows, _ = conform(given)
    assert rows["source_id"].to_list() == ["q1", "7", str(big), "1", "1.5", None, '{"$oid": "5f"}']
    assert rows["id"].n_unique() == 7
    assert all(len(i) == 32 for i in rows["id"])


def test_ids_of_typed_columns_are_decimal_text(conform: Conform) -> None:
    rows, _ = conform(pl.DataFrame({"id": [3, 4], "text": ["a", "b"]}))
    assert rows["source_id"].to_list() == ["3", "4"]


def test_rows_of_two_files_with_one_id_have_ids_of_their_own(conform: Conform) -> None:
    one, _ = conform([{"id": "q1", "text": "Blau."}], file="de.jsonl")
    two, _ = conform([{"id": "q1", "text": "Blau."}], file="more.jsonl")
    assert one["source_id"].to_list() == two["source_id"].to_list()
    assert one["id"][0] != two["id"][0]


def test_a_line_added_above_changes_no_id(conform: Conform) -> None:
    given: list[dict[str, Any]] = [{"text": "Eins."}, {"text": "Zwei."}, {"text": "Eins."}]
    before, _ = conform(given)
    after, _ = conform([{"text": "Null."}, {"text": 5}, *given])
    assert before["id"].n_unique() == 3
    assert after["id"].to_list()[1:] == before["id"].to_list()


def test_ids_do_not_depend_on_how_a_file_is_cut() -> None:
    rows = [f"Satz {n % 7}." for n in range(50)]
    step, unit = Read(paths={"de": "a.txt"}), Unit(Path("a.txt"), "a.txt", DE)

    def read(cuts: list[int]) -> list[str]:
        seen, ids = Seen(), []
        for start, end in zip([0, *cuts], [*cuts, 50], strict=True):
            places = pl.Series(range(start + 1, end + 1), dtype=pl.Int64)
            found = Found(places, {"text": pl.Series(rows[start:end], dtype=pl.String)})
            ids += to_records(found, step, unit, SourceEnv(kind="sentence"), seen)["id"].to_list()
        return ids

    assert len(set(read([]))) == 50
    assert read([]) == read([1, 2, 30]) == read(list(range(1, 50)))


def test_a_table_of_ours_keeps_its_provenance(conform: Conform) -> None:
    made, _ = conform([{"text": "Eins.", "origin": "mined"}], file="first.jsonl")
    again, _ = conform(made.with_columns(parents=pl.lit(["x"]), step=pl.lit("mine")), paths="b.parquet")
    assert again.select("source_id", "parents", "step").rows() == [(made["id"][0], ["x"], "mine")]
    assert again["id"][0] != made["id"][0]


# Columns


def test_columns_may_be_exchanged(conform: Conform) -> None:
    rows, _ = conform(
        [{"src_text": "a", "tgt_text": "b"}],
        kind="pair",
        paths={"de-en": "a.jsonl"},
        columns={"src_text": "tgt_text", "tgt_text": "src_text"},
    )
    assert rows.select("src_text", "tgt_text").rows() == [("b", "a")]


@pytest.mark.parametrize("option", [{"columns": {"text": "inhal"}}, {"keep": ["inhal"], "columns": {"text": "inhalt"}}])
def test_a_column_that_is_not_there_is_named(conform: Conform, option: dict[str, Any]) -> None:
    with pytest.raises(UserError, match=r"a\.jsonl has no column 'inhal'; did you mean 'inhalt'\?"):
        conform([{"inhalt": "x"}], **option)


def test_kept_columns_stand_behind_ours(conform: Conform) -> None:
    given = [
        {"text": "Eins.", "label": 1, "topic": "Sport", "meta": {"a": [1]}, "share": 1, "mixed": 2},
        {"text": "Zwei.", "label": 0, "topic": None, "meta": ["ü"], "share": 0.5, "mixed": "zwei"},
    ]
    rows, _ = conform(given, keep=["label", "topic", "meta", "share", "mixed"])
    assert rows.select("label", "topic", "meta", "share", "mixed").rows() == [
        (1, "Sport", '{"a": [1]}', 1.0, "2"),
        (0, None, '["ü"]', 0.5, "zwei"),
    ]
    assert rows.columns[-5:] == ["label", "topic", "meta", "share", "mixed"]
    assert Read(paths="a", keep=["label"]).adds("sentence") == ("label",)


def test_a_kept_column_may_have_another_name(conform: Conform) -> None:
    rows, _ = conform([{"text": "Eins.", "lang": "Deutsch (DE)"}], keep=["said"], columns={"said": "lang"})
    assert rows.select("said", "lang").rows() == [("Deutsch (DE)", DE)]


def test_kept_columns_of_typed_files(conform: Conform) -> None:
    frame = pl.DataFrame({"text": ["a"], "n": pl.Series([3], dtype=pl.UInt8), "tags": [["x", "y"]]})
    rows, _ = conform(frame, keep=["n", "tags"])
    assert (rows.schema["n"], rows["tags"].to_list()) == (pl.Int64, ['["x", "y"]'])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"keep": ["source"]},
            "keep: 'source': that name is ours; keep it as keep: [file_source], columns: {file_source: source}",
        ),
        ({"keep": ["prompt"], "kind": "instruction"}, "that name is ours"),
        ({"keep": ["quality_letters"]}, "columns of that name are what the step 'quality' measures"),
        ({"keep": ["embedding"]}, "that name is ours"),
        ({"keep": ["_x"]}, "names of columns begin with a letter; keep it as keep: [file_x]"),
        ({"columns": {"id": "nr"}}, "the file's own go to source_id"),
    ],
)
def test_names_of_ours_are_refused(options: dict[str, Any], message: str, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("{}")
    with pytest.raises(UserError) as caught:
        Read(**{"paths": {"de": str(tmp_path / "a.jsonl")}, **options}).preflight()
    assert message in str(caught.value)


def test_no_step_measures_what_a_source_is_named_after(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("{}")
    read = Read(paths={"de": str(tmp_path / "a.jsonl")}, keep=["read_count", "reading", "label"])
    read.preflight()
    assert read.adds("sentence") == ("read_count", "reading", "label")
