"""Markup left in running text: tags, wiki, Markdown and BBCode marks, templates, entities, codes of subtitles;
seeing it and taking it out.

What people write in prose is none: "a < b and b > c", "AT&T", "x<y>z", "<me@x.org>", "I <3 you", "List<String>",
"{{file}}", and anything in backticks. So an opening tag without attributes counts only if its name is one of HTML's
that are no words of prose, and a template only if it looks like one of MediaWiki's. Of Markdown only bold text
and links count: headings and lists are the layout of a document, a single asterisk or underscore may be anything. LaTeX
stays: its words cannot be told from formulas.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from html.entities import html5

import polars as pl

_CODE = r"(?s:```.*?(?:```|$))|`[^`\n]+`"
"""Code in Markdown is quoted on purpose."""

_BLOCKS = "br|hr|p|div|h[1-6]|li|ul|ol|dl|dt|dd|table|tbody|thead|tr|td|th|blockquote|center|img|pre|body|html|head"
_INLINE = "span|em|strong|font|sup|sub|nobr|wbr|strike|tt|big|abbr|nowiki|ref|script|style|noscript|iframe"
_LETTERS = "[abiuspq]"
"""Elements that prose may have between letters: x<b>y."""

_VALUE = r"(?:\"[^\"<\n]*\"|'[^'<\n]*'|[^\s\"'<>=]+)"
_ATTRIBUTES = rf"(?:\s+[A-Za-z_:][\w:.-]*\s*=\s*{_VALUE})+(?:\s+[\w-]+)*"
_NAME = r"[A-Za-z][A-Za-z0-9_:.-]*"
_SURE_TAG = "|".join(
    [
        r"(?s:<!--.*?-->)|<!DOCTYPE[^>]*>|<!\[CDATA\[|\]\]>",
        rf"</{_NAME}\s*>",
        rf"<{_NAME}{_ATTRIBUTES}\s*/?>",
        rf"<{_NAME}\s*/>",
        rf"<(?i:{_BLOCKS}|{_INLINE})\s*>",
        # torn apart by a tokeniser
        rf"<\s+/\s*(?i:{_BLOCKS}|{_INLINE}|{_LETTERS})\s*>|<\s*/\s+(?i:{_BLOCKS}|{_INLINE}|{_LETTERS})\s*>",
        r"<\s+(?i:br|hr|div|span|strong|em|font|li|ul|ol|td|tr|th|table)\s*/?\s*>|<(?i:br|hr)\s*/\s+>",
        rf"<\s+(?i:{_BLOCKS}|{_INLINE}|a)(?:\s+[A-Za-z-]+\s*=\s*{_VALUE})+\s*/?\s*>",
    ]
)
_LETTER_TAG = rf"<(?i:{_LETTERS})>"

_TORN_NAMES = (
    "quot|amp|lt|gt|nbsp|apos|laquo|raquo|ndash|mdash|hellip|lsquo|rsquo|ldquo|rdquo|bdquo|sbquo|bull|middot|euro|copy|"
    "reg|shy|deg|sect|times|[aeiouyAEIOUY](?:acute|grave|circ|uml)|[anoANO]tilde|[cC]cedil|szlig|aring|Aring|oslash|Oslash"
)
_NAMES = "|".join(sorted((name[:-1] for name in html5 if name.endswith(";")), key=len, reverse=True))
_ENTITY = "|".join(
    [
        r"&(?:amp;)+(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,24});",
        rf"&(?:{_NAMES});",
        r"&\s*#\s*\d{1,7}\s*;|&\s*#\s*[xX][0-9A-Fa-f]{1,6}\s*;",
        r"&#\d{2,7}\b|&#[xX][0-9A-Fa-f]{2,6}\b",
        rf"&\s*(?:amp\s*;\s*)*(?:{_TORN_NAMES})\s*;",
        r"&(?:nbsp|quot)\b",
    ]
)

_TEMPLATE_NAMES = (
    r"(?i:cite|citation|cn|fact|lang|langx|nowrap|main|see also|reflist|refn|sfn|infobox|convert|flag|flagicon|"
    r"coord|ipa|as of|when|who|clarify|use dmy dates|short description|wikidata|quote|efn|small|nihongo|zh|audio)"
)
_CAPITAL = "[A-ZÀ-ÖØ-ÞΑ-ΩЀ-Я]"
_TEMPLATE = "|".join(
    [
        rf"\{{\{{\s*{_TEMPLATE_NAMES}(?:[ _-][^{{}}|\n]*)?(?:\|[^{{}}]*)?\}}\}}",
        rf"\{{\{{\s*{_CAPITAL}[^{{}}|\n/]*\|[^{{}}]*\}}\}}",
        r"\{\{\s*[^\W\d_][^{}|\n]*\|[^{}]*=[^{}]*\}\}",
        rf"\{{\{{\s*{_CAPITAL}[^\W\d_]+(?: [^\W\d_]+)*\s*\}}\}}",
    ]
)
_LINK = r"\[\[[:#]?(?:\d{0,8}[ .]{0,2}[^\W\d_][^\[\]\n]{0,300}|\d{3,4})\]\]|\[(?:https?|ftp)://[^\s\]]+(?: [^\]\n]*)?\]"
_BOLD = r"'{3,5}[^'\n](?:[^\n]*?[^'\n])?'{3,5}"
_HEADING = r"(?m:^={2,6}[ \t]*[^=\n]+?[ \t]*={2,6}[ \t]*$)"
_BB = "b|i|u|s|url|img|quote|code|color|size|list|center|spoiler"
_BBCODE = rf"\[/(?i:{_BB})\]|\[(?i:url|color|size|quote|img)=[^\]\n]{{1,200}}\]"

_MARKDOWN_BOLD = r"\*\*[^\s*](?:[^*\n]*[^\s*])?\*\*"
_MARKDOWN_LINK = r"!?\[[^\[\]\n]+\]\((?:https?://|mailto:|\.{0,2}/|#|[\w./-]+\.\w{2,5}\b)[^\s()]*(?: \"[^\"\n]*\")?\)"
_SUBTITLE_CODE = (
    r"\{(?:\\(?:an?|[biusqrkc]|[1-4]c|alpha|pos|move|org|fade?|fn|fsc[xy]|fsp|fs|fr[xyz]?|bord|shad|be|blur|clip|k[fo])"
    r"[-0-9a-zA-Z&().,]*)+\}"
)
"""Overrides of SubStation (`{\\i1}`, `{\\an8}`), which SRT files keep."""

_MARKUP = "|".join(
    [
        _SURE_TAG,
        rf"(?:^|[^\p{{L}}\p{{N}}]){_LETTER_TAG}|{_LETTER_TAG}(?:[^\p{{L}}\p{{N}}]|$)",
        _ENTITY,
        _TEMPLATE,
        _LINK,
        _BOLD,
        _HEADING,
        _BBCODE,
        rf"(?:^|[^0-9A-Za-z*]){_MARKDOWN_BOLD}(?:[^0-9A-Za-z*]|$)",
        _MARKDOWN_LINK,
        _SUBTITLE_CODE,
    ]
)


_CANDIDATE = "|".join(
    [
        r"<\s*/?\s*[A-Za-z][A-Za-z0-9_:.-]*\s*(?:[\s>]|/\s*>)|<!|\]\]>",
        r"&\s*(?:amp\s*;\s*)*[#A-Za-z]",
        r"\[\[|\[(?:https?|ftp)://|\[/?[A-Za-z]{1,8}[\]=]|\]\(",
        r"'''|(?m:^==)|\*\*|\{\\|\{\{\s*[^\W\d_]",
    ]
)
"""What every text with markup has, and few others: looked for first, since it is 50 times as fast."""


def markup_share(text: pl.Expr) -> pl.Expr:
    """Characters in markup among all characters of a String expression; 0 to 1, 0 for an empty text.

    Of a link, a bold text, a heading and a template the words count too.
    """
    prose = text.str.replace_all(_CODE, "")
    candidates = pl.when(prose.str.contains(_CANDIDATE)).then(prose)
    marked = candidates.str.extract_all(_MARKUP).list.join("").str.len_chars()
    return pl.when(text.is_not_null()).then(marked.fill_null(0)) / pl.max_horizontal(text.str.len_chars(), pl.lit(1))


_RE_CODE = re.compile(_CODE)
_RE_ENTITY = re.compile(_ENTITY)
_RE_TAG = re.compile(_SURE_TAG, re.ASCII)
_RE_LETTER_TAG = re.compile(rf"(?<!\w){_LETTER_TAG}|{_LETTER_TAG}(?!\w)")
_RE_SILENT = re.compile(r"<(script|style|ref|noscript|iframe)\b[^<>]*?(?<!/)>.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_RE_OPENING = re.compile(rf"<\s*({_NAME})\s*>")
_RE_CLOSING = re.compile(rf"<\s*/\s*({_NAME})\s*>")
_RE_BREAK = re.compile(rf"<\s*/?\s*(?:{_BLOCKS})\b", re.IGNORECASE)
_RE_TEMPLATE = re.compile(rf"[ \t]*(?:{_TEMPLATE})")
_RE_WORDS_OF = re.compile(r"\{\{\s*(?:lang|langx|nowrap|small|nihongo|quote)\b[^|]*\|", re.IGNORECASE)
_RE_LINK = re.compile(_LINK)
_NO_TEXT = (
    "File|Image|Category|Datei|Bild|Kategorie|Fichier|Catégorie|Archivo|Categoría|Ficheiro|Categoria|Bestand|Categorie|"
    "Файл|Категория|Категорія|文件|分类|分類|ファイル|カテゴリ|파일|분류|ملف|تصنيف|चित्र|श्रेणी|Dosya|Kategori|Plik|Fil"
)
"""How MediaWiki calls pictures and categories, whose links are no text."""
_RE_NO_TEXT = re.compile(rf"\[\[\s*(?:{_NO_TEXT})\s*:", re.IGNORECASE)
_RE_BOLD = re.compile(_BOLD)
_RE_ITALIC = re.compile(r"(?<![\w'])''(?=[^'\s])([^'\n]*(?:'(?!')[^'\n]*)*)''(?![\w'])")
_RE_HEADING = re.compile(_HEADING)
_RE_MARKDOWN_BOLD = re.compile(rf"(?<![0-9A-Za-z*]){_MARKDOWN_BOLD}(?![0-9A-Za-z*])")
_RE_MARKDOWN_LINK = re.compile(_MARKDOWN_LINK)
_RE_SUBTITLE_CODE = re.compile(_SUBTITLE_CODE)
_RE_BBCODE = re.compile(rf"\[/?(?:{_BB})(?:=[^\]\n]{{1,200}})?\]", re.IGNORECASE)


def without_markup(text: str) -> str:
    """The text with its markup taken out and its words kept; without markup as it is. A fixed point.

    Tags of blocks and `<br>` become a space, others nothing; scripts, styles, comments, footnotes, most templates,
    pictures and categories go with what they hold. Entities become their characters, torn ones too.
    """
    while (shorter := _outside_code(text, _once)) != text:
        text = shorter
    return text


def _outside_code(text: str, change: Callable[[str], str]) -> str:
    if "`" not in text:
        return change(text)
    pieces: list[str] = []
    end = 0
    for code in _RE_CODE.finditer(text):
        pieces += [change(text[end : code.start()]), code[0]]
        end = code.end()
    return "".join([*pieces, change(text[end:])])


def _once(text: str) -> str:
    given = text
    if "<" in text:
        text = _RE_SILENT.sub("", text)
        closed = {name.lower() for name in _RE_CLOSING.findall(text)}
        text = _RE_OPENING.sub(lambda m: _gap(m[0]) if m[1].lower() in closed else m[0], text)
        text = _RE_TAG.sub(lambda m: _gap(m[0]), text)
        text = _RE_LETTER_TAG.sub(lambda m: _gap(m[0]), text)
    if "{{" in text:
        text = _RE_TEMPLATE.sub(_words_of_template, text)
    if "**" in text:
        text = _RE_MARKDOWN_BOLD.sub(lambda m: m[0][2:-2], text)
    if "](" in text:
        text = _RE_MARKDOWN_LINK.sub(lambda m: m[0].lstrip("!")[1:].partition("](")[0], text)
    if "{\\" in text:
        text = _RE_SUBTITLE_CODE.sub("", text)
    wiki = text
    if "[" in text:
        text = _RE_LINK.sub(_words_of_link, text)
        if re.search(_BBCODE, text):
            text = _RE_BBCODE.sub("", text)
    if "'''" in text:
        text = _RE_BOLD.sub(lambda m: m[0].strip("'"), text)
    text = _RE_HEADING.sub(lambda m: m[0].strip().strip("=").strip(), text)
    if text != wiki:  # two apostrophes alone may be a quotation mark
        text = _RE_ITALIC.sub(r"\1", text)
    if "&" in text:
        text = _RE_ENTITY.sub(_character, text)
    if text == given:
        return text
    return re.sub(r" *\n *", "\n", re.sub(r"[ \t]{2,}", " ", text)).strip()


def _gap(tag: str) -> str:
    return " " if _RE_BREAK.match(tag) else ""


def _words_of_template(match: re.Match[str]) -> str:
    inner, space = match[0].strip(), " " if match[0][:1] in " \t" else ""
    if _RE_WORDS_OF.match(inner):
        positional = [part for part in inner[2:-2].split("|")[1:] if "=" not in part]
        return space + positional[-1].strip() if positional else ""
    after = match.string[match.end() : match.end() + 1]
    return space if after.isalnum() else ""


def _words_of_link(match: re.Match[str]) -> str:
    link = match[0]
    if not link.startswith("[["):
        return link[1:-1].partition(" ")[2].strip()
    if _RE_NO_TEXT.match(link):
        return ""
    target, bar, shown = link[2:-2].rpartition("|")
    if bar and not shown:
        return re.sub(r"\s*\([^()]*\)$|^[^:]*:", "", target)
    return shown.strip().lstrip(":")


def _character(match: re.Match[str]) -> str:
    joined = re.sub(r"\s", "", match[0])
    while (plain := unescape(joined if joined.endswith(";") else joined + ";")) != joined:
        joined = plain
        if not _RE_ENTITY.fullmatch(joined):
            break
    return joined.replace("\u00a0", " ").replace("\u00ad", "")
