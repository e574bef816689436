"""Text that a chat model writes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl
from pydantic import Field

from xlcorpus import languages, records
from xlcorpus.async_step import AsyncStep
from xlcorpus.errors import UserError
from xlcorpus.models.chat.answer import CUT_OFF, Answer, Failure
from xlcorpus.models.chat.answer_forms import Form
from xlcorpus.models.chat.client import Chats
from xlcorpus.models.chat.player import Player
from xlcorpus.models.chat.prompt import Prompt
from xlcorpus.models.chat.reasoning import apart
from xlcorpus.models.chat.request import ChatRequest, Message
from xlcorpus.models.chat.unreadable import UnreadableError
from xlcorpus.models.identifiers import loading as identifiers
from xlcorpus.models.identifiers.fasttext_model import FastTextIdentifier
from xlcorpus.rehearsing import rehearsing
from xlcorpus.row_random import draws
from xlcorpus.step import MAIN, Port, RowEnv, Table
from xlcorpus.steps.ask.ask_options import AskOptions, again
from xlcorpus.steps.ask.wrong_answers import wrong_in

RESPONSE, USER = "response", "user"
"""Values of `into` that are turns of a conversation."""

_CHECKS = ("cut_off", "unreadable", "refusal", "wrong_language", "loop")
"""What may be wrong with an answer, in the order in which it is looked for."""

_SAID = {
    "text": pl.String, "reasoning": pl.String, "raw": pl.String, "problem": pl.String, "detail": pl.String,
    "failure": pl.String, "model": pl.String, "sample": pl.Int64, "element": pl.Int64,
}  # fmt: skip
"""What is known of an answer; columns with _ before their names while rows are made."""

_KNOWN = {
    "generate_model": "_model", "generate_sample": "_sample", "generate_problem": "_problem",
    "generate_element": "_element", "generate_reasoning": "_reasoning", "generate_raw": "_raw",
}  # fmt: skip

_SPANS = pl.List(pl.Struct({"tag": pl.String, "start": pl.Int64, "end": pl.Int64, "text": pl.String}))
"""Parts of a text between tags, with their places in code points."""

_TURNS = {"instruction": "messages", "preference": "prompt", "feedback": "prompt", "item": "prompt"}
"""The conversation that a row of a kind holds."""


@dataclass(frozen=True)
class Opened:
    """What the step reads once in a run."""

    prompt: Prompt | None
    variants: Mapping[str, Prompt]
    """by language tag"""
    identifier: FastTextIdentifier


class Generate(AskOptions, AsyncStep):
    """Asks a chat model about each row and takes what it writes: as a column, or as the next turn of the conversation.

    What is asked is the prompt, or without one the conversation of the row. With several samples, a row makes one row
    for each, numbered in `generate_sample`; an answer that is a list makes one row an element, numbered in
    `generate_element`. New rows name the row they were made from in `parents` and belong to its `group_id`.

    An answer that has not the form its prompt asks for is asked for again, with what was wrong, `attempts` times in
    all. Answers with something wrong are rejected under the name of it, with the answer, or kept with that name in
    `generate_problem` (`checks: columns`): `cut_off` (reached its longest length), `unreadable` (another form),
    `refusal`, `wrong_language` (as `identify` judges), `loop` (ends in one piece over and over). Requests without an
    answer fail their row.

    Reasoning, in a field of its own or in `<think>` tags, becomes the turn's `reasoning` or the column
    `generate_reasoning`; it is never part of an answer.
    """

    prompt: str | None = None
    """file with the prompt, or the name of one that comes with xlcorpus, or the text itself (with {{ column }} in it);
    none: the conversation of the row is sent"""
    into: str = RESPONSE
    """`response`: the assistant's next turn of the conversation; `user`: the user's; else the name of a column"""
    each: Literal["all", "draw"] = "all"
    """who answers of several models: all, or for each item (`group_id`) one, drawn from the pipeline's seed"""
    first_sample: int = Field(default=0, ge=0)
    """number of the first sample: samples with other numbers are other answers"""
    stop: list[str] = []
    """texts at which an answer ends"""
    prefill: str | None = None
    """beginning of the answer, where the endpoint goes on from an assistant's last message; part of the answer"""
    lang: str | None = None
    """column with the language that answers must be in (default: `response_lang`, else `lang`, of a conversation; of a
    column none)"""
    checks: Literal["reject", "columns"] = "reject"
    """what becomes of answers with something wrong"""
    raw: bool = False
    """whether the uncut answer stands in `generate_raw`"""

    def ports(self) -> dict[str, Port]:
        """Rows of any kind; for `response` and `user` those with a conversation."""
        kinds = [kind for kind in records.kinds() if not self._is_turn or kind in _TURNS]
        fields = [] if self._prompt is None else self._prompt.fields
        named = [*fields, *(column for column in (self.lang, self.prompt_language) if column is not None)]
        return {MAIN: Port(tuple(kinds), tuple(dict.fromkeys(named)))}

    def adds(self, kind: str) -> tuple[str, ...]:
        """The column `into`, and what is known of the answers."""
        found = [] if self._is_turn else list(self._columns)
        found += ["generate_model", "generate_sample", "generate_problem"]
        found += ["generate_element"] * self._is_list + ["generate_reasoning"] * (not self._is_turn)
        return (*found, *["generate_raw"] * self.raw)

    def measures(self, kind: str) -> tuple[str, ...]:
        """Nothing: answers are content."""
        return ()

    def idle(self) -> dict[str, str]:
        """`each` where one model is asked."""
        return {} if isinstance(self.model, list) else {"each": "one model is asked"}

    def preflight(self) -> None:
        """The prompt must be there, the role played, the key set."""
        self._check_keys()
        if self.prompt is None and not self._is_turn:
            raise UserError("generate needs a prompt where `into` is a column")
        if self._prompt is not None and self._is_turn and self._prompt.form.form != "text":
            raise UserError(
                f"{self._prompt.where}: an answer that becomes a turn is text, not {self._prompt.form.form}"
            )

    def models(self) -> dict[str, str]:
        """The models asked, and what tells the language of their answers."""
        return self._identities() | {"language_identifier": identifiers.identity()}

    def open(self, env: RowEnv) -> Opened:
        """The prompt with its variants, and what tells languages."""
        return Opened(self._prompt, self._variants, identifiers.load_identifier())

    async def ask(self, row: dict[str, Any], order: tuple[int, ...], env: RowEnv) -> list[dict[str, Any]]:
        """The answers to a row: of each model, sample by sample."""
        assert env.asking is not None
        chats = Chats.of(env.asking)
        found: list[dict[str, Any]] = []
        for player in self._asked(row, env.seed):
            asked = [self._request(row, number, env.loaded) for number in self._numbers]
            said = await chats.ask(player, asked, env.step, order, env.counted(player.model))
            for number, request, answer in zip(self._numbers, asked, said, strict=True):
                read = self._read(answer, row, env)
                attempt = 1
                while read["problem"] == "unreadable" and attempt < self.attempts:
                    request = again(request, read["raw"] or "", read["detail"])
                    (answer,) = await chats.ask(player, [request], env.step, order, env.counted(player.model))
                    read = self._read(answer, row, env)
                    attempt += 1
                found.append({**read, "model": player.model, "sample": number})
        return found

    def made(self, rows: pl.DataFrame, said: list[Any], env: RowEnv) -> pl.DataFrame:
        """A row for each answer, or element of one; see `RowStep.apply`."""
        form, is_list = self._form(env), self._is_list
        given = [{**answer, "_row": place} for place, of_row in enumerate(said) for answer in of_row]
        if form is None or form.form == "text":
            self._judge(given, rows, env)
        answers = [
            {**answer, "element": element, "value": value}
            for answer in given
            for element, value in enumerate(answer["value"] if is_list and answer["value"] else [answer["value"]])
        ]
        rows_of = pl.Series("_row", [a["_row"] for a in answers], dtype=pl.get_index_type())
        columns = [pl.Series(f"_{name}", [a[name] for a in answers], dtype=dtype) for name, dtype in _SAID.items()]
        known = pl.DataFrame([rows_of, *columns])
        made = known.join(rows.with_row_index("_row"), on="_row", how="left", maintain_order="left")
        here = self.adds(env.kind)
        made = made.with_columns(pl.col(of).alias(name) for name, of in _KNOWN.items() if name in here)
        made = self._with_turn(made, env.kind) if self._is_turn else made.with_columns(self._values(answers))
        answers_a_row = self.samples * (len(self._players) if self.each == "all" else 1)
        if answers_a_row > 1 or self._is_list or self._is_turn:
            made = made.with_columns(
                id=_ids(made),
                parents=pl.concat_list("id"),
                group_id=records.item(),
                origin=pl.lit("synthetic"),
                step=pl.lit(env.step),
                recipe=pl.lit(env.recipe, dtype=pl.String),
            )
        failed = pl.col("_failure").is_not_null()
        wrong = pl.col("_problem").is_not_null() & pl.lit(self.checks == "reject")
        made = made.with_columns(
            _error=pl.when(failed).then("_failure").when(wrong).then(pl.format("{}: {}", "_detail", "_raw")),
            _rule=pl.when(~failed & wrong).then("_problem"),
        )
        return made.drop("_row", *(f"_{name}" for name in _SAID))

    def facts(self, kept: Table, rejected: pl.DataFrame) -> list[str]:
        """Licences or terms of what the models write."""
        return self.licences()

    @property
    def _is_turn(self) -> bool:
        return self.into in (RESPONSE, USER)

    @property
    def _numbers(self) -> range:
        return range(self.first_sample, self.first_sample + self.samples)

    @property
    def _schema(self) -> Mapping[str, Any]:
        return {} if self._prompt is None else self._prompt.form.schema_ or {}

    @property
    def _is_list(self) -> bool:
        return self._schema.get("type") == "array"

    @property
    def _is_tagged(self) -> bool:
        return self._prompt is not None and self._prompt.form.form == "tagged"

    @property
    def _columns(self) -> list[str]:
        """The columns of an answer: one, or one for each property of JSON."""
        one = self._schema.get("items", {}) if self._is_list else self._schema
        if one.get("type") == "object" and one.get("properties"):
            return [f"{self.into}_{name}" for name in one["properties"]]
        return [self.into, f"{self.into}_spans"] if self._is_tagged else [self.into]

    def _asked(self, row: Mapping[str, Any], seed: int) -> list[Player]:
        """The models that are asked about a row."""
        if self.each == "all":
            return self._players
        drawn = draws(str(row["group_id"] or row["id"]), seed, "generate.model", 1)[0]
        return [self._players[int(drawn * len(self._players))]]

    def _request(self, row: Mapping[str, Any], sample: int, opened: Opened) -> ChatRequest:
        if opened.prompt is None:
            messages = tuple(Message(t["role"], t["content"] or "") for t in row[_conversation(row)])
            if self.into == USER:
                messages = tuple(Message(_OTHER.get(m.role, m.role), m.content) for m in messages)
        else:
            chosen = opened.variants.get(str(row.get(self.prompt_language or "")), opened.prompt)
            messages = chosen.messages(row)
        if self.prefill is not None:
            messages = (*messages, Message("assistant", self.prefill))
        return ChatRequest(
            messages=messages,
            temperature=self.temperature,
            max_tokens=self.max_tokens,
            stop=tuple(self.stop),
            schema=None if opened.prompt is None else opened.prompt.form.schema_sent,
            extra=self.extra,
            sample=sample,
            stand_in=self._stand_in(messages, row, sample, opened) if rehearsing() else None,
        )

    def _stand_in(self, messages: Sequence[Message], row: Mapping[str, Any], sample: int, opened: Opened) -> str:
        from xlcorpus.models.stand_ins.answers import answer_of

        form = None if opened.prompt is None else opened.prompt.form
        source = None if form is None or form.source is None else row[form.source]
        gold = row.get("answer")
        return answer_of(form, messages[-1].content, sample, gold if isinstance(gold, str) else None, source)

    def _read(self, answer: Answer | Failure, row: Mapping[str, Any], env: RowEnv) -> dict[str, Any]:
        """What an answer holds and what is wrong with it."""
        nothing = dict.fromkeys(("text", "value", "reasoning", "raw", "problem", "detail", "failure"))
        if isinstance(answer, Failure):
            return {**nothing, "failure": answer.reason}
        said = apart(answer)
        text = said.text
        if self.prefill is not None and not text.startswith(self.prefill):
            text = self.prefill + text
        found = {**nothing, "text": text, "reasoning": said.reasoning, "raw": answer.content}
        form = self._form(env)
        try:
            source = None if form is None or form.source is None else row[form.source]
            found["value"] = text if form is None else form.read(text, self._lang(row) or languages.UNKNOWN, source)
        except UnreadableError as problem:
            found |= {"problem": "unreadable", "detail": str(problem)}
        if answer.finish == CUT_OFF:
            return {**found, "problem": "cut_off", "detail": "cut off"}
        if found["problem"] is None and not text:
            return {**found, "problem": "unreadable", "detail": "it is empty"}
        return found

    def _judge(self, answers: Sequence[dict[str, Any]], rows: pl.DataFrame, env: RowEnv) -> None:
        """Say of texts what is wrong with them."""
        tagged = [c for c in (self.lang, "response_lang", "prompt_lang", "lang") if c is not None and c in rows.columns]
        tags = rows.select(*dict.fromkeys(tagged)).to_dicts() if tagged else [{}] * rows.height
        good = [answer for answer in answers if answer["problem"] is None and answer["failure"] is None]
        of_rows = [tags[answer["_row"]] for answer in good]
        wrong = wrong_in(
            [answer["text"] for answer in good],
            [self._lang(row) for row in of_rows],
            [row.get("prompt_lang") or row.get("lang") for row in of_rows],
            env.loaded.identifier,
        )
        for answer, found in zip(good, wrong, strict=True):
            if found is not None:
                answer.update(problem=found[0], detail=found[1])

    @staticmethod
    def _form(env: RowEnv) -> Form | None:
        """How answers are read; None: as they are."""
        prompt: Prompt | None = env.loaded.prompt
        return None if prompt is None else prompt.form

    def _lang(self, row: Mapping[str, Any]) -> str | None:
        """The language that an answer to a row must be in."""
        if self.lang is not None:
            return str(row[self.lang]) if row.get(self.lang) else None
        if not self._is_turn:
            return None
        wanted = row.get("response_lang") if self.into == RESPONSE else row.get("prompt_lang")
        return str(wanted or row.get("lang") or "") or None

    def _with_turn(self, made: pl.DataFrame, kind: str) -> pl.DataFrame:
        turn = records.message("assistant" if self.into == RESPONSE else "user", pl.col("_text"))
        if self.into == RESPONSE:
            turn = pl.struct(
                role=pl.lit("assistant"), content="_text", tool_calls=pl.lit(None, pl.String), reasoning="_reasoning"
            )
        return made.with_columns(pl.concat_list(_TURNS[kind], pl.concat_list(turn)).alias(_TURNS[kind]))

    def _values(self, answers: Sequence[Mapping[str, Any]]) -> list[pl.Series]:
        """The columns of answers; what is neither text, number nor truth value is JSON."""
        values = [answer["value"] for answer in answers]
        if self._is_tagged:
            texts = pl.Series(self.into, [answer["text"] for answer in answers], dtype=pl.String)
            return [texts, pl.Series(f"{self.into}_spans", values, dtype=_SPANS)]
        if self._columns == [self.into]:
            return [_series(self.into, values)]
        names = [name.removeprefix(f"{self.into}_") for name in self._columns]
        return [
            _series(column, [value.get(name) if isinstance(value, dict) else None for value in values])
            for column, name in zip(self._columns, names, strict=True)
        ]


_OTHER = {"user": "assistant", "assistant": "user"}


def _series(name: str, values: Sequence[Any]) -> pl.Series:
    """A column of one type, whatever the values: numbers, truth values, or text (JSON of lists and mappings)."""
    there = [value for value in values if value is not None]
    for kind, dtype in ((bool, pl.Boolean), ((int, float), pl.Float64)):
        if there and all(isinstance(v, kind) and isinstance(v, bool) == (kind is bool) for v in there):
            return pl.Series(name, values, dtype=dtype)
    text = [v if v is None or isinstance(v, str) else json.dumps(v, ensure_ascii=False) for v in values]
    return pl.Series(name, text, dtype=pl.String)


def _conversation(row: Mapping[str, Any]) -> str:
    return "messages" if "messages" in row else "prompt"


def _ids(made: pl.DataFrame) -> pl.Series:
    """Ids of new rows: hashes of the parent, the model, the numbers of sample and element, and the answer."""
    parts = made.select(pl.struct("id", "_model", "_sample", "_element", "_text").struct.json_encode()).to_series()
    digests = [hashlib.blake2b(part.encode(), digest_size=16).hexdigest() for part in parts]
    return pl.Series("id", digests, dtype=pl.String)
