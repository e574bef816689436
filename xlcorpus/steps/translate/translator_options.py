"""What the steps that translate share: the options of the translator, and loading it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Self

from pydantic import model_validator

from xlcorpus import records
from xlcorpus.models.chat.endpoint import Endpoint, OpenAIEndpoint
from xlcorpus.models.identifiers.loading import identity
from xlcorpus.models.translators.backends import Backend, Translator, load_translator, translator_identity
from xlcorpus.step import MAIN, Port, RowEnv, RowStep, Table
from xlcorpus.steps.lexicon_use import refuse_unused, swapped_entries


class TranslatorStep(RowStep):
    """A row step with a translator (`env.loaded`)."""

    translator: Backend = "lexicon"
    """`lexicon`: a word-by-word gloss from the table on the input `lexicon`; `apertium`: the program of that
    name (apt-get install apertium apertium-eng-spa); `bergamot-en-pt`: English and Brazilian Portuguese, both ways, by
    small models of the extra `small`, for tests and demonstrations (their licence is not stated); `openai`: a model at
    an OpenAI-compatible endpoint"""
    openai: Endpoint | None = None
    """for `openai`: base_url, model; also api_key_env, max_concurrency, timeout_s, max_retries, max_tokens"""

    reads: ClassVar[tuple[str, ...]]
    """record kinds on the main input"""

    batch_rows = 256

    @model_validator(mode="after")
    def _endpoint_for_openai(self) -> Self:
        if self.translator == "openai" and self.openai is None:
            raise ValueError("translator: openai needs openai: {base_url: ..., model: ...}")
        if self.translator != "openai" and self.openai is not None:
            raise ValueError(f"the options openai are of no use with translator: {self.translator}")
        return self

    def ports(self) -> dict[str, Port]:
        """`rows`; and `lexicon`, which the translator of that name needs and others leave alone."""
        return {MAIN: Port(self.reads), "lexicon": Port(("lexicon",), required=self.translator == "lexicon")}

    def models(self) -> dict[str, str]:
        """The translator, and what tells the language of a chat model's answers."""
        named = {"translator": translator_identity(self.translator, self.openai)}
        return named | ({"language_identifier": identity()} if self.translator == "openai" else {})

    def preflight(self) -> None:
        """The program, the package, or the key of the endpoint must be there."""
        translator_identity(self.translator, self.openai)
        if self.openai is not None:
            OpenAIEndpoint(self.openai)

    def remarks(self, inputs: Mapping[str, Table]) -> list[str]:
        """Entries of the lexicon that seem to be in each other's columns."""
        if self.translator != "lexicon":
            return []
        return swapped_entries(inputs, records.kind("pair").texts[:1] if inputs[MAIN].kind == "pair" else None)

    def nothing_kept(self, inputs: Mapping[str, Table]) -> None:
        """Where no row was translated by the lexicon: UserError if the text has no word of it."""
        if self.translator == "lexicon":
            refuse_unused(inputs, records.kind("pair").texts[:1] if inputs[MAIN].kind == "pair" else None)

    def in_flight(self) -> int:
        """A chat model is asked about as many rows at a time as its endpoint takes requests."""
        return self.openai.max_concurrency if self.openai is not None else 0

    def open(self, env: RowEnv) -> Translator:
        """The translator."""
        lexicon = env.side("lexicon") if self.translator == "lexicon" else None
        return load_translator(self.translator, lexicon=lexicon, endpoint=self.openai)
