"""Joining a cluster at an address, and what is said when there is none."""

import socket
import subprocess
import sys
import time

import pytest

from xlcorpus.engine.cluster import Cluster, join
from xlcorpus.errors import UserError, XlcorpusError

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


@pytest.mark.parametrize("address", ["auto", "ray://head:10001", "head:port", ":6379"])
def test_an_address_is_host_and_port(address: str) -> None:
    with pytest.raises(UserError, match="write host:port of the head node"):
        Cluster(address)


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
