"""An identifier that contradicts nobody."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from xlcorpus.models.identifiers.fasttext_model import Answers, FastTextIdentifier
from xlcorpus.models.identifiers.line_characters import SCRIPTS

_OF_SCRIPT = {
    "Latin": "eng_Latn", "Cyrillic": "rus_Cyrl", "Arabic": "arb_Arab", "Devanagari": "hin_Deva", "Han": "zho_Hans",
    "Greek": "ell_Grek", "Bengali": "ben_Beng", "Thai": "tha_Thai", "Hangul": "kor_Hang", "Hebrew": "heb_Hebr",
}  # fmt: skip


class StandInIdentifier(FastTextIdentifier):
    """Says a language by the script of the first letter, and knows of no language whether a text is in it."""

    def __init__(self) -> None:
        self._scripted = True
        self.tags = sorted(_OF_SCRIPT.values())
        self.written = np.array([[_OF_SCRIPT.get(name) == tag for name in SCRIPTS] for tag in self.tags])
        self.knows = lambda tag: False  # type: ignore[assignment]

    def answers(self, lines: Sequence[str]) -> Answers:
        """See `FastTextIdentifier.answers`."""
        places = self.most_probable(lines, 1)[0][:, 0]
        there = np.flatnonzero(places >= 0)
        return Answers(there, places[there], np.full(len(there), 0.9, dtype=np.float32))

    def most_probable(self, texts: Sequence[str], k: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        """See `FastTextIdentifier.most_probable`."""
        found = np.full((len(texts), k), -1, dtype=np.int32)
        for row, text in enumerate(texts):
            found[row, 0] = self._of(text)
        return found, np.where(found >= 0, 0.9, 0).astype(np.float32)

    def _of(self, text: str) -> int:
        import unicodedata

        for char in text:
            if char.isalpha():
                word = unicodedata.name(char, "").partition(" ")[0]
                tag = _OF_SCRIPT.get("Han" if word == "CJK" else word.capitalize(), "eng_Latn")
                return self.tags.index(tag)
        return -1
