"""Ray clusters as people start them: `ray start` with ports, a temporary folder and a home of their own."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest


def environment_of(home: Path, **more: str) -> dict[str, str]:
    """The environment of a user with this home who has set nothing about Ray but `more`."""
    about_ray = ("RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH", "RAY_ADDRESS", "RAY_TMPDIR")
    return {**{k: v for k, v in os.environ.items() if k not in about_ray}, "HOME": str(home), **more}


@dataclass
class RayNodes:
    """The nodes of one cluster; the first one started is the head."""

    folder: Path
    token: str | None
    nodes: list[psutil.Popen] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.home = self.folder / "home"
        (self.home / ".ray").mkdir(parents=True)
        if self.token is not None:
            (self.home / ".ray" / "auth_token").write_text(self.token)
        self.user = environment_of(self.home, RAY_TMPDIR=str(self.folder))
        with socket.create_server(("127.0.0.1", 0)) as server:
            self.address = f"127.0.0.1:{server.getsockname()[1]}"

    def start(self) -> psutil.Popen:
        """One more node of one CPU, once it is up."""
        # Ray's second nodes do not turn tokens on by themselves, unlike its head.
        mode = {"RAY_AUTH_MODE": "token"} if self.nodes and self.token else {}
        head = ["--head", f"--port={self.address.rpartition(':')[2]}"]
        where = [f"--address={self.address}"] if self.nodes else [*head, "--include-dashboard=false"]
        log = self.folder / f"node{len(self.nodes)}.log"
        with log.open("w") as output:
            node = psutil.Popen(
                [str(Path(sys.executable).with_name("ray")), "start", *where, "--num-cpus=1", "--block"],
                env={**self.user, **mode}, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self.nodes.append(node)
        deadline = time.monotonic() + 60
        while "Ray runtime started" not in log.read_text():
            assert node.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        return node

    def kill(self, node: psutil.Popen) -> None:
        """Take a node away as a power cut does: all its processes at once."""
        processes = [node, *node.children(recursive=True)] if node.poll() is None else []
        for process in processes:
            process.kill()
        psutil.wait_procs(processes, timeout=10)
        self.nodes.remove(node)

    def stop(self) -> None:
        """Stop these nodes, and no other Ray of the machine."""
        for node in reversed(self.nodes.copy()):
            self.kill(node)
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture(scope="module")
def ray_start() -> Iterator[Callable[..., RayNodes]]:
    """Starts clusters: `ray_start()` without a token, `ray_start(token=True)` with one in its user's home."""
    clusters = []

    def start(token: bool = False) -> RayNodes:
        folder = Path(tempfile.mkdtemp(prefix="xt-"))  # short: a socket's path may have 107 bytes
        clusters.append(RayNodes(folder, secrets.token_hex(32) if token else None))
        clusters[-1].start()
        return clusters[-1]

    yield start
    for cluster in clusters:
        cluster.stop()


@pytest.fixture(scope="session", name="environment_of")
def environment_of_user() -> Callable[..., dict[str, str]]:
    """`environment_of(home, **more)`."""
    return environment_of
