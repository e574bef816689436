"""Runs a pipeline on Ray: checkpoints, fingerprints, resume, rejects, ledger, progress."""

from xlcorpus.engine.result import RunResult
from xlcorpus.engine.run import run

__all__ = ["RunResult", "run"]
