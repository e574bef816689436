"""Script names: ISO 15924 codes as tags have them, Unicode names as regular expressions have them."""

from __future__ import annotations

import polars as pl

UNICODE_SCRIPTS: dict[str, tuple[str, ...]] = {
    "Adlm": ("Adlam",), "Arab": ("Arabic",), "Armn": ("Armenian",), "Bali": ("Balinese",),
    "Beng": ("Bengali",), "Bopo": ("Bopomofo",), "Cakm": ("Chakma",), "Cans": ("Canadian_Aboriginal",),
    "Cher": ("Cherokee",), "Copt": ("Coptic",), "Cyrl": ("Cyrillic",), "Deva": ("Devanagari",),
    "Ethi": ("Ethiopic",), "Geor": ("Georgian",), "Goth": ("Gothic",), "Grek": ("Greek",),
    "Gujr": ("Gujarati",), "Guru": ("Gurmukhi",), "Hang": ("Hangul", "Han"), "Hani": ("Han",),
    "Hans": ("Han",), "Hant": ("Han",), "Hebr": ("Hebrew",), "Hira": ("Hiragana",),
    "Java": ("Javanese",), "Jpan": ("Han", "Hiragana", "Katakana"), "Kana": ("Katakana",),
    "Khmr": ("Khmer",), "Knda": ("Kannada",), "Kore": ("Hangul", "Han"), "Lana": ("Tai_Tham",),
    "Laoo": ("Lao",), "Latn": ("Latin",), "Limb": ("Limbu",), "Mand": ("Mandaic",),
    "Mlym": ("Malayalam",), "Mong": ("Mongolian",), "Mtei": ("Meetei_Mayek",), "Mymr": ("Myanmar",),
    "Nkoo": ("Nko",), "Olck": ("Ol_Chiki",), "Orya": ("Oriya",), "Rohg": ("Hanifi_Rohingya",),
    "Samr": ("Samaritan",), "Sinh": ("Sinhala",), "Sund": ("Sundanese",), "Syrc": ("Syriac",),
    "Tale": ("Tai_Le",), "Talu": ("New_Tai_Lue",), "Taml": ("Tamil",), "Tavt": ("Tai_Viet",),
    "Telu": ("Telugu",), "Tfng": ("Tifinagh",), "Thaa": ("Thaana",), "Thai": ("Thai",),
    "Tibt": ("Tibetan",), "Vaii": ("Vai",), "Yiii": ("Yi",),
}  # fmt: skip
"""Unicode scripts (property `Script`, UAX 24) that a text in an ISO 15924 script is written with."""

_SURE = 0.6
"""Share of the letters that are in the script of a text."""
_SINGLE = {name: code for code, (name, *others) in UNICODE_SCRIPTS.items() if not others and not code.startswith("Han")}
_EAST_ASIAN = ("Han", "Hiragana", "Katakana", "Hangul", "Bopomofo")
_KANA, _HANGUL = 0.05, 0.3
"""Shares of kana among kana and Han in a Japanese text, of Hangul among Hangul and Han in a Korean one, at least."""


def letters_of(script: str) -> str | None:
    """A regular expression for a letter of an ISO 15924 script; None for one that is not in the table."""
    names = UNICODE_SCRIPTS.get(script)
    return None if names is None else "[" + "".join(rf"\p{{{name}}}" for name in names) + "]"


def main_script(texts: pl.Series) -> str | None:
    """ISO 15924 code of the script that most letters of some texts are in; None if no script has 60 % of them.

    Texts in Chinese characters alone are Hani, with kana Jpan, in Hangul (and Han) Hang.
    """
    text = pl.Series([" ".join(texts.drop_nulls())])
    letters = text.str.count_matches(r"\p{L}").item()
    if not letters:
        return None
    names = [*_SINGLE, "Han", "Hangul"]
    within = [pl.lit(text).str.count_matches(rf"[\p{{L}}&&\p{{{name}}}]").alias(name) for name in names]
    found = pl.select(within).row(0)
    counts: dict[str, int] = dict(zip(names, found, strict=True))
    east_asian = {name: counts.pop(name, 0) for name in _EAST_ASIAN}
    if sum(east_asian.values()) >= _SURE * letters:
        return _east_asian(**{name.lower(): number for name, number in east_asian.items()})
    most = max(counts, key=counts.__getitem__)
    return _SINGLE[most] if counts[most] >= _SURE * letters else None


def _east_asian(han: int, hiragana: int, katakana: int, hangul: int, bopomofo: int) -> str:
    kana = hiragana + katakana
    if hangul > kana and hangul >= _HANGUL * (hangul + han):
        return "Hang"
    if kana and kana >= _KANA * (kana + han):
        return "Jpan"
    return "Hani" if han else "Bopo"
