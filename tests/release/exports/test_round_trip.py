"""What an export holds is what the release held: each form is read back by the step `read`."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlcorpus.release.exports import export

Make = Callable[..., Any]

PIECES = [
    *"aß'é,;\\<&>\"{}ʻ",
    "e\u0301",  # NFD
    "안녕",
    "हिन्दी",
    "ไทย",
    "مرحبا",
    "שלום\u200f",
    "𐐷",
    "👩\u200d👩\u200d👧",
    "\u200c",
    "\ufeff",
    "]]>",
    "&amp;",
    "<think>",
    "nan",
    "null",
    "2024-05-06",
    "007",
    " ",
    "\t",
    "\n",
    "\r",
    "\r\n",
    "\x85",
    "\u2028",
    "\u2029",
]
TEXTS = (
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=8)
    .map("".join)
    .filter(lambda t: t.strip("\ufeff\u200c").strip())
)
CONTROLS = (
    st.lists(st.sampled_from([*PIECES, "\x00", "\x0b", "\x1b", "\ufffe"]), min_size=1).map("".join).filter(str.strip)
)
PAIRS = st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=6)
ARGUMENTS = st.dictionaries(st.sampled_from(["city", "शहर", 'a"b']), TEXTS | st.integers(-9, 9) | st.none(), max_size=2)


def turn(role: str, content: str | None, tool_calls: str | None = None, reasoning: str | None = None) -> dict[str, Any]:
    """A turn as records hold it."""
    return {"role": role, "content": content, "tool_calls": tool_calls, "reasoning": reasoning}


@st.composite
def talks(draw: st.DrawFn, tools: bool = True, reasoning: bool = True, rounds: int = 3) -> list[dict[str, Any]]:
    """A conversation: perhaps a system turn, questions and answers, some by way of a tool."""
    said = [turn("system", draw(TEXTS))] if draw(st.booleans()) else []
    for _ in range(draw(st.integers(1, rounds))):
        said.append(turn("user", draw(TEXTS)))
        thought = st.none() | TEXTS if reasoning else st.none()
        if tools and draw(st.booleans()):
            calls = [{"type": "function", "function": {"name": "f", "arguments": draw(ARGUMENTS)}}]
            said += [turn("assistant", None, json.dumps(calls), draw(thought)), turn("tool", draw(TEXTS))]
        said.append(turn("assistant", draw(TEXTS), None, draw(thought)))
    return said


def called(turns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Turns with their calls as (name, arguments), however they are written."""
    shown = []
    for said in turns:
        calls = [call.get("function", call) for call in json.loads(said["tool_calls"] or "[]")]
        arguments = [c["arguments"] if isinstance(c["arguments"], dict) else json.loads(c["arguments"]) for c in calls]
        shown.append(said | {"tool_calls": [(c["name"], a) for c, a in zip(calls, arguments, strict=True)]})
    return shown


def messages(read: pl.DataFrame) -> list[list[dict[str, Any]]]:
    """The conversations of some instructions."""
    return [called(turns) for turns in read["messages"].to_list()]


