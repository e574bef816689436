"""Rows of any record kind as a table that a reader of the card can take in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from xlcorpus import records
from xlcorpus.release.markdown import code, cut, escape, number, table

TEXT_CHARS = 220
"""Longer texts are cut."""
_DULL = ("position", "langs", "answer_start")


def example_table(rows: Sequence[Mapping[str, Any]], kind: records.Kind) -> str:
    """Example rows as Markdown: the kind's own columns without ids and without those always null."""
    columns = [
        name
        for name in kind.own.names
        if name not in _DULL and not name.endswith("_id") and any(row[name] is not None for row in rows)
    ]
    return table([f"`{c}`" for c in columns], [[_shown(c, row[c]) for c in columns] for row in rows])


def _shown(column: str, value: Any) -> str:
    if value is not None and (column == "lang" or column.endswith("_lang")):
        return code(value)
    return cell(value)


def cell(value: Any) -> str:
    """A value as a table cell: text, number, list, messages, parallel texts or spans."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, list):
        return "<br>".join(_item(item) for item in value)
    return escape(cut(str(value), TEXT_CHARS))


def _item(item: Any) -> str:
    if not isinstance(item, Mapping):
        return cell(item)
    if "role" in item:
        said = [cell(item["content"]), code(cut(item["tool_calls"], TEXT_CHARS)) if item.get("tool_calls") else ""]
        return f"**{escape(item['role'])}:** {' '.join(part for part in said if part)}"
    if "replacement" in item:
        return f"{cell(item['original'])} → {cell(item['replacement'])}"
    if "text" in item:
        return f"**{escape(item['lang'])}:** {cell(item['text'])}"
    return ", ".join(f"{name}: {cell(value)}" for name, value in item.items())
