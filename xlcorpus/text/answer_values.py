"""What a final answer says, in one form for all ways to write it, and whether it is the right one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from typing import Literal, NamedTuple

from xlcorpus.text.answer_labels import folded
from xlcorpus.text.final_answer_words import CONJUNCTIONS, COPULAS, ENDINGS
from xlcorpus.text.final_answers import (
    LONGEST,
    Marked,
    Place,
    is_dense,
    last_fence,
    marked,
    option_words,
    unfenced,
    without_thoughts,
)
from xlcorpus.text.formulas import normalised, without_setting
from xlcorpus.text.numbers import decimal_separator
from xlcorpus.text.option_letters import MOST, labels, letter_of, place_of
from xlcorpus.text.quantities import Quantity, canonical, han_number, plain_number, quantities, same_number

Form = Literal["number", "option", "expression", "text", "code"]
"""What an answer is: 18; one of several options; a formula; words; a program."""


class FinalAnswer(NamedTuple):
    """The final answer of a response."""

    value: str
    """equal for equal answers: "1234.5", "1/3"; the letter A, B, ... of an option; a formula as `formulas.normalised`
    has it; code and words as they stand"""
    text: str
    """as it is written"""
    form: Form
    place: Place
    quantity: Quantity | None = None
    """of a number"""


_MATH = re.compile(r"\$\$(.+?)\$\$|\\\[(.+?)\\\]|\\\((.+?)\\\)|(?<!\\)\$([^$\n]+?)\$", re.DOTALL)
_OPERATORS = re.compile(r"[\\^=+*/√π<>≤≥{}]|(?<=\w)\s*[-−]\s*(?=\w)")
_AROUND = " \t\"“”„«»「」'’*_`.。।"
"""What stands around words that are an answer."""
_WORDS_BEHIND = 2
"""Words (a unit) that may stand beside a number that is an answer by itself."""
_ARTICLES = "AEIOUYАВИКОСУЯ"
"""Labels that are words too: a word behind them begins a sentence, unless it is a copula."""
_BEHIND_NUMBER = re.compile(r"\s?(?:번|です|である|だ|입니다|이다|이에요|예요)")
_ENDING = re.compile(f"(?:{'|'.join(map(re.escape, ENDINGS))})\\Z")
_AFTER_HANGUL = re.compile(r"(?:번|입니다|이다|이에요|예요|이\b|가\b|을\b|를\b)")
_MARKS_BEHIND = ")）]】.．:：、,，。।"
_LONGEST_LABELLED = 300
"""Characters of a last line that is searched for an option."""


def read_final(response: str, lang: str, form: Form | None = None, choices: Sequence[str] = ()) -> FinalAnswer | None:
    """The final answer of a response in a language (tag), or None if there is none of that form.

    >>> read_final("Also ist das Ergebnis 1.234,50 €.", "deu_Latn", "number").value
    '1234.5'
    >>> read_final("उत्तर: (ख) दिल्ली", "hin_Deva", "option").value
    'B'

    Args:
        response: without `<think>...</think>`, or with it.
        lang: its language, which says what separators mean and how options are counted.
        form: what is looked for; None: what the answer looks like.
        choices: texts of the options.
    """
    response = without_thoughts(response)
    if not response:
        return None
    if form == "code":
        fence = last_fence(response)
        return FinalAnswer(fence or response, fence or response, "code", "whole" if fence is None else "last")
    response = response[-LONGEST:]
    if form == "number":
        return _number(response, lang)
    if form == "option":
        return _option(response, lang, choices)
    if form == "expression":
        return _expression(response, lang)
    if form == "text":
        return _text(response)
    if choices:
        return _option(response, lang, choices)
    for stretch in marked(response):
        looks = form_of(stretch.text, lang)
        if stretch.place != "whole" or looks != "text" or stretch.text.count(" ") <= _WORDS_BEHIND:
            return read_final(response, lang, looks)
    return None


def form_of(answer: str, lang: str, choices: Sequence[str] = ()) -> Form:
    """What an answer that stands alone looks like: a number, an option where there are options, a formula, or words."""
    if choices:
        return "option"
    if plain_number(answer) is not None or _bare(without_setting(answer), lang) is not None:
        return "number"
    if place_of(answer, lang) is not None and len(re.sub(r"\W", "", answer)) <= 1:
        return "option"
    return "expression" if _OPERATORS.search(answer) else "text"


def read_gold(gold: str, lang: str, form: Form | None, plain: bool, choices: Sequence[str] = ()) -> FinalAnswer | None:
    """A gold answer in the form in which responses are read; None if it has none of that form.

    It may be the answer alone or a solution that ends in one ("... #### 18", "... \\boxed{18}").

    Args:
        gold: the gold answer.
        lang: language (tag) of the response.
        form: None: what the gold answer looks like.
        plain: whether its numbers are written as programs do (1234.5), whatever the language.
        choices: texts of the options; the gold answer may be one of them, or its label.
    """
    of = "eng_Latn" if plain else lang
    if not (gold := gold.strip()):
        return None
    if choices and form in (None, "option"):
        place = _same_choice(gold, choices)
        place = place_of(gold, lang) if place is None else place
        if place is not None and place < len(choices):
            return FinalAnswer(letter_of(place), gold, "option", "whole")
    alone = "\n" not in gold and next(marked(gold)).place == "whole"
    if not alone:
        return read_final(gold, of, form, choices)
    form = form_of(gold, of, choices) if form is None else form
    if form in ("number", "expression"):
        number = plain_number(gold) if plain else None
        if number is not None:
            return FinalAnswer(canonical(number), gold, form, "whole", Quantity(0, len(gold), number))
        if form == "expression":
            return _as_expression(gold, of, "whole", decimal_separator(of))
    return (
        FinalAnswer(gold, gold, "text", "whole")
        if form == "text"
        else read_final(gold, lang if form == "option" else of, form)
    )


def is_right(found: FinalAnswer, gold: FinalAnswer, tolerance: Fraction = Fraction(0)) -> bool:
    """Whether an answer is the gold one. Words are compared by `value`, which the caller brings into one form."""
    if found.quantity is not None and gold.quantity is not None:
        return same_number(found.quantity, gold.quantity, tolerance)
    return found.value == gold.value


def _number(response: str, lang: str) -> FinalAnswer | None:
    for stretch in marked(response):
        if (found := _number_of(stretch, lang)) is not None:
            return found
        if stretch.place in ("boxed", "tag", "hashes"):
            return None
    found_last = quantities(text := without_setting(unfenced(response)), lang)
    if found_last:
        return _as_number(text, found_last[-1], "last")
    return None


def _number_of(stretch: Marked, lang: str) -> FinalAnswer | None:
    text = without_setting(stretch.text)
    bare = _bare(text, lang)
    if bare is not None:
        return _as_number(text, bare, stretch.place)
    if stretch.place == "whole":
        return None
    # "9 * 2 = 18"
    behind = text.rpartition("=")[2]
    found = quantities(behind, lang)
    formulas = _formulas(stretch.text)
    formula = formulas[-1] if formulas else stretch.text
    if _OPERATORS.search(formula):
        value = plain_number(normalised(formula, decimal_separator(lang)))
        if value is not None:
            return FinalAnswer(canonical(value), text, "number", stretch.place, Quantity(0, len(text), value))
    if stretch.place == "boxed":
        return _as_number(behind, found[0], "boxed") if len(found) == 1 and not _OPERATORS.search(behind) else None
    if found and stretch.sure:
        return _as_number(behind, found[0], stretch.place)
    if stretch.before and not found and (earlier := quantities(stretch.before, lang)):
        return _as_number(stretch.before, earlier[-1], stretch.place)
    if stretch.sure and (han := han_number(text)) is not None:
        return FinalAnswer(canonical(han), text, "number", stretch.place, Quantity(0, len(text), han))
    return None


def _as_number(text: str, found: Quantity, place: Place) -> FinalAnswer:
    return FinalAnswer(canonical(found.value), text[found.start : found.end], "number", place, found)


def _bare(text: str, lang: str) -> Quantity | None:
    """The only number of a text that has no more than a unit beside it."""
    found = quantities(text, lang)
    if len(found) != 1:
        han = han_number(text) if not found and len(text) <= 12 else None
        return None if han is None else Quantity(0, len(text), han)
    [only] = found
    rest = text[: only.start] + " " + text[only.end :]
    short = len(rest.split()) <= _WORDS_BEHIND and len(rest) <= 24
    return only if short and not _OPERATORS.search(rest.replace("/", "")) else None


def _option(response: str, lang: str, choices: Sequence[str]) -> FinalAnswer | None:
    first = unfenced(response.strip().split("\n")[0])
    for stretch in marked(response):
        place = _labelled(stretch.text, lang, choices)
        if place is None and choices:
            place = _same_choice(stretch.text, choices)
        if place is None and stretch.before:
            place = _labelled(stretch.before, lang, choices)
        if place is not None:
            return FinalAnswer(letter_of(place), stretch.text, "option", stretch.place)
    if (place := _labelled(first, lang, choices, at_start=True)) is not None:
        return FinalAnswer(letter_of(place), first, "option", "whole")
    lines = [line for line in unfenced(response).split("\n") if line.strip()]
    for line in reversed(lines):
        if len(line.strip()) <= 4 and line is lines[-1] and (place := _labelled(line, lang, choices)) is not None:
            return FinalAnswer(letter_of(place), line.strip(), "option", "last")
        said = list(option_words().finditer(line))
        place = _labelled(line[said[-1].end() :], lang, choices) if said else _bracketed(line, lang, choices)
        if place is not None and len(line) <= _LONGEST_LABELLED:
            return FinalAnswer(letter_of(place), line.strip(), "option", "last")
    return None


def _labelled(text: str, lang: str, choices: Sequence[str], at_start: bool = False) -> int | None:
    """The place of the first label in a text that stands for itself."""
    text = unicodedata.normalize("NFKC", without_setting(text))
    most = len(choices) or MOST
    if (numbered := _numbered().search(text)) and 0 < int(numbered[1]) <= most:
        return int(numbered[1]) - 1
    text = option_words().sub(" ", text).strip(" \t*_`")
    alone = place_of(text, lang)
    if alone is not None and len(text) <= 6:
        return alone if alone < most else None
    if (bracketed := _bracketed(text, lang, choices)) is not None and not at_start:
        return bracketed
    known = labels(lang)
    for match in _label_pattern(lang).finditer(text):
        if at_start and match.start() > 1:
            return None
        label = match.group()
        place = known.get(label.casefold(), int(label) - 1 if label.isdecimal() else None)
        if place is None or not 0 <= place < most:
            continue
        if _stands_alone(text, match, closed_only=at_start):
            return place
    return None


def _stands_alone(text: str, match: re.Match[str], closed_only: bool) -> bool:
    label, behind = match.group(), text[match.end() :]
    before = text[: match.start()]
    if before[-1:] and _same_word(before[-1], label):
        return False
    if behind[:1] and _same_word(behind[0], label):
        return is_dense(label) and _AFTER_HANGUL.match(behind) is not None
    closed = not behind.strip() or (behind[0] in _MARKS_BEHIND and not behind[1:2].isdecimal())
    if closed:
        return True
    if closed_only or label.isdecimal() or _is_small(label):
        return label.isdecimal() and not before.strip() and _BEHIND_NUMBER.match(behind) is not None
    following = re.match(r"\s+([^\W\d_]+)", behind)
    return not (label in _ARTICLES and following and following[1].lower() not in (*COPULAS, *CONJUNCTIONS))


def _is_small(label: str) -> bool:
    """Whether a label is a small letter of a script that writes labels as capitals."""
    return label.islower() and not "\u10d0" <= label[0] <= "\u10ff"


@cache
def _numbered() -> re.Pattern[str]:
    """The number of an option behind the word: "option 3"."""
    return re.compile(rf"(?:{option_words().pattern})[\s:：]*(\d{{1,2}})(?![\d.,٫])", re.IGNORECASE)


def _same_word(neighbour: str, label: str) -> bool:
    """Whether a character beside a label makes it a part of a word: a mark, a digit, or a letter of its script."""
    if neighbour.isdecimal() or unicodedata.category(neighbour)[0] == "M":
        return True
    if not neighbour.isalpha():
        return neighbour in "'’-_" and label.isascii()
    if label.isdecimal():
        return not is_dense(neighbour)
    return unicodedata.name(neighbour, "").split(" ")[0] == unicodedata.name(label[-1], "").split(" ")[0]


def _bracketed(text: str, lang: str, choices: Sequence[str]) -> int | None:
    """The place of the last label in brackets: "(B)", "【二】"."""
    found = None
    for match in re.finditer(r"[(（\[【]\s*([^()（）\[\]【】\s]{1,4})\s*[)）\]】]", text):
        place = place_of(match[1], lang)
        if place is not None and place < (len(choices) or MOST):
            found = place
    return found


@cache
def _label_pattern(lang: str) -> re.Pattern[str]:
    by_length = sorted(labels(lang), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, by_length)) + r"|\d{1,2}", re.IGNORECASE)


def _same_choice(text: str, choices: Sequence[str]) -> int | None:
    """The place of the one option whose text a text is, or of the longest one that it has in it."""
    said = folded(text)
    forms = [folded(choice) for choice in choices]
    if said in forms:
        return forms.index(said) if forms.count(said) == 1 else None
    held = sorted({f for f in forms if len(f) > 1 and f in said}, key=len, reverse=True)
    # Of "not Paris but London" neither is meant for certain.
    if not held or any(other not in held[0] for other in held[1:]) or forms.count(held[0]) > 1:
        return None
    return forms.index(held[0])


def _formulas(text: str) -> list[str]:
    """What stands in `$...$`, `$$...$$`, `\\(...\\)` and `\\[...\\]`."""
    return [next(filter(None, m.groups())) for m in _MATH.finditer(text)]


def _expression(response: str, lang: str) -> FinalAnswer | None:
    decimal = decimal_separator(lang)
    for stretch in marked(response):
        math = _formulas(stretch.text)
        text = math[-1] if math else stretch.text
        if stretch.place == "whole" and not math and re.search(r"[^\W\d_]{2,}", text):
            continue
        return _as_expression(text, lang, stretch.place, decimal)
    math = _formulas(response)
    return _as_expression(math[-1].rpartition("=")[2], lang, "last", decimal) if math else None


def _as_expression(text: str, lang: str, place: Place, decimal: str) -> FinalAnswer | None:
    if (only := _bare(without_setting(text), lang)) is not None:
        return FinalAnswer(canonical(only.value), text, "expression", place, only)
    value = normalised(text, decimal)
    if not value:
        return None
    number = plain_number(value)
    return FinalAnswer(value, text, "expression", place, None if number is None else Quantity(0, len(text), number))


def _text(response: str) -> FinalAnswer | None:
    for stretch in marked(response):
        if text := _ENDING.sub("", stretch.text.strip(_AROUND)).strip(_AROUND):
            return FinalAnswer(text, text, "text", stretch.place)
    return None
