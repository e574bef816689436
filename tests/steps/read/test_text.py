"""Lines, their ends and their encodings."""

from collections.abc import Callable

import polars as pl
import pytest

from xlcorpus.errors import UserError

Reader = Callable[..., tuple[pl.DataFrame, dict[str, list[str]]]]


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        (b"eins\nzwei", ["eins", "zwei"]),
        (b"eins\r\nzwei\r\n", ["eins", "zwei"]),
        (b"eins\rzwei\r", ["eins", "zwei"]),
        (b"eins\rhalb\nzwei\n", ["eins\rhalb", "zwei"]),
        ("eins\u2028halb\u0085\x0b\x0c\nzwei\n".encode(), ["eins\u2028halb\u0085\x0b\x0c", "zwei"]),
        (b"ei\0ns\nzwei\n", ["ei\0ns", "zwei"]),
        ("\ufeffeins\nzwei".encode("utf-16"), ["eins", "zwei"]),
    ],
    ids=["no last end", "CR LF", "CR alone", "CR inside", "U+2028", "NUL", "two marks"],
)
def test_what_ends_a_line(read: Reader, content: bytes, texts: list[str]) -> None:
    rows = read("a.txt", content)[0]
    assert [t.removeprefix("\ufeff") for t in rows["text"]] == texts


def test_a_file_of_many_blocks_keeps_every_line(read: Reader) -> None:
    lines = [f"Zeile {i} " + "ä" * (i % 400) for i in range(15_000)]
    rows, _ = read("a.txt", "\n".join(lines).encode())
    assert rows["text"].to_list() == [line.rstrip("\n") for line in lines]
    assert rows["position"].to_list() == list(range(15_000))


@pytest.mark.parametrize("codec", ["utf-16", "utf-32", "utf-8-sig"])
def test_a_byte_order_mark_is_believed(read: Reader, codec: str, said: list[str]) -> None:
    rows, _ = read("a.txt", "Grüße\n世界\n".encode(codec))
    assert rows["text"].to_list() == ["Grüße", "世界"]
    assert said == ([] if "8" in codec else [f"a.txt is {codec.upper()}-LE, by its byte order mark"])


@pytest.mark.parametrize("text", ["Hello there.\nBye.\n", "世界 很大。\n你好。\n", "Привет, мир.\nПока.\n"])
@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_is_refused_with_its_name(read: Reader, text: str, codec: str) -> None:
    with pytest.raises(UserError, match=f"a.txt is {codec.upper()} without a byte order mark: write encoding: {codec}"):
        read("a.txt", text.encode(codec))
    assert read("a.txt", None, encoding=codec)[0]["text"].to_list() == text.splitlines()


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("latin-1", "Grüße"),
        ("cp1251", "Привет"),
        ("gbk", "世界"),
        ("shift_jis", "表示ソ"),
        ("euc_kr", "안녕"),
        ("iso2022_jp", "日本語"),
        ("cp037", "Hello"),
    ],
)
def test_other_encodings_by_name(read: Reader, codec: str, text: str) -> None:
    assert read("a.txt", f"{text}\n{text}\n".encode(codec), encoding=codec)[0]["text"].to_list() == [text, text]


def test_what_is_not_in_the_named_encoding_is_rejected(read: Reader) -> None:
    rows, rejected = read("a.txt", b"\xc4\xe3\xba\xc3\n\xff\xff\nja\n", encoding="gbk")
    assert rows["text"].to_list() == ["你好", "ja"]
    assert rejected == {"not_gbk": ["line 2"]}
    rows, rejected = read(
        "b.txt", "\ufeffja\n".encode("utf-16-le") + b"\x00\xd8\n\0" + "nein\n".encode("utf-16-le") + b"x"
    )
    assert rows["text"].to_list() == ["ja", "nein"]
    assert rejected == {"not_utf_16": ["line 2", "line 4"]}


def test_many_lines_in_another_encoding_are_pointed_out(read: Reader, said: list[str]) -> None:
    assert read("a.txt", "Grüße\nschön\nja\n".encode("latin-1"))[1] == {"not_utf8": ["line 1", "line 2"]}
    assert said == [
        "a.txt: 2 lines are not UTF-8 and rejected; if the file has another encoding, name it: encoding: cp1252"
    ]


def test_an_unknown_encoding_is_refused_before_the_run(read: Reader) -> None:
    for name in ("utf-9", "base64", "rot13"):
        with pytest.raises(UserError, match=f"encoding: no character encoding '{name}'"):
            read("a.txt", b"a", encoding=name)
