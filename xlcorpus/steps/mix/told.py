"""What came of budgets, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

MOST_SHOWN = 40
"""Languages that are named; of the others their sum is told."""


def realised(wanted: Mapping[str, float], got: Mapping[str, float], unit: str, most_shown: int = MOST_SHOWN) -> str:
    """The realised amounts and shares of all languages beside the wanted ones, the largest first.

    >>> realised({"deu_Latn": 300, "eng_Latn": 100}, {"deu_Latn": 300, "eng_Latn": 100}, "rows")
    '400 rows of 400 wanted; got (wanted): deu_Latn 300 (300), 75.0 % (75.0 %); eng_Latn 100 (100), 25.0 % (25.0 %)'
    """
    names = sorted({*wanted, *got}, key=lambda name: (-wanted.get(name, 0), -got.get(name, 0), name))
    names = [name for name in names if wanted.get(name) or got.get(name)]
    all_wanted, all_got = sum(wanted.values()), sum(got.values())

    def pair(what: str, of_wanted: float, of_got: float) -> str:
        shares = f"{percent(of_got / (all_got or 1))} ({percent(of_wanted / (all_wanted or 1))})"
        return f"{what} {of_got:,.0f} ({of_wanted:,.0f}), {shares}"

    shown = [pair(name, wanted.get(name, 0), got.get(name, 0)) for name in names[:most_shown]]
    if rest := names[most_shown:]:
        sums = (sum(amounts.get(name, 0) for name in rest) for amounts in (wanted, got))
        shown.append(pair(f"{len(rest)} more", *sums))
    return f"{all_got:,.0f} {unit} of {all_wanted:,.0f} wanted; got (wanted): {'; '.join(shown)}"


def taken_whole(short: Sequence[str]) -> str:
    """Warning of languages of which there is less than wanted."""
    more = f" and {len(short) - MOST_SHOWN} more" if len(short) > MOST_SHOWN else ""
    return f"smaller than their budgets and taken whole: {', '.join(short[:MOST_SHOWN])}{more}"


def percent(share: float) -> str:
    """A share as a percentage.

    >>> percent(0.125)
    '12.5 %'
    """
    return f"{share:.1%}".replace("%", " %")
