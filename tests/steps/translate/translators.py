"""Translators for tests, which say plainly what they did."""

from collections.abc import Mapping, Sequence

from xlcorpus.models.translators.translation import TranslationError


class Table:
    """Texts by a table; those that it lacks stay."""

    identity = "table"

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def translate(self, texts: Sequence[str], src_lang: str, tgt_lang: str) -> list[str | TranslationError]:
        """See `Translator.translate`."""
        return [self._texts.get(text, text) for text in texts]


class Capitals:
    """Texts in capitals."""

    identity = "capitals"

    def translate(self, texts: Sequence[str], src_lang: str, tgt_lang: str) -> list[str | TranslationError]:
        """See `Translator.translate`."""
        return [text.upper() for text in texts]
