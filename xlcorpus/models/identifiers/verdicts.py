"""What an identifier says of texts: the languages of each, how probable, and how probable its own is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import polars as pl

from xlcorpus import languages
from xlcorpus.arrays import Bools, Floats32, Ints8, Ints64
from xlcorpus.models.identifiers.close_languages import close, han_evidence
from xlcorpus.models.identifiers.fasttext_model import FastTextIdentifier
from xlcorpus.models.identifiers.line_characters import SCRIPTS
from xlcorpus.models.identifiers.lines import Lines, lines
from xlcorpus.models.identifiers.words_and_codes import LENGTH

MIN_PROBABILITY, MAX_OWN_PROBABILITY, MIN_CHARACTERS = 0.5, 0.05, 12
"""When a text is said to be in another language: the probability of that language, below which its own must be, and
the length (as `text.quality.length` counts) that the text has at least. Short sentences of close languages need the
second: on Tatoeba it halves the Catalan sentences lost as Spanish, and finds nearly as many foreign ones."""

MIN_SCRIPT_SHARE = 0.05
"""Share of the letters of a text in the script of a language, below which the text is not in it, whatever the model
says. Pages about programs have few letters in their own script."""

_HAN = SCRIPTS.index("Han")
_KANA = [SCRIPTS.index(name) for name in ("Hiragana", "Katakana", "Hangul")]
_JAPANESE, _CHINESE = "jpn_Jpan", ("zho_Hans", "zho_Hant")


@dataclass(frozen=True)
class Verdicts:
    """The probable languages of texts. A text of long documents is judged by its windows."""

    model: FastTextIdentifier
    prepared: Lines
    """the texts as the model read them"""
    text: Ints64
    """(candidates,) ascending; the candidates of a text stand best first"""
    place: Ints64
    """(candidates,) of the tag in `model.tags`"""
    probability: Floats32
    """(candidates,) mean over the windows of a text"""
    votes: Ints8
    """(candidates,) windows in which the language is the most probable one"""

    @property
    def best(self) -> Ints64:
        """(texts,) place of the first candidate of each text in the arrays above, -1 where there is none."""
        texts = len(self.prepared.counts)
        first = np.searchsorted(self.text, np.arange(texts)).astype(np.int64)
        there = np.append(self.text, -1)[np.minimum(first, len(self.text))] == np.arange(texts)
        return np.where(there, first, -1)

    def own(self, tags: pl.Series, strict: bool = False) -> Floats32:
        """Probability that each text is in one of its own languages.

        Args:
            tags: (texts,) List(String) tags of each text.
            strict: a close language (see `close`) is another one.
        """
        wanted = tags.list.join(" ")
        kinds = wanted.unique(maintain_order=True).to_list()
        kind = wanted.replace_strict(kinds, range(len(kinds)), return_dtype=pl.Int64).to_numpy()
        known = tuple(self.model.tags)
        belongs = np.stack([_own(known, k, strict, False) for k in kinds])
        of_han = np.stack([_own(known, k, strict, True) for k in kinds])
        letters = self.prepared.letters
        han = (letters[:, _HAN] > 0) & (letters[:, _KANA].sum(axis=1) == 0)
        mine = np.where(han[self.text], of_han[kind[self.text], self.place], belongs[kind[self.text], self.place])
        total = np.bincount(self.text, weights=self.probability * mine, minlength=len(kind))
        return np.minimum(total, 1).astype(np.float32)

    def tags(self) -> pl.Series:
        """(candidates,) String tags, each in the script of its text."""
        frame = pl.DataFrame({"place": self.place, "script": self.prepared.letters[self.text, :-1].argmax(axis=1)})
        distinct = frame.unique()
        named = [self.model.in_script(self.model.tags[p], SCRIPTS[s]) for p, s in distinct.iter_rows()]
        joined = frame.join(distinct.with_columns(tag=pl.Series(named, dtype=pl.String)), on=["place", "script"],
                            how="left", maintain_order="left")  # fmt: skip
        return joined["tag"]


def verdicts(model: FastTextIdentifier, prepared: Lines, judged: Bools) -> Verdicts:
    """Ask the model about texts.

    A language that is not written in the script of a text is left out, whatever the model says of it.

    Args:
        judged: (texts,) which of them to ask about; the others get no candidates.
    """
    asked = np.flatnonzero(judged[prepared.owner])
    answers = model.answers([prepared.texts[i] for i in asked.tolist()])
    line = asked[answers.line]
    text, place = prepared.owner[line], answers.place.astype(np.int64)
    fits = _fits(model, prepared, text, place)
    line, text, place, probability = line[fits], text[fits], place[fits], answers.probability[fits]
    order = np.lexsort((place, -probability, line))
    leads = np.zeros(len(line), dtype=np.bool_)
    leads[order] = np.diff(line[order], prepend=-1) > 0
    keys, index = np.unique(text * len(model.tags) + place, return_inverse=True)
    windows = np.bincount(prepared.owner, minlength=len(judged))
    text, place = np.divmod(keys, len(model.tags))
    mean = np.bincount(index, weights=probability, minlength=len(keys)) / windows[text]
    votes = np.bincount(index, weights=leads, minlength=len(keys)).astype(np.int8)
    order = np.lexsort((place, -mean, -votes, text))
    return Verdicts(
        model, prepared, text[order], place[order], mean[order].astype(np.float32), votes[order]
    )  # fmt: skip


def han_tags(texts: pl.Series, tags: pl.Series, probabilities: Floats32) -> tuple[pl.Series, Floats32]:
    """Tags of texts in which Chinese is told by its characters: simplified, traditional, or Japanese without kana.

    The probability is multiplied by the share of the characters that speak for the tag, one counted for either side
    beforehand where both may be.

    Args:
        texts: (n,) String.
        tags: (n,) String, what a model said; only `zho_Hans` and `zho_Hant` and `jpn_Jpan` are looked at.
        probabilities: (n,) float32 of these tags.
    """
    places = tags.is_in([*_CHINESE]).fill_null(False).arg_true()
    if not len(places):
        return tags, probabilities
    simplified, traditional, japanese = han_evidence(texts.gather(places)).T
    told = np.where(traditional > simplified, _CHINESE[1], _CHINESE[0])
    told = np.where(japanese > np.maximum(simplified, traditional), _JAPANESE, told)
    unsure = simplified + traditional + japanese == 0
    told = np.where(unsure, tags.gather(places).to_numpy(), told)
    most = np.maximum(np.maximum(simplified, traditional), japanese)
    share = (most + 1) / (simplified + traditional + japanese + 1)
    changed = probabilities.copy()
    changed[places.to_numpy()] *= share.astype(np.float32)
    return tags.clone().scatter(places, pl.Series(told.tolist(), dtype=pl.String)), changed


def foreign(model: FastTextIdentifier, texts: Sequence[str], tag: str) -> list[str | None]:
    """What each text is written in if it is certainly not the language `tag`: "eng_Latn 0.98".

    None: it is, or there is no verdict, since it is short or the model does not know the language or its script.
    """
    if not model.knows(tag):
        return [None] * len(texts)
    prepared = lines(pl.Series(texts, dtype=pl.String), pl.Series([tag] * len(texts), dtype=pl.String))
    long = (prepared.counts[:, LENGTH] >= MIN_CHARACTERS) & ~prepared.no_language
    found = verdicts(model, prepared, long)
    own = found.own(pl.Series([[tag]] * len(texts), dtype=pl.List(pl.String)))
    tags = found.tags().to_list()
    said: list[str | None] = []
    for i, best in enumerate(found.best.tolist()):
        p = found.probability[best] if best >= 0 else 0.0
        other = best >= 0 and p >= MIN_PROBABILITY and own[i] < MAX_OWN_PROBABILITY
        said.append(f"{tags[best]} {p:.2f}" if other else None)
    return said


@lru_cache(maxsize=4096)
def _own(known: tuple[str, ...], own: str, strict: bool, han: bool) -> Bools:
    """(known,) whether a tag of the model is one of a text's own, which stand in one string."""
    return np.array([_is_own(tag, own.split(), strict, han) for tag in known], dtype=np.bool_)


def _is_own(tag: str, own: Sequence[str], strict: bool, han: bool) -> bool:
    if tag in (languages.UNKNOWN, languages.NO_LANGUAGE):
        return False
    known = [o for o in own if o != languages.UNKNOWN]
    if strict:
        return any(languages.iso639_3(tag) == languages.iso639_3(o) for o in known)
    return any(close(tag, o, han) for o in known)


def _fits(model: FastTextIdentifier, prepared: Lines, text: Ints64, place: Ints64) -> Bools:
    """(answers,) whether a text has letters in a script of the language."""
    written = model.written[place]
    inside = (prepared.letters[text, :-1] * written).sum(axis=1)
    return np.asarray((inside >= MIN_SCRIPT_SHARE * prepared.letters[text].sum(axis=1)) | ~written.any(axis=1))
