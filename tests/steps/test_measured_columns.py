"""Which columns are what steps measured, by their names alone."""

from xlcorpus.registry import registry, step_names
from xlcorpus.steps.measured_columns import measured_columns


def test_names_of_steps_are_known_without_loading_them() -> None:
    assert step_names() == tuple(registry())


def test_columns_named_after_a_step_and_vectors_are_measured() -> None:
    columns = ["text", "identify_src_lang", "code_switch_cmi", "embedding", "judges", "read_at", "margin", "group_id"]
    assert measured_columns(columns) == ["identify_src_lang", "code_switch_cmi", "embedding"]
