"""Other forms of the same letters: presentation forms of Arabic, full and half width of East Asia."""

from __future__ import annotations

import re
import unicodedata

from xlcorpus import languages

ARABIC_FORM = "[\u0640\ufb50-\ufdf9\ufe70-\ufefc\u0643\u0649\u064a]"
"""What `arabic_letters` may change, as a regex of Python and Rust."""
WIDE_FORM = "[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff66-\uffdc]"
"""What `usual_width` changes."""

_KEHEH = (
    "fas",
    "pes",
    "prs",
    "urd",
    "pus",
    "pbt",
    "snd",
    "ckb",
    "kmr",
    "sdh",
    "bal",
    "bgn",
    "uig",
    "kas",
    "pnb",
    "skr",
    "lrc",
    "mzn",
    "glk",
)
"""ISO 639-3 codes of languages written with keheh and Farsi yeh: ک and ی are letters there, ك and ي typed for them."""
_FARSI_YEH = ("fas", "pes", "prs", "urd", "pnb", "skr", "lrc", "mzn", "glk", "ckb", "kas")

_FORMS = re.compile("[\ufb50-\ufd3d\ufd50-\ufdf9\ufe70-\ufefc]+")
_WIDE = re.compile(f"{WIDE_FORM}+")


def arabic_letters(text: str, lang: str) -> str:
    """Presentation forms as the letters they show, no tatweel; in Persian, Urdu and others ی and ک for ي, ى and ك.

    Sentences in one sign (ﷺ, ﷽) stay.
    """
    text = _FORMS.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text).replace("\u0640", "")
    code = languages.iso639_3(lang) if lang != languages.UNKNOWN else ""
    if code in _KEHEH:
        text = text.replace("\u0643", "\u06a9")
    if code in _FARSI_YEH:
        text = text.replace("\u064a", "\u06cc").replace("\u0649", "\u06cc")
    return text


def usual_width(text: str) -> str:
    """Full-width Latin letters and digits, half-width Katakana and Hangul in the width they usually have.

    Full-width punctuation stays: it is the right one in Chinese and Japanese.
    """
    return _WIDE.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
