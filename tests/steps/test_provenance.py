"""What is made of several rows has the sources and licences of all, or none that is known."""

import polars as pl
import pytest

from xlcorpus.steps.provenance import item_of_rows, provenance_of_rows, provenance_of_sides

COLUMNS = ("source", "license", "group_id")


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
    made = sides({"source": src[0], "license": src[1]}, {"source": tgt[0], "license": tgt[1]})
    assert (made["source"], made["license"]) == (source, license)


def sides(src: dict[str, str | None], tgt: dict[str, str | None]) -> dict[str, str | None]:
    """What a pair of two rows (ids `s` and `t`) comes from."""
    given = {"src_id": "s", "tgt_id": "t"}
    given |= {f"{side}_{c}": row.get(c) for side, row in (("src", src), ("tgt", tgt)) for c in COLUMNS}
    row = pl.DataFrame([given], schema=dict.fromkeys(given, pl.String))
    return row.select(**provenance_of_sides()).row(0, named=True)


@pytest.mark.parametrize(
    ("src", "tgt", "item"), [("7", "7", "7"), ("7", "8", None), ("7", None, None), ("t", None, "t")]
)
def test_a_pair_is_of_the_item_that_both_sides_are_of(src, tgt, item) -> None:
    assert sides({"group_id": src}, {"group_id": tgt})["group_id"] == item


@pytest.mark.parametrize(
    ("group_ids", "item"), [(["7", "7"], "7"), (["7", "8"], None), ([None, None], None), ([None, "a"], "a")]
)
def test_several_rows_are_of_the_item_that_all_are_of(group_ids, item) -> None:
    frame = pl.DataFrame({"id": ["a", "b"], "group_id": group_ids}, schema=dict.fromkeys(("id", "group_id"), pl.String))
    assert frame.select(item_of_rows("id")).item() == item


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
