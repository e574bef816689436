"""Formulas in one form."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlcorpus.text.formulas import boxed, normalised, without_setting
from xlcorpus.text.quantities import canonical


@pytest.mark.parametrize(
    ("text", "inner"),
    [
        (r"so \boxed{\frac{1}{2}} and \boxed{x^{2}}", r"x^{2}"),
        (r"\boxed{\{1, 2\}}", r"\{1, 2\}"),
        (r"\boxed 5", "5"),
        (r"\fbox{7}", "7"),
        (r"\boxed{3} or \boxed{}", "3"),
        (r"\boxed{open", None),
        ("none", None),
    ],
)
def test_the_last_box(text: str, inner: str | None) -> None:
    assert boxed(text) == inner


@pytest.mark.parametrize(
    "equal",
    [
        (r"\frac{\sqrt{3}}{2}", r"\dfrac{ \sqrt3 }{ 2 }", r"\frac{\sqrt 3}2", "√3/2"),
        (r"1\frac{3}{4}", r"\frac{7}{4}", "7/4", "1.75"),
        ("2x+1", r"1 + 2\cdot x", "y = 2*x + 1", r"\left(2x + 1\right)"),
        (r"\{3, 1\}", r"\left\{1,\,3\right\}"),
        ("(x+1)/2", r"\frac{x+1}{2}"),
        (r"3\text{ cm}^2", r"3 \mathrm{cm}", "3"),
        (r"90^\circ", r"90^{\circ}", "90°"),
        (r"x^{2}", "x²", "x^2"),
        (r"x \leq 3", "x<=3", "x≤3"),
        ("१/२", "1/2", r"\frac{१}{२}", "0.5"),
        (r"\text{even}", "even"),
    ],
)
def test_equal_formulas(equal: tuple[str, ...]) -> None:
    assert len({normalised(formula) for formula in equal}) == 1, [normalised(f) for f in equal]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x(x+1)", "x^2+x"),
        ("(1,2)", "(2,1)"),
        ("x", "X"),
        ("a-b", "b-a"),
        ("[0,1)", "(0,1)"),
        ("2^3", "3^2"),
        ("1/0", "0"),
    ],
)
def test_formulas_that_differ(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)


def test_the_comma_of_latex_is_that_of_the_language() -> None:
    assert (normalised("1{,}5", ","), normalised("1{,}500", ".")) == ("1.5", "1500")


def test_what_has_no_reasonable_size_is_not_computed() -> None:
    assert normalised("9^9^9^9") == "9^9^9^9"
    assert normalised("(" * 600 + ")" * 600) == "(" * 600 + ")" * 600


def test_text_for_parsers_of_numbers() -> None:
    assert without_setting(r"\text{about }70\,000\text{ euros}, 2\frac{1}{2}") == "about 70000 euros, 2 1/2"
    assert without_setting("plain text") == "plain text"


EXPRESSIONS = st.recursive(
    st.integers(0, 30).map(str),
    lambda inner: st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]}{t[1]}{t[2]})"),
    max_leaves=8,
)


@given(EXPRESSIONS)
def test_arithmetic_is_that_of_fractions(expression: str) -> None:
    try:
        wanted = eval(
            "".join(f"Fraction({p})" if p.isdigit() else p for p in _tokens(expression)), {"Fraction": Fraction}
        )
    except ZeroDivisionError:
        assert "/" in normalised(expression)
        return
    assert normalised(expression) == canonical(Fraction(wanted))


def _tokens(expression: str) -> list[str]:
    parts: list[str] = []
    for c in expression:
        if c.isdigit() and parts and parts[-1].isdigit():
            parts[-1] += c
        else:
            parts.append(c)
    return parts


@given(st.text(alphabet="\\{}()[]^_/+-*=1x,.$ frac√", max_size=40))
def test_any_text_has_a_form(text: str) -> None:
    assert normalised(text) == normalised(text.strip())
