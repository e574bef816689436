"""What is read of Python source, and kept beside the compiled file."""

import json
import os
from importlib.util import cache_from_source
from pathlib import Path

import pytest

from xlcorpus.engine import source_file as module
from xlcorpus.engine.source_file import SourceFile


def read(file: Path) -> SourceFile:
    return module.source_file(file, "step")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    path = tmp_path / "step.py"
    path.write_text("from os import path as p\nimport re\n\ndef f(env):\n    return env.seed\n")
    return path


def kept(file: Path) -> Path:
    return Path(cache_from_source(str(file))).with_suffix(".source.json")


def test_imports_names_handed_on_and_the_seed_are_seen(file: Path) -> None:
    found = read(file)
    assert found.imports == (("os", "path"), ("re", None))
    assert found.handed_on == (("p", "os", "path"),)
    assert found.names_seed


def test_what_is_kept_is_what_was_read(file: Path) -> None:
    first = read(file)
    assert kept(file).exists()
    assert read(file) == first


def test_a_file_that_is_kept_is_not_parsed_again(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = read(file)
    monkeypatch.setattr(module, "_read", None)
    assert read(file) == first


def test_a_changed_file_is_read_anew(file: Path) -> None:
    first = read(file)
    file.write_text(file.read_text().replace("seed", "need"))  # of the same size
    os.utime(file, ns=(1, 1))
    assert read(file).digest != first.digest
    assert not read(file).names_seed


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"of": 1}', '{"of": null, "digest": 3'])
def test_a_damaged_one_is_read_anew(file: Path, content: str) -> None:
    first = read(file)
    kept(file).write_text(content)
    assert read(file) == first
    assert json.loads(kept(file).read_text())["digest"] == first.digest


def test_where_nothing_can_be_written_nothing_is_kept(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    assert read(file).names_seed
    assert not kept(file).exists()
