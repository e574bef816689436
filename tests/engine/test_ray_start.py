"""Joining a cluster that somebody started with `ray start --head`, with a token and without."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from xlcorpus.engine.cluster_address import found_addresses
from xlcorpus.errors import XlcorpusError

pytestmark = pytest.mark.ray

Join = Callable[..., str]

JOIN = """
import sys
from xlcorpus.engine.cluster import Cluster
from xlcorpus.errors import XlcorpusError
try:
    capacity = Cluster(sys.argv[1]).start()
except XlcorpusError as problem:
    sys.exit(f"{type(problem).__name__}: {problem}")
import ray

@ray.remote
def double(number):
    return 2 * number

print(ray.get(double.remote(21)), "with", capacity.cpus, "CPU")
"""


@pytest.fixture
def join(environment_of: Callable[..., dict[str, str]]) -> Join:
    """What a process of a user with some home prints that joins a cluster and runs a task, or says instead."""

    def join(address: str, home: Path, **environment: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", JOIN, address],
            env=environment_of(home, **environment), capture_output=True, text=True, timeout=100, check=False,
        )  # fmt: skip
        return done.stdout.strip() or done.stderr.strip()

    return join


def home_with(folder: Path, token: str | None) -> Path:
    """A home, with a token as Ray writes it."""
    (folder / ".ray").mkdir()
    if token is not None:
        (folder / ".ray" / "auth_token").write_text(token)
    return folder


@pytest.fixture(scope="module")
def closed(ray_start: Callable[..., Any]) -> Any:
    """A head node that wants a token."""
    return ray_start(token=True)


@pytest.fixture(scope="module")
def open_to_all(ray_start: Callable[..., Any]) -> Any:
    """A head node that wants none."""
    return ray_start()


JOINED = "42 with 1.0 CPU"


def test_the_token_in_the_home_is_used(join: Join, closed: Any) -> None:
    assert join(closed.address, closed.home) == JOINED


def test_the_token_in_the_environment_goes_before_the_one_in_the_home(join: Join, closed: Any, tmp_path: Path) -> None:
    """`RAY_AUTH_MODE=disabled` concerns clusters that one starts; this one wants a token."""
    home = home_with(tmp_path, "0" * 64)
    assert join(closed.address, home, RAY_AUTH_TOKEN=closed.token, RAY_AUTH_MODE="disabled") == JOINED


def test_the_token_in_a_file_is_used(join: Join, closed: Any, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(closed.token + "\n")
    address = closed.address.replace("127.0.0.1", "[::1]")
    assert join(address, tmp_path, RAY_AUTH_TOKEN_PATH=str(tmp_path / "token")) == JOINED


def test_no_token_is_used_where_none_is_wanted(join: Join, open_to_all: Any, tmp_path: Path) -> None:
    """Neither a token in the home nor the mode of the user's other clusters matters."""
    assert join(open_to_all.address, home_with(tmp_path, "0" * 64), RAY_AUTH_MODE="token") == JOINED


def test_without_a_token_one_is_not_let_in(join: Join, closed: Any, tmp_path: Path) -> None:
    said = join(closed.address, tmp_path)
    assert f"XlcorpusError: the Ray cluster at {closed.address} wants a token, and there is none in {tmp_path}" in said
    assert ".ray/auth_token (RAY_AUTH_TOKEN and RAY_AUTH_TOKEN_PATH are not set)" in said
    assert "Take the token that `ray get-auth-token` prints on the head node and set RAY_AUTH_TOKEN to it" in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("content", [None, "\n"])
def test_a_token_file_without_a_token(join: Join, closed: Any, tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_text(content)
    said = join(closed.address, home_with(tmp_path, closed.token), RAY_AUTH_TOKEN_PATH=str(file))
    assert f"wants a token, and there is none in the file {file} (RAY_AUTH_TOKEN_PATH)." in said


def test_with_a_wrong_token_one_is_not_let_in(join: Join, closed: Any, tmp_path: Path) -> None:
    home = home_with(tmp_path, "0" * 64)
    file = home / ".ray" / "auth_token"
    assert f"does not accept the token in {file} (RAY_AUTH_TOKEN and" in join(closed.address, home)
    said = join(closed.address, closed.home, RAY_AUTH_TOKEN="wrong")
    assert "does not accept the token in the environment variable RAY_AUTH_TOKEN: it has another one." in said
    said = join(closed.address, closed.home, RAY_AUTH_TOKEN_PATH=str(file))
    assert f"does not accept the token in the file {file} (RAY_AUTH_TOKEN_PATH)" in said


def test_auto_is_the_cluster_that_ray_start_noted(join: Join, closed: Any) -> None:
    assert join("auto", closed.home, RAY_TMPDIR=str(closed.folder)) == JOINED
    assert "wants a token" in join("auto", closed.folder, RAY_TMPDIR=str(closed.folder))


def test_auto_is_the_cluster_of_ray_address(join: Join, open_to_all: Any, tmp_path: Path) -> None:
    """Here without any token."""
    assert join("auto", tmp_path, RAY_ADDRESS=open_to_all.address) == JOINED


@pytest.mark.parametrize("dead", ["127.0.0.1:1", "192.0.2.77:6379"])
def test_auto_passes_over_the_note_of_a_dead_cluster(
    open_to_all: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dead: str
) -> None:
    """Its port refuses connections, or its machine is gone; the cluster that lives is found by its processes."""
    (tmp_path / "ray").mkdir()
    (tmp_path / "ray" / "ray_current_cluster").write_text(dead)
    monkeypatch.setenv("RAY_TMPDIR", str(tmp_path))
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    began = time.monotonic()
    found = found_addresses()
    assert dead not in found
    assert open_to_all.address.rpartition(":")[2] in {address.rpartition(":")[2] for address in found}
    assert time.monotonic() - began < 15


def test_a_private_cluster_lets_nobody_else_in(join: Join, ray_cluster: None, tmp_path: Path) -> None:
    import ray

    address = ray.get_runtime_context().gcs_address
    assert f"the Ray cluster at {address} wants a token" in join(address, tmp_path)
    assert f"the Ray cluster at {address} does not accept the token" in join(address, home_with(tmp_path, "0" * 64))


def test_auto_with_nothing_to_find(join: Join, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what RAY_ADDRESS names counts when it is set."""
    assert "no Ray cluster answers at 127.0.0.1:1 (Connection refused)" in join(
        "auto", tmp_path, RAY_ADDRESS="127.0.0.1:1"
    )
    monkeypatch.setenv("RAY_ADDRESS", "ray://head:10001")
    with pytest.raises(XlcorpusError, match="RAY_ADDRESS 'ray://head:10001': a pipeline cannot run through the Ray Cl"):
        found_addresses()
