"""WARC and WET files."""

import gzip
import sys
from collections.abc import Callable

import polars as pl
import pytest

from xlcorpus.errors import MissingExtra, UserError

Reader = Callable[..., tuple[pl.DataFrame, dict[str, list[str]]]]
WARC = {"kind": "document"}


def record(kind: str, content: bytes, **headers: str) -> bytes:
    lines = [f"WARC-Type: {kind}", *(f"{k.replace('_', '-')}: {v}" for k, v in headers.items())]
    head = "\r\n".join(["WARC/1.0", *lines, f"Content-Length: {len(content)}"])
    return head.encode() + b"\r\n\r\n" + content + b"\r\n\r\n"


def answer(body: bytes, status: str = "200 OK", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", *(f"{k.replace('_', '-')}: {v}" for k, v in headers.items())]
    content = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
    return record(
        "response", content, WARC_Target_URI="http://a.test/1", Content_Type="application/http; msgtype=response"
    )


def test_texts_of_a_wet_file_are_documents(read: Reader) -> None:
    wet = record("warcinfo", b"x") + record(
        "conversion",
        b"Erste Zeile\r\nZweite Zeile\n",
        WARC_Target_URI="http://a.test/1",
        WARC_Identified_Content_Language="deu,eng",
        Content_Type="text/plain",
    )
    rows, rejected = read("crawl.warc.wet.gz", gzip.compress(wet), paths="crawl.warc.wet.gz", **WARC)
    assert rows.select("text", "url", "lang").rows() == [("Erste Zeile\nZweite Zeile", "http://a.test/1", "deu_Latn")]
    assert rejected == {}


def test_pages_keep_every_word(read: Reader) -> None:
    html = "<html><title>T</title><script>x</script><p>用<a href=x>水</a>和<a>火</a>做饭</p></html>"
    warc = answer(html.encode("gb18030"), Content_Type="text/html; charset=gb2312")
    rows, _ = read("crawl.warc.gz", gzip.compress(record("request", b"GET /")) + gzip.compress(warc), **WARC)
    assert rows.select("text", "title").rows() == [("用水和火做饭", "T")]


def test_chunks_and_packed_bodies(read: Reader) -> None:
    chunked = b"5\r\n<p>Gu\r\n8\r\nten Tag.\r\n0\r\n\r\n"
    packed = gzip.compress(b"<p>Gute Nacht.")
    warc = answer(chunked, Content_Type="text/html", Transfer_Encoding="chunked")
    warc += answer(packed, Content_Type="text/html", Content_Encoding="gzip")
    assert read("a.warc", warc, **WARC)[0]["text"].to_list() == ["Guten Tag.", "Gute Nacht."]


def test_what_is_no_page_is_rejected_with_its_reason(read: Reader) -> None:
    warc = (
        answer(b"<p>x", status="404 Not Found", Content_Type="text/html")
        + answer(b"\x89PNG", Content_Type="image/png")
        + answer(b"<p>sch\xf6n", Content_Type="text/html; charset=utf-8")
        + answer(b"<p> </p>", Content_Type="text/html")
        + answer(b"ja", Content_Type="text/plain")
    )
    rows, rejected = read("a.warc", warc, **WARC)
    assert rows["text"].to_list() == ["ja"]
    assert rejected == {
        "http_status": ["record 1: 404"],
        "not_text": ["record 2: image/png"],
        "not_utf8": ["record 3: invalid start byte"],
        "empty": ["record 4: no text"],
    }


def test_a_cut_off_archive_is_refused(read: Reader) -> None:
    warc = answer(b"<p>Guten Tag.</p>", Content_Type="text/html")
    for size in range(1, len(warc) - 4, 7):
        with pytest.raises(UserError, match=r"a\.warc: record 1 "):
            read("a.warc", warc[:size], **WARC)


def test_a_web_archive_holds_documents(read: Reader) -> None:
    with pytest.raises(UserError, match="holds documents, no sentence: write kind: document"):
        read("a.warc", record("warcinfo", b""))


def test_pages_need_the_extra_and_texts_do_not(read: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resiliparse.extract.html2text", None)
    assert read("a.warc", record("conversion", b"ja"), **WARC)[0]["text"].to_list() == ["ja"]
    with pytest.raises(MissingExtra, match=r"xlcorpus\[web\]"):
        read("a.warc", answer(b"<p>x", Content_Type="text/html"), **WARC)
