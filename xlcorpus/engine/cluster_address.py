"""The address of a Ray cluster: what may be written, and where `auto` looks."""

from __future__ import annotations

import os
import re
import socket

from xlcorpus.errors import UserError, XlcorpusError

AUTO = "auto"
"""The cluster that Ray itself would find from this machine."""

AUTO_S = 3.0
"""Seconds that a port found by `auto` has to answer: it may be that of a machine which is gone."""


def check_address(address: str, named: str = "--address") -> tuple[str, int]:
    """Host and port of `host:port`, `[IPv6]:port` as well; `named` is where the user wrote it.

    Raises:
        UserError: it is something else; says what to write.
    """
    if address.startswith("ray://"):
        raise UserError(
            f"{named} {address!r}: a pipeline cannot run through the Ray Client (ray://), because it reads and writes "
            "its files where it is started. Start it on a machine of the cluster (by hand or with `ray job submit`) "
            "with --address auto or with host:port of the head node, as `ray start --head` prints it (port 6379 unless "
            "another was given)"
        )
    match = re.fullmatch(r"(?:\[(?P<six>[0-9a-fA-F:.]+)\]|(?P<host>[^\s\[\]/:]+)):(?P<port>[0-9]{1,5})", address)
    if match is None or not 0 < int(match["port"]) < 65536:
        raise UserError(
            f"{named} {address!r}: write host:port of the head node, as `ray start --head` prints it "
            "([address]:port for IPv6), or auto for the cluster of this machine"
        )
    return match["six"] or match["host"], int(match["port"])


def takes_connections(address: str, seconds: float) -> OSError | None:
    """None when something takes connections at host:port within `seconds`, else why not."""
    try:
        socket.create_connection(check_address(address), timeout=seconds).close()
    except OSError as problem:
        return problem
    return None


def found_addresses() -> list[str]:
    """Addresses that `auto` may mean: the one in RAY_ADDRESS, else clusters that take connections.

    As Ray does: the last one that `ray start` noted on this machine, else those of the Ray processes on this machine.
    Unlike Ray, the note of a dead cluster is passed over.

    Raises:
        UserError: RAY_ADDRESS is not host:port.
        XlcorpusError: there is none.
    """
    from ray._private.services import find_bootstrap_address, find_gcs_addresses

    given = os.environ.get("RAY_ADDRESS", "")
    if given not in ("", AUTO):
        check_address(given, "RAY_ADDRESS")
        return [given]
    find_gcs_addresses.cache_clear()
    noted = find_bootstrap_address(None)
    if noted and takes_connections(noted, AUTO_S) is None:
        return [noted]
    known = sorted(find_gcs_addresses())
    alive = [address for address in known if takes_connections(address, AUTO_S) is None]
    if not alive:
        silent = f" (the last one, {noted}, does not answer any more)" if noted else ""
        raise XlcorpusError(
            f"--address auto: no Ray cluster was found on this machine{silent}. Start one with `ray start --head`, "
            "write host:port of a head node, or leave --address out to use this machine alone."
        )
    return alive
