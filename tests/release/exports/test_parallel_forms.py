"""Pairs and groups as parallel text, translation memory and training data of encoders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import polars as pl
import pytest

from xlcorpus.errors import UserError
from xlcorpus.release.exports import export

Make = Callable[..., Any]


def turn(role: str, content: str | None, tool_calls: str | None = None, reasoning: str | None = None) -> dict[str, Any]:
    """A turn as records hold it."""
    return {"role": role, "content": content, "tool_calls": tool_calls, "reasoning": reasoning}


ASK, ANSWER = turn("user", "რა ამინდია?"), turn("assistant", "მზიანი.")


NUMBERS = (
    {"eng_Latn": "one", "deu_Latn": "eins", "zho_Hans": "一"},
    {"zho_Hans": "二", "eng_Latn": "two"},
)


def test_moses_has_a_file_a_side_and_a_line_a_pair(tmp_path: Path, release: Make, pairs: Make) -> None:
    rows = [
        pairs(("eins\r\nzwei\tdrei", "one\u2028two\x0bthree"), ("vier", "four")),
        pairs(("एक", "一"), src_lang="hin_Deva", tgt_lang="zho_Hant"),
    ]
    done = export(release(tmp_path / "r", "pair", train=pl.concat(rows)), "moses")
    written = {p.name: p.read_text("utf8") for p in done.folder.glob("train*")}
    assert written == {
        "train.de-en.de": "eins zwei drei\nvier\n",
        "train.de-en.en": "one two three\nfour\n",
        "train.hi-zh-Hant.hi": "एक\n",
        "train.hi-zh-Hant.zh-Hant": "一\n",
    }
    assert done.splits[0].changed == {"line breaks and tabs became spaces": 1}


def test_moses_needs_two_languages(tmp_path: Path, release: Make, pairs: Make) -> None:
    folder = release(tmp_path / "r", "pair", train=pairs(("eins", "one"), tgt_lang="deu_Latn"))
    with pytest.raises(UserError, match="tgt_lang: two texts are of one language"):
        export(folder, "moses")


def test_groups_are_a_pair_for_every_two_languages(tmp_path: Path, release: Make, groups: Make, loaded: Make) -> None:
    folder = release(tmp_path / "r", "group", train=groups(*NUMBERS))
    done = export(folder, "moses")
    assert (done.folder / "train.en-zh-Hans.zh-Hans").read_text("utf8") == "一\n二\n"
    assert len([*done.folder.glob("train*")]) == 6
    assert (done.splits[0].rows, done.splits[0].written, done.splits[0].lines) == (2, 2, 4)
    rows = loaded(export(folder, "sentence-transformers").folder / "train.parquet")
    assert [(r["anchor"], r["positive"]) for r in rows] == [
        ("eins", "one"),
        ("eins", "一"),
        ("one", "一"),
        ("two", "二"),
    ]


def test_a_group_of_one_text_is_no_pair(tmp_path: Path, release: Make, groups: Make) -> None:
    folder = release(tmp_path / "r", "group", train=groups({"deu_Latn": "eins"}, *NUMBERS))
    for form in ("moses", "tmx", "sentence-transformers"):
        with pytest.raises(UserError, match="texts: there are less than two texts"):
            export(folder, form)
        assert export(folder, form, skip=True).splits[0].written == 2


def test_tmx_names_languages_as_bcp_47_does(tmp_path: Path, release: Make, groups: Make) -> None:
    folder = release(tmp_path / "r", "group", train=groups(*NUMBERS, {"srp_Latn": "tri", "hin_Latn": "teen"}))
    root = ElementTree.parse(export(folder, "tmx").folder / "train.tmx").getroot()
    lang = "{http://www.w3.org/XML/1998/namespace}lang"
    assert [[(v.get(lang), v.findtext("seg")) for v in unit] for unit in root.iter("tu")] == [
        [("en", "one"), ("de", "eins"), ("zh-Hans", "一")],
        [("zh-Hans", "二"), ("en", "two")],
        [("sr-Latn", "tri"), ("hi-Latn", "teen")],
    ]


@pytest.mark.parametrize("form", ["tmx", "moses"])
def test_a_tag_that_is_no_language_is_named(tmp_path: Path, release: Make, pairs: Make, form: str) -> None:
    folder = release(tmp_path / "r", "pair", train=pairs(("eins", "one"), src_lang="deutsh_Latn"))
    with pytest.raises(UserError, match=r"^no language 'deutsh_Latn'; [^\n]*$"):
        export(folder, form)


def test_tmx_cannot_hold_control_characters(tmp_path: Path, release: Make, ids: Make, pairs: Make) -> None:
    folder = release(tmp_path / "r", "pair", train=pairs(("eins\x1b", "one"), ("zwei", "two\ufffe"), ("drei", "three")))
    with pytest.raises(UserError) as problem:
        export(folder, "tmx")
    for column, row in zip(("src_text", "tgt_text"), ids(folder), strict=False):
        assert f"{column}: a text has a control character, which XML cannot hold (row {row})" in str(problem.value)
    (unit,) = ElementTree.parse(export(folder, "tmx", skip=True).folder / "train.tmx").getroot().iter("tu")
    assert unit.get("tuid") == ids(folder)[2]


def test_sentence_transformers_preferences_are_triplets(
    tmp_path: Path, release: Make, preferences: Make, loaded: Make
) -> None:
    rows = [([ASK], [ANSWER], [turn("assistant", "წვიმს.")]), ([turn("system", "Sei kurz."), ASK], [ANSWER], [ANSWER])]
    folder = release(tmp_path / "r", "preference", train=preferences(*rows))
    with pytest.raises(UserError, match="prompt: it is not one turn of the user"):
        export(folder, "sentence-transformers")
    done = export(folder, "sentence-transformers", skip=True)
    triplet = {"anchor": "რა ამინდია?", "positive": "მზიანი.", "negative": "წვიმს."}
    assert loaded(done.folder / "train.parquet") == [triplet]
