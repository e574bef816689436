"""Machine translation: one protocol, its backends by name, and translating around protected spans."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import polars as pl

from xlcorpus.errors import UserError
from xlcorpus.models.stand_ins.identity import STAND_IN
from xlcorpus.models.stand_ins.translator import StandInTranslator
from xlcorpus.models.translators.apertium import apertium_identity, apertium_modes, run_apertium
from xlcorpus.models.translators.bergamot import MODELS, MOST_CHARACTERS, bergamot_identity, run_bergamot
from xlcorpus.models.translators.bergamot import NAME as BERGAMOT
from xlcorpus.models.translators.lexicon import Lexicon
from xlcorpus.models.translators.translation import TranslationError, Translator
from xlcorpus.rehearsing import rehearsing
from xlcorpus.text.numbers import numbers_kept
from xlcorpus.text.protect import protect
from xlcorpus.text.replace import carry_case, free_words, known_words, replace

Backend = Literal["lexicon", "apertium", "bergamot-en-pt"]


def translator_identity(backend: Backend) -> str:
    """`Translator.identity`, without loading anything.

    Raises:
        MissingExtra: Apertium, or the extra `small` for `bergamot-en-pt`, is not installed.
    """
    if rehearsing():
        return STAND_IN
    if backend == "lexicon":
        return LexiconTranslator.identity
    if backend == "apertium":
        return apertium_identity()
    return bergamot_identity()


def translator_directions(backend: Backend) -> set[tuple[str, str]] | None:
    """The (source, target) tags a translator has, known before a run; None where they depend on a table or a model.

    Raises:
        MissingExtra: Apertium is not installed, or no pair for it.
    """
    if rehearsing():
        return None
    if backend == "apertium":
        return set(apertium_modes())
    return set(MODELS) if backend == "bergamot-en-pt" else None


def load_translator(backend: Backend, *, lexicon: pl.DataFrame | None = None) -> Translator:
    """A translator by name.

    Args:
        lexicon: rows of the record kind `lexicon`, for the backend of that name.

    Raises:
        MissingExtra, UserError: a program or a table is missing.
    """
    if rehearsing():
        return StandInTranslator()
    if backend == "lexicon":
        if lexicon is None:
            raise UserError("translator 'lexicon' needs a lexicon table")
        return LexiconTranslator(Lexicon(lexicon))
    if backend == "apertium":
        return ApertiumTranslator()
    return BergamotTranslator()


class LexiconTranslator:
    """A word-by-word gloss: the most probable translation of each word, unknown words as they stand.

    No word order, no inflection: a stand-in where there is no model, and a source of bad examples.
    """

    identity = "lexicon (word-by-word gloss)"

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def translate(self, texts: Sequence[str], src_lang: str, tgt_lang: str) -> list[str | TranslationError]:
        """See `Translator.translate`."""
        entries = self._lexicon.entries(src_lang, tgt_lang)
        if not entries:
            return [TranslationError(f"the lexicon has no words from {src_lang} to {tgt_lang}")] * len(texts)
        glosses: list[str | TranslationError] = []
        longest = self._lexicon.longest(src_lang, tgt_lang)
        for text, words in zip(texts, free_words(texts), strict=True):  # word by word: it is a gloss
            known = known_words(text, words, src_lang, entries, longest)
            new = [(k.word, carry_case(k.word, entries[k.key][0][0], src_lang, tgt_lang)) for k in known]
            glosses.append(replace(text, new)[0])
        return glosses


class ApertiumTranslator:
    """Rule-based translation by the program Apertium (Forcada et al. 2011, Machine Translation 25).

    Each text is a text of its own to Apertium, with one exception: classes of ambiguous words that its statistical
    tagger was not trained on count in the order they come, so that some texts (2 of 100 captions, eng-spa 0.8.1)
    depend on those before them in a batch. The same texts in the same order always give the same result.
    """

    def __init__(self) -> None:
        self._modes = apertium_modes()
        self.identity = apertium_identity()

    def translate(self, texts: Sequence[str], src_lang: str, tgt_lang: str) -> list[str | TranslationError]:
        """See `Translator.translate`. Raises XlcorpusError if Apertium breaks down."""
        mode = self._modes.get((src_lang, tgt_lang))
        if mode is None:
            have = ", ".join(self._modes.values())
            reason = f"no Apertium pair from {src_lang} to {tgt_lang} is installed (installed: {have})"
            return [TranslationError(reason)] * len(texts)
        return list(run_apertium(mode, texts))


class BergamotTranslator:
    """English <-> Brazilian Portuguese by small models from the extra `small`, sentence by sentence.

    A text with a sentence of more than `MOST_CHARACTERS` characters is an error of the rule `too_long`.
    """

    def __init__(self) -> None:
        self.identity = bergamot_identity()

    def translate(self, texts: Sequence[str], src_lang: str, tgt_lang: str) -> list[str | TranslationError]:
        """See `Translator.translate`."""
        if (src_lang, tgt_lang) not in MODELS:
            have = ", ".join("-".join(pair) for pair in MODELS)
            return [TranslationError(f"{BERGAMOT} has no {src_lang}-{tgt_lang} (it has: {have})")] * len(texts)
        too_long = TranslationError(f"a sentence of more than {MOST_CHARACTERS:,} characters", "too_long")
        return [too_long if new is None else new for new in run_bergamot(texts, src_lang, tgt_lang)]


class Translated(NamedTuple):
    """A text translated around its protected spans, and what was measured."""

    text: str
    """the translation; the source where `error` is set"""
    changed: bool | None
    """whether anything differs from the source; None if there was nothing to translate"""
    numbers_kept: float
    """see `text.numbers.numbers_kept`"""
    error: str | None
    rule: str | None
    """see `TranslationError`"""


def translate_protected(
    translator: Translator, texts: Sequence[str], src_langs: Sequence[str], tgt_lang: str
) -> list[Translated]:
    """Translate what may be translated of each text; every distinct segment is translated once.

    Args:
        texts: any texts.
        src_langs: language of each; texts that are in `tgt_lang` already stay as they are.
        tgt_lang: language to translate into.
    """
    cut = [protect(text) for text in texts]
    wanted: dict[str, dict[str, str | TranslationError]] = {}
    for segments, lang in zip(cut, src_langs, strict=True):
        wanted.setdefault(lang, {}).update((s.text, s.text) for s in segments if s.translatable)
    for lang, segments_of in wanted.items():
        if lang == tgt_lang:
            continue
        answers = translator.translate(list(segments_of), lang, tgt_lang)
        wanted[lang] = dict(zip(segments_of, answers, strict=True))
    done: list[Translated] = []
    for text, segments, lang in zip(texts, cut, src_langs, strict=True):
        new = [wanted[lang][s.text] if s.translatable else s.text for s in segments]
        problem = next((n for n in new if isinstance(n, TranslationError)), None)
        joined = text if problem else "".join(str(n) for n in new)
        given = lang != tgt_lang and any(s.translatable for s in segments)
        changed = joined != text if given else None
        done.append(Translated(joined, changed, numbers_kept(text, joined, lang, tgt_lang), *_said(problem)))
    return done


def _said(problem: TranslationError | None) -> tuple[str | None, str | None]:
    return (problem.reason, problem.rule) if problem else (None, None)
