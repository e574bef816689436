"""The most probable sequence of languages over the words of texts, and spans of a least length."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from xlcorpus.arrays import Bools, Floats32, Floats64, Ints8, Ints32, Ints64
from xlcorpus.compiled import compiled
from xlcorpus.text.language_spans.states import Evidence, States
from xlcorpus.text.language_spans.word_places import STRONG, WordPlaces

SWITCH = np.array([2.1, 2.05, 2.0, 1.5])
"""Cost in nats of a change of language after NONE, WEAK, STRONG and LINE. Chosen on planted documents in German,
Spanish, Russian, Chinese and Hindi (benchmarks/incidental_documents.py)."""

FOREIGN = 0.5
"""Further cost of a change to a language other than the text's own."""

DOUBT = 0.3
"""A word alone can make a language at most this much less probable, however sure the identifier is."""

LEAST = 1e-3
"""Probability of a language in a window of any length at least."""


class Bounds(NamedTuple):
    """Where the words, windows and languages of each text begin; (texts + 1,) each."""

    words: Ints64
    windows: Ints64
    languages: Ints64


class Words(NamedTuple):
    """Columns of `WordPlaces`; (words,)."""

    size: Floats64
    before: Ints8


class Seen(NamedTuple):
    """Windows and their evidence."""

    first: Ints64
    """(windows,) first word"""
    last: Ints64
    """(windows,) word after the last"""
    language: Ints64
    """(windows, k) number of each language, -1: none"""
    probability: Floats32
    """(windows, k)"""
    script: Ints32
    """(windows,)"""


class Languages(NamedTuple):
    """The languages considered for a text; see `States`."""

    number: Ints64
    """(states,)"""
    own: Bools
    """(states,)"""
    trust: Floats64
    """(states,)"""
    may_write: Bools
    """(states, scripts)"""


def decode(
    places: WordPlaces, evidence: Evidence, states: States, min_words: float, min_language_words: float
) -> Ints64:
    """(words,) the state of each word; -1 in texts without any. See `language_spans`."""
    path = np.full(len(places.start), -1, dtype=np.int64)
    if not len(states.tag):
        return path
    windows = evidence.windows
    owner = places.text_of[windows.first]
    number = np.where(evidence.lang >= 0, states.classes[evidence.lang], -1)
    _decode_all(
        Bounds(places.bounds, np.searchsorted(owner, np.arange(len(places.bounds))), states.bounds),
        Words(places.size, places.before),
        Seen(windows.first, windows.last, number, evidence.probability, evidence.script),
        Languages(states.classes[states.tag], states.own, states.trust, evidence.writes[states.tag]),
        SWITCH,
        (min_words, min_language_words),
        path,
    )
    return path


@compiled
def _decode_all(
    bounds: Bounds,
    words: Words,
    seen: Seen,
    languages: Languages,
    switch: Floats64,
    least: tuple[float, float],
    path: Ints64,
) -> None:
    """Decode each text by itself; `path` (words,) is filled with states, counted over all texts."""
    for text in range(len(bounds.words) - 1):
        a, b = bounds.words[text], bounds.words[text + 1]
        s, t = bounds.languages[text], bounds.languages[text + 1]
        if a == b or s == t:
            continue
        u, v = bounds.windows[text], bounds.windows[text + 1]
        size, before, own = words.size[a:b], words.before[a:b], languages.own[s:t]
        support = emissions(
            a,
            size,
            Seen(seen.first[u:v], seen.last[u:v], seen.language[u:v], seen.probability[u:v], seen.script[u:v]),
            Languages(languages.number[s:t], own, languages.trust[s:t], languages.may_write[s:t]),
        )
        found = viterbi(support, before, own, switch)
        dissolve(found, support, size, before, own, least[0], least[1])
        path[a:b] = found + s


