"""Tables over all code points."""

import numpy as np
import polars as pl
import pytest

from xlcorpus.text.code_points import codes, members


@pytest.mark.parametrize(
    "pattern",
    [r"\p{L}", r"\p{Cn}", r"\p{Co}", r"\p{C}", r"[^\p{L}]", r"\P{Zyyy}", r"[\s\x00-\x1F]", r"\p{Han}",
     r"[\x{E0100}-\x{E01EF}]", r"[\x{10FFFE}\x{FFFF}]"],
)  # fmt: skip
def test_members_are_those_that_the_pattern_matches(pattern: str) -> None:
    points = np.concatenate([np.arange(0xD800), np.arange(0xE000, 0x110000)])
    every = pl.Series([points.astype("<u4").tobytes().decode("utf-32-le")])
    left = codes(every.str.replace_all(pattern, "\0").item())
    assert members(pattern)[points].tolist() == (left != points).tolist()
    assert not members(pattern)[0xD800:0xE000].any()
