"""Publishing, against a small Hub on this machine that keeps what it is sent."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from xlcorpus.errors import UserError, XlcorpusError
from xlcorpus.release.hub import publish

OLD = "data/pairs/train-00000-of-00007.parquet"


class Hub(ThreadingHTTPServer):
    """The part of the Hub's HTTP interface that publishing needs; small files only."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {OLD: b"of an older release", ".gitattributes": b""}
        self.commits: list[str] = []
        self.created: list[dict] = []
        self.refuse: int | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Hub

    def log_message(self, *args: object) -> None:
        """Keep the tests quiet."""

    def do_GET(self) -> None:
        if self.server.refuse == 401:
            self.answer({"error": "who are you?"}, 401)
        elif "/tree/" in self.path:
            entries = [{"type": "file", "path": p, "size": len(b), "oid": "0"} for p, b in self.server.files.items()]
            self.answer(entries)
        else:
            self.answer({"id": "me/demo", "sha": "0" * 40, "siblings": [{"rfilename": p} for p in self.server.files]})

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.refuse:
            self.answer({"error": "you may not"}, self.server.refuse)
        elif self.path == "/api/repos/create":
            self.server.created.append(json.loads(sent))
            self.answer({"url": f"{self.server.address}/datasets/me/demo", "name": "me/demo"})
        elif self.path == "/api/validate-yaml":
            self.answer({"errors": [], "warnings": []})
        elif "/preupload/" in self.path:
            files = json.loads(sent)["files"]
            self.answer({"files": [{"path": f["path"], "uploadMode": "regular", "shouldIgnore": False} for f in files]})
        elif "/commit/" in self.path:
            self.commit([json.loads(line) for line in sent.splitlines()])
        else:
            self.answer({"error": f"unexpected {self.path}"}, 400)

    def commit(self, operations: list[dict]) -> None:
        for operation in operations:
            value = operation["value"]
            if operation["key"] == "header":
                self.server.commits.append(value["summary"])
            elif operation["key"] == "file":
                self.server.files[value["path"]] = base64.b64decode(value["content"])
            elif operation["key"] == "deletedFile":
                del self.server.files[value["path"]]
        oid = "1" * 40
        self.answer(
            {
                "success": True,
                "commitOid": oid,
                "commitUrl": f"{self.server.address}/datasets/me/demo/commit/{oid}",
            }
        )

    def answer(self, data: object, status: int = 200) -> None:
        body = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def hub() -> Iterator[Hub]:
    server = Hub()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def logged_in_here(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """As with HF_ENDPOINT and HF_TOKEN, which huggingface_hub reads when it is imported."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", hub.address)
    monkeypatch.setattr("huggingface_hub.get_token", lambda: "hf_test")


def test_sends_everything_in_one_commit_and_removes_old_data(release: Path, hub: Hub):
    done = publish(release, "me/demo", private=True)
    assert hub.commits == ["Release of 92 rows: pairs 80, instructions 12"]
    assert "private" in (hub.created[0].get("visibility"), *(k for k, v in hub.created[0].items() if v is True))
    local = {p.relative_to(release).as_posix(): p.read_bytes() for p in release.rglob("*") if p.is_file()}
    assert hub.files == {".gitattributes": b"", **local}
    assert str(done).startswith("sent 3 files (")
    assert done.url == f"{hub.address}/datasets/me/demo/commit/{'1' * 40}"


def test_a_dry_run_says_what_would_be_sent_and_sends_nothing(release: Path, hub: Hub):
    plan = publish(release, "me/demo", dry_run=True)
    lines = str(plan).splitlines()
    assert lines[0] == "would send to the dataset me/demo, in one commit:"
    assert [line.split()[-1] for line in lines[1:4]] == [
        "README.md",
        "data/instructions/train-00000-of-00001.parquet",
        "data/pairs/train-00000-of-00001.parquet",
    ]
    assert lines[-1] == "commit message: Release of 92 rows: pairs 80, instructions 12"
    assert (hub.created, hub.commits) == ([], [])


def test_only_a_valid_release_is_sent(release: Path, hub: Hub):
    (release / "data/pairs/train-00000-of-00001.parquet").unlink()
    with pytest.raises(UserError, match=r"is no valid release: data/pairs: train-00000-of-00001\.parquet is missing"):
        publish(release, "me/demo")
    assert hub.created == []


def test_no_token_says_what_to_do(release: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("huggingface_hub.get_token", lambda: None)
    with pytest.raises(UserError, match="set HF_TOKEN or run `hf auth login`"):
        publish(release, "me/demo")


@pytest.mark.parametrize("name", ["demo", "me/demo/x", "me/a b", "/demo", "me/-x", "me/x.", "../x"])
def test_a_name_that_cannot_be(release: Path, name: str):
    with pytest.raises(UserError, match="write user/name"):
        publish(release, name, dry_run=True)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("user/a--b", "Cannot have -- or .."),
        ("user/a..b", "Cannot have -- or .."),
        ("user/x.git", "cannot end by '.git'"),
        ("user/" + "a" * 117, "maximum length is 96"),
        ("user/größe", "alphanumeric"),
        ("demo", "the user is missing"),
    ],
)
def test_a_name_that_the_hub_refuses_is_refused_with_its_reason(release: Path, name: str, reason: str):
    with pytest.raises(UserError, match=reason):
        publish(release, name, dry_run=True)


@pytest.mark.parametrize("token", ["hf_schlüssel", "hf_\u200babc", "hf_a\tb"])
def test_a_token_that_cannot_be_one_is_named(release: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch, token: str):
    monkeypatch.setattr("huggingface_hub.get_token", lambda: token)
    with pytest.raises(UserError, match=r"^the access token holds characters that no token has"):
        publish(release, "me/demo")
    assert hub.created == []


@pytest.mark.parametrize(
    ("status", "error", "message"),
    [
        (401, UserError, "the Hub does not know the access token"),
        (403, UserError, "the access token may not write to me/demo: .*you may not"),
        (404, UserError, "the Hub finds no me/demo"),
        (400, XlcorpusError, "the Hub refuses me/demo .status 400.: .*you may not"),
    ],
)
def test_refusals_are_said_in_plain_words(release: Path, hub: Hub, status: int, error: type[Exception], message: str):
    hub.refuse = status
    with pytest.raises(error, match=message):
        publish(release, "me/demo")
    assert hub.commits == []


def test_a_hub_that_does_not_answer(release: Path, hub: Hub):
    address = hub.address
    hub.server_close()
    with pytest.raises(XlcorpusError, match=f"the Hub at {address} does not answer: .*no file was changed"):
        publish(release, "me/demo")


def test_offline_mode_is_named(release: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(UserError, match="HF_HUB_OFFLINE is set"):
        publish(release, "me/demo")
