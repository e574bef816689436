"""Words that a language has borrowed: no evidence of the language that they come from."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from xlcorpus.text.casing import small
from xlcorpus.text.language_spans.word_places import WordPlaces


def without_loanwords(
    texts: Sequence[str], langs: Sequence[str], places: WordPlaces, loanwords: Mapping[str, Collection[str]]
) -> list[str]:
    """The texts with spaces for the letters of borrowed words, so that all other words keep their places.

    Args:
        texts: the texts.
        langs: language tag of each as a whole.
        places: their words.
        loanwords: for a tag the words that texts in this language may have, in any case.
    """
    wanted = {tag: {small(word, tag) for word in words} for tag, words in loanwords.items()}
    blank = list(texts)
    # Only words of texts in a language with a list are looked up.
    for text, start, end in zip(places.text_of.tolist(), places.start.tolist(), places.end.tolist(), strict=True):
        words = wanted.get(langs[text])
        if words and small(texts[text][start:end], langs[text]) in words:
            blank[text] = blank[text][:start] + " " * (end - start) + blank[text][end:]
    return blank
