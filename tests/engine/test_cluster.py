"""Joining a cluster at an address, and what is said when there is none."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from xlcorpus.engine.cluster import join
from xlcorpus.errors import XlcorpusError

SILENT = """
from xlcorpus.engine import cluster
cluster.ANSWER_S = 2.0
try:
    cluster.join("127.0.0.1:{port}")
except cluster.XlcorpusError as problem:
    print(problem, flush=True)
import os
os._exit(0)
"""


def test_nothing_at_the_address() -> None:
    with pytest.raises(XlcorpusError, match=r"no Ray cluster answers at 127\.0\.0\.1:1 .*ray start --head"):
        join("127.0.0.1:1")


def test_something_silent_at_the_address() -> None:
    """A port that takes connections but speaks no Ray: ray.init alone would wait for minutes."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        began = time.monotonic()
        script = SILENT.format(port=server.getsockname()[1])
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert "no Ray cluster answers at 127.0.0.1:" in done.stdout
    assert time.monotonic() - began < 30


PIPELINE = """\
name: demo
steps:
  read: {paths: {de: de.txt}}
  identify: {min_characters: 0}
  deduplicate: {}
release: {tables: {text: deduplicate}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a small pipeline."""
    (tmp_path / "demo.yaml").write_text(PIPELINE)
    (tmp_path / "de.txt").write_text("".join(f"Das ist der Satz mit der Nummer {i}.\n" for i in range(300)))
    return tmp_path


def xlcorpus(folder: Path, *arguments: str, environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """The result of `xlcorpus ARGUMENTS --json` in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "xlcorpus", *arguments, "--json"],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.ray
def test_a_private_cluster_minds_no_other(folder: Path) -> None:
    """Neither an address in the environment nor a dead cluster's traces lead a run astray."""
    ran = xlcorpus(folder, "run", "demo.yaml", environment={**os.environ, "RAY_ADDRESS": "127.0.0.1:1"})["ran"]
    assert ran == ["read", "identify", "deduplicate"]


@pytest.mark.ray
def test_a_cluster_with_one_cpu_and_one_of_two_nodes_give_the_same(folder: Path, ray_start: Callable[..., Any]) -> None:
    """The same file on the smallest cluster and on two nodes."""
    releases = []
    cluster = ray_start()
    for workdir in ("one", "two"):
        result = xlcorpus(
            folder, "run", "demo.yaml", "--address", cluster.address, "--workdir", workdir, environment=cluster.user
        )
        assert result["ran"] == ["read", "identify", "deduplicate"]
        root = folder / workdir / "demo" / "release"
        releases.append({p.name: p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()})
        cluster.start()
    assert releases[0] == releases[1]


MINING = """\
name: mining
steps:
  read: {paths: {de: de.txt, en: en.txt}}
  embed: {}
  mine: {threshold: 1.0, part_rows: %d}
release: {tables: {pair: mine}}
"""


@pytest.mark.ray
def test_mining_on_three_nodes_of_which_one_dies_gives_the_pairs_of_one_process(
    folder: Path, ray_start: Callable[..., Any]
) -> None:
    """The nodes want a token."""
    rooms = [f"{place} {number}" for place in ("Berlin", "Hamburg", "Dresden", "Potsdam") for number in range(100, 200)]
    (folder / "de.txt").write_text("".join(f"Das Treffen in {room} beginnt gleich.\n" for room in rooms))
    (folder / "en.txt").write_text("".join(f"The meeting in {room} starts soon.\n" for room in reversed(rooms)))
    (folder / "whole.yaml").write_text(MINING % 1_000_000)
    (folder / "parts.yaml").write_text(MINING % 20)
    xlcorpus(folder, "run", "whole.yaml", "--workdir", "whole")

    cluster = ray_start(token=True)
    cluster.start()
    victim = cluster.start()
    process = subprocess.Popen(
        [sys.executable, "-m", "xlcorpus", "run", "parts.yaml", "--address", cluster.address, "--workdir", "parts"],
        cwd=folder, env=cluster.user, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    deadline = time.monotonic() + 120
    while len(parts := list(folder.glob("parts/mining/steps/mine-*/scratch/*/*.npz"))) < 5:
        assert process.poll() is None, "the run ended before a node could be taken away"
        assert time.monotonic() < deadline, "no part was mined"
        time.sleep(0.01)
    cluster.kill(victim)
    assert len(parts) < 400, "the node must die in the middle"
    output, _ = process.communicate(timeout=200)
    assert process.returncode == 0, output
    pairs = [pl.read_parquet(folder / w / "mining/release/data/pair/*.parquet") for w in ("whole", "parts")]
    assert pairs[0].height > 300
    assert pairs[0].equals(pairs[1])
