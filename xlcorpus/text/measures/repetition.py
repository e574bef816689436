"""How much documents repeat themselves: lines, paragraphs and word n-grams (Rae et al. 2021, arXiv:2112.11446, A1.1).

Characters are all those of the text, line breaks and spaces among them.
"""

from __future__ import annotations

import numpy as np

from xlcorpus.arrays import Floats64, Ints64, UInts64
from xlcorpus.compiled import compiled
from xlcorpus.text.code_points import CodePoints, Codes
from xlcorpus.text.measures.rolling_hash import BASE, mixed, powers, slot
from xlcorpus.text.measures.word_table import Words

TOP_GRAMS = (2, 3, 4)
"""Words of the n-grams of which the most frequent one is measured."""
REPEATED_GRAMS = (5, 6, 7, 8, 9, 10)
"""Words of the n-grams of which the repeated ones are measured."""

NAMES = (
    "repeated_lines",
    "repeated_line_characters",
    "repeated_paragraphs",
    "repeated_paragraph_characters",
    *(f"top_{n}_grams" for n in TOP_GRAMS),
    *(f"repeated_{n}_grams" for n in REPEATED_GRAMS),
)
"""Columns of `repetition`: share of the lines (paragraphs) that stood before, and of the characters in such lines
(paragraphs); share of the characters in the most frequent word n-gram; share of the characters in word n-grams that
stood before."""

_NEWLINE, _SPACE = np.uint32(10), np.uint32(32)


