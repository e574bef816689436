"""A Ray cluster of our own on this machine: its folder, its token, its start."""

from __future__ import annotations

import atexit
import fcntl
import logging
import os
import secrets
import shutil
import tempfile
from pathlib import Path

from xlcorpus.engine.cluster_token import use_private
from xlcorpus.engine.native_stderr import native_stderr_to

PREFIX = "xlc-"
"""Start of the name of a private cluster's temporary folder. Short: a socket's path may have 107 bytes."""

LOCK = "running.lock"
"""File that the process of a private cluster holds locked as long as it lives."""


def start_private() -> None:
    """Start Ray in a temporary folder of its own: never that of another program or of a dead cluster.

    Ray listens on all interfaces of the machine. The cluster has a token of its own in that folder, readable by this
    user alone, so that nobody else gets in; Ray would write one into the user's home. Ray's own folder lies one deeper:
    Ray makes it writable for everybody, and its sockets want no token.
    """
    import ray

    clear_abandoned()
    folder = _own_folder()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(ray.shutdown)
    token = folder / "auth_token"
    token.touch(mode=0o600)
    token.write_text(secrets.token_hex(32))
    use_private(token)
    with native_stderr_to(folder / "start.log"):
        ray.init(
            address="local",
            _temp_dir=str(folder / "r"),
            include_dashboard=False,
            log_to_driver=False,
            logging_level=logging.ERROR,
            configure_logging=True,
        )


def clear_abandoned() -> None:
    """Remove the folders of this user's private clusters whose process was killed.

    The system frees a lock when its process ends, whatever ended it. A folder without a lock file is left alone: it is
    being made, or it is not ours. The killed cluster's Ray processes end by themselves (the last ones after a minute or
    two) and do not need the folder for that.
    """
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            if folder.is_symlink() or folder.stat().st_uid != os.getuid():
                continue
            with (folder / LOCK).open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)  # what stays is tried again by the next run
        except OSError:
            continue  # its process lives, there is no lock file, or another run was faster


def _own_folder() -> Path:
    """A new folder that only this user can read, locked by this process."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    making = folder / f"{LOCK}.tmp"
    lock = os.open(making, os.O_CREAT | os.O_RDWR, 0o600)  # stays open, and so locked, until the process ends
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
    except OSError:  # a file system without locks: without a lock file nobody else clears the folder
        os.close(lock)
        making.unlink()
    else:
        making.rename(folder / LOCK)  # under its name only when locked
    return folder
