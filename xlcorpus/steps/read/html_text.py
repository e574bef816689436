"""The text of an HTML page."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from xlcorpus.errors import MissingExtra
from xlcorpus.steps.read.encodings import BOMS, rule_of

__all__ = ["Page", "extract", "rule_of"]

_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
WEB_NAMES = {"iso-8859-1": "cp1252", "latin-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030"}
"""What browsers read where a page names an encoding (WHATWG Encoding Standard), by Python's name of it."""


@dataclass(frozen=True)
class Page:
    """What is read of a page."""

    text: str
    title: str | None


def extract(html: bytes, charset: str | None = None) -> Page:
    """The visible text of a page, with line breaks between its blocks; menus and footers included.

    Args:
        charset: the encoding that the server named; else a byte order mark or the page's own `meta` counts, else UTF-8.

    Raises:
        UnicodeDecodeError: the page is not in that encoding.
        MissingExtra: Resiliparse is not installed.
    """
    try:
        from resiliparse.extract.html2text import extract_plain_text
        from resiliparse.parse.html import HTMLTree
    except ImportError as problem:
        raise MissingExtra.pip("reading HTML pages of a web archive", "web") from problem
    tree = HTMLTree.parse(_decoded(html, charset))
    # Its main_content=True drops text nodes of one character, which are words in Chinese and Japanese.
    text = extract_plain_text(tree, main_content=False, list_bullets=False, alt_texts=False, form_fields=False)
    return Page(text, (tree.title or "").strip() or None)


def _decoded(html: bytes, charset: str | None) -> str:
    for bom, marked in BOMS:
        if html.startswith(bom):
            return html[len(bom) :].decode(marked)
    meta = _META.search(html[:4096])
    named = [charset, meta.group(1).decode("ascii") if meta else None, "utf-8"]
    problem: UnicodeDecodeError | None = None
    for codec in (_codec(name) for name in named):
        if codec is None:
            continue
        try:
            return html.decode(codec)
        except UnicodeDecodeError as wrong:
            problem = problem or wrong
    assert problem is not None
    raise problem


def _codec(name: str | None) -> str | None:
    try:
        found = codecs.lookup(name or "").name
        "".encode(found)
    except LookupError:
        return None
    return WEB_NAMES.get({"iso8859-1": "iso-8859-1"}.get(found, found), found)
