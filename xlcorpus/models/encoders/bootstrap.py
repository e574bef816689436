"""The encoder that needs no model: hashed character n-grams of romanised text.

It finds similar spelling or sound in two languages (names, numbers, cognates) and similar length, and nothing of
meaning. The vector of a text does not depend on its batch.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

import numpy as np
from scipy import sparse

from xlcorpus.arrays import Floats32, Floats64, Ints64, UInts64, unit_length

TEXTS_AT_ONCE = 4096
"""Bounds the working memory: one vector for every distinct word of that many texts."""

WORD_GRAMS = (3, 4, 5)
SKELETON_GRAMS = (3, 4)
SIGNS_PER_GRAM = 4
"""Each n-gram adds or subtracts 1 in this many places of the vector: a sparse random projection."""

NUMERAL_WEIGHT = 3.0
"""Weight of a number: the same in every language and rare, so stronger evidence than a word of its length."""
LENGTH_WEIGHT = 0.3
"""Norm of the length code relative to that of the words: translations have similar lengths."""
MARK_WEIGHT = 0.3
"""The same for question and exclamation marks."""

_HAN = "\u3005-\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(f"[{_HAN}]+|[^\\s{_HAN}]+")
_HAN_RUN = re.compile(f"[{_HAN}]+")
_WORD = re.compile("[a-z]+|[0-9]+")
_DOUBLE = re.compile(r"([a-z])\1+")
_UNHEARD = re.compile("[aeiouh]")
_LATIN = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
_MARKS = (re.compile("[?？؟՞⸮፧]"), re.compile("[!！՜]"))

_SPELLINGS = (
    ("sch", "s"), ("sh", "s"), ("ch", "k"), ("ck", "k"), ("ph", "f"), ("th", "t"), ("qu", "k"), ("tz", "s"),
    ("ts", "s"), ("x", "ks"), ("q", "k"), ("c", "k"), ("w", "v"), ("y", "i"), ("j", "i"), ("z", "s"),
)  # fmt: skip
"""Spellings of about one sound in different languages and romanisations, folded in this order."""


class BootstrapEncoder:
    """Unit vectors from the letters of a text; see the module. No download, no training."""

    identity = "bootstrap-v1-512"
    dim = 512

    def encode(self, texts: Sequence[str]) -> Floats32:
        """(n, 512) float32 unit vectors; zero for a text without letters or digits."""
        out = np.zeros((len(texts), self.dim), dtype=np.float32)
        for start in range(0, len(texts), TEXTS_AT_ONCE):
            out[start : start + TEXTS_AT_ONCE] = self._block(texts[start : start + TEXTS_AT_ONCE])
        return out

    def _block(self, texts: Sequence[str]) -> Floats32:
        vocabulary: dict[str, int] = {}
        ids: list[int] = []
        counts: list[int] = []
        ends = [0]
        letters = np.zeros(len(texts))
        # One pass per text: splitting and the romanisation cache work on Python strings.
        for row, text in enumerate(texts):
            found = Counter(words(text))
            for word, count in found.items():
                ids.append(vocabulary.setdefault(word, len(vocabulary)))
                counts.append(count)
                letters[row] += len(word) * count
            ends.append(len(ids))
        weights = (1 + np.log(np.array(counts, dtype=np.float64))).astype(np.float32)
        shape = (len(texts), len(vocabulary))
        out = np.asarray(sparse.csr_matrix((weights, ids, ends), shape=shape) @ self._words(list(vocabulary)))
        size = np.sqrt(np.einsum("nd,nd->n", out, out))[:, None]
        out = out + size * (LENGTH_WEIGHT * self._lengths(letters) + MARK_WEIGHT * self._marks(texts))
        return unit_length(out)

    def _words(self, vocabulary: list[str]) -> Floats32:
        """(words, dim): the sum of each word's projected n-grams."""
        skeletons = [_DOUBLE.sub(r"\1", _UNHEARD.sub("", w)) for w in vocabulary]
        out = np.zeros((len(vocabulary), self.dim), dtype=np.float32)
        for salt, spelt, sizes in ((1, vocabulary, WORD_GRAMS), (2, skeletons, SKELETON_GRAMS)):
            codes, starts = _codes(spelt)
            for n in sizes:
                owner, hashes = _grams(codes, starts, n)
                out += _projected(mixed(hashes + np.uint64(salt << 8 | n)), owner, len(vocabulary), self.dim)
        out[[w.isdigit() for w in vocabulary]] *= NUMERAL_WEIGHT
        return out

    def _lengths(self, letters: Floats64) -> Floats32:
        """(n, dim): a soft one-hot code of the logarithm of the number of letters."""
        codes = _fixed_codes(16, salt=3, dim=self.dim)
        away = (np.log1p(letters)[:, None] - 0.5 * np.arange(16)) / 0.35
        return np.asarray(np.exp(-(away**2)), dtype=np.float32) @ codes

    def _marks(self, texts: Sequence[str]) -> Floats32:
        """(n, dim): whether the text has a question mark, an exclamation mark."""
        codes = _fixed_codes(len(_MARKS), salt=4, dim=self.dim)
        has = np.array([[bool(mark.search(t)) for mark in _MARKS] for t in texts], dtype=np.float32)
        return has.reshape(len(texts), len(_MARKS)) @ codes


