"""What a language identifier and the script say about windows of words."""

from __future__ import annotations

from collections.abc import Sequence

import langcodes
import numpy as np

from xlcorpus import languages
from xlcorpus.arrays import Bools, Ints32
from xlcorpus.models.identifiers.fasttext_model import FURTHER_SCRIPTS, FastTextIdentifier
from xlcorpus.text.language_spans.states import Evidence
from xlcorpus.text.language_spans.windows import Windows, language_windows
from xlcorpus.text.language_spans.word_places import FAMILIES, HAN, KANA, WordPlaces
from xlcorpus.text.scripts import UNICODE_SCRIPTS

CANDIDATES = 4
"""Languages the identifier may name for a window."""

BY_SCRIPT = 0.9
"""Probability of the usual language of a script for a window in which the identifier knows no language of the
script."""

JAPANESE = "jpn_Jpan"
KANA_WITHIN = 3.0
"""Words (of two units) within which Japanese shows Hiragana or Katakana."""


def window_evidence(
    texts: Sequence[str], langs: Sequence[str], places: WordPlaces, identifier: FastTextIdentifier
) -> Evidence:
    """How probable which languages are in windows of the texts.

    A language that is not written in the script of a window has no share in it; where that leaves none, the usual
    language of the script has it (N'Ko, Syloti Nagri: languages the identifier has not seen), in a window of spaces
    that of the text.

    Args:
        texts: the texts.
        langs: language tag of each as a whole, or `und`.
        places: their words.
    """
    windows = language_windows(places)
    window_texts = _window_texts(texts, places, windows)
    named, probability = identifier.most_probable(window_texts, CANDIDATES)
    known = identifier.tags
    tags = list(
        dict.fromkeys([*known, *(tag for tag in (*langs, *_usual(places)) if tag not in ("", languages.UNKNOWN))])
    )
    usual = np.array([tags.index(tag) if tag else -1 for tag in _usual(places)], dtype=np.int32)
    writes = _writes(tags, places.scripts)
    script = _window_scripts(places, windows)
    fits = (named >= 0) & writes[named, script[:, None]]
    fits &= ~_without_kana(places, windows, script)[:, None] | (named != _index(tags, JAPANESE))
    probability = np.where(fits, probability, 0).astype(np.float32)
    named = np.where(fits, named, -1).astype(np.int32)
    none = ~fits.any(axis=1)
    blank = np.array([not text.strip() for text in window_texts], dtype=np.bool_)
    whole = np.array([_index(tags, lang) for lang in langs], dtype=np.int32)
    likely = np.where(blank, whole[places.text_of[windows.first]], usual[script])[none]
    named[none, 0] = likely
    probability[none, 0] = np.where(likely >= 0, BY_SCRIPT, 0)
    blind = np.array([tag not in known and not identifier.knows(tag) for tag in tags], dtype=np.bool_)
    return Evidence(windows, named, probability, script, tuple(tags), writes, blind)


def _without_kana(places: WordPlaces, windows: Windows, script: Ints32) -> Bools:
    """(windows,) which are long enough for Japanese to show Kana, and show none."""
    han = places.scripts.index(HAN) if HAN in places.scripts else -1
    return np.asarray((script == han) & (windows.sums(places.size) >= KANA_WITHIN))


def _window_texts(texts: Sequence[str], places: WordPlaces, windows: Windows) -> list[str]:
    owner = places.text_of[windows.first]
    starts, ends = places.start[windows.first], places.end[windows.last - 1]
    # The identifier takes Python strings one by one anyway.
    cut = (texts[i][a:b] for i, a, b in zip(owner.tolist(), starts.tolist(), ends.tolist(), strict=True))
    # What is all capitals looks like no language it was trained on.
    return [text.lower() if text.isupper() else text for text in cut]


def _window_scripts(places: WordPlaces, windows: Windows) -> Ints32:
    """(windows,) script of the first word with letters; Kana if there is any."""
    following = np.where(places.lettered, np.arange(len(places.size)), len(places.size))
    following = np.minimum.accumulate(following[::-1])[::-1]
    script = places.script[following[windows.first]]
    if KANA in places.scripts:
        kana = places.scripts.index(KANA)
        script[windows.sums(places.script == kana) > 0] = kana
    return np.asarray(script, dtype=np.int32)


def _index(tags: Sequence[str], tag: str) -> int:
    return tags.index(tag) if tag in tags else -1


def _writes(tags: Sequence[str], scripts: Sequence[str]) -> Bools:
    """(tags, scripts) whether a language may be written in a script."""
    may = [[script in _scripts_of(tag) for script in scripts] for tag in tags]
    return np.array(may, dtype=np.bool_).reshape(len(tags), len(scripts))


def _scripts_of(tag: str) -> set[str]:
    if tag in (languages.UNKNOWN, languages.NO_LANGUAGE):
        return set()
    further = FURTHER_SCRIPTS.get(languages.iso639_3(tag), ())
    codes = {languages.script(tag), languages.default_script(tag), *further}
    names = {FAMILIES.get(name, name) for code in codes for name in UNICODE_SCRIPTS.get(code, ())}
    return names


def _usual(places: WordPlaces) -> list[str]:
    """The usual language of each script, "" where there is none."""
    return [_usual_language(script) for script in places.scripts]


def _usual_language(script: str) -> str:
    code = next((code for code, names in UNICODE_SCRIPTS.items() if names[0] == script), None)
    likely = langcodes.Language.get(f"und-{code}").maximize().language if code else None
    return languages.parse(f"{likely}-{code}") if likely and likely != languages.UNKNOWN else ""
