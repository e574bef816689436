"""Sentences and documents from the files that a command names."""

import bz2
import gzip
import lzma
import os
import threading
from pathlib import Path

import polars as pl
import pytest
import zstandard

from xlcorpus.cli.files.texts import documents, sentences, sentences_of_lines
from xlcorpus.errors import UserError

TEXTS = ["Der Hund schläft.", "Das Brot ist frisch."]
PLAIN = "\n".join(TEXTS).encode() + b"\n"
CUES = f"1\n00:00:01,000 --> 00:00:02,000\n{TEXTS[0]}\n\n2\n00:00:03,000 --> 00:00:04,000\n{TEXTS[1]}\n"


def unheard(text: str, warning: bool) -> None:
    """What is said does not matter here."""


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", PLAIN),
        ("corpus.de", PLAIN.replace(b"\n", b"\r\n")),
        ("bom.txt", b"\xef\xbb\xbf" + PLAIN),
        ("utf16.txt", PLAIN.decode().encode("utf-16")),
        ("a.txt.gz", gzip.compress(PLAIN)),
        ("a.txt.bz2", bz2.compress(PLAIN)),
        ("a.txt.xz", lzma.compress(PLAIN)),
        ("a.txt.zst", zstandard.compress(PLAIN)),
        ("korpus [2024] {x} *ß.txt", PLAIN),
        ("lines.tsv", PLAIN),
        ("a.jsonl", b'{"text": "Der Hund schl\\u00e4ft."}\n{"text": "Das Brot ist frisch."}\n'),
        ("film.srt", CUES.encode()),
    ],
)  # fmt: skip
def test_the_text_is_the_same_however_the_file_is_written(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    rows = sentences(tmp_path / name, "de", unheard)
    assert rows["text"].to_list() == TEXTS
    assert rows["lang"].to_list() == ["deu_Latn"] * 2
    assert rows["source"].to_list() == [name] * 2


def test_lines_keep_their_place_and_the_others_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\neins\nsch\xf6n\nzwei\n" + b"drei\n" * 18 + b"\n\n")
    said: list[tuple[str, bool]] = []
    rows, count = sentences_of_lines(tmp_path / "a.txt", "de", lambda *told: said.append(told))
    assert rows["position"].to_list() == [1, 3, *range(4, 22)]
    assert count == 24
    assert set(said) == {
        (f"{tmp_path}/a.txt: 3 lines are left out (empty)", True),
        (f"{tmp_path}/a.txt: 1 line is left out (not_utf8)", True),
    }


def test_a_pattern_that_is_no_name_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "a1.txt").write_bytes(PLAIN)
    with pytest.raises(UserError, match=r"cannot read .*a\[1\]\.txt: no such file"):
        sentences(tmp_path / "a[1].txt", "de", unheard)


def test_a_name_in_another_unicode_normal_form_is_found(tmp_path: Path) -> None:
    (tmp_path / "schön.txt").write_bytes(PLAIN)
    assert sentences(tmp_path / "scho\u0308n.txt", "de", unheard).height == 2


def test_a_pipe_is_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=(PLAIN,))
    writer.start()
    assert sentences(tmp_path / "pipe", "de", unheard)["text"].to_list() == TEXTS
    writer.join()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"", "holds no text"),
        ("a.txt", b" \n\n", "holds no text"),
        ("a.txt", "schön\n".encode("latin1"), "holds no text"),
        ("a.txt.gz", gzip.compress(PLAIN * 50)[:-9], r"a\.txt\.gz: the compressed file is cut off or damaged"),
        ("a.txt.xz", PLAIN, r"a\.txt\.xz: the compressed file is cut off or damaged, or no xz"),
        ("a.docx", b"PK", "it is a Word document"),
        ("a.csv", b"satz\nDer Hund\n", "no column 'text'"),
    ],
)
def test_a_file_without_text_is_refused(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=message):
        sentences(tmp_path / name, "de", unheard)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="it is a folder"):
        sentences(tmp_path, "de", unheard)


def test_text_in_the_wrong_script_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Завтра ми поїдемо до лісу по гриби.\n" * 5)
    said: list[tuple[str, bool]] = []
    sentences(tmp_path / "a.txt", "de", lambda *told: said.append(told))
    assert len(said) == 1 and "a.txt: " in said[0][0] and said[0][1]


def test_documents_have_the_ids_of_their_file_as_source_ids(tmp_path: Path) -> None:
    pl.DataFrame({"id": [7, 8], "text": TEXTS}).write_parquet(tmp_path / "d.parquet")
    rows = documents(tmp_path / "d.parquet", "de", unheard)
    assert rows.select("source_id", "text").rows() == [("7", TEXTS[0]), ("8", TEXTS[1])]
