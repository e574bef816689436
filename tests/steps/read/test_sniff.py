"""What is no text is refused with the name of its format and what to do."""

import io
import sqlite3
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from xlcorpus.errors import UserError

Reader = Callable[..., tuple[pl.DataFrame, dict[str, list[str]]]]


def zipped(name: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, "Guten Tag.")
    return buffer.getvalue()


def tarred() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.txt"))
    return buffer.getvalue()


def array() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(3))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (zipped("a.txt"), "is a ZIP archive, not text: unpack it"),
        (zipped("word/document.xml"), r"is a Word document \(.docx\), not text: convert it"),
        (zipped("xl/workbook.xml"), r"is a spreadsheet \(.xlsx\), not text: save it as CSV"),
        (tarred(), "is a tar archive"),
        (b"7z\xbc\xaf\x27\x1c\0\4", "is a 7-Zip archive"),
        (b"%PDF-1.7\n", "is a PDF file, not text: convert it to text first: pdftotext"),
        (b"{\\rtf1\\ansi Hallo}", "is an RTF file"),
        (b"PAR1\x15\x04", "is a Parquet file, not text: name it .parquet"),
        (b"ARROW1\0\0", "is an Arrow file"),
        (array(), "is a NumPy array"),
        (b"\x1f\x8b\x08\0", "is gzip-compressed, not text: name it with .gz"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "git lfs pull"),
        (b'<?xml version="1.0"?>\n<tmx version="1.4">', "is a TMX translation memory, not plain text: name it .tmx"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><!DOCTYPE tmx SYSTEM 'a'>\n<tmx>", "is a TMX translation memory"),
        (b"<?xml version='1.0'?>\n<xliff version='1.2'>", "is an XLIFF file"),
        (b"<?xml version='1.0'?>\n<feed>", "is an XML file"),
        (b"<!DOCTYPE html>\n<html lang=de>", "is an HTML page"),
        (b"WARC/1.0\r\nWARC-Type: warcinfo\r\n", "is a WARC web archive, not plain text: name it .warc"),
        (b"1\r\n00:00:01,000 --> 00:00:03,000\r\nHallo\r\n", "is a file of subtitles"),
        (b"WEBVTT\n\n", "is a file of subtitles"),
        (b'# Anna\nmsgid ""\nmsgstr ""\n', "is a gettext catalogue"),
        (bytes(range(256)) * 8 + bytes(200), "is binary"),
    ],
)
def test_a_text_file_that_is_none(read: Reader, content: bytes, what: str) -> None:
    with pytest.raises(UserError, match=rf"a\.txt {what}|{what}"):
        read("a.txt", content)


def test_a_database(read: Reader, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "a.txt") as base:
        base.execute("create table t (x)")
    with pytest.raises(UserError, match="is an SQLite database, not text: export the table"):
        read("a.txt", None)


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz", "a.7z", "a.DOCX", "a.pdf", "a.html", "a.xlsx", "a.po", "a.npy"])
def test_a_name_of_another_format_is_refused_before_the_run(read: Reader, name: str) -> None:
    with pytest.raises(UserError, match=rf"{name}: cannot read \.\w+ files; it is an? .*: \w+"):
        read(name, b"x")


@pytest.mark.parametrize(
    "text",
    ["<p>ja</p>", "a < b", "PK Berlin", "BZ am Sonntag", "1\nzwei", "WARCHIV", "GIFhornstraße", "msgid ist ein Wort"],
)
def test_text_that_looks_a_little_like_it_is_text(read: Reader, text: str) -> None:
    assert read("a.txt", text.encode())[0]["text"].to_list() == text.split("\n")


@pytest.mark.parametrize("name", ["a.sbv", "a.lrc", "a.sgm", "a.conllu", "a.properties", "a.strings", "a.yaml"])
def test_names_of_further_formats(read: Reader, name: str) -> None:
    with pytest.raises(UserError, match=rf"{name}: cannot read \.\w+ files; it is an? .*: \w+"):
        read(name, b"x\n")
    assert read(name, b"Hallo Welt\n", format="text")[0].height == 1


@pytest.mark.parametrize(("name", "lang"), [("train.pt", "pt"), ("train.lrc", "lrc"), ("train.ts", "tso")])
def test_an_ending_that_is_the_code_of_the_language_is_none_of_a_format(read: Reader, name: str, lang: str) -> None:
    assert read(name, b"a\n", paths={lang: name})[0].height == 1


def test_json_lines_are_no_plain_text(read: Reader) -> None:
    content = b'\n{"text": "Guten Tag."}\n{"text": "{"}\n'
    with pytest.raises(UserError, match=r"a\.txt: holds JSON objects, not plain text: name it \.jsonl"):
        read("a.txt", content)
    assert read("a.txt", content, format="text")[0].height == 2
    assert read("b.txt", b'{"text": "Guten Tag."}\nWir gehen.\n')[0].height == 2
    assert read("c.txt", b"{}\n{x}\n")[0].height == 2
