"""How an amount of text is shared out among languages: arithmetic over (languages,) arrays."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from xlcorpus.arrays import Floats64, Ints64


def by_temperature(there: npt.ArrayLike, amount: float, temperature: float) -> Floats64:
    """(languages,) shares of an amount, in proportion to (n_i / N) ** (1 / temperature).

    1 keeps the proportions, infinity gives all the same. Papers that give an exponent alpha mean 1 / temperature:
    XLM-R .3 (Conneau et al. 2020, arXiv 1911.02116, section 3.1), mT5 .3 (Xue et al. 2021, arXiv 2010.11934, section
    3.1), multilingual BERT .7.

    Args:
        there: (languages,) what there is of each; one with nothing gets nothing.
        amount: to be shared out.
        temperature: 1 or more.
    """
    n = np.asarray(there, np.float64)
    has = n > 0
    weight = np.zeros_like(n)
    # Relative to the largest, so that an exponent of 0 and large counts do no harm.
    weight[has] = (n[has] / n.max(initial=1)) ** (1.0 / temperature)
    total = weight.sum()
    shares: Floats64 = amount * weight / total if total else weight
    return shares


def scaled(there: npt.ArrayLike, times: float, temperature: float) -> Floats64:
    """(languages,) amounts in proportion as `by_temperature`, of which the smallest is `times` what there is of it.

    n_i = times * n_min * p_i / p_min, as Glot500's sample (Imani et al. 2023, arXiv 2305.12182) with 30 times and
    exponent .3.

    Args:
        there: (languages,) what there is of each; one with nothing gets nothing.
        times: of the smallest.
        temperature: 1 or more.
    """
    n = np.asarray(there, np.float64)
    has = n > 0
    least = n[has].min(initial=np.inf)
    amounts = np.zeros_like(n)
    amounts[has] = times * least * (n[has] / least) ** (1.0 / temperature)
    return amounts


def unimax(there: npt.ArrayLike, amount: float, epochs: float) -> Floats64:
    """(languages,) amounts as even as they can be where no language is repeated more than `epochs` times.

    Algorithm 1 of UniMax (Chung et al. 2023, arXiv 2304.09151): the languages from the smallest to the largest, each
    gets the same part of what is left, or `epochs` times what there is of it if that is less. The sum is `amount`, or
    `epochs` times all that there is, if that is less.

    Args:
        there: (languages,) what there is of each.
        amount: the budget; the paper counts characters.
        epochs: times that a text may be seen, N in the paper.
    """
    n = np.asarray(there, np.float64)
    amounts = np.zeros_like(n)
    left = float(amount)
    for place, i in enumerate(np.argsort(n, kind="stable")):
        amounts[i] = min(left / (len(n) - place), epochs * n[i])
        left -= amounts[i]
    return amounts


def whole(amounts: npt.ArrayLike) -> Ints64:
    """(languages,) int64: amounts as whole numbers with the same sum, to the nearest whole number.

    Each is rounded down; those that lose most by it get the missing ones (largest remainders), the first of equal ones.
    """
    x = np.asarray(amounts, np.float64)
    # What arithmetic leaves below a whole number is one.
    floor = np.floor(x + 1e-9)
    missing = round(float(x.sum() - floor.sum()))
    rest = np.argsort(floor - x, kind="stable")
    floor[rest[: max(missing, 0)]] += 1
    return floor.astype(np.int64)
