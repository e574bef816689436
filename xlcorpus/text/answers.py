"""The translation alone, out of what a chat model answers.

A model that is asked for a translation alone often adds to it: a preface, a label, quotation marks, notes, the source
again, further versions. What the source has too is no addition: each part is taken away only as far as the answer has
more of it than the source, so that a source that begins with "Note:" or stands in quotation marks keeps both.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

import polars as pl

from xlcorpus import languages
from xlcorpus.text import answer_words as words
from xlcorpus.text import quality
from xlcorpus.text.answer_frames import BRACKETS, DOUBLE_QUOTES, STOPS, without_marks, without_wrapping
from xlcorpus.text.answer_labels import (
    folded,
    has_translation,
    is_label,
    language_names,
    only_opens,
    opens,
    opens_in_english,
    plain,
    speaks_of,
)
from xlcorpus.text.refusals import SORRY, is_refusal, is_untranslated
from xlcorpus.text.word_borders import WORD_END

Problem = Literal["refusal", "no_translation", "not_alone", "untranslated"]
"""Why an answer is no translation: the model declines; nothing is left; more is left than a translation, and which part
that is cannot be told; the source comes back."""


class Answer(NamedTuple):
    """What a chat model's answer holds."""

    text: str
    """the translation alone; where `problem` is set, what was left of the answer"""
    problem: Problem | None


SHORT = 15
"""Letters of a source that "None" may translate ("Keiner von ihnen."), at most."""

_COLON = ":：︰﹕፦"
_MARKUP = r"[*_#>\s]*"
_LEAD = re.compile(rf"{_MARKUP}[\[(（【]?([^\n{_COLON}]{{1,120}}?)[\])）】]?[*_\s]*[{_COLON}][*_]*(?![/\d])")
"""A clause with a colon behind it at the start of a text; no address, no time of day."""
_LINE_LEAD = re.compile(rf"(?:\A|\n){_MARKUP}[\[(（【]?[^\n{_COLON}]{{1,40}}[{_COLON}](?![/\d])")
_HEADING = re.compile(r"([^\n]{1,120})\n\s*")
_BOXED_LABEL = re.compile(r"[【\[(（]([^\n\]】)）]{1,40})[】\])）]\s*|([^\n.!?]{1,40}?)\s+[-–—]\s+")
_PLAIN_LABEL = re.compile(r"(?:output|answer|result|target|assistant|response|text|final answer)\Z")
_YES = re.compile(r"(?:sure|sure thing|certainly|of course|absolutely|okay|ok)[!.,]\s+(?=\S)", re.IGNORECASE)


_LIST_ITEM = re.compile(r"(?:\A|\n)[ \t]*(?:(\d{1,2})[.)、]|([a-c])[.)]|[-*•–])[ \t]+(?=\S)", re.IGNORECASE)
_QUOTED = re.compile(r"[\"“„«「]([^\"“”„«»「」]+)[\"”“»」]")
_BETWEEN = r"\s*(?:\n|→|⇒|=>|->|=|–|—|/|\||\s-)\s*"

_NOTE_LABEL = "|".join(sorted(map(re.escape, words.NOTES), key=len, reverse=True))
_NOTE_START = rf"[*_#>\-\s]*[(\[（【]?[*_]*(?:{_NOTE_LABEL})(?:\s[^\n{_COLON}]{{0,40}})?[*_]*[\])】]?\s*[{_COLON}]"
_NOTE_LINE = re.compile(rf"\n{_NOTE_START}|\n[*_\s]*[(\[（【][*_]*(?:{_NOTE_LABEL}){WORD_END}", re.IGNORECASE)
_VERSION = "|".join(sorted(map(re.escape, words.VERSIONS), key=len, reverse=True))
_NOTE_IN_BRACKETS = re.compile(
    rf"\s*[(（\[【][*_]*(?:{_NOTE_LABEL}|{_VERSION}|lit\.)(?!\w)[^\n]*?[)）\]】][*_]*\Z|"
    rf"(?<=[{STOPS}\"”»])\s*[(（\[【][^()（）\[\]【】\n]+[)）\]】]\Z",
    re.IGNORECASE,
)
"""A note at the end: by its label, or since it stands behind the end of the sentence."""
_NOTE_IN_ENGLISH = re.compile(
    r"(?<=[.!?…。！？»”\"])\s+(?:[-–—]\s+)?[*_(]*(?:please )?(?:notes?|explanation)[*_]*:", re.IGNORECASE
)
_REMARK = re.compile(rf"\n\s*\n[*_(\s]*(?:{'|'.join(map(re.escape, words.REMARKS))})", re.IGNORECASE)
_RULE = re.compile(r"\n\s*(?:-{3,}|\*{3,}|_{3,}|={3,})\s*(?=\n|\Z)")

