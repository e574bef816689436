"""Noise of seven kinds, made from clean text, which a policy should reject in any language.

The functions draw from a generator that they are given, so that equal seeds give equal noise.
"""

from __future__ import annotations

import base64
import unicodedata
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import polars as pl

KINDS = ("mojibake", "other_language", "repeated_line", "menu", "dump", "numbers", "random_letters")

_ENCODINGS = ("cp1252", "latin-1", "cp1251", "mac-roman")
_TYPOGRAPHY = {" ": " “", ".": ".”", "'": "’", "-": "–"}
"""Typographic signs put into ASCII text, which would else survive a wrong encoding."""


def noise(texts: pl.DataFrame, seed: int) -> pl.DataFrame:
    """One row of noise of each kind from each clean document.

    A document that gives no noise of a kind has no row of it: one without words no menu, and any document no
    `other_language` where there is one language alone.

    Args:
        texts: `text` and `lang` of the documents.
        seed: of all draws.

    Returns:
        `text`, `lang` (of the clean document) and `noise` (one of `KINDS`).
    """
    rng = np.random.default_rng(seed)
    alphabets = {
        str(lang): _letters(part["text"].to_list()) for (lang,), part in texts.group_by("lang", maintain_order=True)
    }
    made: list[tuple[str, str, str]] = []
    others = {lang: texts.filter(pl.col("lang") != lang)["text"].to_list() for lang in alphabets}
    makers: Mapping[str, Callable[[str, str], str]] = {
        "mojibake": lambda text, lang: mojibake(text, rng),
        "other_language": lambda text, lang: str(rng.choice(others[lang])) if others[lang] else "",
        "repeated_line": lambda text, lang: repeated_line(text, rng),
        "menu": lambda text, lang: menu(text, rng),
        "dump": lambda text, lang: dump(rng),
        "numbers": lambda text, lang: numbers(text, rng),
        "random_letters": lambda text, lang: random_letters(text, alphabets[lang], rng),
    }
    for text, lang in texts.select("text", "lang").iter_rows():  # some hundred texts of a language
        made += [(maker(text, lang), lang, kind) for kind, maker in makers.items()]
    frame = pl.DataFrame(made, schema={"text": pl.String, "lang": pl.String, "noise": pl.String}, orient="row")
    return frame.filter(pl.col("text") != "")


def mojibake(text: str, rng: np.random.Generator) -> str:
    """The text's UTF-8 read in another encoding; bytes that the encoding does not define become U+FFFD."""
    if text.isascii():
        for plain, typographic in _TYPOGRAPHY.items():
            text = text.replace(plain, typographic, 3)
    return text.encode().decode(str(rng.choice(_ENCODINGS)), errors="replace")


def repeated_line(text: str, rng: np.random.Generator) -> str:
    """One line of a text, 6 to 39 times; "" for a text without lines."""
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        return ""
    separator = str(rng.choice(["\n", " ", "\n\n"]))
    return separator.join([lines[rng.integers(len(lines))]] * int(rng.integers(6, 40)))


def menu(text: str, rng: np.random.Generator) -> str:
    """A menu or list of links, 8 to 29 entries of one to three words of a text; "" for a text without words."""
    words = _words(text)
    if not words:
        return ""
    entries = []
    for _ in range(int(rng.integers(8, 30))):
        at = int(rng.integers(len(words)))
        entries.append(" ".join(words[at : at + int(rng.integers(1, 4))])[:24])
    form = int(rng.integers(4))
    if form == 0:
        return "\n".join(entries)
    if form == 1:
        return str(rng.choice([" | ", " · ", " » ", " > "])).join(entries)
    links = [f"https://www.example.org/{rng.integers(10**6)}/{i}" for i in range(len(entries))]
    if form == 2:
        return "\n".join(f"[{entry}]({link})" for entry, link in zip(entries, links, strict=True))
    return "\n".join(f"{entry} {link}" for entry, link in zip(entries, links, strict=True))


def dump(rng: np.random.Generator) -> str:
    """200 to 1,199 random bytes in base64, or as a hex dump."""
    data = rng.bytes(int(rng.integers(200, 1200)))
    if rng.integers(2):
        return base64.encodebytes(data).decode("ascii")
    rows = [data[i : i + 16] for i in range(0, len(data), 16)]
    return "\n".join(f"{i * 16:08x}  {row.hex(' ', 2)}" for i, row in enumerate(rows))


def numbers(text: str, rng: np.random.Generator) -> str:
    """A table of numbers, 8 to 39 rows, under a head of words of a text."""
    columns = int(rng.integers(3, 7))
    separator = str(rng.choice(["\t", " | ", ",", "  "]))
    head = separator.join((_words(text) or ["x"])[:columns])
    rows = []
    for _ in range(int(rng.integers(8, 40))):
        values = rng.lognormal(4, 2, columns)
        rows.append(separator.join(f"{v:.2f}" if rng.integers(2) else f"{v:.0f}" for v in values))
    return "\n".join([head, *rows])


def random_letters(text: str, letters: Sequence[str], rng: np.random.Generator) -> str:
    """A text with each letter (and its marks) replaced by a random letter of its language.

    In half of the texts each letter of the language is equally probable, in half it is as frequent as in the language.

    Args:
        text: any text.
        letters: those of the language, each with its marks, as often as they occur.
        rng: for all draws.
    """
    choices = sorted(set(letters)) if rng.integers(2) else letters
    draws = iter(rng.choice(choices, size=max(len(text), 1)).tolist())
    return "".join(next(draws) if c.isalpha() else c for c in text if unicodedata.category(c)[0] != "M")


def _letters(texts: Sequence[str]) -> list[str]:
    """The letters of texts, each with its marks, as often as they occur."""
    found: list[str] = []
    for text in texts:
        for c in text:
            category = unicodedata.category(c)[0]
            if category == "L":
                found.append(c)
            elif category == "M" and found:
                found[-1] += c
    return found or ["x"]


def _words(text: str) -> list[str]:
    """Words between spaces; pieces of a text written without spaces."""
    words = ["".join(c for c in word if c.isalnum() or unicodedata.category(c)[0] == "M") for word in text.split()]
    pieces = [(word, 12 if word.isascii() else 4 if _is_dense(word) else 10) for word in words]
    return [word[i : i + size] for word, size in pieces for i in range(0, len(word), size)]


def _is_dense(word: str) -> bool:
    """Whether a word is in Han, Kana or Hangul."""
    return any("\u2e80" <= c <= "\u9fff" or "\uac00" <= c <= "\ud7a3" for c in word)
