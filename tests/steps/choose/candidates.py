"""Rows for tests of steps that choose."""

from typing import Any

import polars as pl

from xlcorpus import records


def turn(role: str, content: str | None, **fields: str | None) -> dict[str, str | None]:
    """A turn of a conversation."""
    return {"role": role, "content": content, "tool_calls": None, "reasoning": None, **fields}


def candidates(*rows: dict[str, Any]) -> pl.DataFrame:
    """Instructions: `said` answers `asked` (default "?") in `lang` (default English); further columns as given."""
    made = []
    for number, row in enumerate(rows):
        lang = row.get("lang", "eng_Latn")
        beside = {k: v for k, v in row.items() if k not in ("said", "asked", "lang")}
        made.append(
            {
                "id": f"r{number}",
                "messages": [turn("user", row.get("asked", "?")), turn("assistant", row["said"])],
                **dict.fromkeys(("lang", "prompt_lang", "response_lang"), lang),
                "task": "math",
                **beside,
            }
        )
    return pl.DataFrame(made, schema_overrides={"messages": records.turns_dtype()}, infer_schema_length=None)


def said(frame: pl.DataFrame, column: str) -> list[str]:
    """The text of the last turn of a message list."""
    return frame[column].list.last().struct.field("content").to_list()