@compiled
def emissions(offset: int, size: Floats64, seen: Seen, languages: Languages) -> Floats64:
    """(words, states) log-probability of each language, that of a window divided among its words by their size.

    A word in several windows gets their mean, so that every word counts once. The probability that is left over by the
    most probable language of a window goes to languages by their `trust`, beside what the evidence gives them.

    Args:
        offset: number of the text's first word in `seen`.
        size: (words,) of the text.
        seen: the text's windows.
        languages: the languages considered for the text.
    """
    words, states = len(size), len(languages.number)
    out = np.zeros((words, states))
    cover = np.zeros(words)
    for w in range(len(seen.first)):
        a, b = seen.first[w] - offset, seen.last[w] - offset
        total = size[a:b].sum()
        if total <= 0:
            continue
        floor = max(LEAST, DOUBT ** max(total, 1.0))
        cover[a:b] += 1
        for k in range(states):
            p = 0.0
            for j in range(seen.language.shape[1]):
                if seen.language[w, j] == languages.number[k]:
                    p += seen.probability[w, j]
            if languages.may_write[k, seen.script[w]]:
                p = max(p, languages.trust[k] * (1 - seen.probability[w].max()))
            value = np.log(min(max(p, floor), 1.0)) / total
            for i in range(a, b):
                out[i, k] += value * size[i]
    for i in range(words):
        if cover[i] > 0:
            out[i] /= cover[i]
    return out


@compiled
def viterbi(support: Floats64, before: Ints8, own: Bools, switch: Floats64) -> Ints64:
    """(words,) the states of the greatest sum of support less the cost of changes (Viterbi 1967)."""
    words, states = support.shape
    entry = np.where(own, 0.0, FOREIGN) if own.any() else np.zeros(states)
    score = support[0] - entry
    came = np.empty((words, states), np.int64)
    for i in range(1, words):
        best = 0
        for k in range(1, states):
            if score[k] > score[best]:
                best = k
        new = np.empty(states)
        for k in range(states):
            jump = score[best] - switch[before[i]] - entry[k]
            # On a tie the language goes on.
            if k != best and jump > score[k]:
                came[i, k], new[k] = best, jump + support[i, k]
            else:
                came[i, k], new[k] = k, score[k] + support[i, k]
        score = new
    path = np.empty(words, np.int64)
    path[-1] = np.argmax(score)
    for i in range(words - 1, 0, -1):
        path[i - 1] = came[i, path[i]]
    return path


@compiled
def dissolve(
    path: Ints64,
    support: Floats64,
    size: Floats64,
    before: Ints8,
    own: Bools,
    min_words: float,
    min_language_words: float,
) -> None:
    """Give spans below `min_words` to a neighbour, shortest first, then foreign languages below `min_language_words`.

    Of two neighbours in different languages the one with more support gets the span. A sole span stays, and so does a
    whole sentence or line in the text's own language, however short.
    """
    while _dissolve_one(path, support, size, before, own, min_words):
        pass
    states = support.shape[1]
    while True:
        totals = np.zeros(states)
        for i in range(len(path)):
            totals[path[i]] += size[i]
        least, present = -1, 0
        for k in range(states):
            if totals[k] > 0:
                present += 1
                if not own[k] and totals[k] < min_language_words and (least < 0 or totals[k] < totals[least]):
                    least = k
        if least < 0 or present < 2:
            return
        i = 0
        while i < len(path):
            j = i
            while j < len(path) and path[j] == path[i]:
                j += 1
            if path[i] == least:
                path[i:j] = _heir(path, support, i, j)
            i = j


@compiled
def _dissolve_one(
    path: Ints64,
    support: Floats64,
    size: Floats64,
    before: Ints8,
    own: Bools,
    min_words: float,
) -> bool:
    """Give the shortest span below `min_words` to a neighbour; whether there was one."""
    at, end, shortest = -1, -1, min_words
    i = 0
    while i < len(path):
        j, words = i, 0.0
        while j < len(path) and path[j] == path[i]:
            words += size[j]
            j += 1
        whole = before[i] >= STRONG and (j == len(path) or before[j] >= STRONG)
        if words < shortest and j - i < len(path) and not (own[path[i]] and whole):
            at, end, shortest = i, j, words
        i = j
    if at < 0:
        return False
    path[at:end] = _heir(path, support, at, end)
    return True


@compiled
def _heir(path: Ints64, support: Floats64, first: int, last: int) -> int:
    """The neighbouring language of the span first:last that has more support in it."""
    if first == 0:
        return int(path[last])
    if last == len(path) or path[last] == path[first - 1]:
        return int(path[first - 1])
    left, right = support[first:last, path[first - 1]].sum(), support[first:last, path[last]].sum()
    return int(path[first - 1]) if left >= right else int(path[last])
