"""Rows that cost something to compute: a kill loses what was computed since the last save, and nothing else."""

import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.ray
SCRIPT = Path(__file__).parent / "dear_run.py"


def start(folder: Path, workdir: str, pause: float) -> subprocess.Popen[bytes]:
    (folder / workdir).mkdir(exist_ok=True)
    env = {**os.environ, "SECONDS_PER_CALL": str(pause), "CALLS": str(folder / f"{workdir}-calls.txt")}
    return subprocess.Popen([sys.executable, str(SCRIPT), workdir], cwd=folder, env=env)


def calls(folder: Path, workdir: str, step: str) -> list[tuple[float, str]]:
    """(time, text) of every row that a step was called with."""
    file = folder / f"{workdir}-calls.txt"
    lines = [line.split("\t") for line in file.read_text().splitlines()] if file.exists() else []
    return [(float(at), text) for name, at, text in lines if name == step]


def kill_after(process: subprocess.Popen[bytes], folder: Path, step: str, rows: int) -> None:
    deadline = time.monotonic() + 240
    while len(calls(folder, "killed", step)) < rows:
        assert process.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < deadline, "the run did not come so far"
        time.sleep(0.02)
    for member in [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]:
        member.kill()
    process.wait()


def release(folder: Path, workdir: str) -> dict[str, bytes]:
    root = folder / workdir / "dear" / "release"
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def repeated(folder: Path, step: str, killed: float) -> list[float]:
    """How long before the kill the rows were computed that the second run computed again."""
    rows = calls(folder, "killed", step)
    twice = {text for text, count in Counter(text for _, text in rows).items() if count > 1}
    assert max(Counter(text for _, text in rows).values()) <= 2
    return [killed - at for at, text in rows if text in twice and at <= killed]


def test_a_kill_in_the_middle_of_a_shard_loses_the_last_interval_only(tmp_path: Path) -> None:
    process = start(tmp_path, "killed", 0.02)
    kill_after(process, tmp_path, "ask", 200)
    killed = calls(tmp_path, "killed", "ask")[-1][0]
    process = start(tmp_path, "killed", 0.02)
    kill_after(process, tmp_path, "compute", 200)
    killed_again = calls(tmp_path, "killed", "compute")[-1][0]
    assert start(tmp_path, "killed", 0.0).wait() == 0

    lost = repeated(tmp_path, "ask", killed)
    assert len(lost) < 150, "most of the rows were computed once"
    assert max(lost) < 0.3 + 1.5, "saved every 0.3 s; the rest is for a slow machine"
    assert max(repeated(tmp_path, "compute", killed_again)) < 0.3 + 1.5

    assert start(tmp_path, "undisturbed", 0.0).wait() == 0
    assert len(calls(tmp_path, "undisturbed", "ask")) == 400, "a row that fails has no neighbour asked again"
    assert release(tmp_path, "killed") == release(tmp_path, "undisturbed")
    left = [
        p.name for p in (tmp_path / "killed" / "dear" / "steps").rglob("*") if p.name.startswith(("partial", "entry"))
    ]
    assert left == []
