"""Conversations that trainers choke on, or learn wrongly from."""

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from xlcorpus import records
from xlcorpus.release.content_rules import RULES, broken_rule
from xlcorpus.release.validate import validate_release

ASK = "Erkläre mir bitte den Unterschied zwischen Wetter und Klima."
ANSWER = "Das Wetter ändert sich jeden Tag, das Klima in Jahrzehnten."


def turns(*said: tuple[str, str | None], calls: str | None = None) -> list[dict[str, str | None]]:
    made = [{"role": role, "content": text, "tool_calls": None, "reasoning": None} for role, text in said]
    made[-1]["tool_calls"] = calls
    return made


def instruction(*said: tuple[str, str | None], calls: str | None = None) -> pl.DataFrame:
    return pl.DataFrame({"messages": [turns(*said, calls=calls)]}, schema={"messages": records.turns_dtype()})


def preference(prompt: str, chosen: str, rejected: str) -> pl.DataFrame:
    columns = {"prompt": ("user", prompt), "chosen": ("assistant", chosen), "rejected": ("assistant", rejected)}
    return pl.DataFrame(
        {n: [turns(t)] for n, t in columns.items()}, schema=dict.fromkeys(columns, records.turns_dtype())
    )


def rule(rows: pl.DataFrame, allowed: tuple[str, ...] = ()) -> str | None:
    kind = "preference" if "chosen" in rows.columns else "instruction"
    found: str | None = rows.select(broken_rule(kind, allowed)).item()
    return found


@pytest.mark.parametrize(
    ("rows", "broken"),
    [
        (instruction(("user", ASK), ("assistant", ANSWER)), None),
        (instruction(("user", ASK), ("assistant", "")), "empty_turn"),
        (instruction(("user", ASK), ("assistant", "\u200b \n")), "empty_turn"),
        (instruction(("user", ASK), ("assistant", ""), calls='[{"type": "function"}]'), None),
        (instruction(("user", ASK), ("assistant", ANSWER), ("user", "Danke!")), "ends_with_user"),
        (instruction(("user", ASK), ("tool", "12")), "ends_with_user"),
        (instruction(("user", ASK), ("assistant", f"{ASK}\n{ANSWER}")), "prompt_in_answer"),
        (instruction(("user", ASK), ("assistant", f"Gern.\n\n{ASK}\n\n{ANSWER}")), "prompt_in_answer"),
        (instruction(("user", f"Schreibe ab: {ASK}"), ("assistant", ASK)), None),
        (instruction(("user", "Wer?"), ("assistant", "Wer? Ich.")), None),
        (
            instruction(("user", "天气和气候有什么区别？"), ("assistant", "天气和气候有什么区别？变。")),
            "prompt_in_answer",
        ),
        (instruction(("user", ASK), ("assistant", f"<think>Also\n\n{ANSWER}")), "unclosed_reasoning"),
        (instruction(("user", ASK), ("assistant", f"<think>Also</think>\n\n{ANSWER}")), None),
        (instruction(("user", ASK), ("assistant", f"[THINK]Also {ANSWER}")), "unclosed_reasoning"),
        (instruction(("user", "Was ist <think>?"), ("assistant", "Mit <think> beginnt ein Gedanke.")), None),
        (preference(ASK, ANSWER, "Keine Ahnung."), None),
        (preference(ASK, ANSWER, f" {ANSWER}\n"), "equal_answers"),
        (preference("मौसम और जलवायु में क्या अंतर है?", "मौसम", "मौसम और जलवायु में क्या अंतर है? मौसम"), "prompt_in_answer"),
        (preference(ASK, ANSWER, " "), "empty_turn"),
        (preference(ASK, ANSWER, "<thinking>\nNun"), "unclosed_reasoning"),
    ],
)
def test_what_a_rule_finds(rows: pl.DataFrame, broken: str | None) -> None:
    assert rule(rows) == broken
    if broken:
        assert rule(rows, (broken,)) is None


def test_kinds_without_conversations_break_none() -> None:
    assert pl.DataFrame({"text": ["a"]}).select(broken_rule("sentence")).item() is None


def unanswered() -> pl.DataFrame:
    asked = [turns(("user", f"{ASK} ({n})")) for n in range(2)]
    return pl.DataFrame({"messages": pl.Series(asked, dtype=records.turns_dtype())}).with_columns(
        lang=pl.lit("deu_Latn"), task=pl.lit("open"), prompt_lang=pl.lit("deu_Latn"), response_lang=pl.lit("deu_Latn")
    )


def test_such_rows_are_not_released_and_stand_in_the_ledger(
    make_table: Callable[..., Any], build: Callable[..., Any], instructions: Callable[..., pl.DataFrame]
) -> None:
    good = instructions(20)
    bad = unanswered()
    table = make_table(good, bad, kind="instruction", step="translate")
    built = build({"chat": table})
    assert built.rows == {"chat": 20}
    assert [entry.rejected for entry in built.ledger] == [{"ends_with_user": 2}]
    assert validate_release(built.folder) == []
    kept = build({"chat": table}, "kept", allow=["ends_with_user"])
    assert kept.rows == {"chat": 22}
    assert validate_release(kept.folder) == []


def test_validate_names_the_rule(make_table: Callable[..., Any], build: Callable[..., Any]) -> None:
    built = build({"chat": make_table(unanswered(), kind="instruction", step="translate")}, allow=["ends_with_user"])
    card = built.folder / "README.md"
    card.write_text(card.read_text("utf8").replace("  allow:\n  - ends_with_user\n", ""), "utf8")
    (found,) = [str(p) for p in validate_release(built.folder)]
    assert found.endswith(f"breaks the rule ends_with_user: {RULES['ends_with_user']}")
