"""Reading files, and what becomes of lines that cannot be read."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from xlcorpus.errors import UserError
from xlcorpus.step import SourceEnv
from xlcorpus.steps import Read

Reader = Callable[..., tuple[pl.DataFrame, dict[str, list[str]]]]


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reader:
    """read(file name, bytes, **options) -> rows, {rule: measured values}"""
    monkeypatch.chdir(tmp_path)

    def reading(name: str, content: bytes, **options: Any) -> tuple[pl.DataFrame, dict[str, list[str]]]:
        Path(name).write_bytes(content)
        step = Read(**{"paths": {"de": name}, **options})
        rejected: dict[str, list[str]] = {}

        def reject(rows: pl.DataFrame, rule: str, measure: pl.Expr) -> None:
            rejected.setdefault(rule, []).extend(rows.select(measure.cast(pl.String)).to_series())

        env = SourceEnv(kind=step.kind, reject=reject)
        step.preflight()
        frames = [f for u in step.units() for f in step.read(u, env)]
        return pl.concat(frames) if frames else pl.DataFrame(), rejected

    return reading


def test_lines_become_sentences_with_their_place(read: Reader) -> None:
    rows, rejected = read("a.txt", "\ufeffEins.\r\n\nZwei.\n".encode(), license="CC0-1.0")
    assert rows.select("text", "lang", "document_id", "position", "license").rows() == [
        ("Eins.", "deu_Latn", "a.txt", 0, "CC0-1.0"),
        ("Zwei.", "deu_Latn", "a.txt", 2, "CC0-1.0"),
    ]
    assert rejected == {"empty": ["line 2"]}


def test_a_line_that_is_not_utf8_is_rejected_alone(read: Reader) -> None:
    rows, rejected = read("a.txt", b"gut\nsch\xf6n\nfein\n")
    assert rows["text"].to_list() == ["gut", "fein"]
    assert rejected == {"not_utf8": ["line 2"]}


def test_gzip_is_unpacked(read: Reader) -> None:
    assert read("a.txt.gz", gzip.compress(b"ja\nnein\n"))[0]["text"].to_list() == ["ja", "nein"]


def test_a_cut_off_gzip_is_refused(read: Reader) -> None:
    whole = gzip.compress("\n".join(str(i) for i in range(5000)).encode())
    with pytest.raises(UserError, match=r"a\.txt\.gz: the compressed file is cut off or damaged"):
        read("a.txt.gz", whole[: len(whole) // 2])


def test_a_cut_off_parquet_is_refused(read: Reader, tmp_path: Path) -> None:
    pl.DataFrame({"text": ["a"] * 100}).write_parquet(tmp_path / "whole.parquet")
    with pytest.raises(UserError, match=r"a\.parquet: not a whole Parquet file"):
        read("a.parquet", (tmp_path / "whole.parquet").read_bytes()[:-20])


def test_parquet_columns_are_mapped(read: Reader, tmp_path: Path) -> None:
    pl.DataFrame({"content": ["a", "b"]}).write_parquet(tmp_path / "x.parquet")
    rows, _ = read("a.parquet", (tmp_path / "x.parquet").read_bytes(), columns={"text": "content"})
    assert rows["text"].to_list() == ["a", "b"]


def test_a_missing_column_is_named_with_the_remedy(read: Reader) -> None:
    with pytest.raises(
        UserError, match=r"has no column 'text', which a sentence needs \(it has inhalt, lang\); map it"
    ):
        read("a.jsonl", b'{"inhalt": "x"}\n')


def test_pairs_from_tsv(read: Reader) -> None:
    rows, rejected = read(
        "p.tsv",
        b"Hallo\thello\nkaputt\nTag\tday\n",
        kind="pair",
        paths={"de-en": "p.tsv"},
        columns={"src_text": "1", "tgt_text": "2"},
    )
    assert rows.select("src_text", "tgt_text", "src_lang", "tgt_lang").rows() == [
        ("Hallo", "hello", "deu_Latn", "eng_Latn"),
        ("Tag", "day", "deu_Latn", "eng_Latn"),
    ]
    assert rejected == {"missing_field": ["line 2"]}


def test_instructions_from_plain_strings(read: Reader) -> None:
    rows, rejected = read(
        "i.jsonl",
        b'{"instruction": "Add.", "input": "1 1", "response": "2"}\n{broken\n'
        b'{"instruction": "Say hi.", "response": "hi"}\n',
        kind="instruction",
        paths={"en": "i.jsonl"},
        columns={"prompt": "instruction"},
    )
    assert [[m["content"] for m in r] for r in rows["messages"]] == [["Add.\n\n1 1", "2"], ["Say hi.", "hi"]]
    assert rows["response_lang"].to_list() == ["eng_Latn", "eng_Latn"]
    assert rejected == {"not_json": ["line 2"]}


def test_the_language_may_stand_in_the_row(read: Reader) -> None:
    rows, rejected = read(
        "a.jsonl",
        b'{"text": "a", "lang": "German"}\n{"text": "b", "lang": "qqq-nonsense"}\n',
        paths="a.jsonl",
    )
    assert rows.select("text", "lang").rows() == [("a", "deu_Latn")]
    assert rejected == {"unknown_language": ["qqq-nonsense"]}


def test_limit_reads_the_first_rows_of_each_file(read: Reader) -> None:
    assert read("a.txt", b"1\n2\n3\n", limit=2)[0]["text"].to_list() == ["1", "2"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"paths": {"de": "none-*.txt"}}, "no file 'none-*.txt'"),
        ({"columns": {"txet": "1"}}, "columns: a sentence has no column 'txet'; did you mean 'text'?"),
        ({"kind": "pair"}, "write the languages of a pair as src-tgt (de-en), not 'de'"),
    ],
)
def test_wrong_options_are_refused_before_the_run(read: Reader, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError) as caught:
        read("a.txt", b"x\n", **options)
    assert message in str(caught.value)
