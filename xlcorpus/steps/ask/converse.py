"""Conversations of two models, turn by turn."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl
from pydantic import Field

from xlcorpus import records
from xlcorpus.async_step import AsyncStep
from xlcorpus.errors import UserError
from xlcorpus.models.chat.answer import CUT_OFF, Failure
from xlcorpus.models.chat.client import Chats
from xlcorpus.models.chat.conversation_text import as_text
from xlcorpus.models.chat.player import Player, played
from xlcorpus.models.chat.prompt import Prompt
from xlcorpus.models.chat.reasoning import apart
from xlcorpus.models.chat.request import ChatRequest, Message
from xlcorpus.models.identifiers import loading as identifiers
from xlcorpus.models.identifiers.fasttext_model import FastTextIdentifier
from xlcorpus.models.stand_ins.answers import answer_of
from xlcorpus.rehearsing import rehearsing
from xlcorpus.row_random import draws
from xlcorpus.step import MAIN, Port, RowEnv, Table
from xlcorpus.steps.ask.ask_options import AskOptions, loaded
from xlcorpus.steps.ask.wrong_answers import wrong_in

CONVERSATION = "conversation"
"""Field of prompts: the turns so far, as text, each with its role before it."""
_KINDS = ("instruction",)
Turn = dict[str, Any]


@dataclass(frozen=True)
class Opened:
    """What the step reads once in a run."""

    assistant: Prompt | None
    user: Prompt | None
    identifier: FastTextIdentifier


class Converse(AskOptions, AsyncStep):
    """Carries a conversation on: one model plays the assistant, another the user, in turn.

    A conversation that ends with the user (or with nothing, where `user_prompt` says how to begin) is answered; after
    each answer it stops with the probability `stop`, drawn from the seed, the row and the number of the turn, and at
    the latest after `at_most` answers; else the user says something, and so on (UltraLink, Wang et al. 2024, arXiv
    2402.04588: two roles that talk about a passage). The conversation so far is `{{ conversation }}` in prompts, beside
    the columns of the row; without a prompt the turns themselves are sent, to the user with the roles exchanged.

    A turn that was cut off, refuses, is in another language than the conversation, is empty or ends in one piece over
    and over is not kept: the row is rejected under that name, or its conversation ends with the exchange before
    (`on_bad_turn: end`, as long as there is one).

    ```yaml
    converse: {model: assistant, user_model: curious, user_prompt: "{{ passage }} ... {{ conversation }}", stop: 0.3}
    ```
    """

    produces = "instruction"

    prompt: str | None = None
    """prompt of the assistant, with {{ conversation }} in it; none: the turns are sent"""
    user_model: Player | str
    """who plays the user: a role of the recipe, or a model"""
    user_prompt: str | None = None
    """prompt of the user; none: the turns are sent with their roles exchanged"""
    stop: float = Field(default=0.5, ge=0, le=1)
    """probability that the conversation ends after an answer"""
    stop_grows: float = Field(default=1.0, ge=1)
    """by which the probability is multiplied after each answer that did not end it"""
    at_most: int = Field(default=8, ge=1)
    """answers of the assistant, at most"""
    lang: str | None = None
    """column with the language of the conversation (default: `response_lang`, else `lang`)"""
    on_bad_turn: Literal["reject", "end"] = "reject"
    """what becomes of a row with a turn that is not kept"""

    def ports(self) -> dict[str, Port]:
        """Conversations."""
        fields = [field for prompt in (self._prompt, self._user) if prompt is not None for field in prompt.fields]
        named = [*fields, *(column for column in (self.lang, self.prompt_language) if column is not None)]
        return {MAIN: Port(_KINDS, tuple(dict.fromkeys(name for name in named if name != CONVERSATION)))}

    def adds(self, kind: str) -> tuple[str, ...]:
        """Number of answers, the two models, the number of the sample."""
        return ("converse_answers", "converse_model", "converse_user_model", "converse_sample")

    def measures(self, kind: str) -> tuple[str, ...]:
        """See `Step.measures`."""
        return ("converse_answers",)

    def idle(self) -> dict[str, str]:
        """`attempts`, and variants of a prompt where there is none."""
        found = {"attempts": "a turn is text, which has no form to be wrong"}
        return found if self.prompt is not None else {**found, "prompt_language": "there is no prompt"}

    def preflight(self) -> None:
        """The prompts must be there, the roles played, the keys set."""
        self._check_keys()
        played(self.user_model).key()
        if len(self._players) > 1:
            raise UserError("converse: one model plays the assistant")
        for prompt in (self._prompt, self._user):
            if prompt is not None and prompt.form.form != "text":
                raise UserError(f"{prompt.where}: a turn is text, not {prompt.form.form}")

    def models(self) -> dict[str, str]:
        """The models asked, and what tells the language of their turns."""
        return self._identities() | {
            "user_model": played(self.user_model).identity(), "language_identifier": identifiers.identity()
        }  # fmt: skip

    def file_contents(self) -> dict[str, str]:
        """The prompts."""
        return super().file_contents() | ({} if self._user is None else {"user_prompt": self._user.content})

    def open(self, env: RowEnv) -> Opened:
        """The prompts, and what tells languages."""
        return Opened(self._prompt, self._user, identifiers.load_identifier())

    async def ask(self, row: dict[str, Any], order: tuple[int, ...], env: RowEnv) -> list[dict[str, Any]]:
        """The conversations of a row, sample by sample."""
        return [await self._conversation(row, sample, order, env) for sample in range(self.samples)]

    async def _conversation(
        self, row: dict[str, Any], sample: int, order: tuple[int, ...], env: RowEnv
    ) -> dict[str, Any]:
        assert env.asking is not None
        chats = Chats.of(env.asking)
        (assistant,), user = self._players, played(self.user_model)
        likely = self.stop * self.stop_grows ** np.arange(self.at_most)
        stops = draws(str(row["id"]), env.seed, f"converse.stop.{sample}", self.at_most) < likely
        turns: list[Turn] = [dict(turn) for turn in row["messages"] or []]
        said: dict[str, Any] = {"new": [], "failure": None, "problem": None, "detail": None, "sample": sample}
        answers = 0
        while answers < self.at_most:
            of_user = not turns or turns[-1]["role"] == "assistant"
            if of_user and answers and stops[answers - 1]:
                break
            player = user if of_user else assistant
            request = self._request(row, turns, of_user, sample, env.loaded)
            (answer,) = await chats.ask(player, [request], env.step, order, env.counted(player.model))
            if isinstance(answer, Failure):
                return {**said, "failure": answer.reason}
            read = apart(answer)
            if answer.finish == CUT_OFF or not read.text:
                problem = "cut_off" if answer.finish == CUT_OFF else "empty"
                return {**said, "problem": problem, "detail": answer.content, "of_user": of_user}
            turn = {"role": "user" if of_user else "assistant", "content": read.text}
            turns.append(turn)
            said["new"].append({**turn, "reasoning": None if of_user else read.reasoning})
            answers += not of_user
        return said

    def made(self, rows: pl.DataFrame, said: list[Any], env: RowEnv) -> pl.DataFrame:
        """The conversations with their new turns; see `RowStep.apply`."""
        given = [{**one, "_row": place} for place, of_row in enumerate(said) for one in of_row]
        self._judge(given, rows, env)
        columns = {
            "_row": pl.Series([one["_row"] for one in given], dtype=pl.get_index_type()),
            "_new": pl.Series([_turns(one["new"]) for one in given], dtype=records.turns_dtype()),
            "converse_answers": pl.Series([_answers(one["new"]) for one in given], dtype=pl.Int64),
            "converse_sample": pl.Series([one["sample"] for one in given], dtype=pl.Int64),
            "_error": pl.Series([_told(one) for one in given], dtype=pl.String),
            "_rule": pl.Series([None if one["failure"] else one["problem"] for one in given], dtype=pl.String),
        }
        known = pl.DataFrame(columns)
        made = known.join(rows.with_row_index("_row"), on="_row", how="left", maintain_order="left")
        return made.with_columns(
            messages=pl.concat_list(pl.col("messages").fill_null([]), "_new"),
            converse_model=pl.lit(self._players[0].model),
            converse_user_model=pl.lit(played(self.user_model).model),
            id=_ids(made["id"], given),
            parents=pl.concat_list("id"),
            group_id=records.item(),
            origin=pl.lit("synthetic"),
            step=pl.lit(env.step),
            recipe=pl.lit(env.recipe, dtype=pl.String),
        ).drop("_row", "_new")

    def facts(self, kept: Table, rejected: pl.DataFrame) -> list[str]:
        """Licences or terms of what the models write."""
        return self.licences()

    @property
    def _user(self) -> Prompt | None:
        return None if self.user_prompt is None else loaded(self.user_prompt)

    def _request(
        self, row: Mapping[str, Any], turns: Sequence[Turn], of_user: bool, sample: int, opened: Opened
    ) -> ChatRequest:
        prompt = opened.user if of_user else opened.assistant
        if prompt is not None:
            if not of_user:
                prompt = self._variants.get(str(row.get(self.prompt_language or "")), prompt)
            messages = prompt.messages({**row, CONVERSATION: as_text(turns) or ""})
        elif not turns:
            raise UserError("a conversation is empty: give user_prompt, which says how the user begins")
        else:
            messages = tuple(Message(_as_seen(t["role"], of_user), t["content"] or "") for t in turns)
        return ChatRequest(
            messages=messages,
            temperature=self.temperature,
            max_tokens=self.max_tokens,
            extra=self.extra,
            sample=sample,
            stand_in=answer_of(None, f"{messages[-1].content}{len(turns)}", sample) if rehearsing() else None,
        )

    def _judge(self, given: Sequence[dict[str, Any]], rows: pl.DataFrame, env: RowEnv) -> None:
        """Find the first bad turn of each conversation, and end it there where that is asked for."""
        langs = rows.select(_lang(rows, self.lang)).to_series().to_list()
        places = [(at, number) for at, one in enumerate(given) for number in range(len(one["new"]))]
        texts = [given[at]["new"][number]["content"] for at, number in places]
        of_turns = [langs[given[at]["_row"]] for at, _ in places]
        wrong = wrong_in(texts, of_turns, of_turns, env.loaded.identifier)
        bad: dict[int, tuple[int, str, str]] = {}
        for (at, number), found in zip(places, wrong, strict=True):
            if found is not None and at not in bad:
                bad[at] = (number, found[0], f"{found[1]}: {given[at]['new'][number]['content']}")
        for at, one in enumerate(given):
            number, problem, detail = bad.get(at, (len(one["new"]), one["problem"], one["detail"]))
            whole = [i + 1 for i, turn in enumerate(one["new"][:number]) if turn["role"] == "assistant"]
            if problem is not None and self.on_bad_turn == "end" and whole:
                number, problem, detail = whole[-1], None, None
                one["failure"] = None
            one.update(new=one["new"][:number], problem=problem, detail=detail)


def _as_seen(role: str, of_user: bool) -> str:
    """A role as the one who is asked sees it: himself as the assistant."""
    return {"user": "assistant", "assistant": "user"}.get(role, role) if of_user else role


def _lang(rows: pl.DataFrame, named: str | None) -> pl.Expr:
    columns = [named] if named is not None else [c for c in ("response_lang", "lang") if c in rows.columns]
    return pl.coalesce(pl.col(columns)).alias("lang") if columns else pl.lit(None, pl.String).alias("lang")


def _turns(new: Sequence[Turn]) -> list[Turn]:
    return [{**turn, "tool_calls": None} for turn in new]


def _answers(new: Sequence[Turn]) -> int:
    return sum(turn["role"] == "assistant" for turn in new)


def _told(one: Mapping[str, Any]) -> str | None:
    return one["failure"] or (f"{one['detail']}" if one["problem"] else None)


def _ids(parents: pl.Series, given: Sequence[Mapping[str, Any]]) -> pl.Series:
    """Ids of new rows: hashes of the parent, the number of the sample, and the turns."""
    parts = [
        json.dumps([parent, one["sample"], one["new"]], ensure_ascii=False)
        for parent, one in zip(parents, given, strict=True)
    ]
    return pl.Series("id", [hashlib.blake2b(part.encode(), digest_size=16).hexdigest() for part in parts])
