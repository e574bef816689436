"""The part of the Hub's HTTP interface that reading a dataset asks for, over a folder: `python hub_server.py FOLDER`.

It prints its port. The dataset (or model) is me/demo, at the commit `COMMIT`; GETs of files are counted in the log.
"""

import hashlib
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

COMMIT = "a" * 40


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    root: Path

    def log_message(self, *args: object) -> None:
        """Keep the tests quiet."""

    def answer(self, data: Any, status: int = 200, **headers: str) -> None:
        self.send(json.dumps(data).encode(), status, {"Content-Type": "application/json", **headers})

    def send(self, body: bytes, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_POST(self) -> None:
        asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.answer([self.entry(self.root / path) for path in asked["paths"] if (self.root / path).exists()])

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = unquote(self.path.partition("?")[0])
        if not path.startswith(("/api/datasets/me/demo", "/datasets/me/demo", "/api/models/me/demo", "/me/demo")):
            self.answer({"error": "Repository not found"}, 404, X_Error_Code="RepoNotFound")
        elif "/resolve/" in path:
            self.file(self.root / path.partition("/resolve/")[2].partition("/")[2])
        elif "/tree/" in path:
            folder = self.root / path.partition("/tree/")[2].partition("/")[2]
            self.answer([self.entry(child) for child in sorted(folder.iterdir())] if folder.is_dir() else [])
        elif "/revision/" in path and not path.endswith(("/main", COMMIT)):
            self.answer({"error": "Revision not found"}, 404, X_Error_Code="RevisionNotFound")
        else:
            names = [{"rfilename": p.relative_to(self.root).as_posix()} for p in self.root.rglob("*") if p.is_file()]
            self.answer({"id": "me/demo", "sha": COMMIT, "siblings": names, "tags": []})

    def entry(self, path: Path) -> dict[str, Any]:
        kind = {"type": "directory"} if path.is_dir() else {"type": "file", "size": path.stat().st_size}
        return {**kind, "path": path.relative_to(self.root).as_posix(), "oid": "0" * 40}

    def file(self, path: Path) -> None:
        if not path.is_file():
            self.answer({"error": "Entry not found"}, 404, X_Error_Code="EntryNotFound")
            return
        body = path.read_bytes()
        headers = {"ETag": f'"{hashlib.sha1(body).hexdigest()}"', "X-Repo-Commit": COMMIT, "Accept-Ranges": "bytes"}
        wanted = self.headers.get("Range")
        if wanted is None:
            self.send(body, 200, headers)
            return
        first, _, last = wanted.removeprefix("bytes=").partition("-")
        start, end = int(first), min(int(last or len(body) - 1), len(body) - 1)
        part = body[start : end + 1]
        self.send(part, 206, {**headers, "Content-Range": f"bytes {start}-{end}/{len(body)}"})


def main() -> None:
    """Serve until killed."""
    Handler.root = Path(sys.argv[1])
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
