"""Repairing encoding and layout of text without touching what a script needs.

Marks are never stripped: vowel signs, tones and points are part of the word in most scripts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import ftfy
import polars as pl

from xlcorpus import languages
from xlcorpus.text.damage import damaged_expr
from xlcorpus.text.misread_lines import read_anew
from xlcorpus.text.script_forms import ARABIC_FORM, WIDE_FORM, arabic_letters, usual_width
from xlcorpus.text.spaces import SPACE, single_spaced

Layout = Literal["sentence", "document", "keep"]
"""What becomes of white space: one line; lines and paragraphs kept; everything kept (code, tables)."""

_JOINER_SCRIPTS = (
    "\u0600-\u08ff\u0900-\u109f\u1780-\u18af\u1900-\u1c4f\u1cc0-\u1cff\u2d30-\u2d7f\ua800-\ua95f\ua980-\uaaff"
    "\uabc0-\uabff\ufb50-\ufdff\ufe70-\ufefc"
    "\U00010a00-\U00011fff\U0001e900-\U0001e95f"
)
"""Arabic, Indic, South-East Asian, Mongolian, Tifinagh, Adlam blocks: ZWJ and ZWNJ there change the shape or the
reading."""

_RIGHT_TO_LEFT = "\u0590-\u061b\u061d-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff"
"""Blocks of scripts written from right to left, in which marks of direction are meant."""
_DIRECTION = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"

_EMOJI = "\u2190-\u21ff\u2300-\u23ff\u25a0-\u27bf\u2b00-\u2bff\ufe0f\U0001f000-\U0001faff"
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u1a00-\u1aaf\u1b00-\u1b7f\u1bc0-\u1bff\ua980-\ua9ff"
    "\uaa60-\uaadf\U00011700-\U0001174f"
)
"""Thai, Lao, Burmese, Khmer, Tai, Buginese, Balinese, Batak, Javanese, Ahom: a zero-width space beside a letter marks a
word boundary."""

_INVISIBLE = re.compile(
    rf"(?P<joiner>(?<=[{_JOINER_SCRIPTS}])[\u200c\u200d])[\u200c\u200d]*"
    rf"|(?<=[^\s\u200c\u200d])(?P<before>[\u200c\u200d])[\u200c\u200d]*(?=[{_JOINER_SCRIPTS}])"
    rf"|(?<=[{_EMOJI}])(?P<emoji>\u200d)(?=[{_EMOJI}])"
    rf"|(?<=[{_UNSPACED}])(?P<boundary>\u200b)\u200b*(?=\S)"
    rf"|(?<=[^\s\u200b])(?P<start>\u200b)\u200b*(?=[{_UNSPACED}])"
    "|[\u00ad\u200b-\u200d\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffb]"
)
_STRAY_DIRECTION = re.compile(f"[{_DIRECTION}]")
_HAS_RIGHT_TO_LEFT = re.compile(f"[{_RIGHT_TO_LEFT}]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x9f]")
_SEPARATOR = re.compile(r"[\x1c-\x1f]")
"""Control characters that stand between fields, and so between words."""
_LINE_END = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile(rf"(?:(?!\n){SPACE})+")
_AROUND_LINE_END = re.compile(r" ?\n ?")
_PARAGRAPH = re.compile(r"\n{3,}")
_QUOTES = str.maketrans(dict.fromkeys("\u2018\u2019\u201a\u201b", "'") | dict.fromkeys("\u201c\u201d\u201e\u201f", '"'))

_INVISIBLE_CLASS = rf"\u00ad\u200b-\u200d\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffb{_DIRECTION}"
_WHITE = r"[\s\x1c-\x1f]"
"""White space of Python, as a Rust regex."""


@dataclass(frozen=True)
class Repairs:
    """What is repaired; none of the defaults loses anything that was written."""

    encoding: bool = True
    """mojibake (`ftfy`, Speer 2019)"""
    entities: bool = True
    """HTML entities, in texts without tags"""
    composition: bool = True
    """letters and marks in Unicode form NFC"""
    invisible: bool = True
    """control and stray invisible characters; joiners, word boundaries and marks of direction stay where a script needs
    them"""
    spaces: bool = True
    """white space, by layout"""
    quotes: bool = False
    """“ ” „ become ", and ‘ ’ ‚ become '"""
    width: bool = False
    """full-width Latin letters and digits, half-width Katakana and Hangul in the usual width"""
    arabic: bool = False
    """presentation forms of Arabic as letters, no tatweel; in languages that write ی and ک, these for ي and ك"""


