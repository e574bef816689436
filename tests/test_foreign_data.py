"""Data as people have it, from the file to a valid release: what ends well is valid, and nothing is lost unsaid."""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest

from xlcorpus.cli import main as cli

pytestmark = [pytest.mark.ray, pytest.mark.usefixtures("ray_cluster")]

Xlcorpus = Callable[..., tuple[int, str, str]]
ASK = {"role": "user", "content": "Wetter in Bonn?"}
ANSWER = {"role": "assistant", "content": "12 Grad."}


@pytest.fixture
def xlcorpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Xlcorpus:
    """xlcorpus("run", ...) -> (exit code, stdout, stderr), in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["xlcorpus", *arguments])
        code = 0
        try:
            cli.main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return call


def lines(name: str, rows: Sequence[dict[str, Any]]) -> None:
    Path(name).write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf8")


def released(xlcorpus: Xlcorpus, pipeline: str) -> dict[str, pl.DataFrame]:
    """Run a pipeline `demo`; the tables of its release, which is valid and can be published."""
    Path("demo.yaml").write_text(pipeline)
    code, _, err = xlcorpus("run", "demo.yaml")
    assert code == 0, err
    assert xlcorpus("validate", "runs/demo/release")[0] == 0
    assert xlcorpus("publish", "runs/demo/release", "--repo-id", "me/demo", "--dry-run")[0] == 0
    return {f.name: pl.read_parquet(f / "*.parquet") for f in Path("runs/demo/release/data").iterdir()}


def rejected(step: str) -> list[tuple[str, str]]:
    return pl.read_parquet(f"runs/demo/rejects/{step}/*.parquet").select("rule", "value").rows()


def test_conversations(xlcorpus: Xlcorpus) -> None:
    call = [{"type": "function", "function": {"name": "wetter", "arguments": "{}"}}]
    lines(
        "chats.jsonl",
        [
            {"id": "w", "messages": [ASK, {"role": "assistant", "content": None}, ANSWER]},
            {"id": "t", "messages": [ASK, {"role": "assistant", "content": None, "tool_calls": call}]},
            {"messages": [{"role": "human", "content": "Hallo\u200b!"}, {"role": "gpt", "content": "Guten Tag!"}]},
            {"messages": []},
            {"messages": [ANSWER]},
            {"messages": [{"role": "user", "content": [{"type": "text", "text": "Schau mal."}]}, ANSWER]},
            {"messages": [ASK, {"role": "erzähler", "content": "Es war einmal."}]},
            {"prompt": "Nenne eine Farbe.", "response": "Blau."},
            {"prompt": "Wie viel?", "response": 7},
        ],
    )
    lines("share.jsonl", [{"conversations": [{"from": "human", "value": "Na?"}, {"from": "gpt", "value": "Gut!"}]}])
    lines(
        "better.jsonl",
        [
            {"prompt": [ASK], "chosen": [ASK, ANSWER], "rejected": [ASK, {"role": "assistant", "content": "Ja."}]},
            {"prompt": "Wetter in Bonn?", "chosen": "12 Grad.", "rejected": "Nein."},
        ],
    )
    tables = released(
        xlcorpus,
        """\
name: demo
steps:
  read: {kind: instruction, paths: {de: chats.jsonl}}
  share: {step: read, kind: instruction, paths: {de: share.jsonl}, columns: {messages: conversations}}
  normalise: {inputs: [read, share]}
  quality: {}
  deduplicate: {}
  better: {step: read, kind: preference, paths: {de: better.jsonl}}
release:
  tables: {chats: deduplicate, better: better}
""",
    )
    assert rejected("read") == [
        ("missing_field", "line 1: content of a turn of the assistant"),
        ("bad_messages", "line 4: messages has no turns"),
        ("bad_messages", "line 5: messages has no turn of the user"),
        ("bad_messages", "line 7: role 'erzähler'"),
        ("wrong_type", "line 9: response is a number"),
    ]
    chats = [[turn["content"] for turn in turns] for turns in tables["chats"]["messages"].to_list()]
    assert chats == [
        ["Wetter in Bonn?", None],
        ["Hallo!", "Guten Tag!"],
        ["Schau mal.", "12 Grad."],
        ["Nenne eine Farbe.", "Blau."],
        ["Na?", "Gut!"],
    ]
    assert tables["chats"]["source_id"].to_list() == ["t", None, None, None, None]
    prompts = [[turn["content"] for turn in turns] for turns in tables["better"]["prompt"].to_list()]
    assert prompts == [["Wetter in Bonn?"]] * 2
    assert {len(turns) for turns in tables["better"]["chosen"].to_list()} == {1}


def test_equal_ids_of_files_and_kept_columns(xlcorpus: Xlcorpus) -> None:
    lines("de.jsonl", [{"id": "q1", "prompt": "Nenne eine Farbe.", "response": "Blau.", "label": 1, "meta": {"a": 1}}])
    lines("fr.jsonl", [{"id": "q1", "prompt": "Nomme une couleur.", "response": "Bleu.", "label": "x", "meta": []}])
    lines("more.jsonl", [{"id": "q1", "prompt": "Nenne eine Zahl.", "response": "Acht.", "label": None, "meta": None}])
    tables = released(
        xlcorpus,
        """\
name: demo
steps:
  read: {kind: instruction, paths: {de: de.jsonl, fr: fr.jsonl}, keep: [label, meta]}
  more: {step: read, kind: instruction, paths: {de: more.jsonl}}
  deduplicate: {inputs: [read, more]}
release:
  tables: {all: [deduplicate, read]}
""",
    )
    rows = tables["all"]
    assert rows.select("source_id", "lang", "label", "meta").rows() == [
        ("q1", "deu_Latn", "1", '{"a": 1}'),
        ("q1", "fra_Latn", "x", "[]"),
        ("q1", "deu_Latn", None, None),
    ]
    assert rows["id"].n_unique() == 3
    card = Path("runs/demo/release/README.md").read_text("utf8")
    assert "| `release` | 5 | 3 | 2 | 0 | 60.0% | `repeated_id` 2 |" in card
    assert "| `meta` | string | as the source file has it |" in card
    assert "repeated_id 2" in xlcorpus("run", "demo.yaml")[1]
    shards = list(Path("runs/demo/release/data/all").iterdir())
    assert pq.read_schema(shards[0]).names[-2:] == ["label", "meta"]


def test_documents_of_one_id_are_aligned_and_all_released(xlcorpus: Xlcorpus) -> None:
    texts = {
        "de": "Ada buk am 12. Mai 1974 genau 500 Gramm Brot. Jonas Weck zahlte 3 Euro.",
        "en": "Ada baked 500 grams of bread on 12 May 1974. Jonas Weck paid 3 euros.",
    }
    for lang, text in texts.items():
        lines(f"{lang}.jsonl", [{"id": 7, "text": text, "tags": ["a"]}, {"id": 8, "text": 2.0}, {"text": ["x"]}])
    tables = released(
        xlcorpus,
        """\
name: demo
steps:
  read: {kind: document, paths: {de: de.jsonl, en: en.jsonl}}
  align_documents: {match: [id]}
release:
  tables: {documents: read, pairs: align_documents}
""",
    )
    assert tables["documents"]["source_id"].to_list() == ["7", "7"]
    assert tables["pairs"].height == 2
    assert set(tables["pairs"]["src_id"]) <= set(tables["documents"]["id"])
    assert (
        rejected("read")
        == [
            ("wrong_type", "line 2: text is a number"),
            ("wrong_type", "line 3: text is a list"),
        ]
        * 2
    )
