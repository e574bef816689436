"""What is wrong with texts that a model wrote, whatever the question was."""

from __future__ import annotations

from collections.abc import Sequence

from xlcorpus import languages
from xlcorpus.models.identifiers.fasttext_model import FastTextIdentifier
from xlcorpus.models.identifiers.verdicts import foreign
from xlcorpus.text.loops import loop_at_end
from xlcorpus.text.refusals import is_refusal

Wrong = tuple[str, str]
"""The name of what is wrong, and what was found."""


def wrong_in(
    texts: Sequence[str], langs: Sequence[str | None], asked: Sequence[str | None], identifier: FastTextIdentifier
) -> list[Wrong | None]:
    """(texts,) a refusal, another language than asked for, or one piece over and over at the end; None: neither.

    All at once: a language is told of one text in two milliseconds, of many in a hundredth.

    Args:
        texts: answers.
        langs: tags of the languages that they must be in; None: any.
        asked: tags of the languages of the questions, where they are known.
        identifier: tells languages.
    """
    found: list[Wrong | None] = [None] * len(texts)
    by_lang: dict[str, list[int]] = {}
    for place, (text, lang, question) in enumerate(zip(texts, langs, asked, strict=True)):
        of_question = question or languages.UNKNOWN
        if is_refusal(text, "", of_question, lang or of_question):
            found[place] = ("refusal", "refusal")
        elif lang is not None:
            by_lang.setdefault(lang, []).append(place)
    for lang, places in by_lang.items():
        for place, other in zip(places, foreign(identifier, [texts[place] for place in places], lang), strict=True):
            if other is not None:
                found[place] = ("wrong_language", other)
    for place, text in enumerate(texts):
        if found[place] is None and (length := loop_at_end(text)):
            found[place] = ("loop", f"{length} characters repeat")
    return found
