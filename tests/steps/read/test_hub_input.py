"""Datasets of the Hub by name, against a server on this machine, and folders that `datasets` loads."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import datasets
import pytest
from pydantic import ValidationError

from xlcorpus.errors import UserError
from xlcorpus.steps import Read

ONLINE = {"HF_HUB_OFFLINE": "0", "HF_DATASETS_OFFLINE": "0"}
TEXTS = ["Mwaramutse.", "Amakuru?", "Murakoze cyane."]
CARD = """---
configs:
- config_name: kin
  data_files:
  - {split: train, path: kin/train-*.parquet}
  - {split: test, path: kin/test-*.parquet}
---
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset with one config and two splits, as it lies on the Hub."""
    root = tmp_path_factory.mktemp("dataset")
    (root / "kin").mkdir()
    (root / "README.md").write_text(CARD)
    for split, texts in (("train", TEXTS), ("test", TEXTS[:1])):
        features = datasets.Features({"text": datasets.Value("string"), "topic": datasets.ClassLabel(names=["a", "b"])})
        rows = datasets.Dataset.from_dict({"text": texts, "topic": [1] * len(texts)}, features=features)
        rows.to_parquet(root / "kin" / f"{split}-00000-of-00001.parquet")
    return root


def test_a_folder_is_read_as_datasets_loads_it(folder: Path) -> None:
    outcome = Read(hub=str(folder), config="kin", lang="rw", keep=["topic"]).outcome()
    assert outcome.kept["text"].to_list() == TEXTS
    assert outcome.kept["topic"].to_list() == ["b"] * 3
    assert outcome.kept["source"].unique().to_list() == [f"{folder}/kin/train"]
    assert Read(hub=str(folder), config="kin", split="test", lang="rw")().height == 1


def test_the_rows_of_another_split_have_other_ids(folder: Path) -> None:
    train, test = (Read(hub=str(folder), config="kin", split=split, lang="rw")() for split in ("train", "test"))
    assert train["text"][0] == test["text"][0]
    assert train["id"][0] != test["id"][0]


def test_a_limit_is_one_of_rows(folder: Path) -> None:
    assert Read(hub=str(folder), config="kin", lang="rw", limit=2)()["text"].to_list() == TEXTS[:2]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"config": "yor"}, "BuilderConfig 'yor' not found. Available: \\['kin'\\]"),
        ({"config": "kin", "split": "dev"}, "Bad split: dev. Available splits: \\['train', 'test'\\]"),
    ],
)
def test_what_is_not_there_is_answered_with_what_is(folder: Path, options: dict[str, str], why: str) -> None:
    with pytest.raises(UserError, match=why):
        Read(hub=str(folder), lang="rw", **options)()


@pytest.mark.parametrize(
    "options", [{}, {"hub": "a/b", "paths": "x"}, {"paths": "x", "split": "test"}, {"hub": "a/b", "header": True}]
)
def test_options_of_files_and_of_the_hub_do_not_mix(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Read(**options)


@pytest.fixture(scope="module")
def from_hub(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., dict[str, Any]]]:
    """`from_hub(**options of read)` -> texts and notes, or the error, in a process whose Hub is the folder."""
    server = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("hub_server.py")), str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    address = f"http://127.0.0.1:{server.stdout.readline().strip()}"
    home = tmp_path_factory.mktemp("home")

    def read(**options: Any) -> dict[str, Any]:
        code = (
            "import json, sys\nfrom xlcorpus.steps import Read\nfrom xlcorpus.errors import XlcorpusError\ntry:\n"
            "    done = Read(**json.loads(sys.argv[1])).outcome()\n"
            "    print(json.dumps({'texts': done.kept['text'].to_list(), 'notes': done.notes}))\n"
            "except XlcorpusError as problem:\n    print(json.dumps({'error': str(problem)}))\n"
        )
        env = {**os.environ, "HF_ENDPOINT": address, "HF_HOME": str(home), **ONLINE}
        command = [sys.executable, "-c", code, json.dumps(options)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=env)
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found

    yield read
    server.kill()
    server.wait()
    server.stdout.close()


def test_a_dataset_of_the_hub_is_read_at_a_commit_that_is_told(from_hub: Callable[..., dict[str, Any]]) -> None:
    done = from_hub(hub="me/demo", config="kin", lang="rw")
    assert done == {"texts": TEXTS, "notes": [f"me/demo/kin/train at {'a' * 40}"]}


def test_a_pinned_commit_and_a_limit(from_hub: Callable[..., dict[str, Any]]) -> None:
    done = from_hub(hub="me/demo", config="kin", split="train", revision="a" * 40, lang="rw", limit=1)
    assert done["texts"] == TEXTS[:1]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"hub": "me/other"}, "hub: me/other: no such dataset, or a private one (then set HF_TOKEN)"),
        ({"hub": "me/demo", "revision": "v9"}, "hub: me/demo (revision v9): no such revision"),
    ],
)
def test_what_the_hub_does_not_have(from_hub: Callable[..., dict[str, Any]], options: dict[str, str], why: str) -> None:
    assert from_hub(**options, lang="rw") == {"error": why}
