"""What the steps that translate share: the options of the translator, and loading it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final, Literal, Self

import polars as pl
from pydantic import Field, model_validator

from xlcorpus import records
from xlcorpus.async_step import AsyncStep
from xlcorpus.models.chat.client import Chats
from xlcorpus.models.chat.player import Player, played
from xlcorpus.models.identifiers.fasttext_model import FastTextIdentifier
from xlcorpus.models.identifiers.loading import identity, load_identifier
from xlcorpus.models.stand_ins.translator import marked
from xlcorpus.models.translators.backends import Backend, load_translator, translator_identity
from xlcorpus.models.translators.chat import ChatTranslator, Segment, Wanted, chat_identity, translation_request
from xlcorpus.models.translators.translation import Translator
from xlcorpus.records import TextField
from xlcorpus.rehearsing import rehearsing
from xlcorpus.step import MAIN, Port, RowEnv, Table
from xlcorpus.steps.lexicon_use import refuse_unused, swapped_entries

CHAT: Final = "chat"


@dataclass(frozen=True)
class Opened:
    """What a worker loads: a translator, or what tells the language of a model's answers."""

    translator: Translator | None
    identifier: FastTextIdentifier | None


class TranslatorStep(AsyncStep):
    """A row step with a translator. A chat model is asked for each distinct segment of a shard once.

    A subclass makes its rows in `rows_with`, which is called twice where a chat model translates: first with a
    translator that gives every text back.
    """

    translator: Backend | Literal["chat"] = "lexicon"
    """`lexicon`: a word-by-word gloss from the table on the input `lexicon`; `apertium`: the program of that
    name (apt-get install apertium apertium-eng-spa); `bergamot-en-pt`: English and Brazilian Portuguese, both ways, by
    small models of the extra `small`, for tests and demonstrations (their licence is not stated); `chat`: the chat
    model that `model` names"""
    model: Player | str | None = None
    """of `chat`: a role of the recipe, or a model ({base_url: ..., model: ...})"""
    first_sample: int = Field(default=0, ge=0)
    """of `chat`: number of the translation; another number is another translation of the same text, at temperature 0.7.
    Attempts of a block `until` count it on"""

    reads: ClassVar[tuple[str, ...]]
    """record kinds on the main input"""

    batch_rows = 256

    @model_validator(mode="before")
    @classmethod
    def _player_as_translator(cls, options: Any) -> Any:
        # A role under `translator` may be played by a chat model.
        if isinstance(options, dict) and isinstance(options.get("translator"), dict | Player):
            return {**options, "translator": CHAT, "model": options["translator"]}
        return options

    @model_validator(mode="after")
    def _model_of_chat(self) -> Self:
        if self.translator == CHAT and self.model is None:
            raise ValueError("translator: chat needs model: {base_url: ..., model: ...}, or a role")
        if self.translator != CHAT and self.model is not None:
            raise ValueError(f"the option model is of no use with translator: {self.translator}")
        return self

    def ports(self) -> dict[str, Port]:
        """`rows`; and `lexicon`, which the translator of that name needs and others leave alone."""
        return {MAIN: Port(self.reads), "lexicon": Port(("lexicon",), required=self.translator == "lexicon")}

    def models(self) -> dict[str, str]:
        """The translator, and what tells the language of a chat model's answers."""
        if self.translator == CHAT:
            return {"translator": chat_identity(self._player), "language_identifier": identity()}
        return {"translator": translator_identity(self.translator)}

    def preflight(self) -> None:
        """The program, the package, or the key of the endpoint must be there."""
        if self.translator == CHAT:
            self._player.key()
        else:
            translator_identity(self.translator)

    def remarks(self, inputs: Mapping[str, Table]) -> list[str]:
        """Entries of the lexicon that seem to be in each other's columns."""
        if self.translator != "lexicon":
            return []
        return swapped_entries(inputs, self.source_texts(inputs[MAIN].kind))

    def facts(self, kept: Table, rejected: pl.DataFrame) -> list[str]:
        """Licence or terms of what a chat model writes."""
        if self.translator != CHAT or not self._player.license:
            return []
        return [f"{self._player.model} is used under: {self._player.license}"]

    def nothing_kept(self, inputs: Mapping[str, Table]) -> None:
        """Where no row was translated by the lexicon: UserError if the text has no word of it."""
        if self.translator == "lexicon":
            refuse_unused(inputs, self.source_texts(inputs[MAIN].kind))

    def source_texts(self, kind: str) -> Sequence[TextField]:
        """Those of the texts of a kind that are translated: of a pair the source, else all."""
        texts = records.kind(kind).texts
        return texts[:1] if kind == "pair" else texts

    def asks(self) -> bool:
        """A chat model is asked."""
        return self.translator == CHAT

    def open(self, env: RowEnv) -> Opened:
        """The translator."""
        if self.translator == CHAT:
            return Opened(None, load_identifier())
        lexicon = env.side("lexicon") if self.translator == "lexicon" else None
        return Opened(load_translator(self.translator, lexicon=lexicon), None)

    def questions(self, rows: pl.DataFrame, env: RowEnv) -> Sequence[Segment]:
        """Each distinct segment."""
        wanted = Wanted()
        self.rows_with(wanted, rows, env)
        return list(wanted.segments)

    async def ask(self, question: Segment, order: tuple[int, ...], env: RowEnv) -> Any:
        """What the model answers to a segment."""
        assert env.asking is not None
        player, request = self._player, translation_request(question, self.first_sample)
        if rehearsing():
            request = replace(request, stand_in=marked(question.text, question.tgt_lang))
        (said,) = await Chats.of(env.asking).ask(player, [request], env.step, order, env.counted(player.model))
        return said

    def answers(self, places: Sequence[int], env: RowEnv) -> list[Any]:
        """Those to all segments of the shard, whichever rows have them."""
        return super().answers(range(len(env.questions)), env)

    def made(self, rows: pl.DataFrame, said: list[Any], env: RowEnv) -> pl.DataFrame:
        """The rows with what the model answered."""
        answered = dict(zip(env.questions, said, strict=True))
        return self.rows_with(ChatTranslator(answered, env.loaded.identifier), rows, env)

    def apply(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        """The rows with the translator's texts."""
        translator: Translator | None = env.loaded.translator
        return super().apply(rows, env) if translator is None else self.rows_with(translator, rows, env)

    @abstractmethod
    def rows_with(self, translator: Translator, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        """The rows that a translator makes; see `RowStep.apply`."""

    @property
    def _player(self) -> Player:
        assert self.model is not None
        return played(self.model)
