"""The command line, called in this process."""

import sys

import pytest

from xlcorpus.cli import main as cli


def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """(exit code, stdout, stderr) of `xlcorpus ARGUMENTS`; white space of stderr evened out."""
    monkeypatch.setattr(sys, "argv", ["xlcorpus", *arguments])
    code = 0
    try:
        cli.main()
    except SystemExit as stop:
        code = int(stop.code or 0)
    shown = capsys.readouterr()
    return code, shown.out, " ".join(shown.err.split())
