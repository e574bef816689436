"""Script names: ISO 15924 codes as tags have them, Unicode names as regular expressions have them."""

from __future__ import annotations

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
