"""Spans that a translator must not touch: code, addresses, JSON, placeholders, tags, formulas, layout.

A text is cut into segments whose join is the text again; only segments with words to translate go to the
translator. Cutting rather than masking: no placeholder token that a translator could translate, move or lose.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple


class Segment(NamedTuple):
    """A piece of a text."""

    text: str
    translatable: bool


_CJK_STOP = "。，、；：！？）」』》】"
_ADDRESS = rf"[^\s<>\"`{_CJK_STOP}]"
_ADDRESS_END = rf"[^\s<>\"`.,;:!?)\]}}'»।؟،{_CJK_STOP}]"

CODE = (
    # fenced code, to the end of the text where the fence is not closed
    r"(?:(?<=\n)|\A)[ \t]*(?P<fence>```+|~~~+)[^\n]*"
    r"(?:\n.*?(?:(?<=\n)[ \t]*(?P=fence)[ \t]*(?=\n|\Z)|\Z)|\Z)",
    # inline code
    r"(?P<tick>`+)(?!`)[^\n]+?(?<!`)(?P=tick)(?!`)",
)
FORMULAS = (
    # a lone $ follows pandoc's rule, so that prices stay text
    r"\$\$.{1,4000}?\$\$|\\\[.{1,4000}?\\\]|\\\(.{1,1000}?\\\)",
    r"\\begin\{(?P<env>[A-Za-z]+\*?)\}.{,8000}?\\end\{(?P=env)\}",
    r"(?<![\\$\w])\$(?=[^\s$])[^$\n]*?(?<![\s\\])\$(?![\d$])",
)
ADDRESSES = (
    rf"(?<![A-Za-z\d])(?:(?:https?|ftp)://|www\.){_ADDRESS}*{_ADDRESS_END}",
    r"(?<![A-Za-z\d_.+-])[A-Za-z\d_.+-]+@[A-Za-z\d-]+(?:\.[A-Za-z\d-]+)+",
)
"""Patterns of code, formulas and addresses, with `re.DOTALL`.

Lengths are bounded so that a text of openings that nothing closes takes linear time.
"""

_SPANS = (
    *CODE,
    *FORMULAS,
    # JSON, if what starts here parses
    r"(?P<json>[{\[](?=\s*[\"\d{\[tfn-]))",
    # the brackets of a Markdown link
    r"\[(?=[^\[\]\n]*\]\([^()\s]+\))|\]\([^()\s]+(?:\([^()\s]*\)[^()\s]*)?\)",
    *ADDRESSES,
    # placeholders of str.format, printf, shell and templates
    r"\{\{[^{}\n]*\}\}|\$?\{[^\W\d]\w*(?:[.:!\[][^{}\n]*)?\}|\{\d*\}",
    r"%(?:\(\w+\)|\d+\$)?[-+#0]*\d*(?:\.\d+)?[sdifgxXr](?!\w)",
    # tags, comments and entities of HTML and XML
    r"</?[A-Za-z][\w:-]*(?:\s+[\w:-]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>\"']+))?)*\s*/?>|<!--.{,4000}?-->",
    r"&(?:[A-Za-z]\w+|\#\d+|\#x[\dA-Fa-f]+);",
    # marks of Markdown headings, quotations and list items; letters before a bracket label the choices of a question
    r"(?:(?<=\n)|\A)[ \t]*(?:[-*+•]|\#{1,6}|>+|\(?\d{1,3}[.)]|\(?[^\W\d_][\u0900-\u0dff]{0,2}\))(?=[ \t])",
)
"""What to leave alone; where two could start at one place, the earlier wins."""

_UNIT = r"°\s?[CF]|[%‰€$£¥₹°]|(?:km/h|[kM]?W|[kMGT]?B|h|min|s|[kcmdµ]?m|[km]?g|[mcd]?l)[²³]?(?!\w)"
_NUMBER = rf"\d+(?:[.,:/'’٫٬]\d+)*(?:\s?(?:{_UNIT}))?"

_FIXED = re.compile("|".join(_SPANS), re.DOTALL)
_FIXED_OR_NUMBER = re.compile("|".join([*_SPANS, _NUMBER]), re.DOTALL)
_NOT_JSON = re.compile("|".join(s for s in _SPANS if "?P<json>" not in s), re.DOTALL)
_LINE_BREAK = re.compile(r"(\s*\n\s*)")
_LEAD = re.compile(rf"[\s.,;:!?)\]}}؟،।{_CJK_STOP}]*")
_DECODER = json.JSONDecoder()


def protect(text: str, numbers: bool = False) -> list[Segment]:
    """Cut a text into what a translator may change and what not; the join of the segments is the text.

    Line breaks, white space and closing punctuation at the start of a piece, white space at its end and
    pieces without a letter are never translatable.

    Args:
        text: any text.
        numbers: keep numbers with their units (3.5 kg) out of the translator's hands too.
    """
    segments: list[Segment] = []
    end = 0
    for start, stop in _fixed_spans(text, _FIXED_OR_NUMBER if numbers else _FIXED):
        segments.extend(_free(text[end:start]))
        segments.append(Segment(text[start:stop], False))
        end = stop
    segments.extend(_free(text[end:]))
    return segments


def _fixed_spans(text: str, pattern: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """(start, end) of the spans to leave alone, in order, disjoint, none empty."""
    at = 0
    while (found := pattern.search(text, at)) is not None:
        start, end = found.span()
        if found["json"] is not None:
            end = _json_end(text, start)
        if end > start:
            yield start, end
        at = max(end, start + 1)


def _json_end(text: str, start: int) -> int:
    """End of the JSON value at `start`, else of another span there, else `start`."""
    try:
        return _DECODER.raw_decode(text, start)[1]
    except (json.JSONDecodeError, RecursionError):
        other = _NOT_JSON.match(text, start)
        return other.end() if other else start


def _free(text: str) -> Iterator[Segment]:
    """Segments of a text without protected spans, line by line."""
    for piece in _LINE_BREAK.split(text):
        lead = _LEAD.match(piece)
        start = lead.end() if lead else 0
        core = piece[start:].rstrip()
        if not any(unicodedata.category(c)[0] == "L" for c in core):
            start, core = len(piece), ""
        for part, translatable in ((piece[:start], False), (core, True), (piece[start + len(core) :], False)):
            if part:
                yield Segment(part, translatable)
