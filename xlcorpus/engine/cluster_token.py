"""The token by which a Ray cluster lets a process in.

Ray takes it from `RAY_AUTH_TOKEN`, else from the file that `RAY_AUTH_TOKEN_PATH` names, else from `~/.ray/auth_token`,
and sends it only when `RAY_AUTH_MODE` is `token`. It reads all four once; `_set` makes it read them again.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from xlcorpus.errors import XlcorpusError

MODE, TOKEN, TOKEN_PATH = "RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"

_users: dict[str, str | None] = {}
"""What the user had set before a private cluster's token took its place."""


def use_private(token: Path) -> None:
    """Make Ray in this process, and what it starts, use the token in the file `token`."""
    for name in (MODE, TOKEN, TOKEN_PATH):
        _users.setdefault(name, os.environ.get(name))
    _set({MODE: "token", TOKEN: None, TOKEN_PATH: str(token)})


def let_in(address: str) -> None:
    """Make Ray in this process talk to the cluster at `address` as that wants it: with the user's token or without.

    The token goes only to a cluster that refuses a process without one. Every worker and this process must agree on
    the mode, so a token in the user's home is not used with a cluster that has none.

    Raises:
        XlcorpusError: the cluster wants a token, and there is none or another one.
        ray.exceptions.RpcError: nothing that speaks Ray answers. Waits up to 40 s for it.
    """
    from ray._raylet import AuthenticationTokenLoader, GcsClient  # type: ignore[attr-defined]
    from ray.exceptions import AuthenticationError

    _set(_users | {MODE: "disabled"})
    _users.clear()
    try:
        GcsClient(address=address)  # the first call of every Ray process: asks for the cluster's id
        return
    except AuthenticationError:
        pass  # it wants a token: the rest finds one, or says where Ray looked for it
    source = _source()
    try:
        # Asked first: compiled code ends the process when it needs a token and finds none.
        found = AuthenticationTokenLoader.instance().has_token(ignore_auth_mode=True)
    except AuthenticationError:  # RAY_AUTH_TOKEN_PATH names no file, or an empty one
        found = False
    if not found:
        raise XlcorpusError(f"the Ray cluster at {address} wants a token, and there is none in {source}. {ADVICE}")
    _set({MODE: "token"})
    try:
        GcsClient(address=address)
    except AuthenticationError as problem:
        raise XlcorpusError(
            f"the Ray cluster at {address} does not accept the token in {source}: it has another one. {ADVICE}"
        ) from problem


ADVICE = (
    f"Take the token that `ray get-auth-token` prints on the head node and set {TOKEN} to it, or write it into a file "
    f"and set {TOKEN_PATH} to the file's path."
)


def _source() -> str:
    """Where Ray looks for the token, in words."""
    if os.environ.get(TOKEN):
        return f"the environment variable {TOKEN}"
    if os.environ.get(TOKEN_PATH):
        return f"the file {os.environ[TOKEN_PATH]} ({TOKEN_PATH})"
    return f"{Path.home() / '.ray' / 'auth_token'} ({TOKEN} and {TOKEN_PATH} are not set)"


def _set(values: Mapping[str, str | None]) -> None:
    """Set environment variables, or take them away (None), and make Ray read them again."""
    from ray._raylet import AuthenticationTokenLoader, Config  # type: ignore[attr-defined]

    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    Config.initialize("")
    AuthenticationTokenLoader.instance().reset_cache()
