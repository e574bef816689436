"""Text that stays what it is inside Markdown: cells, tables, code fences, numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~$])")
_BREAK = re.compile(r"\r\n|[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")

ELLIPSIS = "…"


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, the last an ellipsis if some were cut; marks stay with their letter."""
    if len(text) <= limit:
        return text
    end = limit - 1
    while end > 1 and (unicodedata.category(text[end])[0] == "M" or "\u200d" in text[end - 1 : end + 1]):
        end -= 1
    return text[:end].rstrip() + ELLIPSIS


def escape(text: str) -> str:
    """Text of anyone as Markdown that shows it as it is, for a table cell (breaks become `<br>`)."""
    lines = _BREAK.split(text.replace("&", "&amp;"))
    # A bare address would become a link: break it where no reader sees it.
    shown = [_SPECIAL.sub(r"\\\1", _CONTROL.sub("\ufffd", line)).replace("://", ":&#47;/") for line in lines]
    return "<br>".join(shown)


def code(text: str) -> str:
    """Inline code, safe in a table cell whatever the text holds."""
    text = _BREAK.sub(" ", text).replace("|", "\\|")
    ticks = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    edge = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{edge}{text}{edge}{ticks}"


def fence(text: str, language: str) -> str:
    """A fenced code block, with a fence longer than any run of backticks in the text."""
    ticks = "`" * max(3, max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    return f"{ticks}{language}\n{text.rstrip()}\n{ticks}"


def table(titles: Sequence[str], rows: Sequence[Sequence[str]], align: str = "") -> str:
    """A Markdown table. `align` has one letter a column, `l` or `r`; cells must be Markdown already."""
    align = align or "l" * len(titles)
    rule = ["---:" if a == "r" else "---" for a in align]
    return "\n".join("| " + " | ".join(row) + " |" for row in [titles, rule, *rows])


def long_table(titles: Sequence[str], rows: Sequence[Sequence[str]], align: str, most: int, what: str) -> str:
    """A table of at most `most` rows; how many more there are stands below it."""
    shown = table(titles, rows[:most], align)
    more = len(rows) - most
    return f"{shown}\n\n{more:,} more {what} are not shown." if more > 0 else shown


def counted(count: int, noun: str) -> str:
    """ "1 row", "2,000 rows"."""
    return f"{count:,} {noun}{'s' * (count != 1)}"


def number(value: float | None) -> str:
    """A count with thousands separators, or a measure with three significant digits; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, int) or (value.is_integer() and abs(value) >= 100):
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def percent(part: float) -> str:
    """A part of 1 in percent; never "100%" or "0%" of what is not quite that."""
    if 0 < part < 0.001:
        return "<0.1%"
    if 0.999 < part < 1:
        return ">99.9%"
    return f"{part:.1%}" if part < 1 else "100%"


def size(count: int) -> str:
    """Bytes for people (powers of 1000, as the Hub shows them)."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.3g} {unit}" if unit != "B" else f"{count} B"
        value /= 1000
    return f"{value:.3g} TB"