_OTHER = "|".join(sorted(map(re.escape, words.ALTERNATIVES), key=len, reverse=True))
_FURTHER = re.compile(
    rf"\n[*_\s\-(]*(?:{_OTHER})(?:[,，、]?[ \t][^\n{_COLON}]{{0,40}})?[*_]*[{_COLON}]|\n\s*(?:{_OTHER})[ \t]*(?=\n)",
    re.IGNORECASE,
)
_SLASH = re.compile(rf"(?<=[{STOPS}])\s*/\s+")
_FURTHER_IN_BRACKETS = re.compile(rf"\s*[(（](?:{_OTHER})[,，、]?[{_COLON}\s][^\n]*[)）]\Z", re.IGNORECASE)
_VERSION_LINE = re.compile(
    rf"(?:\A|\n)[ \t]*(?:\d[.)]|[-*•])?[ \t]*[*_(]*(?:{_VERSION})[^\n{_COLON}]{{0,30}}[{_COLON}][*_]*", re.IGNORECASE
)


def read_answer(answer: str, source: str, src_lang: str, tgt_lang: str) -> Answer:
    """The translation alone, or why there is none.

        read_answer("Hier ist sie:\\n\\n„Guten Morgen!“", "Good morning!", "eng_Latn", "deu_Latn").text  # Guten Morgen!

    Args:
        answer: what the model answered.
        source: the text it was to translate.
        src_lang, tgt_lang: tags of the languages.
    """
    text = cleaned(answer, source, src_lang, tgt_lang)
    lost = not text or (_has_letters(source) and (not _has_letters(text) or _is_nothing(text, source)))
    if lost or _is_preface(text, source, src_lang, tgt_lang):
        return Answer(text, "no_translation")
    if is_untranslated(text, source, src_lang, tgt_lang):
        return Answer(text, "untranslated")
    if is_refusal(answer, source, src_lang, tgt_lang) or is_refusal(text, source, src_lang, tgt_lang):
        return Answer(text, "refusal")
    one_line = "\n" not in source.strip()
    table = re.search(r"\|\s*:?--", answer) is not None and "|" not in source
    if table or ("\n\n" in text and one_line and _length(text) > 2 * _length(source) + 40):
        return Answer(text, "not_alone")
    return Answer(text, None)


def cleaned(answer: str, source: str, src_lang: str, tgt_lang: str) -> str:
    """The answer without what it has beside a translation of the source; "" if nothing is left.

    A translation that has none of it comes back as it is, stripped of white space around it. A fixed point.
    """
    source, text = source.strip(), answer.strip()
    while text and (shorter := _once(text, source, src_lang, tgt_lang)) != text:
        text = shorter
    return text


def _once(text: str, source: str, src_lang: str, tgt_lang: str) -> str:
    names = language_names(src_lang, tgt_lang)
    text = without_wrapping(text, source)
    text = _without_source(text, source, names)
    text = _without_lead(text, source, names, languages.iso639_3(src_lang), languages.iso639_3(tgt_lang))
    text = _without_notes(text, source, tgt_lang)
    text = _first_version(text, source)
    text = _first_part(text.strip(), source)
    text = without_marks(text, source)
    return _without_romanisation(text, source, tgt_lang).strip()


def _is_nothing(text: str, source: str) -> bool:
    """Whether a model says that there is nothing: "N/A", "[blank]", "(no translation)", where the source does not."""
    said = folded(text)
    if said == folded(source):
        return False
    # "None" is the translation of one word.
    return said in words.NOTHING or (said in words.NOTHING_LONGER and len(folded(source)) > SHORT)


def _is_preface(text: str, source: str, src_lang: str, tgt_lang: str) -> bool:
    """Whether a text is nothing but a preface or a label with a colon at its end."""
    if text[-1:] not in _COLON or source[-1:] in _COLON or "\n" in text:
        return False
    clause = text[:-1]
    return is_label(clause, language_names(src_lang, tgt_lang)) or (opens(clause) and has_translation(clause))


