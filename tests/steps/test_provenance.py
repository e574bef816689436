"""What is made of several rows has the sources and licences of all, or none that is known."""

import polars as pl
import pytest

from xlcorpus.steps.provenance import provenance_of_rows, provenance_of_sides


@pytest.mark.parametrize(
    ("src", "tgt", "source", "license"),
    [
        (("wiki", "CC0-1.0"), ("wiki", "CC0-1.0"), "wiki", "CC0-1.0"),
        (("wiki", "CC0-1.0"), ("news", "CC-BY-4.0"), "wiki; news", "CC0-1.0 AND CC-BY-4.0"),
        (("wiki", None), ("news", "CC-BY-4.0"), "wiki; news", None),
        (("wiki", "MIT"), (None, "MIT"), None, "MIT"),
    ],
)
def test_of_the_two_sides_of_a_pair(src, tgt, source, license) -> None:
    names = ("src_source", "src_license", "tgt_source", "tgt_license")
    row = pl.DataFrame([(*src, *tgt)], schema=dict.fromkeys(names, pl.String), orient="row")
    assert row.select(**provenance_of_sides()).row(0) == (source, license)


@pytest.mark.parametrize(
    ("rows", "source", "license"),
    [
        ([("wiki", "MIT"), ("wiki", "MIT")], "wiki", "MIT"),
        ([("wiki", "MIT"), ("news", "CC0-1.0"), ("news", "MIT")], "news; wiki", "CC0-1.0 AND MIT"),
        ([("wiki", None), ("news", "MIT")], "news; wiki", None),
    ],
)
def test_of_several_rows(rows, source, license) -> None:
    frame = pl.DataFrame(rows, schema={"source": pl.String, "license": pl.String}, orient="row")
    assert frame.select(**provenance_of_rows()).row(0) == (source, license)
