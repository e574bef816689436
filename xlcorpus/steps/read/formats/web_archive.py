"""Web archives: the texts of WET files, and of the HTML pages in WARC files, one document a record."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import IO

import polars as pl

from xlcorpus.steps.read import html_text
from xlcorpus.steps.read.found import Found
from xlcorpus.steps.read.reading import Reading

PAGES = 1_000
"""documents handed on at a time"""
LONGEST_HEADER = 1 << 16
LONGEST_RECORD = 1 << 28
"""bytes; longer records are films and the like"""
TEXTS = frozenset({"text/plain"})
PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml"})
NO_PAGE = frozenset({"warcinfo", "request", "metadata", "revisit", "continuation"})
"""Record types that hold no page; they are no rows."""


@dataclass(frozen=True)
class _Page:
    number: int
    text: str
    url: str | None
    lang: str | None
    title: str | None


@dataclass(frozen=True)
class _Refusal(Exception):
    rule: str
    value: str


def rows(reading: Reading) -> Iterator[Found]:
    """The documents of a WARC or WET file: `text`, `url`, `title`, and `lang` as a WET file names it.

    Of a page that was fetched (`response`), the text is taken by Resiliparse, boilerplate included: its finding of
    the main content loses text of single characters. Rejected are answers other than 200 (`http_status`), other
    than text and HTML (`not_text`), that do not decode (`not_utf8`, `not_cp1251`) and without text (`empty`).

    Raises:
        UserError: the file is cut off or no web archive; the record kind is another than document.
        MissingExtra: pages are to be read and Resiliparse is not installed.
    """
    if reading.kind != "document":
        raise reading.wrong(f"a web archive holds documents, no {reading.kind}: write kind: document, then segment")
    skipped: Counter[str] = Counter()
    found = islice(_tried(reading, skipped), reading.limit)
    while batch := list(islice(found, PAGES)):
        pages = [page for page in batch if page is not None]
        if pages:
            columns = {
                "text": pl.Series("text", [p.text for p in pages], dtype=pl.String),
                "url": pl.Series("url", [p.url for p in pages], dtype=pl.String),
                "title": pl.Series("title", [p.title for p in pages], dtype=pl.String),
            }
            if reading.lang is None:
                columns["lang"] = pl.Series("lang", [p.lang for p in pages], dtype=pl.String)
            yield Found(pl.Series("record", [p.number for p in pages], dtype=pl.Int64), dict(columns))
    if skipped:
        counts = ", ".join(f"{n:,} {kind}" for kind, n in sorted(skipped.items()))
        reading.tell(f"{reading.name}: records that hold no page: {counts}")


def _tried(reading: Reading, skipped: Counter[str]) -> Iterator[_Page | None]:
    with reading.open() as file:
        for number, (headers, content) in enumerate(_records(reading, file), 1):
            kind = headers.get("warc-type", "none").lower()
            if kind in NO_PAGE:
                skipped[kind] += 1
                continue
            try:
                yield _page(number, kind, headers, content)
            except _Refusal as refusal:
                url = headers.get("warc-target-uri", "")
                reading.reject([number], [url], refusal.rule, [f"record {number}: {refusal.value}"])
                yield None


def _records(reading: Reading, file: IO[bytes]) -> Iterator[tuple[Mapping[str, str], bytes]]:
    """Headers (names in lower case) and content of each record."""
    number = 0
    while True:
        line = file.readline(LONGEST_HEADER)
        if not line:
            return
        if not line.strip():
            continue
        number += 1
        if not re.match(rb"WARC/\d", line.removeprefix(b"\xef\xbb\xbf")):
            raise reading.wrong(f"record {number} does not begin with WARC/1.0: no web archive, or damaged")
        headers, whole = _headers(file)
        length = headers.get("content-length", "")
        if not whole or not length.isdecimal() or len(length) > 15:
            raise reading.wrong(f"record {number} is cut off in its header, or has no Content-Length")
        size = int(length)
        content = file.read(size) if size <= LONGEST_RECORD else b""
        if size > LONGEST_RECORD:
            left = size
            while left and (piece := file.read(min(left, 1 << 20))):
                left -= len(piece)
            reading.reject(
                [number], [headers.get("warc-target-uri", "")], "too_long", [f"record {number}: {size:,} bytes"]
            )
            if left:
                raise reading.wrong(f"record {number} is cut off; fetch the file again")
            continue
        if len(content) < size:
            raise reading.wrong(f"record {number} is cut off; fetch the file again")
        yield headers, content


def _headers(file: IO[bytes]) -> tuple[dict[str, str], bool]:
    """Headers up to the blank line, and whether it came."""
    found: dict[str, str] = {}
    last = ""
    size = 0
    while line := file.readline(LONGEST_HEADER):
        size += len(line)
        if not line.strip():
            return found, True
        if size > LONGEST_HEADER:
            return found, False
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        if text[0] in " \t" and last:  # a header that goes on
            found[last] += " " + text.strip()
            continue
        name, _, value = text.partition(":")
        last = name.strip().lower()
        found.setdefault(last, value.strip())
    return found, False


def _page(number: int, kind: str, headers: Mapping[str, str], content: bytes) -> _Page:
    http: Mapping[str, str] = {}
    media = headers.get("content-type", "text/plain" if kind == "conversion" else "")
    if media.lower().startswith("application/http"):
        status, http, content = _http(content)
        if status != "200":
            raise _Refusal("http_status", status)
        media = http.get("content-type", "")
    form, _, parameters = media.partition(";")
    form = form.strip().lower()
    charset = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", parameters, re.IGNORECASE)
    title = None
    try:
        if form in PAGE_TYPES:
            page = html_text.extract(content, charset.group(1) if charset else None)
            text, title = page.text, page.title
        elif form in TEXTS:
            text = content.decode(charset.group(1) if charset else "utf-8")
        else:
            raise _Refusal("not_text", form or "no Content-Type")
    except UnicodeDecodeError as problem:
        raise _Refusal(html_text.rule_of(problem.encoding), problem.reason) from problem
    except LookupError as problem:
        raise _Refusal("not_text", str(problem)) from problem
    if not text.strip():
        raise _Refusal("empty", "no text")
    lang = headers.get("warc-identified-content-language", "").partition(",")[0].strip() or None
    return _Page(number, text.replace("\r\n", "\n").strip("\n"), headers.get("warc-target-uri"), lang, title)


def _http(content: bytes) -> tuple[str, Mapping[str, str], bytes]:
    """Status, headers and body of an answer."""
    head, blank, body = content.partition(b"\r\n\r\n")
    if not blank:
        head, blank, body = content.partition(b"\n\n")
    first, *lines = head.decode("latin-1").splitlines() or [""]
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    status = [*first.split(), "", ""][1]
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body = _without_chunks(body)
    coding = headers.get("content-encoding", "").lower()
    if coding in ("gzip", "x-gzip", "deflate"):
        try:
            body = zlib.decompressobj(47 if coding != "deflate" else 15).decompress(body, LONGEST_RECORD)
        except zlib.error as problem:
            raise _Refusal("not_text", f"{coding}: {problem}") from problem
    elif coding not in ("", "identity", "none"):
        raise _Refusal("not_text", f"Content-Encoding: {coding}")
    return status, headers, body


def _without_chunks(body: bytes) -> bytes:
    """The body without the lengths of its chunks; as it is, if it has none (crawlers often took them out)."""
    parts: list[bytes] = []
    at = 0
    while match := re.compile(rb"([0-9A-Fa-f]{1,8})[^\r\n]{0,100}\r\n").match(body, at):
        size = int(match.group(1), 16)
        if not size:
            return b"".join(parts)
        parts.append(body[match.end() : match.end() + size])
        at = match.end() + size + 2
    return b"".join(parts) if parts and at >= len(body) else body
