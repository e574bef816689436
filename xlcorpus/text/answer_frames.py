"""What a chat model wraps a translation in: thoughts, fences, tags, JSON, quotation marks, brackets, emphasis."""

from __future__ import annotations

import json
import re

_THOUGHT = re.compile(r"\A\s*<(think|thinking|reasoning)>.*?</\1>\s*", re.DOTALL)
_FENCED = re.compile(r"```[^\n`]*\n(.*?)\n?```|\A```([^\n`]+)```\Z", re.DOTALL)
_TAGGED = re.compile(
    r"\A\s*<([A-Za-z_]+)>(.*)</\1>\s*\Z|<(translat\w*|target|output|answer|result|response|final)>(.*?)</\3>", re.DOTALL
)
_TOKEN = re.compile(r"<\|[^|<>\n]{1,40}\|>|</?s>|<(?:eos|bos|end_of_turn|start_of_turn)>|\[/?INST\]")

_QUOTES = tuple((marks[0], marks[1]) for marks in (
    '""', "“”", "„“", "„”", "””", "‟”", "«»", "»«", "»»", "「」", "『』", "﹁﹂", "＂＂", "''", "‘’", "‚‘", "‚’", "’’",
    "‹›", "›‹", "״״", "``",
))  # fmt: skip
"""Opening and closing mark. 《》 and 〈〉 are not here: they mark titles, also where the source marks none."""
_EMPHASIS = ("***", "**", "__", "*", "_", "~~")
BRACKETS = {"(": ")", "（": "）", "[": "]", "【": "】", "{": "}"}
_MARKER = re.compile(r"(?:[-•>*]|#{1,6})[ \t]+(?=\S)")
_EMOJI_CLASS = "[\u2600-\u27bf\ufe0f\u200d\U0001f000-\U0001faff]"
_EMOJI = re.compile(_EMOJI_CLASS)
_EMOJI_END = re.compile(rf"\s*{_EMOJI_CLASS}(?:{_EMOJI_CLASS}|\s)*\Z")
DOUBLE_QUOTES = re.compile(r"[\"“”„‟«»「」『』﹁﹂＂״]")
STOPS = ".。!！?？…।።"
"""Ends of sentences."""


def without_wrapping(text: str, source: str) -> str:
    """Without thoughts, a model's own tokens, code fences, tags and JSON around the text."""
    if not _TOKEN.search(source):
        text = _TOKEN.sub("", text).strip("\u200b\ufeff \n")
    if "\\n" not in source:
        text = text.removesuffix("\\n").removeprefix("\\n").strip()
    if "<think" not in source and "<reasoning" not in source:
        text = _THOUGHT.sub("", text)
    if "```" not in source and len(fenced := _FENCED.findall(text)) == 1:
        return str(fenced[0][0] or fenced[0][1]).strip()
    if "<" not in source and (tagged := _TAGGED.search(text)):
        return (tagged[2] or tagged[4] or "").strip()
    if text.startswith("{") and not source.startswith("{"):
        try:
            values = [v for v in json.loads(text).values() if isinstance(v, str)]
        except (json.JSONDecodeError, RecursionError):
            return text
        if len(values) == 1:
            return values[0].strip()
    return text


def without_marks(text: str, source: str) -> str:
    """Without quotation marks, brackets or emphasis around the whole and a mark or emoji that the source has not."""
    for mark in _EMPHASIS:
        inner = text[len(mark) : -len(mark)]
        around = text.startswith(mark) and text.endswith(mark) and mark[0] not in inner
        if around and inner.strip() and not source.startswith(mark[0]):
            return inner.strip()
    for opening, closing in BRACKETS.items():
        inner = text[1:-1]
        around = text.startswith(opening) and text.endswith(closing) and opening not in inner and closing not in inner
        if around and inner.strip() and opening not in source:
            return inner.strip()
    if (marker := _MARKER.match(text)) and not re.match(r"\s*[-•>#*–—\"“„«]", source):
        return text[marker.end() :]
    if not _EMOJI.search(source):
        text = _EMOJI_END.sub("", text) or text
    stop = text[-1:] if text[-1:] in STOPS else ""
    body = text[: len(text) - len(stop)] if stop else text
    for opening, closing in _QUOTES:
        if len(body) < 3 or body[0] != opening or body[-1] != closing or not body[1:-1].strip():
            continue
        inner = body[1:-1].strip()
        if _stands_in_quotes(source) or not _outermost(inner, opening, closing, source):
            return text
        return inner if stop and inner[-1] in STOPS else inner + stop
    return text


def _outermost(inner: str, opening: str, closing: str, source: str) -> bool:
    """Whether the marks around `inner` belong to each other and the source's own marks are all inside."""
    if opening in "'‘‚’`‹›" and (opening in inner or closing in inner):
        return opening == closing == "'" and not re.search(r"(?<!\w)'|'(?!\w)", inner)
    if opening == closing:
        return inner.count(opening) <= len(DOUBLE_QUOTES.findall(source))
    depth = 0
    for character in inner:
        depth += (character == opening) - (character == closing)
        if depth < 0:
            return False
    return depth == 0


def _stands_in_quotes(source: str) -> bool:
    body = source.rstrip(STOPS)
    return any(len(body) > 1 and body[0] == a and body[-1] == b for a, b in _QUOTES)
