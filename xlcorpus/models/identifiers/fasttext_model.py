"""fastText classifiers whose labels are languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from xlcorpus import languages
from xlcorpus.arrays import Floats32, Ints32, Ints64
from xlcorpus.errors import UserError
from xlcorpus.models.identifiers.fasttext_file import read
from xlcorpus.models.identifiers.fasttext_predict import Answer, classifier, predict
from xlcorpus.models.identifiers.labels import PREFIX, tag_of
from xlcorpus.models.identifiers.line_characters import SCRIPTS
from xlcorpus.text.scripts import UNICODE_SCRIPTS

LEAST = 0.02
"""Labels below this probability count as 0."""

FURTHER_SCRIPTS = {"srp": ("Latn",), "zho": ("Hant",), "yue": ("Hans",), "uzn": ("Cyrl",), "azj": ("Cyrl",)}
"""Scripts beside the usual one that a model whose labels name no script has seen (Wikipedia has them)."""

_WINDOW_LEAST = 0.001
"""The same for windows of a few words, where the evidence of many is added up."""


@dataclass(frozen=True)
class Answers:
    """Languages that lines are in with a probability of at least `LEAST`, line by line."""

    line: Ints64
    """(answers,) ascending"""
    place: Ints32
    """(answers,) of the tag in `FastTextIdentifier.tags`"""
    probability: Floats32
    """(answers,)"""


class FastTextIdentifier:
    """Any fastText classifier whose labels are language codes or tags (lid.176, NLLB, GlotLID, OpenLID).

    The numbers of a model are mapped from its file, so that all processes of a machine share one copy.

    Raises:
        UserError: the file is no fastText classifier, see `read`, or its labels are no languages.
    """

    def __init__(self, path: Path) -> None:
        file = read(path)
        self._model = classifier(file)
        tags = [tag_of(label) for label in file.labels]
        if not set(tags) - {languages.UNKNOWN, languages.NO_LANGUAGE}:
            raise UserError(
                f"language identifier {str(path)!r} has labels that are no languages "
                f"({', '.join(sorted(file.labels)[:3])}); expected labels such as {PREFIX}deu_Latn or {PREFIX}de"
            )
        self._scripted = any("_" in label.removeprefix(PREFIX) for label in file.labels)
        self.tags = sorted(set(tags))
        """tags the model tells apart, sorted; `und` and `zxx` may be among them"""
        place = {tag: i for i, tag in enumerate(self.tags)}
        self._places = np.array([place[tag] for tag in tags], dtype=np.int32)
        self.written = np.array([[name in self._scripts(tag) for name in SCRIPTS] for tag in self.tags])
        """(tags, scripts) bool: whether a text with a tag may be in one of `SCRIPTS`; none for `und`, `zxx` and rare
        scripts"""
        self.knows = lru_cache(maxsize=4096)(self._knows)

    @property
    def languages(self) -> list[str]:
        """The tags of languages among `tags`."""
        return [tag for tag in self.tags if tag not in (languages.UNKNOWN, languages.NO_LANGUAGE)]

    def identify(self, texts: Sequence[str]) -> tuple[list[str], npt.NDArray[np.float32]]:
        """Most probable tag of each text as it stands, and its probability, float32 (texts,). "" is `und` with 0."""
        places, probabilities = self.most_probable(texts, 1)
        return [self.tags[i] if i >= 0 else languages.UNKNOWN for i in places[:, 0].tolist()], probabilities[:, 0]

    def answers(self, lines: Sequence[str]) -> Answers:
        """All probable languages of each line; none of a blank one. Labels of one tag count together."""
        line, label, probability = self._predict(lines, len(self._places), LEAST)
        keys = line * len(self.tags) + self._places[label]
        distinct, index = np.unique(keys, return_inverse=True)
        total = np.bincount(index, weights=probability, minlength=len(distinct))
        line_of, place_of = np.divmod(distinct, len(self.tags))
        return Answers(line_of, place_of.astype(np.int32), np.minimum(total, 1).astype(np.float32))

    def most_probable(self, texts: Sequence[str], k: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        """The k most probable languages of each text, best first: places in `tags`, int32 (texts, k), -1 where there
        is none above 0.001, and their probabilities, float32 (texts, k)."""
        found = np.full((len(texts), k), -1, dtype=np.int32)
        probabilities = np.zeros((len(texts), k), dtype=np.float32)
        line, label, probability = self._predict(texts, k, _WINDOW_LEAST)
        rank = np.arange(len(line)) - np.searchsorted(line, line)
        found[line, rank], probabilities[line, rank] = self._places[label], probability
        return found, probabilities

    def _scripts(self, tag: str) -> set[str]:
        """Unicode names of the scripts that a text may be in to which the model gives this tag."""
        if tag in (languages.UNKNOWN, languages.NO_LANGUAGE):
            return set()
        codes = {languages.script(tag)}
        if not self._scripted:
            codes |= {languages.default_script(tag), *FURTHER_SCRIPTS.get(languages.iso639_3(tag), ())}
        return {name for code in codes for name in UNICODE_SCRIPTS.get(code, ())}

    def in_script(self, tag: str, script: str) -> str:
        """The tag of a text in a script (its Unicode name) to which the model gives `tag`: `srp_Latn` for `srp_Cyrl`.

        Only a model whose labels name no script leaves the script open.
        """
        if self._scripted or tag in (languages.UNKNOWN, languages.NO_LANGUAGE):
            return tag
        for code in (languages.script(tag), *FURTHER_SCRIPTS.get(languages.iso639_3(tag), ())):
            if script in UNICODE_SCRIPTS.get(code, ()):
                return f"{languages.iso639_3(tag)}_{code}"
        return tag

    def _knows(self, tag: str) -> bool:
        """Whether the model can recognise the language in that script; if not, its word is no verdict."""
        if tag in (languages.UNKNOWN, languages.NO_LANGUAGE):
            return False
        known = [t for t in self.languages if languages.same_language(t, tag)]
        if self._scripted:
            return any(_written(t) == _written(tag) for t in known)
        usual = (languages.default_script(tag), *FURTHER_SCRIPTS.get(languages.iso639_3(tag), ()))
        return bool(known) and languages.script(tag) in usual

    def _predict(self, texts: Sequence[str], k: int, least: float) -> Answer:
        """Labels of texts, none of a blank one; see `predict`."""
        asked = [i for i, text in enumerate(texts) if text and not text.isspace()]
        encoded = [texts[i].replace("\n", " ").encode() for i in asked]
        bounds = np.cumsum([0, *map(len, encoded)])
        line, label, probability = predict(
            self._model, np.frombuffer(b"".join(encoded), dtype=np.uint8), bounds, k, least
        )
        return np.array(asked, dtype=np.int64)[line], label, probability


def _written(tag: str) -> tuple[str, ...]:
    """What Unicode calls the script of a tag: one name for simplified and traditional Chinese."""
    return UNICODE_SCRIPTS.get(languages.script(tag), (languages.script(tag),))