EVERY = ("encoding", "entities", "composition", "invisible", "spaces", "quotes", "width", "arabic")
"""Names of repairs, in order."""

_DEFAULT = Repairs()


def normalise(
    text: str, layout: Layout = "sentence", repairs: Repairs = _DEFAULT, lang: str = languages.UNKNOWN
) -> str:
    """Repaired text. Text that is right comes back unchanged; the result is a fixed point.

    ZWJ and ZWNJ stay beside letters of Arabic, Indic and South-East Asian scripts and inside emoji; the zero-width
    space stays beside letters of scripts written without spaces, the narrow space before a Mongolian suffix, and marks
    of direction in texts with letters that are written from right to left.

    Args:
        text: any text.
        layout: what becomes of white space.
        repairs: what is repaired. HTML entities stay where the layout is kept: in a conversation about HTML they are
            meant.
        lang: its tag; for `repairs.arabic`.
    """
    found: str = normalised(pl.Series([text], dtype=pl.String), pl.Series([lang]), layout, repairs)["text"].item()
    return found


def normalised(
    texts: pl.Series, langs: pl.Series, layout: Layout = "sentence", repairs: Repairs = _DEFAULT
) -> pl.DataFrame:
    """(texts,) `text`: String, see `normalise`; nulls stay. `repairs`: List(String), names of those that changed it.

    Most texts are proved to be right by a few expressions; a Python loop repairs the others.
    """
    names = [name for name in EVERY if getattr(repairs, name)]
    if layout == "keep":
        names = [name for name in names if name != "entities"]
    frame = pl.DataFrame({"text": texts, "lang": langs}).with_row_index("row")
    frame = frame.with_columns(done=pl.lit([], dtype=pl.List(pl.String)))
    waiting = frame
    # What one repair uncovers (an entity for a zero-width space) may need another.
    while waiting.height:
        repaired = _respaced(_repaired(waiting, names), layout) if "spaces" in names else _repaired(waiting, names)
        waiting = repaired.filter(pl.col("text") != waiting["text"])
        frame = frame.update(waiting, on="row")
    return frame.select("text", repairs=pl.col("done").list.unique(maintain_order=True))