def repetition(texts: CodePoints, words: Words) -> Floats64:
    """(texts, len(NAMES)) float64: the measures of each text; NaN for an empty text."""
    counts = np.diff(words.first)
    characters = int(np.diff(texts.bounds).max(initial=0))
    pieces = max(int(counts.max(initial=0)), characters // 2 + 1)
    size = 1 << (2 * pieces + 2).bit_length()
    return _repetition(
        texts.codes,
        texts.bounds,
        words.codes,
        words.start,
        words.end,
        words.first,
        powers(min(characters + 1, 1 << 16)),
        np.empty(size, dtype=np.uint64),
        np.full(size, -1, dtype=np.int64),
        np.empty(size, dtype=np.int64),
    )


@compiled
def _power(table: UInts64, exponent: int) -> np.uint64:
    """BASE^exponent mod 2^64; `table` holds the first ones (`powers`)."""
    if exponent < len(table):
        return np.uint64(table[exponent])
    result, square, left = np.uint64(1), BASE, exponent
    while left:
        if left & 1:
            result *= square
        square *= square
        left >>= 1
    return result


@compiled
def _table_mask(keys: int) -> int:
    """Size - 1 of the part of a table that so many keys need (see `slot`)."""
    size = 4
    while size < 2 * keys:
        size *= 2
    return size - 1


@compiled
def _repeated_pieces(
    codes: Codes, start: int, end: int, breaks: int, keys: UInts64, owner: Ints64, round_: int
) -> tuple[int, int, int]:
    """Pieces between runs of at least `breaks` line breaks, those that stood before, and the characters in these."""
    lines = 1
    for i in range(start, end):
        lines += codes[i] == _NEWLINE
    mask = _table_mask(lines)
    pieces = repeated = characters = 0
    first = at = start
    while True:
        run = 0
        while at + run < end and codes[at + run] == _NEWLINE:
            run += 1
        if at < end and run < breaks:
            at += max(run, 1)
            continue
        value = np.uint64(at - first)
        for i in range(first, at):
            value = value * BASE + mixed(np.uint64(codes[i]))
        place = slot(keys, owner, mask, value, round_)
        pieces += 1
        if owner[place] == round_:
            repeated += 1
            characters += at - first
        else:
            owner[place], keys[place] = round_, value
        if at >= end:
            return pieces, repeated, characters
        at += run
        first = at


@compiled
def _is_space(code: np.uint32) -> bool | np.bool_:
    """White space of `str.strip`, with which datatrove strips a text before it looks for paragraphs."""
    return (
        (9 <= code <= 13)
        or (28 <= code <= 32)
        or code in (0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000)
        or (0x2000 <= code <= 0x200A)
    )


@compiled
def _hash_prefixes(
    codes: Codes, start: Ints64, end: Ints64, first: int, n_words: int, hashes: UInts64, sizes: Ints64
) -> None:
    """Fill `hashes` and `sizes` with hash and length of the first 0, 1, 2, ... words, each with a space after it."""
    value, size = np.uint64(0), 0
    hashes[0], sizes[0] = value, size
    for w in range(n_words):
        for i in range(start[first + w], end[first + w]):
            value = value * BASE + mixed(np.uint64(codes[i]))
            size += 1
        value = value * BASE + mixed(np.uint64(_SPACE))  # ends a word: "ab c" is not "a bc"
        size += 1
        hashes[w + 1], sizes[w + 1] = value, size


@compiled
def _gram(hashes: UInts64, sizes: Ints64, w: int, n: int, table: UInts64) -> np.uint64:
    """Hash of the n-gram that begins at word w."""
    return np.uint64(hashes[w + n] - hashes[w] * _power(table, sizes[w + n] - sizes[w]))


@compiled
def _top_gram_characters(
    hashes: UInts64,
    sizes: Ints64,
    n_words: int,
    n: int,
    table: UInts64,
    keys: UInts64,
    owner: Ints64,
    found: Ints64,
    round_: int,
) -> int:
    """Characters in all occurrences of the most frequent n-gram, the spaces inside it too; of several the first."""
    mask = _table_mask(n_words)
    for w in range(n_words - n + 1):
        gram = _gram(hashes, sizes, w, n, table)
        place = slot(keys, owner, mask, gram, round_)
        if owner[place] != round_:
            owner[place], keys[place], found[place] = round_, gram, 0
        found[place] += 1
    best = best_size = 0
    for w in range(n_words - n + 1):
        times = found[slot(keys, owner, mask, _gram(hashes, sizes, w, n, table), round_)]
        if times > best:
            best, best_size = times, sizes[w + n] - sizes[w] - 1
    return best * best_size


@compiled
def _repeated_gram_characters(
    hashes: UInts64,
    sizes: Ints64,
    n_words: int,
    n: int,
    table: UInts64,
    keys: UInts64,
    owner: Ints64,
    round_: int,
) -> int:
    """Characters, without spaces, in disjoint n-grams that stood before."""
    mask = _table_mask(n_words)
    repeated, w = 0, 0
    while w < n_words - n + 1:
        gram = _gram(hashes, sizes, w, n, table)
        place = slot(keys, owner, mask, gram, round_)
        if owner[place] == round_:
            repeated += sizes[w + n] - sizes[w] - n
            w += n
        else:
            owner[place], keys[place] = round_, gram
            w += 1
    return repeated


@compiled
def _repetition(
    codes: Codes,
    text_bounds: Ints64,
    word_codes: Codes,
    word_start: Ints64,
    word_end: Ints64,
    first_word: Ints64,
    table: UInts64,
    keys: UInts64,
    owner: Ints64,
    found: Ints64,
) -> Floats64:
    texts = len(text_bounds) - 1
    out = np.full((texts, len(NAMES)), np.nan)
    most = 0
    for t in range(texts):
        most = max(most, first_word[t + 1] - first_word[t])
    hashes = np.empty(most + 1, dtype=np.uint64)
    sizes = np.empty(most + 1, dtype=np.int64)
    round_ = 0  # a new one empties the table
    for t in range(texts):
        start, end = text_bounds[t], text_bounds[t + 1]
        length = end - start
        if length == 0:
            continue
        pieces, repeated, characters = _repeated_pieces(codes, start, end, 1, keys, owner, round_)
        out[t, 0], out[t, 1] = repeated / pieces, characters / length
        round_ += 1
        while start < end and _is_space(codes[start]):
            start += 1
        while end > start and _is_space(codes[end - 1]):
            end -= 1
        pieces, repeated, characters = _repeated_pieces(codes, start, end, 2, keys, owner, round_)
        out[t, 2], out[t, 3] = repeated / pieces, characters / length
        round_ += 1

        n_words = first_word[t + 1] - first_word[t]
        _hash_prefixes(word_codes, word_start, word_end, first_word[t], n_words, hashes, sizes)
        column = 4
        for n in TOP_GRAMS:
            top = _top_gram_characters(hashes, sizes, n_words, n, table, keys, owner, found, round_)
            out[t, column] = top / length
            column += 1
            round_ += 1
        for n in REPEATED_GRAMS:
            again = _repeated_gram_characters(hashes, sizes, n_words, n, table, keys, owner, round_)
            out[t, column] = again / length
            column += 1
            round_ += 1
    return out
