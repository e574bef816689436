"""The private cluster of a run: what it leaves behind, and where its token is."""

import fcntl
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from xlcorpus.engine.private_cluster import LOCK, clear_abandoned


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The temporary folder of the user. Short: a socket's path may have 107 bytes."""
    folder = Path(tempfile.mkdtemp(prefix="xt-"))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def cluster_folder(temporary: Path, name: str) -> Path:
    """A folder as a private cluster leaves it when its process is killed."""
    folder = temporary / name
    (folder / "session_latest" / "logs").mkdir(parents=True)
    (folder / LOCK).touch()
    return folder


def test_the_folder_of_a_dead_process_is_cleared(temporary: Path) -> None:
    folders = [cluster_folder(temporary, name) for name in ("xlc-a", "xlc-b")]
    clear_abandoned()
    assert not any(folder.exists() for folder in folders)


def test_the_folder_of_a_living_process_stays(temporary: Path) -> None:
    folder = cluster_folder(temporary, "xlc-a")
    with (folder / LOCK).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        clear_abandoned()
        assert (folder / "session_latest" / "logs").is_dir()
    clear_abandoned()
    assert not folder.exists()


def test_what_no_private_cluster_left_stays(temporary: Path) -> None:
    unlocked = cluster_folder(temporary, "xlc-unlocked")  # being made, or another program's
    (unlocked / LOCK).unlink()
    other_name = cluster_folder(temporary, "other")
    link = temporary / "xlc-link"
    link.symlink_to(other_name)
    file = temporary / "xlc-file"
    file.touch()
    clear_abandoned()
    assert all(path.exists() for path in (unlocked, other_name, link, file))


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder to another user")
def test_the_folder_of_another_user_stays(temporary: Path) -> None:
    folder = cluster_folder(temporary, "xlc-a")
    os.chown(folder, 4321, 4321)
    clear_abandoned()
    assert folder.exists()


KILLED = """
import os, signal, sys
from xlcorpus.engine import private_cluster
from xlcorpus.engine.cluster import Cluster
Cluster().start()
private_cluster.clear_abandoned()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.ray
@pytest.mark.parametrize("set_by_user", [{}, {"RAY_AUTH_MODE": "disabled", "RAY_AUTH_TOKEN_PATH": "/nowhere"}])
def test_a_killed_run_leaves_its_folder_to_the_next_and_nothing_in_the_home(
    temporary: Path, tmp_path: Path, environment_of: Callable[..., dict[str, str]], set_by_user: dict[str, str]
) -> None:
    environment = environment_of(tmp_path, TMPDIR=str(temporary), **set_by_user)
    done = subprocess.run([sys.executable, "-c", KILLED], env=environment, timeout=100, check=False)
    assert done.returncode == -signal.SIGKILL
    assert not (tmp_path / ".ray").exists()
    (folder,) = temporary.glob("xlc-*")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "auth_token").stat().st_mode) == 0o600
    clear_abandoned()
    assert not folder.exists()
