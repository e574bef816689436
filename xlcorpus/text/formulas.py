"""Formulas in one form: what LaTeX says, without how it is set, and its value where it is a number.

Two formulas are taken for equal if their forms are: no algebra is done but arithmetic of rational numbers, the order
of summands and of the members of a set. `x(x+1)` and `x^2+x` differ.
"""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction

from xlcorpus.text.quantities import canonical

LONGEST = 1000
"""Characters of a formula; longer ones stay as they are."""
_HIGHEST = 64
"""Powers up to which a value is computed."""

_SPACING = re.compile(
    r"\\(?:[,;:! ]|quad|qquad|left|right|displaystyle|textstyle|limits|big[lr]?|Big[lr]?|hfill)(?![a-z])|~"
)
_TEXT = re.compile(r"\\(?:text|textrm|textbf|textit|mathrm|mathbf|mathit|mathsf|mbox|operatorname|boldsymbol)\s*(?=\{)")
_UNIT_BEHIND = re.compile(r"(?<=[\d}%])\s*\\(?:text|textrm|mathrm|mbox)\s*\{[^{}]*\}\s*(?:\^\{?\d\}?)?\s*\Z")
_SYMBOLS = {
    r"\cdot": "*", r"\times": "*", "×": "*", "·": "*", "∗": "*", "⋅": "*", r"\div": "/", "÷": "/", "−": "-", "–": "-",
    "－": "-", r"\pi": "π", r"\infty": "∞", r"\leq": "≤", r"\geq": "≥", r"\neq": "≠", r"\le": "≤", r"\ge": "≥",
    r"\ne": "≠", r"\pm": "±", r"\in": "∈", r"\cup": "∪", r"\cap": "∩", r"\emptyset": "∅", r"\varnothing": "∅",
    r"\%": "%", r"\$": "", "$": "", r"^{\circ}": "", r"^\circ": "", "°": "", "²": "^2", "³": "^3", "⁴": "^4", "**": "^",
    r"\lbrace": r"\{", r"\rbrace": r"\}", r"\(": "", r"\)": "", r"\[": "", r"\]": "", "<=": "≤", ">=": "≥", "!=": "≠",
}  # fmt: skip
_IDLE = re.compile(r"(?<![\w)])\(((?:[\w.]+|√[\w.]+|sqrt\([^()]*\)))\)")
"""Brackets around one number, letter or root."""
_NAMED = re.compile(r"[A-Za-zα-ω](?:\([A-Za-z]\))?=")


def boxed(text: str) -> str | None:
    """What stands in the last `\\boxed{...}` of a text, braces in it and all; None without one."""
    partner = _partners(text) if "box" in text else {}
    for match in reversed(list(re.finditer(r"\\(?:boxed|fbox)\s*", text))):
        if (end := partner.get(match.end())) is not None:
            inner = text[match.end() + 1 : end]
        else:
            # "\boxed 5"
            short = re.match(r"[^\s{}$\\]+", text[match.end() : match.end() + LONGEST])
            inner = short.group() if short else ""
        if inner.strip():
            return inner
    return None


def _partners(text: str) -> dict[int, int]:
    """The place of the closing brace of each opening one; `\\{` and `\\}` are no braces."""
    found: dict[int, int] = {}
    open_ones: list[int] = []
    for match in re.finditer(r"\\.|[{}]", text, re.DOTALL):
        if match.group() == "{":
            open_ones.append(match.start())
        elif match.group() == "}" and open_ones:
            found[open_ones.pop()] = match.start()
    return found


def without_setting(text: str) -> str:
    """A text without spacing and text commands of LaTeX, `\\frac{1}{2}` as 1/2: what the parsers of numbers read.

    >>> without_setting(r"\\text{etwa }70\\,000\\text{ Euro}, \\frac{1}{2}, 1{,}5")
    'etwa 70000 Euro, 1/2, 1,5'
    """
    if "\\" not in text and "{" not in text:
        return text
    text = _SPACING.sub("", text.replace("{,}", ",").replace(r"\%", "%").replace(r"\$", "$"))
    text = _unwrapped(_TEXT, text)
    text = re.sub(r"\\[dtc]?frac", r"\\frac", text)
    text = re.sub(r"\\frac\s*\{\s*(-?[\d.,]+)\s*\}\s*\{\s*([\d.,]+)\s*\}", _simple_fraction, text)
    text = re.sub(r"\\frac\s*(\d)\s*(\d)", _simple_fraction, text)
    return re.sub(r"\\[()\[\]]", "", text)