@pytest.fixture(scope="module")
def written(release: Make, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """written(kind, frame, form, ...): folder of an export of a new release; each has a place of its own."""

    def write(kind: str, frame: pl.DataFrame, form: str, **options: Any) -> Path:
        folder = tmp_path_factory.mktemp("export")
        return export(release(folder / "r", kind, train=frame), form, **options).folder

    return write


few = settings(max_examples=30, deadline=None)


@few
@given(PAIRS)
@pytest.mark.parametrize(
    ("form", "file", "columns"),
    [
        ("trl", "train.parquet", {"src_text": "prompt", "tgt_text": "completion"}),
        ("sentence-transformers", "train.parquet", {"src_text": "anchor", "tgt_text": "positive"}),
    ],
)
def test_pairs_come_back(
    written: Make,
    pairs: Make,
    read_back: Make,
    form: str,
    file: str,
    columns: dict[str, str],
    texts: list[tuple[str, str]],
) -> None:
    folder = written("pair", pairs(*texts), form)
    found = read_back("pair", {"de-en": str(folder / file)}, columns=columns)
    assert found.select("src_text", "tgt_text").rows() == texts


@few
@given(PAIRS)
def test_pairs_come_back_from_csv(written: Make, pairs: Make, read_back: Make, texts: list[tuple[str, str]]) -> None:
    folder = written("pair", pairs(*texts), "csv")
    with (folder / "train.csv").open(encoding="utf8", newline="") as file:
        assert [(row["src_text"], row["tgt_text"]) for row in csv.DictReader(file, strict=True)] == texts
    found = read_back("pair", {"de-en": str(folder / "train.csv")}, header=True)

    def broken(rows: list[tuple[str, str]]) -> list[list[list[str]]]:
        # The reader takes CR LF in a cell for LF.
        return [[re.split(r"[\r\n]+", text) for text in row] for row in rows]

    assert broken(found.select("src_text", "tgt_text").rows()) == broken(texts)


@few
@given(PAIRS)
def test_pairs_come_back_from_a_translation_memory(
    written: Make, pairs: Make, read_back: Make, texts: list[tuple[str, str]]
) -> None:
    folder = written("pair", pairs(*texts, src_lang="zho_Hant", tgt_lang="srp_Cyrl"), "tmx")
    found = read_back("pair", str(folder / "train.tmx"))
    # A reader of TMX leaves out space around a segment.
    assert found.select("src_text", "tgt_text").rows() == [(src.strip(), tgt.strip()) for src, tgt in texts]
    assert set(found.select("src_lang", "tgt_lang").rows()) == {("zho_Hant", "srp_Cyrl")}


@few
@given(PAIRS)
def test_pairs_come_back_from_two_files_with_their_breaks_as_spaces(
    written: Make, pairs: Make, read_back: Make, texts: list[tuple[str, str]]
) -> None:
    folder = written("pair", pairs(*texts), "moses")
    sides = [str(folder / "train.de-en.de"), str(folder / "train.de-en.en")]
    found = read_back("pair", {"de-en": [sides]})

    def words(rows: list[tuple[str, str]]) -> list[list[list[str]]]:
        # At the start of a file U+FEFF is a byte order mark.
        return [[text.lstrip("\ufeff").split() for text in row] for row in rows]

    assert words(found.select("src_text", "tgt_text").rows()) == words(texts)
    assert all(len((folder / f"train.de-en.{s}").read_text("utf8").splitlines()) == len(texts) for s in ("de", "en"))


@few
@given(st.lists(talks(), min_size=1, max_size=4))
@pytest.mark.parametrize(("form", "file"), [("trl", "train.parquet"), ("openai", "train.jsonl")])
def test_conversations_come_back(
    written: Make, chats: Make, read_back: Make, form: str, file: str, said: list[list[dict[str, Any]]]
) -> None:
    folder = written("instruction", chats(*said), form)
    assert messages(read_back("instruction", {"hi": str(folder / file)})) == [called(turns) for turns in said]


@few
@given(st.lists(talks(reasoning=False), min_size=1, max_size=4))
def test_conversations_come_back_from_sharegpt(
    written: Make, chats: Make, read_back: Make, said: list[list[dict[str, Any]]]
) -> None:
    folder = written("instruction", chats(*said), "sharegpt")
    found = read_back("instruction", {"hi": str(folder / "train.parquet")}, columns={"messages": "conversations"})
    assert messages(found) == [called(turns) for turns in said]


@few
@given(st.lists(talks(tools=False, reasoning=False, rounds=1), min_size=1, max_size=4))
def test_single_questions_come_back_from_alpaca(
    written: Make, chats: Make, read_back: Make, said: list[list[dict[str, Any]]]
) -> None:
    folder = written("instruction", chats(*said), "alpaca")
    columns = {"prompt": "instruction", "response": "output"}
    found = read_back("instruction", {"hi": str(folder / "train.parquet")}, columns=columns)
    assert messages(found) == [called(turns) for turns in said]


@few
@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS, st.none() | TEXTS), min_size=1, max_size=4))
def test_preferences_and_feedback_come_back(
    written: Make, preferences: Make, feedback: Make, read_back: Make, texts: list[tuple[str, str, str, str | None]]
) -> None:
    rows = [
        ([turn("user", q)], [turn("assistant", good, None, thought)], [turn("assistant", bad)])
        for q, good, bad, thought in texts
    ]
    folder = written("preference", preferences(*rows), "trl")
    found = read_back("preference", {"ka": str(folder / "train.parquet")})
    assert found.select("prompt", "chosen", "rejected").rows() == rows
    judged = [(prompt, answer, i % 2 == 0) for i, (prompt, answer, _) in enumerate(rows)]
    folder = written("feedback", feedback(*judged), "trl")
    found = read_back("feedback", {"ka": str(folder / "train.parquet")})
    assert found.select("prompt", "completion", "label").rows() == judged


@few
@given(st.lists(st.tuples(CONTROLS, CONTROLS), min_size=1, max_size=6))
def test_a_translation_memory_is_always_xml(written: Make, pairs: Make, texts: list[tuple[str, str]]) -> None:
    from xml.etree import ElementTree

    folder = written("pair", pairs(*texts, ("Ende", "end")), "tmx", skip=True)
    root = ElementTree.parse(folder / "train.tmx").getroot()
    holds = [t for t in [*texts, ("Ende", "end")] if not any(c in "\x00\x0b\x1b\ufffe" for c in "".join(t))]
    assert [tuple(seg.text for seg in unit.iter("seg")) for unit in root.iter("tu")] == holds
