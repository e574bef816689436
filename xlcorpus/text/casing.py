"""Small letters and capitals as the language of a text has them.

Unicode's rules for all languages, and over them those of single languages:

- Turkish and other languages with ı (`DOTLESS`): I is the capital of ı, İ that of i. In Karakalpak (since 2016) Í is
  the capital of ı, I that of i.
- Greek: capitals have no accents and breathings, as Unicode's data for Greek say (CLDR's transform `el-Upper`): δρόμος
  is ΔΡΟΜΟΣ. ή ("or") keeps its accent, ι and υ get the dots that the accent before them made needless (άυλος, ΑΫΛΟΣ).
  Small letters of such capitals have no accents: they cannot be known. A sigma that ends a word is ς.
- Armenian: և is ԵՎ in capitals in the reformed spelling (`hye`), ԵՒ in the classical one.
- Dutch: a word with ij at its beginning begins with IJ; after 's, 't and the like the next word has the capital, also
  in Afrikaans.
- Lithuanian: the dot that dictionaries keep under an accent (i̇́) is not written: Unicode would put it into every
  small letter with an accent, but texts have it nowhere else.
- Georgian: no word has a capital at its beginning; capitals (Mtavruli) are for words in capitals.
- ß is SS in capitals: ẞ is allowed too, but SS is what most texts have.
- Letters of scripts without case stay as they are.

Rules are those of a tag, language and script: a text in `tat_Latn` has ı, one in `tat_Cyrl` has not, also in the Latin
words in it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Literal

import polars as pl

from xlcorpus.text.composed import changed, composed

DOTLESS = ("tur", "ota", "azj", "azb", "aze", "crh", "gag", "tat", "bak", "kaz", "tly", "diq", "kiu", "zza")
"""ISO 639-3 codes of languages in which I is the capital of ı and İ that of i, where they are written in Latin."""

_DOTLESS_TAGS = tuple(tag for code in DOTLESS for tag in (code, f"{code}_Latn"))
_KARAKALPAK = ("kaa", "kaa_Latn")
_LITHUANIAN = ("lit", "lit_Latn")
_REFORMED_ARMENIAN = ("hye", "hye_Armn")
_GREEK = ("ell_Grek", "grc_Grek", "pnt_Grek", "tsd_Grek", "cpg_Grek", "ell", "grc", "pnt", "tsd", "cpg")
_DUTCH = ("nld", "vls", "zea")
_WITH_ARTICLES = (*_DUTCH, "afr", "lim", "fry")

_DOT = "\u0307"
_OF_DOTLESS = {"İ": "i", "I": "ı"}
_SMALL_DOTTED = f"i{_DOT}+"
"""How programs that do not know the language write a small İ."""
_OF_KARAKALPAK = {"Í": "ı", "İ": "i"}
_LITHUANIAN_DOT = rf"([IJĮijį]){_DOT}"
_DIALYTIKA, _YPOGEGRAMMENI = "\u0308", "\u0345"

USUAL_CAPITALS = "\u10a0-\u10cdᎠ-Ᏽ"
"""Capitals, as Unicode has it, that texts are usually written in: Georgian Asomtavruli, and Cherokee."""
_USUAL_CAPITAL = re.compile(f"[{USUAL_CAPITALS}]")

_ARTICLE = re.compile(r"(?:['’‘ʼ](?:s|t|n|k|m|r|ns)|ŉ)\s+", re.IGNORECASE)


def is_dotless(lang: pl.Expr) -> pl.Expr:
    """Whether the capital of ı is I in the languages of String tags; Boolean, null for a null.

    >>> pl.select(is_dotless(pl.lit("tur_Latn"))).item()
    True
    """
    return lang.is_in(list(_DOTLESS_TAGS))


def small_expr(text: pl.Expr, lang: pl.Expr | str) -> pl.Expr:
    """A String expression in small letters of its language, in NFC.

    Args:
        text: String expression.
        lang: its tags (`tur_Latn`), String expression, or the tag of all.

    >>> pl.select(small_expr(pl.lit("ISPARTA"), "tur_Latn")).item()
    'ısparta'
    """
    lang = pl.lit(lang, pl.String) if isinstance(lang, str) else lang
    return _elementwise(_small_texts, text, lang)


def small_for_any_expr(text: pl.Expr, langs: Sequence[pl.Expr]) -> pl.Expr:
    """A String expression in small letters, to compare texts of which each may be in any of some languages.

    Where one of the languages has ı, the four letters I, ı, İ and i count as one: the same words must stay the same
    whether they are read as Turkish or as English.

    Args:
        text: String expression.
        langs: String expressions, tags of the languages in question.
    """
    return _elementwise(_merged_texts, text, pl.any_horizontal(is_dotless(lang) for lang in langs))


def _small_texts(texts: pl.Series, langs: pl.Series) -> pl.Series:
    texts = composed(texts)
    for tags, change in (
        (_DOTLESS_TAGS, lambda some: _undotted(some.str.replace_many(_OF_DOTLESS))),
        (_KARAKALPAK, lambda some: composed(some.str.replace_many(_OF_KARAKALPAK))),
        (_LITHUANIAN, _without_dots),
    ):
        texts = changed(texts, langs.is_in(list(tags)), change)
    return texts.str.to_lowercase()


def _undotted(texts: pl.Series) -> pl.Series:
    return composed(texts.str.replace_all(_SMALL_DOTTED, "i"))


def _without_dots(texts: pl.Series) -> pl.Series:
    plain = composed(texts.str.replace_all("İ", "i", literal=True))
    dotted = plain.str.contains(_DOT, literal=True)
    return changed(plain, dotted, lambda some: some.str.replace_all(_LITHUANIAN_DOT, "${1}").str.normalize("NFC"))


def _merged_texts(texts: pl.Series, dotless: pl.Series) -> pl.Series:
    plain = composed(texts).str.to_lowercase()
    return changed(plain, dotless, lambda some: _undotted(some).str.replace_all("ı", "i", literal=True))


def _elementwise(function: Callable[[pl.Series, pl.Series], pl.Series], text: pl.Expr, other: pl.Expr) -> pl.Expr:
    """An expression by a function of two (n,) series; a literal is as long as the other.

    By `when` and `then` every rule would be computed for every row: that takes three times as long as `to_lowercase`.
    """

    def of(columns: Sequence[pl.Series]) -> pl.Series:
        length = 0 if any(len(c) == 0 for c in columns) else max(len(c) for c in columns)
        one, two = (c if len(c) == length else c.new_from_index(0, length) for c in columns)
        return function(one, two)

    return pl.map_batches([text, other], of, return_dtype=pl.String, is_elementwise=True)


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def small(text: str, lang: str) -> str:
    """`small_expr` of one text.

    >>> small("İzmir", "tur_Latn"), small("ΟΔΟΣ", "ell_Grek")
    ('izmir', 'οδος')
    """
    text = _nfc(text)
    if lang in _DOTLESS_TAGS:
        text = _nfc(re.sub(_SMALL_DOTTED, "i", text.replace("İ", "i").replace("I", "ı")))
    elif lang in _KARAKALPAK:
        text = _nfc(text.replace("Í", "ı").replace("İ", "i"))
    elif lang in _LITHUANIAN:
        text = _without_dot(_nfc(text.replace("İ", "i")))
    return _small(text)


def capital(text: str, lang: str) -> str:
    """A text in capitals of its language (a tag), in NFC.

    >>> capital("ısı", "tur_Latn"), capital("νεράιδα", "ell_Grek"), capital("Straße", "deu_Latn")
    ('ISI', 'ΝΕΡΑΪΔΑ', 'STRASSE')
    """
    text = _nfc(text)
    if lang in _DOTLESS_TAGS:
        text = text.replace("i", "İ")
    elif lang in _KARAKALPAK:
        text = text.replace("ı", "Í")
    elif lang in _LITHUANIAN:
        text = _without_dot(text)
    elif lang in _REFORMED_ARMENIAN:
        text = text.replace("և", "եվ")
    elif lang in _GREEK:
        text = _without_accents(text)
    return _capital(text)


def title(text: str, lang: str) -> str:
    """A text with the capital that begins a sentence or a name in its language (a tag); all else stays.

    The first letter has it, behind punctuation and the like; where a digit stands before, none has.

    >>> title("ijsland", "nld_Latn"), title("istanbul", "tur_Latn"), title("ახალი", "kat_Geor")
    ('IJsland', 'İstanbul', 'ახალი')
    """
    code = lang.split("_")[0]
    article = _ARTICLE.match(text) if code in _WITH_ARTICLES else None
    start = _first_letter(text, article.end() if article else 0)
    size = 2 if code in _DUTCH and text[start : start + 2].lower() == "ij" else 1
    first, rest = text[start : start + size], text[start + size :]
    if lang in _DOTLESS_TAGS and first == "i":
        first, rest = "İ", rest.removeprefix(_DOT)
    elif lang in _KARAKALPAK and first == "ı":
        first = "Í"
    elif lang in _LITHUANIAN and first in ("i", "j", "į"):
        first, rest = first.upper(), rest.removeprefix(_DOT)
    elif lang in _REFORMED_ARMENIAN and first == "և":
        first = "Եվ"
    elif size == 2:
        first = first.upper()
    else:
        younger = first.translate(_younger()[1])
        first = younger if younger != first else first.title()
    return text[:start] + first + rest


Case = Literal["small", "title", "capitals"]


def case_of(word: str) -> Case:
    """How a word is written: "title" with a capital at its beginning, in "capitals", or "small" in any other way.

    A capital alone is a beginning. Georgian Asomtavruli and Cherokee are usually written in what Unicode calls
    capitals, so that these alone say nothing, and are "small".

    >>> case_of("Dog"), case_of("DOG"), case_of("I"), case_of("ᏣᎳᎩ"), case_of("Ꮳꮃꭹ")
    ('title', 'capitals', 'title', 'small', 'title')
    """
    word = _nfc(word)
    start = _first_letter(word, 0)
    first = word[start : start + 1]
    if _small(first) == first:
        return "small"
    in_capitals = _capital(word) == word
    if in_capitals and _USUAL_CAPITAL.match(first):
        return "small"
    letters = sum(_small(c) != c for c in word)
    return "capitals" if in_capitals and letters > 1 else "title"


def _first_letter(text: str, start: int) -> int:
    """Where the first letter or digit is, behind punctuation and apostrophes that are letters (ʻokina)."""
    for place in range(start, len(text)):
        c = text[place]
        if not "\u02b0" <= c <= "\u02ff" and (c.isalnum() or any(ord(c) in letters for letters in _younger())):
            return place
    return len(text)


@cache
def _younger() -> tuple[Mapping[int, str], Mapping[int, str]]:
    """Small letters of capitals, and capitals of small letters, that Python's Unicode does not have but polars' has."""
    unknown = [c for c in map(chr, (*range(0x80, 0x3400), *range(0xA000, 0x20000))) if unicodedata.category(c) == "Cn"]
    letters = pl.DataFrame({"c": unknown}).with_columns(
        small=pl.col("c").str.to_lowercase(), capital=pl.col("c").str.to_uppercase()
    )
    lowered, raised = (letters.filter(pl.col(name) != pl.col("c")).select("c", name) for name in ("small", "capital"))
    return {ord(c): new for c, new in lowered.rows()}, {ord(c): new for c, new in raised.rows()}


def _small(text: str) -> str:
    return text.lower() if text.isascii() else text.translate(_younger()[0]).lower()


def _capital(text: str) -> str:
    return text.upper() if text.isascii() else text.translate(_younger()[1]).upper()


def _without_dot(text: str) -> str:
    """Without the Lithuanian dot above i, j and į."""
    if _DOT not in text:
        return text
    return _nfc(re.sub(_LITHUANIAN_DOT, r"\1", text))


_OR = re.compile(r"(?<!\w)[ήΉ](?!\w)")
_MARK = "[\u0300-\u036f]"
_HIATUS = re.compile(f"([αεηιουωΑΕΗΙΟΥΩ]{_MARK}*[\u0300\u0301\u0342]{_MARK}*)([ιυΙΥ])(?!{_MARK})")
_GREEK_LETTER = re.compile(f"([\u0370-\u03ff])({_MARK}+)")


def _without_accents(text: str) -> str:
    """Greek letters without accents and breathings, in NFC; ή as a word keeps its own."""

    def bare(part: str) -> str:
        apart = _HIATUS.sub(rf"\1\2{_DIALYTIKA}", unicodedata.normalize("NFD", part))
        kept = _GREEK_LETTER.sub(lambda m: m[1] + "".join(c for c in m[2] if c in _DIALYTIKA + _YPOGEGRAMMENI), apart)
        return _nfc(kept)

    pieces: list[str] = []
    last = 0
    for word in _OR.finditer(text):
        pieces += [bare(text[last : word.start()]), word[0]]
        last = word.end()
    return "".join([*pieces, bare(text[last:])])
