"""Fixtures for all tests: no network, and one local Ray for the tests that need one."""

import os
from collections.abc import Iterator

import pytest

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_DATASETS_OFFLINE"] = "1"


@pytest.fixture(scope="session")
def ray_cluster() -> Iterator[None]:
    """One private Ray for the whole session; the engine uses it because it is already initialised."""
    import ray

    from xlcorpus.engine.cluster import Cluster

    Cluster().start()
    yield
    ray.shutdown()
