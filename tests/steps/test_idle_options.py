"""Options that have no effect beside the others are refused."""

from typing import Any

import pytest
from pydantic import ValidationError

from xlcorpus.errors import UserError
from xlcorpus.step import Step
from xlcorpus.steps import AlignDocuments, Embed, Identify, JoinGroups, Mine
from xlcorpus.yaml_file import from_yaml


@pytest.mark.parametrize(
    ("step", "options", "idle"),
    [
        (Mine, {"index": "auto", "memory_mb": 2048}, "memory_mb"),
        (Mine, {"index": "IVF64,Flat", "part_rows": 1000}, "part_rows"),
        (Mine, {"recall": 0.9}, "recall"),
        (Mine, {"n_best": 2}, "n_best"),
        (JoinGroups, {"chance": 0.01}, "chance"),
        (JoinGroups, {"verify": "pairs", "encoder": "e5"}, "encoder"),
        (JoinGroups, {"confirmed": 0.8}, "confirmed"),
        (Identify, {"on_conflict": "relabel", "max_own_probability": 0.1}, "max_own_probability"),
        (AlignDocuments, {"match": ["url"], "id_column": "title"}, "id_column"),
        (AlignDocuments, {"match": ["id"], "threshold": 1.1}, "threshold"),
        (Embed, {"device": "cuda"}, "device"),
    ],
)
def test_an_option_without_effect_is_refused(step: type[Step], options: dict[str, Any], idle: str) -> None:
    with pytest.raises(ValidationError, match=f"{idle} has no effect here: "):
        step(**options)


@pytest.mark.parametrize(
    ("step", "options"),
    [
        (Mine, {"memory_mb": 2048, "part_rows": 1000}),
        (Mine, {"index": "auto", "recall": 0.9}),
        (Mine, {"retrieval": "n_best", "n_best": 2}),
        (JoinGroups, {"verify": "encoder", "encoder": "e5", "chance": 0.01, "confirmed": 0.8}),
        (Identify, {"max_own_probability": 0.1}),
        (AlignDocuments, {"match": ["id", "embedding"], "id_column": "title", "threshold": 1.1}),
        (Embed, {"encoder": "e5", "device": "cuda"}),
    ],
)
def test_an_option_in_its_mode_is_taken(step: type[Step], options: dict[str, Any]) -> None:
    assert step(**options).model_dump(include=set(options)) == options


def test_the_message_in_a_pipeline_file_names_the_step() -> None:
    text = "name: demo\nsteps:\n  read: {paths: {de: x}}\n  embed: {}\n  mine: {index: auto, memory_mb: 2048}\n"
    with pytest.raises(UserError, match=r"<yaml>:5: mine: memory_mb has no effect here: it is for index: exact$"):
        from_yaml(text)