def _without_lead(text: str, source: str, names: frozenset[str], src_iso: str, tgt_iso: str) -> str:
    """Without a preface or a label before the translation."""
    boxed = _BOXED_LABEL.match(text)
    if boxed and not _BOXED_LABEL.match(source) and is_label(boxed[1] or boxed[2], names):
        # "Ukrainian - an old language" may be the translation itself.
        return text[boxed.end() :] if boxed[1] or not speaks_of(source, names) else text
    english = tgt_iso != "eng"
    if english and (yes := _YES.match(text)) and not _YES.match(source):
        return text[yes.end() :]
    lead, own = _LEAD.match(text), _LEAD.match(source)
    if lead is None or not text[lead.end() :].strip():
        return _without_heading(text, source, names)
    clause, rest = lead[1], text[lead.end() :]
    own_line = re.match(r"[ \t*_]*\n", rest) is not None and "\n" not in source
    label = is_label(clause, names) or (english and _PLAIN_LABEL.match(plain(clause)) is not None)
    # "In German, this would be: ...", "Auf Deutsch heißt das: ..."
    label = label or (len(clause.split()) <= 10 and speaks_of(clause, names) and not speaks_of(source, names))
    known = label or opens(clause) or has_translation(clause)
    if not known:
        quiet = own is None and not re.search(f"[{_COLON}]", source)
        return rest.strip() if own_line and quiet else _without_heading(text, source, names)
    certain = label or not only_opens(clause, names)
    if own is None and not own_line and _is_word_of(clause, rest, source, names):
        taken = False
    elif own is None:
        # A verb of speech may need a colon in the target language only: "the translation says go".
        taken = (
            own_line or (certain and (label or not has_translation(source))) or (english and opens_in_english(clause))
        )
    elif _LEAD.match(rest.strip()):
        taken = True
    else:
        owned = is_label(own[1], names) or has_translation(own[1]) or opens(own[1])
        taken = not owned and (own_line or (certain and src_iso in SORRY))
    return rest.strip() if taken else text


def _is_word_of(clause: str, rest: str, source: str, names: frozenset[str]) -> bool:
    """Whether a language's name before a colon is a part of the translation: the rest does not name it again."""
    begin = " ".join(source.split()[:4])
    return not has_translation(clause) and speaks_of(begin, names) and not speaks_of(rest, names)


def _without_heading(text: str, source: str, names: frozenset[str]) -> str:
    """Without a first line that is a preface or a label and ends in no colon."""
    heading = _HEADING.match(text)
    if heading is None or "\n" in source:
        return text
    line = re.sub(r"[*_#>\s]+$", "", re.sub(rf"\A{_MARKUP}", "", heading[1])).rstrip(STOPS + "…")
    preface = opens(line) and len(line.split()) <= 12 and (has_translation(line) or len(line.split()) <= 3)
    return text[heading.end() :] if preface or is_label(line, names) else text


def _without_source(text: str, source: str, names: frozenset[str]) -> str:
    """Without the source before, behind or in brackets behind the translation."""
    wanted = folded(source)
    if not wanted or folded(text) == wanted:
        return text
    lines = text.split("\n")
    other = [line for line in lines if folded(_unlabelled(line, names)) != wanted]
    if "\n" not in source and len(other) < len(lines) and any(line.strip() for line in other):
        return "\n".join(other).strip()
    for opening, closing in BRACKETS.items():
        inner = re.search(rf"\{opening}([^\{opening}]*)\{closing}[{STOPS}]?\Z", text)
        if inner and inner.start() and inner[0].count(closing) == 1 + source.count(closing):
            before = text[: inner.start()].strip()
            if folded(inner[1]) == wanted:
                return before
            if folded(before) == wanted:
                return inner[1].strip()
    if len(source.split()) > 1 or _has_two(source):
        quoted = rf"[\"“„«「'‘*]*{re.escape(source)}[\"”“»」'’*]*"
        if found := re.match(quoted + _BETWEEN + r"(?=\S)", text):
            return text[found.end() :]
        if found := re.search(_BETWEEN + quoted + r"\Z", text):
            return text[: found.start()] or text
        told = re.match(rf".{{0,80}}{quoted}.{{0,60}}?[\"“„«「]([^\"”“»」]+)[\"”“»」][{STOPS}]?\Z", text)
        if told and not DOUBLE_QUOTES.search(source):
            return told[1].strip()
    quoted_parts = _QUOTED.findall(text)
    if len(quoted_parts) == 1 and "\n" not in text and not DOUBLE_QUOTES.search(source):
        around = _QUOTED.sub(" ", text)
        about = has_translation(around) or speaks_of(around, names)
        if about and not has_translation(source) and not speaks_of(source, names):
            return str(quoted_parts[0]).strip()
    return text


