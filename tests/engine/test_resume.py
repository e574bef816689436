"""A run killed in the middle of a stage goes on and ends as if nothing had been."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.ray
SCRIPT = Path(__file__).parent / "slow_run.py"


def start(folder: Path, workdir: str, pause: float) -> subprocess.Popen[bytes]:
    env = {**os.environ, "SECONDS_PER_SHARD": str(pause)}
    return subprocess.Popen([sys.executable, str(SCRIPT), str(folder / workdir)], cwd=folder, env=env)


def shards_done(folder: Path) -> int:
    manifests = list(folder.glob("slow/steps/slow-*/manifest.jsonl"))
    return len(manifests[0].read_text().splitlines()) if manifests else 0


def kill_tree(process: subprocess.Popen[bytes]) -> None:
    tree = [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]
    for member in tree:
        member.kill()
    process.wait()


def release(folder: Path) -> dict[str, bytes]:
    root = folder / "slow" / "release"
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def test_killed_and_resumed_equals_undisturbed(tmp_path: Path) -> None:
    process = start(tmp_path, "killed", 1.5)
    deadline = time.monotonic() + 120
    while shards_done(tmp_path / "killed") < 2:
        assert process.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < deadline, "the run did not come to its second shard"
        time.sleep(0.05)
    kill_tree(process)
    done = shards_done(tmp_path / "killed")
    assert 2 <= done < 6, "the kill must fall into the middle of the stage"
    assert not (tmp_path / "killed" / "slow" / "release").exists()

    assert start(tmp_path, "killed", 0.0).wait() == 0
    assert start(tmp_path, "undisturbed", 0.0).wait() == 0
    assert release(tmp_path / "killed") == release(tmp_path / "undisturbed")
    assert len(release(tmp_path / "killed")) >= 2
