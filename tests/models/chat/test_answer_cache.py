"""Answers that are kept in files: damage, kills, several writers."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlcorpus.errors import XlcorpusError
from xlcorpus.models.chat.answer import Answer
from xlcorpus.models.chat.answer_cache import AnswerCache

WRITER = """
import sys
from pathlib import Path
from xlcorpus.models.chat.answer import Answer
from xlcorpus.models.chat.answer_cache import AnswerCache
cache = AnswerCache(Path(sys.argv[1]))
for n in range(100_000):
    cache.put(n.to_bytes(16, "little"), Answer("ज" * (n % 1000)))
    print(n, flush=True)
"""


def digest(n: int) -> bytes:
    return n.to_bytes(16, "little")


def put(folder: Path, *numbers: int, text: str = "") -> None:
    cache = AnswerCache(folder)
    for n in numbers:
        cache.put(digest(n), Answer(f"{text}{n}"))
    cache.close()


def found(folder: Path, n: int) -> str | None:
    cache = AnswerCache(folder)
    answer = cache.get(digest(n))
    cache.close()
    return None if answer is None else answer.content


def test_an_answer_is_found_by_its_writer_and_by_later_ones(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path)
    cache.put(digest(1), Answer("eins", "stop", "Grund", 5, 0, 7, ({"token": "e"},), "m"))
    assert cache.get(digest(1)) == Answer("eins", "stop", "Grund", 5, 0, 7, ({"token": "e"},), "m")
    assert cache.get(digest(2)) is None
    assert found(tmp_path, 1) == "eins"


def test_a_folder_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert found(tmp_path / "none", 1) is None
    assert not (tmp_path / "none").exists()


def test_the_last_answer_to_a_request_counts(tmp_path: Path) -> None:
    put(tmp_path, 1, text="old ")
    put(tmp_path, 1, text="new ")
    assert found(tmp_path, 1) == "new 1"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_back(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("answers")
    cache = AnswerCache(folder)
    cache.put(digest(1), Answer(text))
    cache.close()
    assert found(folder, 1) == text


def test_damaged_answers_are_gone_and_the_others_are_kept(tmp_path: Path) -> None:
    put(tmp_path, *range(50), text="answer ")
    (file,) = tmp_path.iterdir()
    lines = file.read_bytes().splitlines(keepends=True)
    lines[3] = lines[3][:50] + b"?" + lines[3][51:]
    lines[7] = b"\xff\x00 no line of ours\n"
    lines[9] = lines[9][:20] + b"\n"
    lines[11] = b"\n"
    file.write_bytes(b"".join(lines)[:-5])
    gone = [n for n in range(50) if found(tmp_path, n) is None]
    assert gone == [3, 7, 9, 11, 49]
    assert found(tmp_path, 8) == "answer 8"
    put(tmp_path, *gone, text="again ")
    assert [found(tmp_path, n) for n in gone] == [f"again {n}" for n in gone]


def test_files_that_are_none_of_ours_are_left_alone(tmp_path: Path) -> None:
    put(tmp_path, 1)
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "folder.answers").mkdir()
    assert found(tmp_path, 1) == "1"


def test_two_writers_find_what_the_other_wrote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xlcorpus.models.chat.answer_cache.LOOK_AGAIN_S", 0)
    first, second = AnswerCache(tmp_path), AnswerCache(tmp_path)
    for n in range(100):
        (first if n % 2 else second).put(digest(n), Answer(str(n)))
        for cache in (first, second):
            answer = cache.get(digest(random.Random(n).randrange(n + 1)))
            assert answer is not None
    assert len([*tmp_path.iterdir()]) == 2


def test_what_was_put_before_a_kill_is_there(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = [process.stdout.readline() for _ in range(300)]
    process.send_signal(signal.SIGKILL)
    said += process.stdout.readlines()
    process.wait()
    cache = AnswerCache(tmp_path)
    written = [int(line) for line in said if line.endswith("\n")]
    assert len(written) >= 300
    for n in written:
        assert cache.get(n.to_bytes(16, "little")) == Answer("ज" * (n % 1000))


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(XlcorpusError, match=r"cannot keep an answer in .*file"):
        AnswerCache(tmp_path / "file" / "answers").put(digest(1), Answer("x"))
