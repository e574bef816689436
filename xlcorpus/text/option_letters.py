"""Letters that label the options of a question, in the order in which exams of each script use them."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from xlcorpus import languages

LETTERS = (
    "ABCDEFGHIJ",
    "АБВГДЕЖЗИК", "АБВГҐДЕЄ",  # Russian, Bulgarian, Serbian; Ukrainian
    "ΑΒΓΔΕΖΗΘ", "ԱԲԳԴԵԶ", "აბგდევ",
    ("أ", "ب", "ج", "د", "ه", "و", "ز", "ح"), ("ا", "ب", "ج", "د"), ("الف", "ب", "ج", "د"), ("الف", "بے", "جیم", "دال"),
    "אבגדהוזח",
    "कखगघङच", "अबसद", ("ए", "बी", "सी", "डी", "ई"),
    "কখগঘঙচ", "ਕਖਗਘਙਚ", ("ਏ", "ਬੀ", "ਸੀ", "ਡੀ"),
    "અબકડ", ("એ", "બી", "સી", "ડી"),
    "கஙசஞ", "அஆஇஈஉ", ("ஏ", "பி", "சி", "டி"),
    "కఖగఘఙ", "అఆఇఈఉ", ("ఎ", "బి", "సి", "డి"),
    "ಕಖಗಘಙ", "ಅಆಇಈಉ", ("ಎ", "ಬಿ", "ಸಿ", "ಡಿ"),
    "കഖഗഘങ", "അആഇഈഉ", ("എ", "ബി", "സി", "ഡി"),
    "කඛගඝඞ", "กขคงจฉ", "ກຂຄງຈ", "កខគឃង", "ကခဂဃင", "ཀཁགང", "ሀለሐመሠ",
    "アイウエオカ", "가나다라마바", "ㄱㄴㄷㄹㅁㅂ", "甲乙丙丁戊己",
)  # fmt: skip
"""Each a sequence of labels: the first option, the second, ..."""
BY_LANGUAGE = {
    "mar": ("अबकड",),
    "guj": ("અબકડ", "કખગઘ"),
    "ben": ("কখগঘঙচ",),
}
"""Where exams of a language (ISO 639-3) count differently from others in the script; these come first."""
LOOK_ALIKES = {"С": "C", "Ε": "E"}
"""Letters typed for Latin ones, where their own script has no such label in that place."""

MOST = 10
"""Options of a question, at most."""


@cache
def labels(lang: str) -> dict[str, int]:
    """Places (from 0) of all labels, case folded; the sequences of the language come first."""
    found: dict[str, int] = {}
    own = BY_LANGUAGE.get(languages.iso639_3(lang), ()) if lang != languages.UNKNOWN else ()
    for sequence in (*own, *LETTERS):
        for place, letter in enumerate(sequence):
            found.setdefault(unicodedata.normalize("NFC", letter).casefold(), place)
    for letter, latin in LOOK_ALIKES.items():
        found.setdefault(letter.casefold(), found[latin.casefold()])
    return found


def place_of(label: str, lang: str) -> int | None:
    """The place (from 0) of an option by its label: "B", "(b)", "ข)", "②", "२."; None for what is no label.

    >>> [place_of(label, "hin_Deva") for label in ("ख", "(B)", "२.", "दो")]
    [1, 1, 1, None]
    """
    bare = re.sub(r"[\s()\[\]{}（）【】「」.:：、。،।)*_`\"'“”]", "", unicodedata.normalize("NFKC", label)).casefold()
    # Dotted heh with a tatweel is how Arabic writes the letter alone.
    bare = unicodedata.normalize("NFC", bare.replace("\u0640", "").replace("\u200d", ""))
    if bare in (known := labels(lang)):
        return known[bare]
    if bare.isdecimal() and len(bare) <= 2 and 1 <= int(bare) <= MOST:
        return int(bare) - 1
    return None


def letter_of(place: int) -> str:
    """The Latin label of a place: 0 is "A"."""
    return chr(ord("A") + place)
