"""Identifiers by the name of their repository, against a server on this machine."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .fasttext_files import write_classifier

SERVER = Path(__file__).parent.parent / "steps" / "read" / "hub_server.py"
CODE = """
import sys
from xlcorpus.errors import XlcorpusError
from xlcorpus.models.identifiers.loading import identity, load_identifier
try:
    print(load_identifier(sys.argv[1]).identify(["habari yako"])[0], identity(sys.argv[1]).partition("@")[0])
except XlcorpusError as problem:
    print(type(problem).__name__, problem)
"""


@pytest.fixture(scope="module")
def identified(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """`identified(name, offline)` -> what a process says whose Hub has the model me/demo."""
    folder, home = tmp_path_factory.mktemp("model"), tmp_path_factory.mktemp("home")
    write_classifier(folder / "model.bin", {"habari": "__label__swh_Latn", "hello": "__label__eng_Latn"})
    server = subprocess.Popen([sys.executable, str(SERVER), str(folder)], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    address = f"http://127.0.0.1:{server.stdout.readline().strip()}"

    def said(name: str, offline: bool = False) -> str:
        env = {**os.environ, "HF_ENDPOINT": address, "HF_HOME": str(home), "HF_HUB_OFFLINE": str(int(offline))}
        done = subprocess.run([sys.executable, "-c", CODE, name], capture_output=True, text=True, check=True, env=env)
        return done.stdout.splitlines()[-1]

    yield said
    server.kill()
    server.wait()
    server.stdout.close()


def test_a_model_is_fetched_once_and_there_offline(identified: Callable[..., str]) -> None:
    assert "cannot be reached" in identified("me/demo", offline=True)
    assert identified("me/demo") == "['swh_Latn'] demo"
    assert identified("me/demo", offline=True) == "['swh_Latn'] demo"


def test_a_repository_that_is_not_there_is_told(identified: Callable[..., str]) -> None:
    assert identified("me/other").startswith("UserError language identifier 'me/other': no such repository")
