"""Scores that chat models give."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from xlcorpus import languages, records
from xlcorpus.async_step import AsyncStep
from xlcorpus.errors import UserError
from xlcorpus.models.chat.answer import Answer, Failure
from xlcorpus.models.chat.client import Chats
from xlcorpus.models.chat.conversation_text import TEXTS, conversation_texts
from xlcorpus.models.chat.player import Player
from xlcorpus.models.chat.prompt import Prompt
from xlcorpus.models.chat.request import ChatRequest
from xlcorpus.models.chat.scale import Verdict
from xlcorpus.models.stand_ins.answers import answer_of
from xlcorpus.rehearsing import rehearsing
from xlcorpus.step import MAIN, Port, RowEnv, Rule, Table
from xlcorpus.steps.ask.ask_options import again, loaded
from xlcorpus.steps.ask.judge_options import JudgeOptions
from xlcorpus.steps.ask.verdicts import TIE, scores

RUBRIC, PAIR = "judge", "judge_pair"
"""Prompts that come with xlcorpus."""
UNJUDGED = "unjudged"
"""Rule: a verdict is missing."""

_GIVEN = ("criterion", "rubric", "first", "second")
"""Fields of a prompt that the step fills."""
_VERDICT = pl.Struct(
    {
        "model": pl.String, "criterion": pl.String, "sample": pl.Int64, "swapped": pl.Boolean, "value": pl.Float64,
        "by_label": pl.Boolean, "problem": pl.String, "text": pl.String,
    }
)  # fmt: skip


@dataclass
class Opened:
    """What the step reads once in a run, and what it learns of the endpoints."""

    prompt: Prompt
    variants: Mapping[str, Prompt]
    """by language tag"""
    without_logprobs: set[str] = field(default_factory=set)
    """players (by identity) that refuse to give log-probabilities"""


class Judge(JudgeOptions, AsyncStep):
    """Has chat models score each row by criteria, or compare two of its texts; the scores become columns.

    The prompt names what is judged: the columns of the row, of conversations `prompt`, `response` and `reasoning` (the
    last answer, its reasoning and what stands before it; of preferences `chosen` and `rejected`, of feedback
    `completion`), and `criterion` and `rubric`. Each criterion is a request of its own, unless the prompt asks for JSON
    with a property for each: then one request gives all.

    With `compare` two texts are compared, shown as `first` and `second` in both orders: `judge_<criterion>` is 1 where
    the first of `compare` is better, 0 where the second is. Where the two orders name different winners it is a tie,
    0.5 (Zheng et al. 2023, arXiv 2306.05685). Equal texts are a tie without being asked about.

    A verdict is a number of `scale`, or one of `labels`, or with `expectation` the mean over the probabilities that the
    model gives to the labels. Where these are not to be had (the endpoint gives none, or labels are missing from the
    `top_logprobs` likeliest tokens) the label that is said counts; `judge_by_label` tells how often. Of several models
    and samples the mean counts. What could not be judged is never passed: where one verdict is missing (after
    `attempts` requests), the score is null and the row is rejected as `unjudged`, or kept with the reason in
    `judge_problem` (`checks: columns`): `unreadable`, `cut_off`, or `no_text` where there is nothing to judge. Requests
    without an answer fail their row.

    Columns: `judge_<criterion>`; of several models `judge_<criterion>_1` and so on, in their order; of several verdicts
    `judge_<criterion>_agreement`: 1 minus the mean distance of two of them, in the span of the scale; of comparisons
    `judge_<criterion>_consistency`: the share that both orders agree on; `judge_problem`. Judges prefer what they wrote
    themselves, and score high in languages that they know little of (Watts et al. 2024, arXiv 2406.15053): take other
    models than those that wrote the rows, and rather compare than score.
    """

    prompt: str | None = None
    """file with the prompt, or the name of one that comes with xlcorpus, or the text itself (with {{ column }} in it);
    none: `judge`, with `compare` `judge_pair`"""

    def ports(self) -> dict[str, Port]:
        """`rows`: of kinds that have what the prompt names."""
        known = {name for names in TEXTS.values() for name in names}
        named = {*self._prompt.fields, *(self.compare or ()), *self.needs} - {*_GIVEN}
        kinds = [kind for kind in records.kinds() if named & known <= {*TEXTS.get(kind, ()), *_own(kind)}]
        if not kinds:
            raise UserError(
                f"{self._prompt.where}: no rows have all of {', '.join(sorted(named & known))}; instructions have "
                "prompt, response and reasoning; preferences prompt, chosen, rejected; feedback prompt and completion"
            )
        columns = {*(named - known), *({self.prompt_language} - {None})}
        return {MAIN: Port(tuple(kinds), tuple(sorted(columns)))}

    def adds(self, kind: str) -> tuple[str, ...]:
        """The columns of the docstring."""
        return tuple(self._columns)

    def preflight(self) -> None:
        """The role must be played, the key set; the prompt must be there and ask for what is read."""
        self._check_keys()
        prompt = self._prompt
        if self.prompt is None and self.labels and self.compare is not None:
            raise UserError("judge: labels of your own need a prompt that says what they mean")
        if self.compare is not None and not {"first", "second"} <= {*prompt.fields}:
            raise UserError(f"{prompt.where}: with compare it must show {{{{ first }}}} and {{{{ second }}}}")
        if self._together:
            self._check_properties(prompt)
        elif len(self.criteria) > 1 and not {"criterion", "rubric"} & {*prompt.fields}:
            raise UserError(
                f"{prompt.where}: it asks the same for each of {', '.join(self.criteria)}; name {{{{ criterion }}}} or "
                "{{ rubric }} in it, or ask for JSON with a property for each"
            )
        form = prompt.form
        if (form.form == "number" and self._labels) or (form.form == "one_of" and {*form.values} != {*self._labels}):
            raise UserError(
                f"{prompt.where}: leave its answer form away; scale and labels of the step say what is read"
            )

    def models(self) -> dict[str, str]:
        """The models asked."""
        return self._identities()

    def open(self, env: RowEnv) -> Opened:
        """The prompt with its variants."""
        return Opened(self._prompt, self._variants)

    async def ask(self, row: dict[str, Any], order: tuple[int, ...], env: RowEnv) -> list[_Given]:
        """The verdicts on a row, with what was asked and the number of the sample."""
        shown = {**row, **conversation_texts(row, env.kind)}
        answer = {"response", "completion"} & {*env.loaded.prompt.fields}
        judged = {*self.needs, *(self.compare or answer)}
        asked = list(self._asked())
        known: Verdict | None = None
        if any(not str(shown.get(name) or "").strip() for name in judged):
            known = Verdict(problem="no_text", detail="nothing to judge")
        elif self.compare is not None and shown[self.compare[0]] == shown[self.compare[1]]:
            known = Verdict(dict.fromkeys(self.criteria, TIE))
        if known is not None:
            return [(one, sample, known) for one in asked for sample in range(self.samples)]
        # What one raises is raised when all have ended.
        found = await asyncio.gather(*(self._said(one, shown, order, env) for one in asked), return_exceptions=True)
        verdicts: list[_Given] = []
        for said in found:
            if isinstance(said, BaseException):
                raise said
            verdicts += said
        return verdicts

    def made(self, rows: pl.DataFrame, said: list[Any], env: RowEnv) -> pl.DataFrame:
        """The rows with their scores; see `RowStep.apply`."""
        columns: dict[str, pl.Series] = {}
        for criterion in self.criteria:
            columns |= self._scores(criterion, said)
        flaws = [next((given for given in of_row if given[2].problem is not None), None) for of_row in said]
        problems = [None if flaw is None else flaw[2].problem for flaw in flaws]
        columns["judge_problem"] = pl.Series(problems, dtype=pl.String)
        if self.expectation:
            by_label = [sum(verdict.by_label for _, _, verdict in of_row) for of_row in said]
            columns["judge_by_label"] = pl.Series(by_label, dtype=pl.Int64)
        if self.verdicts:
            told = [[one for given in of_row for one in _told(*given)] for of_row in said]
            columns["judge_verdicts"] = pl.Series(told, dtype=pl.List(_VERDICT))
        failures = [next((v.failure for _, _, v in of_row if v.failure is not None), None) for of_row in said]
        details = [None if flaw is None else _why(*flaw) for flaw in flaws]
        failed = pl.Series(failures, dtype=pl.String)
        wrong = pl.Series(details if self.checks == "reject" else [None] * rows.height, dtype=pl.String)
        rule = pl.select(pl.when(failed.is_null() & wrong.is_not_null()).then(pl.lit(UNJUDGED))).to_series()
        return rows.with_columns(
            **{name: columns[name] for name in self._columns},
            _error=failed.zip_with(failed.is_not_null(), wrong),
            _rule=rule,
        )

    def facts(self, kept: Table, rejected: pl.DataFrame) -> list[str]:
        """Mean scores, verdicts read by label, rows that a model judged and wrote, licences."""
        there = {*kept.scan().collect_schema()}
        if f"judge_{next(iter(self.criteria))}" not in there:
            return []  # a table without rows lacks the columns
        means = kept.scan().select(pl.col(f"judge_{name}").mean().alias(name) for name in self.criteria).collect()
        said = [f"{name}: {value:.3f}" for name, value in means.row(0, named=True).items() if value is not None]
        found = [f"mean scores: {', '.join(said)}"] if said else []
        if self.expectation and (by_label := kept.scan().select(pl.col("judge_by_label").sum()).collect().item()):
            found.append(f"{by_label:,} verdicts read by the label said, without its probability")
        if "generate_model" in there:
            wrote = pl.col("generate_model").is_in([player.model for player in self._players])
            if own := kept.scan().select(wrote.sum()).collect().item():
                found.append(f"{own:,} rows were judged by the model that wrote them")
        return found + self.licences()

    def rules(self, kind: str) -> list[Rule]:
        """None: what is wrong with a verdict is known when it is read."""
        return []

    @property
    def _prompt(self) -> Prompt:
        return loaded(self.prompt or (RUBRIC if self.compare is None else PAIR))

    @property
    def _together(self) -> bool:
        """Whether one request asks for all criteria."""
        return self._prompt.form.form == "json"

    def _check_properties(self, prompt: Prompt) -> None:
        properties = (prompt.form.schema_ or {}).get("properties", {})
        missing = [name for name in self.criteria if name not in properties]
        if missing:
            raise UserError(f"{prompt.where}: its answer has no property {missing[0]!r}, which is a criterion")
        if self.expectation:
            raise UserError(f"{prompt.where}: probabilities are not read from JSON; ask for one criterion at a time")

    def _asked(self) -> Iterator[_Asked]:
        """What is asked about a row: each of several samples."""
        sets = [tuple(self.criteria)] if self._together else [(name,) for name in self.criteria]
        for number, player in enumerate(self._players):
            for criteria in sets:
                for swapped in (False, True) if self.compare is not None else (False,):
                    yield _Asked(number, player, criteria, swapped)

    async def _said(self, asked: _Asked, shown: Mapping[str, Any], order: tuple[int, ...], env: RowEnv) -> list[_Given]:
        """The verdicts of all samples of a question."""
        assert env.asking is not None
        chats, player, opened, scale = Chats.of(env.asking), asked.player, env.loaded, self._scale
        tag = str(shown.get(self.prompt_language or ""))
        prompt, lang = (opened.variants[tag], tag) if tag in opened.variants else (opened.prompt, languages.UNKNOWN)
        requests = self._requests(prompt, asked, shown, player.identity() not in opened.without_logprobs)
        counted = env.counted(player.model)
        answers = await chats.ask(player, requests, env.step, order, counted)
        if requests[0].top_logprobs and any(isinstance(a, Failure) and a.bad_request for a in answers):
            plain = self._requests(prompt, asked, shown, False)
            answers = await chats.ask(player, plain, env.step, order, counted)
            if all(isinstance(answer, Answer) for answer in answers):
                opened.without_logprobs.add(player.identity())
                requests = plain
        found: list[_Given] = []
        for request, answer in zip(requests, answers, strict=True):
            read, attempt = scale.read(answer, prompt.form, asked.criteria, lang), 1
            while read.problem == "unreadable" and attempt < self.attempts:
                request = again(request, read.raw, read.detail)
                (answer,) = await chats.ask(player, [request], env.step, order, counted)
                read = scale.read(answer, prompt.form, asked.criteria, lang)
                attempt += 1
            found.append((asked, request.sample, read))
        return found

    def _requests(self, prompt: Prompt, asked: _Asked, shown: Mapping[str, Any], logprobs: bool) -> list[ChatRequest]:
        """The question, once a sample."""
        criterion = asked.criteria[0] if len(asked.criteria) == 1 else ", ".join(asked.criteria)
        rubrics = [self.criteria[name] for name in asked.criteria]
        fields: dict[str, Any] = {**shown, "criterion": criterion, "rubric": "\n".join(filter(None, rubrics))}
        if self.compare is not None:
            one, other = reversed(self.compare) if asked.swapped else self.compare
            fields |= {"first": shown[one], "second": shown[other]}
        form = self._scale.form_asked(prompt.form)
        messages = prompt.answered(form).messages(fields)
        stand_ins = [answer_of(form, messages[-1].content, n) if rehearsing() else None for n in range(self.samples)]
        return [
            ChatRequest(
                messages=messages,
                temperature=self.temperature,
                max_tokens=self.max_tokens,
                top_logprobs=self.top_logprobs if self.expectation and logprobs else None,
                schema=form.schema_sent,
                extra=self.extra,
                sample=number,
                stand_in=stand_ins[number],
            )
            for number in range(self.samples)
        ]

    def _scores(self, criterion: str, said: list[Any]) -> dict[str, pl.Series]:
        """The columns of a criterion."""
        orders = 1 if self.compare is None else 2
        values = np.full((len(said), self._n_players, self.samples, orders), np.nan)
        for row, of_row in enumerate(said):  # a few verdicts each, which took a second to come
            for asked, sample, verdict in of_row:
                if criterion in verdict.values:
                    values[row, asked.number, sample, int(asked.swapped)] = verdict.values[criterion]
        found = scores(values, self._scale.greatest - self._scale.least)
        return {
            f"judge_{criterion}{end}": pl.Series(column, dtype=pl.Float64, nan_to_null=True)
            for end, column in found.items()
        }


@dataclass(frozen=True)
class _Asked:
    """A question: one model, some criteria, one order of two texts."""

    number: int
    """of the player"""
    player: Player
    criteria: tuple[str, ...]
    swapped: bool


_Given = tuple[_Asked, int, Verdict]
"""A question, the number of the sample, and what was said."""


def _told(asked: _Asked, sample: int, verdict: Verdict) -> Iterator[dict[str, Any]]:
    """What stands in `judge_verdicts`."""
    for name in asked.criteria:
        yield {
            "model": asked.player.model, "criterion": name, "sample": sample, "swapped": asked.swapped,
            "value": verdict.values.get(name), "by_label": verdict.by_label, "problem": verdict.problem,
            "text": verdict.text,
        }  # fmt: skip


def _why(asked: _Asked, sample: int, verdict: Verdict) -> str:
    return f"{', '.join(asked.criteria)} by {asked.player.model}: {verdict.detail}: {verdict.raw}"


def _own(kind: str) -> list[str]:
    return [column.name for column in records.kind(kind).schema]
