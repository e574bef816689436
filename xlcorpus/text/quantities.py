"""Amounts in running text: signed numbers, fractions, thousands and lakhs in words, percentages.

`text.numbers` reads digits and separators; here is what stands around them. A unit (€, km, 元) is no part of an amount.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from xlcorpus.text.number_scales import scales
from xlcorpus.text.numbers import Number, numbers

_SIGNED = re.compile(r"(?<![\w)\]%°])[-−﹣－](?:[$€£¥₹₩₽฿₫₺₦]\s?)?\Z")
"""A minus sign right in front of a number, or of the currency: no hyphen of a word, no range, no dash."""
_SUBTRACTED = re.compile(r"[\d)\]%°]\s+\Z")
_CURRENCY = re.compile(r"(?:[A-Z]{3}|Rs|Rp|R|kr|KSh|TSh|Sh|US|Fr|zł)\Z")
_SLASH = re.compile(r"\s?[/⁄∕]\s?")
_PERCENT_WORDS = (
    "percent", "per cent", "prozent", "pour cent", "pourcent", "por ciento", "por cento", "per cento", "procent",
    "prosent", "prosentti", "prosenttia", "százalék", "procente", "la sută", "процентов", "процента", "процент",
    "відсотків", "відсотка", "відсоток", "проценти", "τοις εκατό", "faiz", "persen", "peratus", "phần trăm", "asilimia",
    "بالمئة", "بالمائة", "في المائة", "في المئة", "درصد", "فیصد", "אחוז", "אחוזים", "प्रतिशत", "फीसदी", "शेकडा", "শতাংশ",
    "ਪ੍ਰਤੀਸ਼ਤ", "ટકા", "சதவீதம்", "శాతం", "ಪ್ರತಿಶತ", "ശതമാനം", "เปอร์เซ็นต์", "ร้อยละ", "パーセント", "퍼센트", "프로",
)  # fmt: skip
_SIGNS = "%٪％﹪"
_PERCENT_BEHIND = re.compile(rf"\s?(?:\\?[{_SIGNS}]|(?:{'|'.join(_PERCENT_WORDS)})(?!\w))", re.IGNORECASE)
_PERCENT_BEFORE = re.compile(rf"(?:[{_SIGNS}]|百分之|yüzde |asilimia |ร้อยละ\s?|ehuneko )\s?\Z", re.IGNORECASE)
_BETWEEN = re.compile(r"[ \u00a0]?\Z")
_THOUSAND = re.compile(r"\d{1,3}[.,]\d{3}\Z")
_LONGEST = 200
"""Characters of a number."""
_PLAIN = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d{1,3})?")

_HAN_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "兩": 2}
_HAN_TENS = {"十": 10, "百": 100, "千": 1000}
_HAN_MYRIADS = {"万": 10**4, "萬": 10**4, "億": 10**8, "亿": 10**8}
_HAN = re.compile(f"[{''.join(_HAN_DIGITS)}{''.join(_HAN_TENS)}{''.join(_HAN_MYRIADS)}]+")


class Quantity(NamedTuple):
    """An amount in a text."""

    start: int
    end: int
    """characters of the text: `text[start:end]`"""
    value: Fraction
    percent: bool = False
    """whether it is given in per cent; `value` is the number that is written"""
    other: Fraction | None = None
    """what it is where the separator means the other thing ("1,250" in German), if that is a number too"""


def quantities(text: str, lang: str) -> list[Quantity]:
    """The amounts of a text in a language (tag), in order.

    >>> [str(q.value) for q in quantities("-3 bis 1½ km, 3/4 von 2,5 Millionen", "deu_Latn")]
    ['-3', '3/2', '3/4', '2500000']
    """
    text = _written_out(text)
    found = [_of(text, number) for number in _without_gaps(text, numbers(text, lang)) if _alone(text, number)]
    found = _mixed(text, _fractions(text, found))
    found = _summed(text, [_scaled(text, q, lang) for q in found])
    return [_signed(text, _in_percent(text, q)) for q in found]


def plain_number(text: str) -> Fraction | None:
    """The number of a text as programs write it: "18", "-0.5", "1e-3"; None if it is none."""
    text = text.strip()
    return Fraction(text) if len(text) <= _LONGEST and _PLAIN.fullmatch(text) else None


def han_number(text: str) -> Fraction | None:
    """The last number of a text in Chinese characters ("十八", "两千零五"); None if there is none.

    A single character counts only if it is alone in the text: 一 stands in many words.
    """
    found = [m.group() for m in _HAN.finditer(text) if len(m.group()) > 1 or m.group() == text.strip()]
    return Fraction(_han_value(found[-1])) if found else None


def canonical(value: Fraction) -> str:
    """One text for a number: "18", "0.25"; "1/3" for what is no finite decimal.

    >>> canonical(Fraction(5, 20)), canonical(Fraction(2, 6))
    ('0.25', '1/3')
    """
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1 or value.denominator.bit_length() > 200:
        return f"{value.numerator}/{value.denominator}"
    # A finite decimal has as many digits behind the point as the larger exponent of 2 and 5.
    places = 0
    while (value * 10**places).denominator != 1:
        places += 1
    whole = abs(value * 10**places).numerator
    digits = str(whole).rjust(places + 1, "0")
    sign = "-" if value < 0 else ""
    return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)


def same_number(one: Quantity, gold: Quantity, tolerance: Fraction = Fraction(0)) -> bool:
    """Whether an amount is the right one, `tolerance` apart.

    Of "1,250" either reading may be the right one. 50 % is 50 and 0.5 where only one of the two is in per cent.
    """
    golds = [gold.value]
    if one.percent and not gold.percent:
        golds.append(gold.value * 100)
    elif gold.percent and not one.percent:
        golds.append(gold.value / 100)
    values = [one.value] if one.other is None else [one.value, one.other]
    return any(abs(value - wanted) <= tolerance for value in values for wanted in golds)


def _written_out(text: str) -> str:
    """With vulgar fractions in digits: "1½" is "1 1/2"."""
    if not any("\u00bc" <= c <= "\u218b" for c in text):
        return text
    return "".join(_vulgar(text, at) for at in range(len(text)))


def _vulgar(text: str, at: int) -> str:
    c = text[at]
    if unicodedata.category(c) != "No" or not unicodedata.decomposition(c).startswith("<fraction>"):
        return c
    gap = " " if at and text[at - 1].isdecimal() else ""
    return gap + unicodedata.normalize("NFKC", c).replace("⁄", "/")


def _without_gaps(text: str, found: list[Number]) -> list[Number]:
    """With "70 000" as one number in every language; "000" alone is no number."""
    made: list[Number] = []
    for number in found:
        if made and text[number.start : number.end] == "000" and text[made[-1].end : number.start] == " ":
            last = made.pop()
            number = Number(last.start, number.end, last.value * 1000)
        made.append(number)
    return made


def _of(text: str, number: Number) -> Quantity:
    value = Fraction(number.value)
    written = text[number.start : number.end]
    other: Fraction | None = None
    if _THOUSAND.match(written) and int(written[0]) > 0:
        other = value / 1000 if value == int(value) and value >= 1000 else value * 1000
        # Nobody writes three zeros behind a decimal separator.
        if written.endswith("000") and value < 1000:
            value, other = other, value
    return Quantity(number.start, number.end, value, other=other)


def _alone(text: str, number: Number) -> bool:
    """Whether no Latin letter is glued to the front of a number ("MP3"), but for a currency ("Rs500").

    What is longer than any amount is none.
    """
    if number.end - number.start > _LONGEST:
        return False
    before = text[max(0, number.start - 4) : number.start]
    return not (before[-1:].isascii() and before[-1:].isalpha()) or _CURRENCY.search(before) is not None


def _fractions(text: str, found: list[Quantity]) -> list[Quantity]:
    """With "3/4" as one amount; no dates, no division by zero."""
    made: list[Quantity] = []
    at = 0
    while at < len(found):
        run = [found[at]]
        while at + len(run) < len(found) and _SLASH.fullmatch(text[run[-1].end : found[at + len(run)].start]):
            run.append(found[at + len(run)])
        if len(run) == 2 and run[1].value:
            made.append(Quantity(run[0].start, run[1].end, run[0].value / run[1].value))
        else:
            made += run
        at += len(run)
    return made


def _mixed(text: str, found: list[Quantity]) -> list[Quantity]:
    """With "1 3/4" as one amount."""
    made: list[Quantity] = []
    for q in found:
        last = made[-1] if made else None
        mixed = last is not None and last.value.denominator == 1 and 0 < q.value < 1 and q.value.denominator > 1
        if last is not None and mixed and "/" in text[q.start : q.end] and text[last.end : q.start] in (" ", "\u00a0"):
            made[-1] = Quantity(last.start, q.end, last.value + q.value)
        else:
            made.append(q)
    return made


def _scaled(text: str, q: Quantity, lang: str) -> Quantity:
    known = scales(lang)
    start, end, factor = q.start, q.end, 1
    # "2 mil millones", "1万億": two at most.
    for _ in range(2):
        if found := known.behind.match(text, end):
            factor, end = factor * known.values[found.group().strip(" \u00a0\u202f-").lower()], found.end()
    if known.before is not None and factor == 1 and (found := known.before.search(text[max(0, start - 24) : start])):
        factor, start = known.values[found.group().strip(" \u00a0").lower()], start - len(found.group())
    other = None if q.other is None or factor > 1 else q.other
    return Quantity(start, end, q.value * factor, other=other)


def _summed(text: str, found: list[Quantity]) -> list[Quantity]:
    """With "3万5千" and "2 लाख 50 हज़ार" as one amount: the second is smaller than what multiplies the first."""
    made: list[Quantity] = []
    for q in found:
        last = made[-1] if made else None
        if last is not None and _is_scaled(text, last) and _BETWEEN.fullmatch(text[last.end : q.start]):
            close = last.end == q.start or _is_scaled(text, q)
            if close and 0 < q.value < last.value and last.value % 1000 == 0 and q.value < _size(last.value):
                made[-1] = Quantity(last.start, q.end, last.value + q.value)
                continue
        made.append(q)
    return made


def _is_scaled(text: str, q: Quantity) -> bool:
    return not text[q.end - 1].isdecimal() or not text[q.start].isdecimal()


def _size(value: Fraction) -> int:
    """The largest power of ten that divides a whole number."""
    size = 1
    while value % (size * 10) == 0:
        size *= 10
    return size


def _in_percent(text: str, q: Quantity) -> Quantity:
    if found := _PERCENT_BEHIND.match(text, q.end):
        return q._replace(end=found.end(), percent=True)
    before = text[max(0, q.start - 10) : q.start]
    # Behind a number the sign is that number's.
    if (found := _PERCENT_BEFORE.search(before)) and not re.search(r"\d\s?\Z", before[: found.start()]):
        return q._replace(start=q.start - len(found.group()), percent=True)
    return q


def _signed(text: str, q: Quantity) -> Quantity:
    offset = max(0, q.start - 6)
    found = _SIGNED.search(text[offset : q.start])
    if found is None or _SUBTRACTED.search(text[: offset + found.start()][-6:]):
        return q
    return q._replace(start=offset + found.start(), value=-q.value, other=None if q.other is None else -q.other)


def _han_value(text: str) -> Decimal:
    """The value of characters: by their places (二〇二六), or by tens and myriads (两千零五, 三万五千)."""
    if all(c in _HAN_DIGITS for c in text):
        return Decimal("".join(str(_HAN_DIGITS[c]) for c in text))
    total = part = digit = 0
    for c in text:
        if c in _HAN_DIGITS:
            digit = _HAN_DIGITS[c]
        elif c in _HAN_TENS:
            part, digit = part + (digit or 1) * _HAN_TENS[c], 0
        else:
            total, part, digit = (total + part + digit or 1) * _HAN_MYRIADS[c], 0, 0
    return Decimal(total + part + digit)
