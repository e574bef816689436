"""The Ray cluster of a run: a private one on this machine, or the one at a given address."""

from __future__ import annotations

import atexit
import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from xlcorpus.engine.cluster_address import AUTO, check_address, found_addresses, takes_connections
from xlcorpus.engine.cluster_token import let_in
from xlcorpus.engine.native_stderr import native_stderr_to
from xlcorpus.engine.private_cluster import start_private
from xlcorpus.errors import UserError, XlcorpusError

ANSWER_S = 20.0
"""Seconds that a cluster at a given address has to answer."""

CONNECT_S = 120.0
"""Seconds that a cluster which answered has to connect this process: its machine may be busy."""


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
        """`address`: host:port of a cluster, or `auto` for the one that Ray finds; None: a private one.

        Raises:
            UserError: the address is neither.
        """
        if address not in (None, AUTO):
            check_address(address)
        self._address = address
        self._capacity: Capacity | None = None

    @property
    def private(self) -> bool:
        """Whether it is this machine alone."""
        return self._address is None

    def start(self) -> Capacity:
        """Connect if not yet connected; what there is to work with.

        Raises:
            XlcorpusError: the cluster there does not answer in 20 s, does not let us in, or is of another version.
        """
        if self._capacity is None:
            import ray

            if not ray.is_initialized():
                if self._address is None:
                    _environment()
                    start_private()
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


def join(address: str) -> None:
    """Connect this process to the cluster at `host:port`, or to the one that `auto` finds.

    Raises:
        UserError: the address is neither; `auto` finds several clusters.
        XlcorpusError: nothing answers there in 20 s, the cluster does not let us in, or it is of another version.
    """
    import ray

    _environment()
    address = _found() if address == AUTO else _answering(address)
    if not _done_within(
        CONNECT_S, address, lambda: ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    ):
        raise XlcorpusError(
            f"the Ray cluster at {address} answers, but did not connect this process in {CONNECT_S:.0f} s; is a node "
            "of it running on this machine? `ray start --address` adds one"
        )
    atexit.register(ray.shutdown)


def _answering(address: str) -> str:
    """The address, of a cluster that answers and lets us in."""
    problem = takes_connections(address, ANSWER_S)
    if problem is not None:
        raise _silent(address, problem.strerror or str(problem)) from problem
    if not _done_within(ANSWER_S, address, lambda: let_in(address)):
        raise _silent(
            address,
            f"something takes connections there, but did not answer as a head node in {ANSWER_S:.0f} s; the port is "
            "6379 unless another was given, not that of the dashboard",
        )
    return address


def _found() -> str:
    """The address of the cluster that `auto` means.

    Private clusters of other runs are found as well; they let nobody in.
    """
    addresses, problems = [], []
    for address in found_addresses():
        try:
            addresses.append(_answering(address))
        except XlcorpusError as problem:
            problems.append(str(problem))
    if not addresses:
        raise XlcorpusError("--address auto: " + " ".join(problems))
    if len(addresses) > 1:
        raise UserError(f"--address auto: there are several Ray clusters; write one of {', '.join(addresses)}")
    return _answering(addresses[0])


def _silent(address: str, why: str) -> XlcorpusError:
    return XlcorpusError(
        f"no Ray cluster answers at {address} ({why}). Start one with `ray start --head`, "
        "correct --address, or leave it out to use this machine alone."
    )


def _done_within(seconds: float, address: str, connect: Callable[[], object]) -> bool:
    """Whether `connect` ends in time; it has no short timeout of its own. What it raises is raised."""
    outcome: list[BaseException | None] = []

    def call() -> None:
        try:
            connect()
            outcome.append(None)
        except BaseException as problem:  # noqa: BLE001 - handed to the waiting thread
            outcome.append(problem)

    thread = threading.Thread(target=call, daemon=True)
    with native_stderr_to(Path(os.devnull)):
        thread.start()
        thread.join(seconds)
    if not outcome:
        return False
    if isinstance(outcome[0], XlcorpusError):
        raise outcome[0]
    if outcome[0] is not None:
        raise XlcorpusError(f"cannot use the Ray cluster at {address}: {outcome[0]}") from outcome[0]
    return True


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