def _simple_fraction(match: re.Match[str]) -> str:
    # "2\frac{1}{2}" is 2 1/2.
    before = match.string[match.start() - 1 : match.start()]
    return f"{' ' if before.isdecimal() else ''}{match[1]}/{match[2]}"


def normalised(formula: str, decimal: str = ".") -> str:
    """One form of a formula; of a list the forms of its members, sorted where the order does not count.

    >>> normalised(r"x = \\dfrac{1}{2}"), normalised(r"\\{2, 1\\}"), normalised("2x + 1") == normalised(r"1+2\\cdot x")
    ('0.5', '{1,2}', True)

    Args:
        formula: LaTeX or plain.
        decimal: the decimal separator of the language; LaTeX writes a comma `{,}` where it is no list.
    """
    if len(formula) > LONGEST:
        return formula.strip()
    text = _flat(formula, decimal)
    named = _NAMED.match(text)
    if named and "=" not in text[named.end() :]:
        text = text[named.end() :]
    return _member(text)


def _flat(formula: str, decimal: str) -> str:
    text = formula.strip().rstrip(".。।").strip()
    text = _UNIT_BEHIND.sub("", text)
    text = text.replace("{,}", "." if decimal == "," else "")
    text = _SPACING.sub("", text)
    text = _unwrapped(_TEXT, text)
    for symbol in sorted(_SYMBOLS, key=len, reverse=True):
        end = r"(?![a-zA-Z])" if symbol[-1].isalpha() and symbol[0] == "\\" else ""
        text = re.sub(re.escape(symbol) + end, _SYMBOLS[symbol].replace("\\", r"\\"), text)
    text = text.replace(r"\{", "⦃").replace(r"\}", "⦄")
    text = _braces(text)
    text = re.sub(r"√\s*\(", "sqrt(", text)
    text = re.sub(r"(?:√|\\sqrt)\s*(\w)", r"sqrt(\1)", text)
    text = text.replace("{", "").replace("}", "").replace("\\", "")
    text = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text if not c.isspace())
    text = re.sub(r"(?<=\d),(?=\d{3}(?!\d))(?![^(\[⦃]*[)\]⦄])", "", text) if decimal == "." else text
    return _without_idle_brackets(text)


def _unwrapped(command: re.Pattern[str], text: str) -> str:
    """With `\\text{...}` as its content."""
    commands = list(command.finditer(text))
    partner = _partners(text) if commands else {}
    gone: list[tuple[int, int]] = []
    for found in commands:
        opening = found.end()
        if opening in partner:
            gone += [(found.start(), opening + 1), (partner[opening], partner[opening] + 1)]
        else:
            gone.append(found.span())
    kept, at = [], 0
    for start, end in sorted(gone):
        kept.append(text[at:start])
        at = end
    return "".join([*kept, text[at:]])


def _braces(text: str) -> str:
    """With fractions, roots and powers in brackets, from the innermost outwards: `\\frac{a}{b}` is ((a)/(b))."""
    text = re.sub(r"\\[dtc]?frac", r"\\frac", text)
    text = re.sub(r"\\frac\s*(\w)\s*(\w)", r"\\frac{\1}{\2}", text)
    text = re.sub(r"\\frac\s*(\w)\s*\{", r"\\frac{\1}{", text)
    for _ in range(50):
        text = re.sub(r"\\frac\s*(\{[^{}]*\})\s*(\w)", r"\\frac\1{\2}", text)
        shorter = re.sub(r"(\d?)\\frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}", _fraction, text)
        shorter = re.sub(r"\\sqrt\s*\{([^{}]*)\}", r"sqrt(\1)", shorter)
        shorter = re.sub(r"([\^_])\s*\{([^{}]*)\}", r"\1(\2)", shorter)
        if shorter == text:
            break
        text = shorter
    return text


def _fraction(match: re.Match[str]) -> str:
    whole, upper, lower = match.groups()
    # "1\frac{3}{4}" is a mixed number.
    if whole and upper.strip().isdecimal():
        return f"({whole}+({upper})/({lower}))"
    return f"{whole}(({upper})/({lower}))"


