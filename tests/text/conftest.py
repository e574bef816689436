"""Random texts in every script."""

import random
import unicodedata
from functools import cache

import polars as pl
import pytest

from xlcorpus.text.scripts import UNICODE_SCRIPTS, letters_of

ASSIGNED = pl.Series([c for c in map(chr, range(0x110000)) if unicodedata.category(c)[0] in "LMN"])
BESIDE = " .,:'’\u200c\u200d\u200b\u00ad\n😀1"
"""What stands between words and inside them."""


@pytest.fixture(params=sorted(UNICODE_SCRIPTS))
def script(request: pytest.FixtureRequest) -> str:
    """Every script, by its ISO 15924 code."""
    return str(request.param)


@pytest.fixture
def texts_in_script(script: str) -> pl.Series:
    """(200,) texts in letters, marks and digits of a script, the same in each run."""
    return _texts(script)


@cache
def _texts(script: str) -> pl.Series:
    chance = random.Random(script)
    letters = ASSIGNED.filter(ASSIGNED.str.contains(f"^{letters_of(script)}$")).to_list()
    assert letters
    lengths = [chance.randrange(30) for _ in range(200)]
    return pl.Series(
        ["".join(chance.choice(letters if chance.random() < 0.8 else BESIDE) for _ in range(n)) for n in lengths]
    )