def _without_notes(text: str, source: str, tgt_lang: str) -> str:
    """Without notes behind the translation; as many as the source has of its own stay."""
    allowed = len(_LINE_LEAD.findall(source[1:])) if "\n" in source else 0
    ends = [m.start() for m in _NOTE_LINE.finditer(text) if text[: m.start()].strip()]
    if len(ends) > allowed:
        text = text[: ends[allowed]]
    if "\n" not in source:
        for pattern in (_REMARK, _RULE):
            if (found := pattern.search(text)) and text[: found.start()].strip():
                text = text[: found.start()]
    if not re.search(r"[(（\[【]", source) and (found := _NOTE_IN_BRACKETS.search(text)) and found.start():
        text = text[: found.start()]
    plain = languages.iso639_3(tgt_lang) != "eng" and not re.search(f"[{_COLON}]", source)
    if plain and (found := _NOTE_IN_ENGLISH.search(text)):
        text = text[: found.start()]
    return text.strip()


def _first_version(text: str, source: str) -> str:
    """The first of several translations offered for a source that is no list."""
    if "\n" in source or _LIST_ITEM.match(source):
        return text
    if (found := _FURTHER.search(text)) and text[: found.start()].strip():
        text = text[: found.start()].strip()
    if not re.search(r"[(（]", source) and (found := _FURTHER_IN_BRACKETS.search(text)) and found.start():
        text = text[: found.start()].strip()
    if "/" not in source and text.count("/") == 1 and (found := _SLASH.search(text)):
        text = text[: found.start()]
    versions = list(_VERSION_LINE.finditer(text))
    if len(versions) > 1 and versions[0].start() == 0:
        return text[versions[0].end() : versions[1].start()].strip() or text
    items = list(_LIST_ITEM.finditer(text))
    if len(items) > 1 and items[0].start() == 0 and items[0][1] in ("1", None) and items[0][2] in ("a", "A", None):
        return text[items[0].end() : items[1].start()].strip()
    return text


def _without_romanisation(text: str, source: str, tgt_lang: str) -> str:
    """Without the reading in Latin letters in brackets behind a translation in another script."""
    if languages.script(tgt_lang) == "Latn" or re.search(r"[(（\[]", source):
        return text
    found = re.search(r"\s*[(（\[]([^()（）\[\]]+)[)）\]]([" + STOPS + r"]?)\Z", text)
    if (
        found is None
        or not found.start()
        or not re.fullmatch(r"[\W\d_A-Za-z\u00c0-\u024f\u0300-\u036f\u1e00-\u1eff]+", found[1])
    ):
        return text
    before = text[: found.start()]
    return before + found[2] if re.search(r"[A-Za-z]", found[1]) and not re.search(r"[A-Za-z]", before) else text


def _first_part(text: str, source: str) -> str:
    """The first line of several for a source of one, if it can be the whole translation; else the text.

    It can if it has as many sentences as the source and is not much shorter.
    """
    first, line_end, _ = text.partition("\n")
    if not line_end or "\n" in source or (first.rstrip("*_ ")[-1:] in _COLON and source[-1:] not in _COLON):
        return text
    whole = _sentences(first) >= _sentences(source) and (_length(first) + 15) >= 0.6 * (_length(source) + 15)
    return first.strip() if whole else text


def _sentences(text: str) -> int:
    return max(1, len(re.findall(rf"[{STOPS}]+(?=\s|\Z|[^\W\d_a-zA-Z])", text)))


def _unlabelled(line: str, names: frozenset[str]) -> str:
    lead = _LEAD.match(line)
    clause = lead[1].lower() if lead else ""
    original = ("original", "source", "quelle", "text", "原文", "оригинал", "sentence", "input")
    if lead and (is_label(clause, names) or clause.startswith(original)):
        return line[lead.end() :]
    return line


def _has_two(text: str) -> bool:
    return len(text) > 3 and re.search(r"[\u3040-\u9fff\uac00-\ud7af\u0e00-\u0eff]", text) is not None


def _has_letters(text: str) -> bool:
    return any(character.isalpha() for character in text)


def _length(text: str) -> int:
    return int(pl.select(quality.length(pl.lit(text))).item())