def _without_idle_brackets(text: str) -> str:
    """Without brackets around one number or letter, and around the whole."""
    shorter = _IDLE.sub(r"\1", text)
    while shorter != text:
        text, shorter = shorter, _IDLE.sub(r"\1", shorter)
    if text.startswith("(") and _partner(text) == len(text) - 1 and len(_split(text[1:-1], ",;")) == 1:
        return _without_idle_brackets(text[1:-1])
    return text


def _partner(text: str) -> int:
    depth = 0
    for at, c in enumerate(text):
        depth += (c in "([⦃") - (c in ")]⦄")
        if not depth:
            return at
    return -1


def _member(text: str) -> str:
    """The form of a list, a set, an interval, or a single formula."""
    if text[:1] in "([⦃" and text[:1] and text[-1:] in ")]⦄" and _partner(text) == len(text) - 1:
        members = [_member(m) for m in _split(text[1:-1], ",;")]
        if text[0] == "⦃":
            return "{" + ",".join(sorted(members)) + "}"
        if len(members) > 1:
            return text[0] + ",".join(members) + text[-1]
    members = _split(text, ",;")
    if len(members) > 1:
        return ",".join(sorted(map(_member, members)))
    # Chaining with <= is no arithmetic.
    value = _value(text)
    if value is not None:
        return canonical(value)
    if re.search(r"[=<>≤≥≠∈∪∩±]", text):
        return _without_stars(text)
    return "+".join(sorted(map(_without_stars, _summands(text)))).replace("+-", "-")


def _without_stars(text: str) -> str:
    return re.sub(r"(?<=[\w)])\*(?=[^\W\d]|\()|(?<=\))\*(?=\w)", "", text)


def _split(text: str, at: str) -> list[str]:
    """The parts between separators that stand in no bracket."""
    parts, depth, start = [], 0, 0
    for place, c in enumerate(text):
        depth += (c in "([⦃") - (c in ")]⦄")
        if c in at and not depth:
            parts.append(text[start:place])
            start = place + 1
    return [*parts, text[start:]]


def _summands(text: str) -> list[str]:
    """The summands with their signs: "a-b" is "a" and "-b"."""
    parts, depth, start = [], 0, 0
    for place, c in enumerate(text):
        depth += (c in "([⦃") - (c in ")]⦄")
        if c in "+-" and not depth and place > start and text[place - 1] not in "*/^(":
            parts.append(text[start:place])
            start = place + (c == "+")
    parts.append(text[start:])
    return [part for part in parts if part]


def _value(text: str) -> Fraction | None:
    """The value of arithmetic with rational numbers; None for anything else."""
    if not text or re.fullmatch(r"[\d.+\-*/^()]+", text) is None:
        return None
    tokens = re.findall(r"\d+(?:\.\d+)?|\.\d+|[+\-*/^()]", text)
    if "".join(tokens) != text or text.count("(") > 50:
        return None
    try:
        value, rest = _sum(tokens)
    except (ZeroDivisionError, ValueError, IndexError):
        return None
    return value if not rest else None


def _sum(tokens: list[str]) -> tuple[Fraction, list[str]]:
    value, rest = _product(tokens)
    while rest and rest[0] in "+-":
        sign, (other, rest) = rest[0], _product(rest[1:])
        value = value + other if sign == "+" else value - other
    return value, rest


def _product(tokens: list[str]) -> tuple[Fraction, list[str]]:
    value, rest = _power(tokens)
    while rest and (rest[0] in "*/" or rest[0] == "("):
        over = rest[0] == "/"
        other, rest = _power(rest[1:] if rest[0] in "*/" else rest)
        value = value / other if over else value * other
    return value, rest


def _power(tokens: list[str]) -> tuple[Fraction, list[str]]:
    if tokens[0] in "+-":
        value, rest = _power(tokens[1:])
        return (-value if tokens[0] == "-" else value), rest
    value, rest = _atom(tokens)
    if rest and rest[0] == "^":
        exponent, rest = _power(rest[1:])
        if exponent.denominator != 1 or abs(exponent) > _HIGHEST or max(map(abs, value.as_integer_ratio())) > 10**9:
            raise ValueError("no rational number of a reasonable size")
        value = value ** int(exponent)
    return value, rest


def _atom(tokens: list[str]) -> tuple[Fraction, list[str]]:
    if tokens[0] == "(":
        value, rest = _sum(tokens[1:])
        if rest[0] != ")":
            raise ValueError("a bracket is open")
        return value, rest[1:]
    return Fraction(tokens[0]), tokens[1:]
