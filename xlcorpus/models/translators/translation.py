"""What all translators give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class TranslationError:
    """Why there is no translation of one text."""

    reason: str
    """what went wrong; beside a rule the measured value, with the answer as it came"""
    rule: str | None = None
    """the rule that rejects the answer; None: no answer came"""


class Translator(Protocol):
    """Translates texts. One that fails does not take others down."""

    identity: str
    """name and version of what translates; part of fingerprints and on the card"""

    def translate(self, texts: Sequence[str], src_lang: str, tgt_lang: str) -> list[str | TranslationError]:
        """One translation, or the reason why there is none, per text; languages as tags (`deu_Latn`)."""
