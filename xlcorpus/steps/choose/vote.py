"""Majority votes over the answers of a group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

import polars as pl
from pydantic import Field

from xlcorpus import records
from xlcorpus.errors import UserError
from xlcorpus.step import MAIN, CorpusEnv, CorpusStep, Port, Table
from xlcorpus.steps.choose.grouped import GROUP, Choice, by_group, group_key

COLUMNS = (
    "vote_count",
    "vote_share",
    "vote_won",
    "vote_winner",
    "vote_winner_count",
    "vote_winner_share",
    "vote_tally",
)
OUTVOTED, NO_ANSWER, SAME_ANSWER = "outvoted", "no_answer", "same_answer"
"""Rules: the row has another answer than the winner; it has none; another row with the winner stands for it."""


class Vote(CorpusStep):
    """Counts equal answers within each group, and says which answer most rows give.

    The groups are the samples of a question, or those of its versions in several languages together (cross-lingual
    consistency). Shares are of the samples that were asked for: an answer that could not be read, or was rejected
    before, is no vote for any other.

    Columns: `vote_count` and `vote_share`, the rows of the group with the answer of this row, and their share (null
    without an answer); `vote_won`, 1.0 if that answer won, else 0.0; `vote_winner`, `vote_winner_count` and
    `vote_winner_share`; and `vote_tally`, a list of `answer`, `count` and `share`, the most frequent first. Of equally
    frequent answers the one wins that has the smallest `id` among its rows. Rows come group after group, in the order
    in which the groups first appear.

    For ScPO (Prasad et al. 2024, arXiv 2411.04109), whose weight is (V+ - V-)/k, let `pair_preferences` take
    `vote_share` as the score and the margin as the weight.
    """

    light = 200_000
    spreads = True

    asked: Annotated[int, Field(ge=1)] | str
    """samples that were asked for in each group: a number (in all languages of the group), or a column, the same in all
    rows of a group"""
    answer: str = "check_answer_value"
    """column with the answers: equal text is an equal answer, null and blank are none"""
    by: list[str] = Field(default=["group_id"], min_length=1)
    """columns that are equal in the rows of a group; `[group_id, response_lang]` votes within each language"""
    keep: Literal["all", "winners", "one"] = "all"
    """rows that stay: all; those with the answer that won (the others are rejected as `outvoted` or `no_answer`); or
    one of these, with the smallest id (the rest as `same_answer`)"""

    def ports(self) -> dict[str, Port]:
        """`rows`: of any kind, with the columns that options name."""
        named = [self.answer, *self.by, *([self.asked] if isinstance(self.asked, str) else [])]
        return {MAIN: Port(_kinds(), columns=tuple(named))}

    def adds(self, kind: str) -> tuple[str, ...]:
        """The columns of the docstring."""
        return COLUMNS

    def run(self, inputs: Mapping[str, Table], env: CorpusEnv) -> Iterator[pl.DataFrame]:
        """Holds 24 bytes a row in memory, and the rows of one part of the groups."""
        return by_group(self, inputs[MAIN], env)

    def group_keys(self, kind: str) -> list[pl.Expr]:
        """The columns of `by`."""
        return group_key(self.by)

    def choose(self, rows: pl.DataFrame, kind: str) -> Iterator[Choice]:
        """Count the votes of whole groups."""
        said = pl.col(self.answer).cast(pl.String)
        rows = rows.with_columns(
            _answer=pl.when(said.str.strip_chars() != "").then(said), _asked=self._asked().cast(pl.Int64)
        )
        _check_asked(rows, self.by, self.asked)
        # A vote before this one is forgotten.
        rows = counted(rows.drop(COLUMNS, strict=False)).drop("_asked", "_row", GROUP)
        won = pl.col("vote_won") == 1
        if self.keep == "all":
            yield Choice(rows.drop("_answer"))
            return
        value = rows.with_columns(_value=pl.col("_answer"))
        rejected = [
            (OUTVOTED, value.filter(~won & pl.col("_answer").is_not_null())),
            (NO_ANSWER, value.filter(pl.col("_answer").is_null())),
        ]
        kept = rows.filter(won)
        if self.keep == "one":
            best = pl.col("id").min().over(group_key(self.by))
            others = kept.with_columns(_value=best).filter(pl.col("id") != pl.col("_value"))
            rejected.append((SAME_ANSWER, others))
            kept = kept.filter(pl.col("id") == best)
        yield Choice(kept.drop("_answer"), [(rule, frame.drop("_answer")) for rule, frame in rejected])

    def _asked(self) -> pl.Expr:
        return pl.lit(self.asked) if isinstance(self.asked, int) else pl.col(self.asked)


def counted(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows, in their order, with the columns of `Vote`.

    Args:
        rows: `_group`, `id`, `_answer` (String, null: none) and `_asked` (Int64, the same in all rows of a group).
    """
    votes = (
        rows.filter(pl.col("_answer").is_not_null())
        .group_by(GROUP, "_answer")
        .agg(vote_count=pl.len().cast(pl.Int64), _least=pl.col("id").min(), _asked=pl.col("_asked").first())
        .sort(GROUP, "vote_count", "_least", descending=[False, True, False])
        .with_columns(vote_share=pl.col("vote_count") / pl.col("_asked"))
    )
    entry = pl.struct(answer="_answer", count="vote_count", share="vote_share")
    groups = votes.group_by(GROUP, maintain_order=True).agg(
        vote_winner=pl.col("_answer").first(),
        vote_winner_count=pl.col("vote_count").first(),
        vote_winner_share=pl.col("vote_share").first(),
        vote_tally=entry,
    )
    own = votes.select(GROUP, "_answer", "vote_count", "vote_share")
    rows = rows.join(own, on=[GROUP, "_answer"], how="left", maintain_order="left")
    rows = rows.join(groups, on=GROUP, how="left", maintain_order="left")
    return rows.with_columns(
        pl.col("vote_winner_count").fill_null(0),
        pl.col("vote_winner_share").fill_null(0.0),
        pl.col("vote_tally").fill_null([]),
        vote_won=(pl.col("_answer") == pl.col("vote_winner")).fill_null(False).cast(pl.Float64),
    ).select(pl.exclude(COLUMNS), *COLUMNS)


def _check_asked(rows: pl.DataFrame, by: list[str], asked: int | str) -> None:
    """Every group has one number of samples asked, and no more rows than that.

    Raises:
        UserError: one has not.
    """
    groups = rows.group_by(GROUP, maintain_order=True).agg(
        pl.len().alias("rows"), least=pl.col("_asked").min(), most=pl.col("_asked").max(),
        nothing=pl.col("_asked").null_count(), id=pl.col("id").first(),
    )  # fmt: skip
    of = f"the group ({', '.join(by)}) of the row"
    differs = groups.filter((pl.col("least") != pl.col("most")) | (pl.col("nothing") > 0))
    if differs.height:
        row = differs.row(0, named=True)
        raise UserError(
            f"vote: asked: {asked!r} is not the same number in all rows of {of} {row['id']!r} ({row['least']} to "
            f"{row['most']}, {row['nothing']} without); it says how many samples the group was asked for"
        )
    over = groups.filter(pl.col("rows") > pl.col("least"))
    if over.height:
        row = over.row(0, named=True)
        raise UserError(
            f"vote: {of} {row['id']!r} has {row['rows']} rows, but asked: {asked!r} says {row['least']}; "
            "give the samples of all rows that vote together (those of all languages, where they do)"
        )


def _kinds() -> tuple[str, ...]:
    kinds = records.kinds()
    return ("instruction", *(kind for kind in kinds if kind != "instruction"))
