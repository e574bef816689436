"""Nothing unfinished stands under a final name, and nothing is left beside it."""

from pathlib import Path

import pytest

from xlcorpus.whole_files import scratch_beside, whole_file, whole_folder


def test_a_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text("old")
    with whole_file(path) as unfinished:
        unfinished.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["x.txt"]


def test_a_file_that_fails_leaves_the_old_one_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), whole_file(path) as unfinished:
        unfinished.write_text("half")
        1 / 0  # noqa: B018
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["x.txt"]


def test_a_folder_appears_when_it_is_whole(tmp_path: Path) -> None:
    (tmp_path / ".model.unfinished").mkdir()
    (tmp_path / ".model.unfinished" / "of a killed process").touch()
    with whole_folder(tmp_path / "model") as unfinished:
        (unfinished / "weights").write_text("1 2 3")
        assert not (tmp_path / "model").exists()
    assert [p.name for p in (tmp_path / "model").iterdir()] == ["weights"]
    assert [p.name for p in tmp_path.iterdir()] == ["model"]


def test_a_folder_that_fails_is_removed(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), whole_folder(tmp_path / "model") as unfinished:
        (unfinished / "weights").touch()
        1 / 0  # noqa: B018
    assert not list(tmp_path.iterdir())


def test_working_files_stand_beside_the_result_and_go(tmp_path: Path) -> None:
    with scratch_beside(tmp_path / "new" / "out.tsv") as scratch:
        assert scratch.parent == tmp_path / "new"
        (scratch / "part").touch()
    assert not list((tmp_path / "new").iterdir())
