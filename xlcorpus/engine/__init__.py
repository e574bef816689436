"""Runs a pipeline on Ray: checkpoints, fingerprints, resume, rejects, ledger, progress."""

from xlcorpus.engine.run import RunResult, run

__all__ = ["RunResult", "run"]
