"""Repairing encoding and layout of text without touching what a script needs.

Marks are never stripped: vowel signs, tones and points are part of the word in most scripts.
"""

from __future__ import annotations

import re
from typing import Literal

import ftfy

from xlcorpus.text.spaces import SPACE, single_spaced

Layout = Literal["sentence", "document", "keep"]
"""What becomes of white space: one line; lines and paragraphs kept; everything kept (code, tables)."""

_REPAIR = ftfy.TextFixerConfig(
    fix_latin_ligatures=False,
    fix_character_width=False,  # full-width punctuation is right in Chinese and Japanese
    uncurl_quotes=False,  # so are „these“ in German
    normalization="NFC",
    explain=False,
)
_REPAIR_KEEP = _REPAIR._replace(unescape_html=False)
"""In a conversation about HTML, `&lt;` is meant."""

_JOINER_SCRIPTS = (
    "\u0600-\u08ff\u0900-\u109f\u1780-\u18af\u1900-\u1cff\u2d30-\u2d7f\ua800-\uabff\ufb50-\ufdff\ufe70-\ufefc"
    "\U00010a00-\U00011fff\U0001e900-\U0001e95f"
)
"""Arabic, Indic, South-East Asian, Mongolian, Tifinagh, Adlam blocks: ZWJ and ZWNJ there change the shape or the
reading."""

_EMOJI = "\u2600-\u27bf\ufe0f\U0001f000-\U0001faff"
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf\u1b00-\u1b7f\ua980-\ua9ff\uaa60-\uaadf"
"""Thai, Lao, Burmese, Khmer, Tai, Balinese, Javanese: a zero-width space beside a letter marks a word boundary."""

_INVISIBLE = re.compile(
    rf"(?P<joiner>(?<=[{_JOINER_SCRIPTS}])[\u200c\u200d])[\u200c\u200d]*"
    rf"|(?<=[^\s\u200c\u200d])(?P<before>[\u200c\u200d])[\u200c\u200d]*(?=[{_JOINER_SCRIPTS}])"
    rf"|(?<=[{_EMOJI}])(?P<emoji>\u200d)(?=[{_EMOJI}])"
    rf"|(?<=[{_UNSPACED}])(?P<boundary>\u200b)\u200b*(?=\S)"
    rf"|(?<=[^\s\u200b])(?P<start>\u200b)\u200b*(?=[{_UNSPACED}])"
    "|[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]"
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_LINE_END = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile(rf"(?:(?!\n){SPACE})+")
_AROUND_LINE_END = re.compile(r" ?\n ?")
_PARAGRAPH = re.compile(r"\n{3,}")


def normalise(text: str, layout: Layout = "sentence") -> str:
    """Repaired text: mojibake undone, NFC (`ftfy`, Speer 2019), control and stray invisible characters out.

    ZWJ and ZWNJ stay beside letters of Arabic, Indic and South-East Asian scripts and inside emoji; the
    zero-width space stays beside letters of scripts written without spaces, and the narrow space before a
    Mongolian suffix. Text that is right comes back
    unchanged; the result is a fixed point.
    """
    config = _REPAIR_KEEP if layout == "keep" else _REPAIR
    # What one repair uncovers (an HTML entity for a zero-width space) may need another.
    while (repaired := _once(text, config, layout)) != text:
        text = repaired
    return text


def _once(text: str, config: ftfy.TextFixerConfig, layout: Layout) -> str:
    text = _LINE_END.sub("\n", text)
    text = _INVISIBLE.sub(_keep_meant, ftfy.fix_text(text, config))
    text = _CONTROL.sub("", text)
    if layout == "keep":
        return text.strip("\n")
    if layout == "sentence":
        return single_spaced(text)
    text = _AROUND_LINE_END.sub("\n", _SPACES.sub(" ", text))
    return _PARAGRAPH.sub("\n\n", text).strip()


def _keep_meant(match: re.Match[str]) -> str:
    return match[match.lastgroup] if match.lastgroup else ""
