"""What a user may write under `release:`."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from xlcorpus.option_texts import option_texts
from xlcorpus.release_spec import ReleaseSpec


def test_one_name_stands_for_a_list_of_one():
    spec = ReleaseSpec(tables={"pairs": "mine", "all": ["a", "b"]})
    assert spec.tables == {"pairs": ["mine"], "all": ["a", "b"]}


def test_survives_being_written_and_read():
    spec = ReleaseSpec(tables={"pairs": "mine"}, limits=["small"], shard_mb=10)
    assert ReleaseSpec(**spec.model_dump(mode="json", exclude_defaults=True)) == spec


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tables": {}}, "at least 1 item"),
        ({"tables": {"pairs": []}}, "at least 1 item"),
        ({"tables": {"a/b": "mine"}}, "config name 'a/b'"),
        ({"tables": {"pairs": "mine"}, "shard_mb": 0}, "greater than or equal to 1"),
        ({"tables": {"pairs": "mine"}, "licence": "mit"}, "not permitted"),
    ],
)
def test_refuses_what_cannot_be(options: dict, message: str):
    with pytest.raises(ValidationError, match=message):
        ReleaseSpec(**options)


def test_every_option_is_described():
    assert option_texts(ReleaseSpec).keys() >= ReleaseSpec.model_fields.keys()