def words(text: str) -> list[str]:
    """The words of a text as this encoder spells them: romanised, without accents, one spelling per sound.

    A run of Han characters is one word, romanised character by character.
    """
    out: list[str] = []
    for run in _RUN.findall(unicodedata.normalize("NFKC", text).casefold()):
        out += _spelt(run)
    return out


@lru_cache(maxsize=1 << 18)
def _spelt(run: str) -> tuple[str, ...]:
    return tuple(_folded(word) for word in _WORD.findall(_romanised(run).lower()))


def _romanised(run: str) -> str:
    if run.isascii():
        return run
    latin = "".join(c for c in unicodedata.normalize("NFKD", run.translate(_LATIN)) if not unicodedata.combining(c))
    if latin.isascii():
        return latin
    if _HAN_RUN.fullmatch(run):
        return "".join(_han(c) for c in run)
    return str(_uroman().romanize_string(run))


@lru_cache(maxsize=1 << 16)
def _han(character: str) -> str:
    return str(_uroman().romanize_string(character))


@cache
def _uroman() -> Any:
    from uroman import Uroman

    return Uroman()


def _folded(word: str) -> str:
    for spelling, sound in _SPELLINGS:
        word = word.replace(spelling, sound)
    return _DOUBLE.sub(r"\1", word)


def _codes(spelt: list[str]) -> tuple[UInts64, Ints64]:
    """The bytes of all words with their ends marked, and where each word begins (words + 1)."""
    codes = np.frombuffer("".join(f"<{w}>" for w in spelt).encode("ascii"), dtype=np.uint8)
    lengths = np.fromiter((len(w) + 2 for w in spelt), dtype=np.int64, count=len(spelt))
    return codes.astype(np.uint64), np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def _grams(codes: UInts64, starts: Ints64, n: int) -> tuple[Ints64, UInts64]:
    """The word and the polynomial hash of every n-gram that lies within a word."""
    per_word = np.maximum(np.diff(starts) - n + 1, 0)
    owner = np.repeat(np.arange(len(per_word)), per_word)
    within = np.arange(len(owner)) - np.repeat(np.cumsum(per_word) - per_word, per_word)
    at = starts[owner] + within
    hashes = np.zeros(len(owner), dtype=np.uint64)
    for offset in range(n):
        hashes = hashes * np.uint64(0x9E3779B97F4A7C15) + codes[at + offset]
    return owner, hashes


def mixed(hashes: UInts64) -> UInts64:
    """Every input bit spread over all output bits (the finaliser of SplitMix64, Steele et al. 2014)."""
    h = hashes
    h = (h ^ (h >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    h = (h ^ (h >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return h ^ (h >> np.uint64(31))


def _projected(hashes: UInts64, owner: Ints64, rows: int, dim: int) -> Floats32:
    """(rows, dim): every hash adds +-1 in `SIGNS_PER_GRAM` places of its row; `dim` is a power of two."""
    bits = dim.bit_length() - 1
    out = np.zeros(rows * dim)
    for i in range(SIGNS_PER_GRAM):
        part = hashes >> np.uint64(i * (bits + 1))
        place = (part & np.uint64(dim - 1)).astype(np.int64)
        sign = ((part >> np.uint64(bits)) & np.uint64(1)).astype(np.float64) * 2 - 1
        out += np.bincount(owner * dim + place, weights=sign, minlength=rows * dim)
    return out.reshape(rows, dim).astype(np.float32)


def _fixed_codes(count: int, salt: int, dim: int) -> Floats32:
    """(count, dim) unit vectors of signs, the same on every machine."""
    numbers = np.arange(count * dim, dtype=np.uint64) + np.uint64(salt << 32)
    signs = (mixed(numbers) >> np.uint64(63)).astype(np.float32) * 2 - 1
    return np.asarray(signs / np.sqrt(dim), dtype=np.float32).reshape(count, dim)