def _repaired(frame: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """Rows (row, text, lang, done) after each repair but that of white space."""
    text = pl.col("text")
    judged = frame.with_columns(damaged=damaged_expr(text, "entities" in names))
    odd = judged.filter(pl.col("damaged") | _odd_expr(text, names))
    new = [
        _once(text, lang, names, damaged) for text, lang, damaged in odd.select("text", "lang", "damaged").iter_rows()
    ]
    changed = odd.select(
        "row",
        text=pl.Series([text for text, _ in new], dtype=pl.String),
        done=pl.col("done").list.concat(pl.Series([done for _, done in new], dtype=pl.List(pl.String))),
    )
    return frame.update(changed, on="row") if changed.height else frame


def _respaced(frame: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """Rows (row, text, lang, done) with white space in the layout."""
    text = pl.col("text")
    # The narrow space before a Mongolian suffix is none: Rust's regexes cannot look behind.
    mongolian = frame.filter(text.str.contains("\u202f") & text.str.contains("[\u1800-\u18af]"))
    spaced = frame.with_columns(new=_spaced_expr(text, layout))
    if mongolian.height:
        own = mongolian.select("row", new=pl.Series([_spaced(t, layout) for t in mongolian["text"]], dtype=pl.String))
        spaced = spaced.update(own, on="row")
    done = pl.when(pl.col("new") != text).then(pl.col("done").list.concat(pl.lit(["spaces"]))).otherwise("done")
    return spaced.select("row", "lang", text="new", done=done).select("row", "text", "lang", "done")


def _spaced_expr(text: pl.Expr, layout: Layout) -> pl.Expr:
    """`_spaced` of a String expression, for texts without narrow spaces before Mongolian suffixes."""
    if layout == "sentence":
        return text.str.replace_all(rf"{_WHITE}+", " ").str.strip_chars(" ")
    lines = text.str.replace_all(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]", "\n")
    if layout == "keep":
        return lines.str.strip_chars("\n")
    single = lines.str.replace_all(rf"[{_WHITE}--\n]+", " ").str.replace_all(r" ?\n ?", "\n")
    return single.str.replace_all(r"\n{3,}", "\n\n").str.strip_chars(" \n")


def _odd_expr(text: pl.Expr, names: list[str]) -> pl.Expr:
    """Whether a repair of single characters may change a text; false proves that none does."""
    patterns = {
        "invisible": rf"[{_INVISIBLE_CLASS}\x00-\x08\x0e-\x1f\x7f-\x9f]",
        "quotes": "[\u2018-\u201f]",
        "width": WIDE_FORM,
        "arabic": ARABIC_FORM,
    }
    wanted = "|".join(pattern for name, pattern in patterns.items() if name in names)
    return text.str.contains(wanted) if wanted else pl.lit(False)


def _once(text: str, lang: str, names: list[str], damaged: bool) -> tuple[str, list[str]]:
    """A text after each repair, and the names of those that changed it."""
    done: list[str] = []
    if damaged:
        text, done = _decoded(text, names)
    for name, repair in (
        ("arabic", lambda text: arabic_letters(text, lang)),
        ("width", usual_width),
        ("quotes", lambda text: text.translate(_QUOTES)),
        ("invisible", _without_strays),
    ):
        if name in names:
            repaired = repair(text)
            if repaired != text:
                text = repaired
                done.append(name)
    return text, done


def _decoded(text: str, names: list[str]) -> tuple[str, list[str]]:
    """Repairs of `ftfy`, line by line as it does, each with its name."""
    config = ftfy.TextFixerConfig(
        unescape_html="auto" if "entities" in names and "<" not in text else False,
        fix_encoding="encoding" in names,
        fix_c1_controls="encoding" in names,
        fix_surrogates="encoding" in names,
        remove_terminal_escapes="invisible" in names,
        remove_control_chars=False,  # ours keeps what scripts need
        fix_line_breaks=False,
        fix_latin_ligatures=False,
        fix_character_width=False,  # full-width punctuation is right in Chinese and Japanese
        uncurl_quotes=False,  # so are „these“ in German
        normalization="NFC" if "composition" in names else None,
    )
    done: list[str] = []
    lines: list[str] = []
    for line in text.split("\n"):  # the other line ends may be bytes of a character that was misread
        while True:  # what was misread twice has bytes that no other repair may take for junk
            while "encoding" in names and (anew := read_anew(line)) is not None:
                line = anew
                done.append("encoding")
            fixed, steps = ftfy.fix_and_explain(line, config)
            found = [_STEPS.get(step.parameter, _ACTIONS.get(step.action, "encoding")) for step in steps or ()]
            done += found
            if fixed == line or "encoding" not in found:
                break
            line = fixed
        lines.append(fixed)
    return "\n".join(lines), done


_STEPS = {"unescape_html": "entities", "remove_terminal_escapes": "invisible"}
_ACTIONS = {"normalize": "composition"}
"""Names of repairs by what `ftfy` calls its steps."""


def _without_strays(text: str) -> str:
    text = _INVISIBLE.sub(_keep_meant, text)
    if not _HAS_RIGHT_TO_LEFT.search(text):
        text = _STRAY_DIRECTION.sub("", text)
    return _CONTROL.sub("", _SEPARATOR.sub(" ", text))


def _spaced(text: str, layout: Layout) -> str:
    text = _LINE_END.sub("\n", text)
    if layout == "keep":
        return text.strip("\n")
    if layout == "sentence":
        return single_spaced(text)
    text = _AROUND_LINE_END.sub("\n", _SPACES.sub(" ", text))
    return _PARAGRAPH.sub("\n\n", text).strip()


def _keep_meant(match: re.Match[str]) -> str:
    return match[match.lastgroup] if match.lastgroup else ""
