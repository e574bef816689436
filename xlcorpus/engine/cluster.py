"""The Ray cluster of a run: a private one on this machine, or the one at a given address."""

from __future__ import annotations

import atexit
import logging
import os
import shutil
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from xlcorpus.errors import UserError, XlcorpusError

ANSWER_S = 20.0
"""Seconds that a cluster at a given address has to answer."""


@dataclass(frozen=True)
class Capacity:
    """What the cluster holds."""

    cpus: float
    gpus: float
    node_cpus: float
    """CPUs of its smallest node that has any: what a task may hold and still run anywhere"""


class Cluster:
    """Connects on first use, so that a run with nothing to do starts no Ray."""

    def __init__(self, address: str | None = None) -> None:
        """`address`: host:port of a cluster; None: a private one.

        Raises:
            UserError: the address is not host:port.
        """
        if address is not None:
            _host_and_port(address)
        self._address = address
        self._capacity: Capacity | None = None

    def start(self) -> Capacity:
        """Connect if not yet connected; what there is to work with.

        Raises:
            XlcorpusError: the cluster there does not answer in 20 s, or is of another version.
        """
        if self._capacity is None:
            import ray

            if not ray.is_initialized():
                if self._address is None:
                    _start_private()
                else:
                    join(self._address)
            _quiet()
            nodes = [n["Resources"] for n in ray.nodes() if n["Alive"]]
            total = ray.cluster_resources()
            self._capacity = Capacity(
                cpus=total.get("CPU", 1.0),
                gpus=total.get("GPU", 0.0),
                node_cpus=min((n["CPU"] for n in nodes if n.get("CPU")), default=1.0),
            )
        return self._capacity


def _environment() -> None:
    # Ray's C++ side writes warnings straight to the terminal; its log files keep the rest.
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    os.environ.setdefault("RAY_DEDUP_LOGS", "0")


def _start_private() -> None:
    """A cluster of our own in a temporary folder of its own: never that of another program or a dead one."""
    import ray

    _environment()
    folder = tempfile.mkdtemp(prefix="xlc-")  # short: a socket's path may have 107 bytes
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(ray.shutdown)
    with _native_stderr_to(Path(folder) / "start.log"):
        ray.init(
            address="local",
            _temp_dir=folder,
            include_dashboard=False,
            log_to_driver=False,
            logging_level=logging.ERROR,
            configure_logging=True,
        )


@contextmanager
def _native_stderr_to(path: Path) -> Iterator[None]:
    """Send what compiled code writes to stderr into a file: Ray announces its log level there. Errors are raised."""
    sys.stderr.flush()
    with path.open("w") as file:
        kept = os.dup(2)
        os.dup2(file.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit() or "/" in host:
        raise UserError(f"--address {address!r}: write host:port of the head node, as `ray start --head` prints it")
    return host, int(port)


def join(address: str) -> None:
    """Connect this process to the cluster at host:port.

    Raises:
        XlcorpusError: nothing answers there in 20 s, or it is a cluster of another version.
    """
    import ray

    host_and_port = _host_and_port(address)
    silent = XlcorpusError(
        f"no Ray cluster answers at {address} (waited up to {ANSWER_S:.0f} s). Start one with `ray start --head`, "
        "correct --address, or leave it out to use this machine alone."
    )
    try:
        socket.create_connection(host_and_port, timeout=ANSWER_S).close()
    except OSError as problem:
        raise silent from problem
    _environment()
    outcome: list[BaseException | None] = []

    def connect() -> None:
        try:
            ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
            outcome.append(None)
        except BaseException as problem:  # noqa: BLE001 - handed to the waiting thread
            outcome.append(problem)

    # ray.init has no timeout of its own: it can wait minutes for something that is not Ray.
    thread = threading.Thread(target=connect, daemon=True)
    thread.start()
    thread.join(ANSWER_S)
    if not outcome:
        raise silent
    if outcome[0] is not None:
        raise XlcorpusError(f"cannot use the Ray cluster at {address}: {outcome[0]}") from outcome[0]
    atexit.register(ray.shutdown)


@contextmanager
def worker_failures(step: str) -> Iterator[None]:
    """Say in words that a worker failed, instead of showing Ray's layers of tracebacks."""
    import ray.exceptions

    try:
        yield
    except (
        ray.exceptions.OutOfMemoryError,
        ray.exceptions.WorkerCrashedError,
        ray.exceptions.ActorDiedError,
    ) as problem:
        raise XlcorpusError(
            f"step {step!r}: a worker died, most likely for want of memory; set resources: {{workers: 1}} for the step "
            "or use a larger machine. The run goes on from here when started again."
        ) from problem
    except ray.exceptions.RayError as problem:
        cause: BaseException = problem
        while (deeper := getattr(cause, "cause", None) or cause.__cause__) is not None:
            cause = deeper
        raise XlcorpusError(f"step {step!r}: a worker failed: {type(cause).__name__}: {cause}") from problem


def _quiet() -> None:
    """Progress is ours to show."""
    import ray.data

    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    # One block is one shard: a block that Ray cuts in two would be two halves of a shard.
    context.target_max_block_size = None
    for name in ("ray.data", "ray.data.dataset", "ray"):
        logging.getLogger(name).setLevel(logging.ERROR)
