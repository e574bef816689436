"""Verdicts of rules, examples near their cuts, and rows that change sides."""

import numpy as np
import polars as pl
import pytest

from xlcorpus import records
from xlcorpus.errors import UserError
from xlcorpus.policies.compare import changes
from xlcorpus.policies.examples import excerpt, nearest
from xlcorpus.policies.verdicts import Judged, judge, measure
from xlcorpus.step import MAIN, Limit, Port, RowEnv, RowStep, Rule
from xlcorpus.steps.filter.quality import Quality
from xlcorpus.steps.identify.identify import Identify

TEXTS = ["eins zwei drei vier fünf", "eins zwei drei vier", "eins zwei drei", "eins zwei", "sechs"]


class Halve(RowStep):
    """Makes two rows of each."""

    def ports(self) -> dict[str, Port]:
        return {MAIN: Port(("document",))}

    def apply(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        return pl.concat([rows.with_columns(id=pl.col("id") + half, parents=pl.concat_list("id")) for half in "ab"])


class Twice(RowStep):
    """Has two rules of one name, and one on a column."""

    def ports(self) -> dict[str, Port]:
        return {MAIN: Port(("document",))}

    def adds(self, kind: str) -> tuple[str, ...]:
        return ("twice_length", "twice_half", "twice_word")

    def apply(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        length = pl.col("text").str.len_chars()
        return rows.with_columns(twice_length=length, twice_half=length / 2, twice_word="text")

    def rules(self, kind: str) -> list[Rule]:
        odd = Rule("odd", pl.lit("x"), pl.col("text") != "sechs")
        first = Rule("odd", pl.lit("x"), pl.col("text") != TEXTS[0])
        return [odd, first, Limit.of("short", "twice_length", pl.lit(10), True)]


def rows(texts: list[str], lang: str = "deu_Latn") -> pl.DataFrame:
    return records.finish(pl.DataFrame({"text": texts, "lang": lang}), "document")


def judged(*steps: RowStep, texts: list[str] = TEXTS) -> Judged:
    named = {step.step_name(): step for step in steps}
    return judge(measure(named, rows(texts), "document", 0), named)


def test_each_rule_is_judged_alone_and_as_the_step_does_it() -> None:
    texts = [*TEXTS, "a" * 300, "", "www.example.org/eins/zwei"]
    found = judged(Quality(min_words=3), texts=texts)
    few = next(v for v in found.verdicts if v.rule == "few_words")
    assert few.keep[:5].tolist() == [True, True, True, False, False]
    assert few.cut is not None
    assert few.cut.values[:5].tolist() == [5, 4, 3, 2, 1]
    kept = Quality(min_words=3)(rows(texts), kind="document")
    assert found.rows.filter(pl.Series(found.keep))["id"].to_list() == kept["id"].to_list()


def test_rows_weigh_by_their_words_and_bytes() -> None:
    assert judged(Quality(), texts=["für uns", "我喜欢喝茶。"]).weights[0].tolist() == [1, 2, 8]


def test_limits_of_single_languages_are_those_of_their_rows() -> None:
    step = Quality(min_words=3, by_language={"hin_Deva": {"min_words": None}})
    mixed = pl.concat([rows(["eins zwei"]), rows(["एक दो"], "hin_Deva")])
    few = next(v for v in judge(measure({"quality": step}, mixed, "document", 0), {"quality": step}).verdicts
               if v.rule == "few_words")  # fmt: skip
    assert few.cut is not None
    assert few.cut.limits.tolist() == [3, -np.inf]
    assert few.keep.tolist() == [False, True]


def test_numeric_columns_without_a_limit_are_columns_and_rules_of_one_name_are_one() -> None:
    found = judged(Twice())
    assert list(found.columns) == ["twice_half"]
    assert [(v.rule, v.keep.tolist()) for v in found.verdicts] == [
        ("odd", [False, True, True, True, False]),
        ("short", [True, True, True, False, False]),
    ]


def test_several_steps_judge_the_same_rows() -> None:
    found = judged(Identify(), Quality(), texts=["Der Zug nach Hamburg fährt heute um zehn Uhr ab.", "12345 67890"])
    assert {v.step for v in found.verdicts} == {"identify", "quality"}
    assert "identify_own_probability" in found.columns


def test_rows_made_before_the_first_judge_are_the_rows_and_later_ones_are_refused() -> None:
    assert len(judged(Halve(), Quality()).langs) == 10
    with pytest.raises(UserError, match="'halve' makes other rows of those that 'quality' judges"):
        judged(Quality(), Halve())


def test_examples_are_the_rows_nearest_to_the_cut() -> None:
    found = judged(Quality(min_words=3))
    few = next(v for v in found.verdicts if v.rule == "few_words")
    sides = nearest(few, np.arange(5), 2)
    assert [TEXTS[i] for i in sides.lost] == ["eins zwei", "sechs"]
    assert [TEXTS[i] for i in sides.kept] == ["eins zwei drei", "eins zwei drei vier"]
    assert nearest(few, np.array([0, 1]), 2).lost.tolist() == []


def test_a_rule_without_a_limit_shows_what_it_rejects() -> None:
    sides = nearest(judged(Twice()).verdicts[0], np.arange(5), 3)
    assert (sides.lost.tolist(), sides.kept.tolist()) == ([0, 4], [])


def test_changed_rows_stand_under_the_first_rule_that_rejects_them() -> None:
    old, new = judged(Quality(min_words=2)), judged(Quality(min_words=4, max_word_length=2))
    found = changes(new, old)
    assert [(c.lang, new.verdicts[c.rule].rule, c.now_lost, c.places.tolist()) for c in found] == [
        ("deu_Latn", "few_words", True, [2, 3]),
        ("deu_Latn", "long_words", True, [0, 1]),
    ]
    back = changes(old, new)
    assert [(new.verdicts[c.rule].rule, c.now_lost, len(c.places)) for c in back] == [
        ("few_words", False, 2),
        ("long_words", False, 2),
    ]


def test_excerpts_end_between_characters_as_readers_see_them() -> None:
    assert excerpt("नमस्ते" * 3, 8) == "नमस्तेनम…"
    assert excerpt("नमस्ते", 4) == "नम…"
    assert excerpt("👩‍👩‍👧 family", 3) == "👩‍👩…"
    assert excerpt("short") == "short"


def test_excerpts_show_control_characters() -> None:
    assert excerpt("a\x00b\x1bc\x85d\te\nf") == "a␀b␛c\ufffdd\te\nf"
