"""Paths as they are written, patterns, and URLs."""

import functools
import gzip
import http.server
import threading
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import fsspec
import polars as pl
import pytest
import xxhash

from xlcorpus import places
from xlcorpus.errors import UserError, XlcorpusError
from xlcorpus.steps import Read

Reader = Callable[..., tuple[pl.DataFrame, dict[str, list[str]]]]


@pytest.mark.parametrize(
    "name",
    ["corpus [2024].txt", "in [a]/s.txt", "{a,b}.txt", "a*.txt", "was?.txt", "~anna.txt", "ein zwei.txt", "日本語.txt"],
)
def test_a_path_that_exists_is_taken_as_written(read: Reader, name: str) -> None:
    Path("corpus 2.txt").write_text("falsch")
    Path("ab.txt").write_text("falsch")
    rows, _ = read(name, b"ja\n")
    assert rows.select("text", "document_id").rows() == [("ja", name)]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_name_in_another_normal_form_is_found(read: Reader, form: str) -> None:
    other = {"NFC": "NFD", "NFD": "NFC"}[form]
    folder = Path(unicodedata.normalize(form, "Bücher"))
    folder.mkdir()
    (folder / unicodedata.normalize(form, "schön é.txt")).write_text("ja\n")
    written = unicodedata.normalize(other, "Bücher/schön é.txt")
    assert read(written, None)[0].select("text", "document_id").rows() == [("ja", written)]
    assert read(unicodedata.normalize(other, "Bücher/*é.txt"), None)[0]["text"].to_list() == ["ja"]


def test_patterns_work_in_folders_with_odd_names(read: Reader) -> None:
    for name in ("in [a]/x/1.txt", "in [a]/2.txt", "in [a]/3.dat"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(name)
    assert read("in [a]/*.txt", None)[0]["text"].to_list() == ["in [a]/2.txt"]
    assert read("in [a]/**/[12].txt", None)[0]["text"].to_list() == ["in [a]/2.txt", "in [a]/x/1.txt"]


def test_the_home_folder(read: Reader, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "a.txt").write_text("ja")
    assert read("~/a.txt", None)[0]["text"].to_list() == ["ja"]
    assert read("~/*.txt", None)[0]["text"].to_list() == ["ja"]


def test_a_folder_is_no_file(read: Reader) -> None:
    Path("corpus").mkdir()
    with pytest.raises(UserError, match=r"corpus is a folder; name its files: corpus/\*"):
        read("corpus", None)


def test_the_stamp_and_the_hash_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"ja\n")
    assert places.stamp(tmp_path / "a.txt") == (3, str((tmp_path / "a.txt").stat().st_mtime_ns))
    assert places.content_hash(tmp_path / "a.txt") == xxhash.xxh3_128(b"ja\n").hexdigest()
    with pytest.raises(UserError, match=r"cannot read .*none: No such file"):
        places.stamp(tmp_path / "none")


@pytest.fixture
def store() -> Iterator[fsspec.AbstractFileSystem]:
    """A store that lives in the memory of the process."""
    memory = fsspec.filesystem("memory")
    memory.pipe("/corpus/b.txt", b"zwei\n")
    memory.pipe("/corpus/a.txt", b"eins\n")
    memory.pipe("/corpus/c [1].tsv", b"x\ty\n")
    yield memory
    memory.rm("/corpus", recursive=True)


def test_files_of_a_store(read: Reader, store: fsspec.AbstractFileSystem) -> None:
    rows, _ = read("", None, paths={"de": "memory://corpus/*.txt"})
    assert rows.select("text", "document_id").rows() == [
        ("eins", "memory:///corpus/a.txt"),
        ("zwei", "memory:///corpus/b.txt"),
    ]
    (unit,) = Read(paths={"de": "memory://corpus/c [1].tsv"}).units()
    assert unit.places() == ["memory://corpus/c [1].tsv"]
    assert places.content_hash(unit.places()[0]) == xxhash.xxh3_128(b"x\ty\n").hexdigest()
    assert places.stamp(unit.places()[0])[0] == 4


def test_the_stamp_of_a_file_in_a_store_changes_with_it(store: fsspec.AbstractFileSystem) -> None:
    before = places.stamp("memory://corpus/a.txt")
    store.pipe("/corpus/a.txt", b"neu!\n")
    assert before[1] is not None
    assert places.stamp("memory://corpus/a.txt") != before


def test_a_parquet_file_in_a_store(read: Reader, store: fsspec.AbstractFileSystem, tmp_path: Path) -> None:
    pl.DataFrame({"text": ["a", "b"]}).write_parquet(tmp_path / "x.parquet")
    store.pipe("/corpus/x.parquet", (tmp_path / "x.parquet").read_bytes())
    assert read("", None, paths={"de": "memory://corpus/x.parquet"})[0]["text"].to_list() == ["a", "b"]


@pytest.fixture
def web(tmp_path: Path) -> Iterator[str]:
    """The address of a server of the files in a folder."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments: object) -> None:
            """Nothing on the screen."""

    handler = functools.partial(Quiet, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_files_on_a_web_server(read: Reader, web: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(b"ja\nnein\n" * 2000))
    rows, _ = read("", None, paths={"de": f"{web}/a.txt.gz"})
    assert rows.height == 4000
    with pytest.raises(UserError, match="no file 'http"):
        read("", None, paths={"de": f"{web}/none.txt"})


def test_a_server_that_is_not_there() -> None:
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as server:
        port = server.server_address[1]
    with pytest.raises(XlcorpusError, match=f"http://127.0.0.1:{port}/a.txt"):
        places.content_hash(f"http://127.0.0.1:{port}/a.txt")


def test_a_protocol_that_nobody_knows() -> None:
    with pytest.raises(UserError, match=r"cannot read what://a\.txt"):
        places.open_file("what://a.txt")
