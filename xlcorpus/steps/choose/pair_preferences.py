"""Preferences between scored answers to one prompt."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Literal

import polars as pl
from pydantic import Field, model_validator

from xlcorpus import records
from xlcorpus.records import message, messages
from xlcorpus.step import MAIN, CorpusEnv, CorpusStep, Port, Table
from xlcorpus.steps.choose import pairs as pairing
from xlcorpus.steps.choose.grouped import GROUP, Choice, by_group, group_key
from xlcorpus.steps.provenance import provenance_of_sides

Pairs = Literal[
    "best_worst", "pass_fail", "ladder", "all", "native_machine", "direct_translated", "given"
]  # fmt: skip
_FUNCTIONS: dict[str, Callable[[pl.DataFrame], pl.DataFrame]] = {
    "best_worst": pairing.best_worst,
    "ladder": pairing.ladder,
    "all": pairing.all_pairs,
    "pass_fail": pairing.zipped,
    "native_machine": pairing.zipped,
    "direct_translated": pairing.zipped,
}
_SCORED = ("best_worst", "ladder", "all")
_ORIGINS = {
    "native_machine": pl.col("origin") == "native",
    "direct_translated": pl.when(pl.col("origin").is_in(["synthetic", "translated"])).then(
        pl.col("origin") == "synthetic"
    ),
}
"""Whether a row is on the chosen side; null: on neither."""
NO_ANSWER, NO_SCORE, NO_SIDE, SAME_ANSWER, UNPAIRED = "no_answer", "no_score", "no_side", "same_answer", "unpaired"
"""Rules: the last turn is no answer; no score or verdict; neither origin; the answer of another row, which stands for
it; nothing to be paired with."""
SLICE = 4096
"""Pairs that are made at a time: a candidate may be in many."""
_SPACES = r"\s+"


class PairPreferences(CorpusStep):
    """Makes preferences of answers to the same prompt: which one is better is known from scores, verdicts or origins.

    Candidates are conversations (the answer is the last turn, the prompt all turns before it) or feedback. They are
    paired if `by` and all turns of the prompt are equal; equal answers count once. `pairs` says which:

    - best_worst: the best score against the worst, one pair a group (ScPO, Prasad et al. 2024, arXiv 2411.04109, with
      `score: vote_share, weight: margin`; best and worst of n by a reward);
    - pass_fail: those for which `passes` is true or above 0 against the others, each answer in one pair (iterative
      reasoning preferences);
    - ladder: each level of the score against the next one below;
    - all: every two answers with unequal scores (MAPO, She et al. 2024, arXiv 2401.06838, with `passes` for the right
      answers);
    - native_machine: rows with origin `native` against all others (natural text against its round trip);
    - direct_translated: rows that a model wrote (`synthetic`) against `translated` ones (Dang et al. 2024, arXiv
      2407.02552);
    - given: one pair a row, from the columns `chosen` and `rejected` (LIDR, Yang et al. 2024, arXiv 2410.08964).

    With `score` the pairs carry `score_chosen`, `score_rejected` and their difference `margin`, which TRL's reward
    trainer subtracts in its loss; no trainer of TRL 1.16 reads `weight`. Ties are broken by id. Candidates that end in
    no pair are rejected as `unpaired`, `no_score`, `no_side`, `no_answer` or `same_answer`. Pairs come in the order in
    which their groups first appear.
    """

    light = 200_000
    spreads = True
    produces = "preference"

    pairs: Pairs = "best_worst"
    """which answers are paired"""
    by: list[str] = Field(default=["group_id"])
    """columns that are equal in the candidates of a group, beside the prompt; `[]`: the prompt alone. A row without
    `group_id` is alone"""
    score: str | None = None
    """column with the score, the higher the better: number or Boolean"""
    passes: str | None = None
    """column with a verdict (Boolean, or above 0): the chosen answers are among those that pass"""
    chosen: str | None = None
    """given: column with the better answer, text or a list of messages"""
    rejected: str | None = None
    """given: column with the worse answer"""
    chosen_score: str | None = None
    """given: column with the score of the better answer"""
    rejected_score: str | None = None
    """given: column with the score of the worse answer"""
    min_margin: float | None = None
    """least difference of the scores of a pair"""
    most: Annotated[int, Field(ge=1)] | None = None
    """pairs of a group, at most: the first ones, which have the largest differences"""
    weight: Literal["none", "margin"] = "none"
    """margin: a column `weight`, equal to `margin`, for losses that weigh each pair"""
    carry: list[str] = Field(default_factory=list)
    """columns of the candidates that go along, as `NAME_chosen` and `NAME_rejected` (`model`); with `unpaired`, as they
    are"""
    unpaired: bool = False
    """rows of feedback with a label, as KTO reads them, in place of pairs: all answers of both sides, or the best and
    the worst"""

    @model_validator(mode="after")
    def _fits(self) -> PairPreferences:
        if self.pairs in _SCORED and self.score is None:
            raise ValueError(f"pairs: {self.pairs} needs score: the column that ranks the candidates")
        if self.pairs == "pass_fail" and self.passes is None:
            raise ValueError("pairs: pass_fail needs passes: the column that says which answers pass")
        if self.pairs == "given" and (self.chosen is None or self.rejected is None):
            raise ValueError("pairs: given needs chosen and rejected: the columns that hold the answers")
        if (self.chosen_score is None) != (self.rejected_score is None):
            raise ValueError("chosen_score and rejected_score go together")
        if self.unpaired and self.pairs in ("ladder", "all"):
            raise ValueError(f"unpaired: an answer may be better in one pair of {self.pairs} and worse in another")
        return self

    def idle(self) -> dict[str, str]:
        """What depends on `pairs`, and on a score."""
        found: dict[str, str] = {}
        if self.pairs == "given":
            found |= dict.fromkeys(("by", "score", "passes", "most"), "the pairs are given")
            if self.unpaired:
                found["carry"] = "both answers are of one row"
        else:
            names = ("chosen", "rejected", "chosen_score", "rejected_score")
            found |= dict.fromkeys(names, f"pairs: {self.pairs} finds the answers among rows")
        if self.pairs in _ORIGINS:
            found["passes"] = "origins say which answers are better"
        if not self._scored:
            found |= dict.fromkeys(("min_margin", "weight"), "there is no score")
        if self.unpaired:
            found["weight"] = "there are no pairs"
            if self.pairs not in _SCORED:
                found |= dict.fromkeys(("most", "min_margin", "score"), "all answers of both sides are kept")
        return found

    @property
    def _scored(self) -> bool:
        return self.score is not None or self.chosen_score is not None

    def ports(self) -> dict[str, Port]:
        """`rows`: candidates."""
        options = (self.score, self.passes, self.chosen, self.rejected, self.chosen_score, self.rejected_score)
        named = [*(c for c in options if c is not None), *self.carry, *(self.by if self.pairs != "given" else [])]
        return {MAIN: Port(("instruction", "feedback"), columns=tuple(named))}

    def output_kind(self, kinds: Mapping[str, str]) -> str:
        """`feedback` with `unpaired`, else `preference`."""
        return "feedback" if self.unpaired else "preference"

    def adds(self, kind: str) -> tuple[str, ...]:
        """`margin` where there are scores, `weight`, and what goes along."""
        if self.unpaired:
            return tuple(self.carry)
        facts = ["margin"] * self._scored + ["weight"] * (self.weight == "margin")
        sides = () if self.pairs == "given" else ("_chosen", "_rejected")
        carried = [c + side for c in self.carry for side in sides] if sides else self.carry
        return (*facts, *carried)

    def measures(self, kind: str) -> tuple[str, ...]:
        """Nothing: what goes along was there before."""
        return ()

    def run(self, inputs: Mapping[str, Table], env: CorpusEnv) -> Iterator[pl.DataFrame]:
        """Holds 24 bytes a row in memory, and the rows of one part of the groups."""
        return by_group(self, inputs[MAIN], env)

    def group_keys(self, kind: str) -> list[pl.Expr]:
        """The columns of `by` and the prompt; of given pairs the row."""
        if self.pairs == "given":
            return [pl.col("id").alias("_key0")]
        return [*group_key(self.by), _said(_prompt(kind)).alias("_prompt")]

    def choose(self, rows: pl.DataFrame, kind: str) -> Iterator[Choice]:
        """Pair the candidates of whole groups."""
        if self.pairs == "given":
            yield self._given(rows, kind)
            return
        candidates, rejected = self._candidates(rows, kind)
        if self.unpaired and self.pairs != "best_worst":
            good, bad = (candidates.filter(side)["row"] for side in (pl.col("passes"), ~pl.col("passes")))
            chosen = pl.DataFrame({"row": [*good, *bad], "label": [True] * len(good) + [False] * len(bad)})
            yield Choice(self._feedback(rows, kind, chosen.sort("row")), rejected)
            return
        pairs = self._near(_FUNCTIONS[self.pairs](candidates), candidates)
        used = pl.concat([pairs["chosen"], pairs["rejected"]]).unique()
        alone = candidates.filter(~pl.col("row").is_in(used.implode()))
        # Without a score all have the same one, which says nothing.
        shown = alone["score"].cast(pl.String) if self.score is not None else pl.lit(None, pl.String)
        rejected.append((UNPAIRED, rows[alone["row"]].with_columns(_value=shown)))
        if self.unpaired:
            both = pl.concat([pairs.select(row=side, label=pl.lit(side == "chosen")) for side in pairing.SIDES])
            yield Choice(self._feedback(rows, kind, both.sort("row")), rejected)
            return
        yield Choice(self._preferences(rows, kind, pairs[:SLICE]), rejected)
        for start in range(SLICE, pairs.height, SLICE):
            yield Choice(self._preferences(rows, kind, pairs[start : start + SLICE]))

    def _candidates(self, rows: pl.DataFrame, kind: str) -> tuple[pl.DataFrame, list[tuple[str, pl.DataFrame]]]:
        """The rows that may be in pairs, as `pairs` reads them, and the others by rule."""
        score = pl.lit(0.0) if self.score is None else pl.col(self.score).cast(pl.Float64).fill_nan(None)
        all_pass = pl.lit(True)
        passes = _ORIGINS.get(self.pairs, all_pass if self.passes is None else pl.col(self.passes).cast(pl.Float64) > 0)
        told = rows.select(
            row=pl.int_range(pl.len(), dtype=pl.UInt32),
            group=GROUP,
            id="id",
            score=score,
            passes=passes,
            text=_text(_answer(kind)),
        )
        fails = (
            (NO_ANSWER, pl.col("text").is_null()),
            (NO_SCORE, pl.col("score").is_null()),
            (NO_SIDE if self.pairs in _ORIGINS else NO_SCORE, pl.col("passes").is_null()),
        )
        rejected: list[tuple[str, pl.DataFrame]] = []
        for rule, broken in fails:
            gone = told.filter(broken)["row"]
            origin = pl.col("origin") if rule == NO_SIDE else pl.lit(None, pl.String)
            rejected.append((rule, rows[gone].with_columns(_value=origin)))
            told = told.filter(~broken)
        # Scores of equal answers may differ: a judge is no function.
        ranked = told.sort("group", "id").with_columns(_value=pl.col("id").first().over("group", "passes", "text"))
        again = ranked.filter(pl.col("id") != pl.col("_value"))
        rejected.append((SAME_ANSWER, rows[again["row"]].with_columns(again["_value"])))
        return ranked.filter(pl.col("id") == pl.col("_value")).drop("_value"), rejected

    def _near(self, pairs: pl.DataFrame, candidates: pl.DataFrame) -> pl.DataFrame:
        """The pairs with `score_chosen` and `score_rejected` that `min_margin` and `most` leave."""
        for side in pairing.SIDES:
            scores = candidates.select(pl.col("row").alias(side), pl.col("score").alias(f"score_{side}"))
            pairs = pairs.join(scores, on=side, how="left", maintain_order="left")
        if self.min_margin is not None:
            pairs = pairs.filter(pl.col("score_chosen") - pl.col("score_rejected") >= self.min_margin)
        return pairs if self.most is None else pairing.first_of(pairs, self.most)

    def _preferences(self, rows: pl.DataFrame, kind: str, pairs: pl.DataFrame) -> pl.DataFrame:
        good, bad = rows[pairs["chosen"]], rows[pairs["rejected"]]
        sides, carried = {"src": good, "tgt": bad}, (("chosen", good), ("rejected", bad))
        origins = pl.DataFrame(
            [
                series.alias(f"{side}_{series.name}")
                for side, frame in sides.items()
                for series in frame.select("id", "source", "license", "group_id")
            ]
        ).select(
            parents=pl.concat_list("src_id", "tgt_id"),
            origin=pl.repeat("synthetic", pl.len()),
            **provenance_of_sides(),
        )
        made = [
            *good.select(prompt=_prompt(kind), chosen=_answer(kind), lang=_lang(kind)),
            *bad.select(rejected=_answer(kind)),
            *origins,
        ]
        made += [frame[c].alias(f"{c}_{side}") for c in self.carry for side, frame in carried]
        if self.score is None:
            return pl.DataFrame(made)
        return self._margins(pl.DataFrame([*made, pairs["score_chosen"], pairs["score_rejected"]]))

    def _margins(self, made: pl.DataFrame) -> pl.DataFrame:
        margin = pl.col("score_chosen") - pl.col("score_rejected")
        made = made.with_columns(margin=margin)
        return made.with_columns(weight="margin") if self.weight == "margin" else made

    def _feedback(self, rows: pl.DataFrame, kind: str, labelled: pl.DataFrame) -> pl.DataFrame:
        return rows[labelled["row"]].select(
            prompt=_prompt(kind),
            completion=_answer(kind),
            label=labelled["label"],
            lang=_lang(kind),
            parents=pl.concat_list("id"),
            group_id=records.item(),
            source="source",
            license="license",
            origin=pl.lit("synthetic"),
            **{c: pl.col(c) for c in self.carry},
        )

    def _given(self, rows: pl.DataFrame, kind: str) -> Choice:
        """A pair of each row."""
        assert self.chosen is not None and self.rejected is not None
        sides = {"chosen": self.chosen, "rejected": self.rejected}
        answers = {side: _as_turns(rows, column) for side, column in sides.items()}
        rows = rows.with_columns(**{f"_{side}": answer for side, answer in answers.items()})
        said = rows.select(chosen=_text(pl.col("_chosen")), rejected=_text(pl.col("_rejected")))
        blank = said["chosen"].is_null() | said["rejected"].is_null()
        same = (said["chosen"] == said["rejected"]).fill_null(False)
        nothing = pl.lit(None, pl.String)
        rejected = [
            (NO_ANSWER, rows.filter(blank).with_columns(_value=nothing)),
            (SAME_ANSWER, rows.with_columns(_value=said["chosen"]).filter(same)),
        ]
        rows = rows.filter(~blank & ~same)
        made = rows.select(
            prompt=_prompt_before(kind),
            chosen="_chosen",
            rejected="_rejected",
            lang=_lang(kind),
            parents=pl.concat_list("id"),
            group_id=records.item(),
            source="source",
            license="license",
            origin=pl.lit("synthetic"),
            **{c: pl.col(c) for c in self.carry},
        )
        if self.chosen_score is not None and self.rejected_score is not None:
            scores = {"score_chosen": self.chosen_score, "score_rejected": self.rejected_score}
            told = rows.select(**{n: pl.col(c).cast(pl.Float64).fill_nan(None) for n, c in scores.items()})
            made = self._margins(made.with_columns(*told))
            # TRL's reward trainer takes no null.
            unknown = made["margin"].is_null()
            rejected.append((NO_SCORE, rows.filter(unknown).with_columns(_value=nothing)))
            rows, made = rows.filter(~unknown), made.filter(~unknown)
            if self.min_margin is not None:
                near = made["margin"] < self.min_margin
                shown = made.select(_value=pl.col("margin").cast(pl.String)).to_series()
                rejected.append((UNPAIRED, rows.with_columns(shown).filter(near)))
                made = made.filter(~near)
        if not self.unpaired:
            return Choice(made, rejected)
        halves = [made.drop(*sides).with_columns(completion=made[s], label=pl.lit(s == "chosen")) for s in sides]
        return Choice(pl.concat(halves).drop("score_chosen", "score_rejected", "margin", strict=False), rejected)


def _prompt(kind: str) -> pl.Expr:
    """The turns before the answer."""
    if kind == "feedback":
        return pl.col("prompt")
    turns = pl.col("messages")
    return turns.list.head(pl.max_horizontal(turns.list.len().cast(pl.Int64) - 1, pl.lit(0)))


def _prompt_before(kind: str) -> pl.Expr:
    """The turns before the answer, or all where the conversation waits for one."""
    if kind == "feedback":
        return pl.col("prompt")
    answered = pl.col("messages").list.last().struct.field("role") == "assistant"
    return pl.when(answered).then(_prompt(kind)).otherwise("messages")


def _answer(kind: str) -> pl.Expr:
    return pl.col("completion") if kind == "feedback" else pl.col("messages").list.tail(1)


def _lang(kind: str) -> pl.Expr:
    return pl.col("lang" if kind == "feedback" else "response_lang")


def _said(turns: pl.Expr) -> pl.Expr:
    """String: who says what, as turns of a prompt are compared."""
    field = pl.element().struct.field
    told = pl.concat_str(field("role"), *(field(f).fill_null("") for f in ("content", "tool_calls")), separator="\x1e")
    return turns.list.eval(told).list.join("\x1f").fill_null("")


def _text(turns: pl.Expr) -> pl.Expr:
    """String: what an answer says, white space apart; null where it says nothing or is not the assistant's."""
    field = pl.element().struct.field
    told = pl.concat_str(*(field(f).fill_null("") for f in ("content", "tool_calls")), separator="\n")
    text = turns.list.eval(told).list.join("\n").str.replace_all(_SPACES, " ").str.strip_chars()
    of_assistant = turns.list.last().struct.field("role") == "assistant"
    return pl.when(of_assistant & (text != "")).then(text)


def _as_turns(rows: pl.DataFrame, column: str) -> pl.Series:
    """A column of answers as message lists."""
    if rows.schema[column] == pl.String:
        made = messages([message("assistant", pl.col(column))])
        return rows.select(pl.when(pl.col(column).is_not_null()).then(made)).to_series()
    return rows.select(pl.col(column).cast(records.turns_dtype())).to_series()
