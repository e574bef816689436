"""A pipeline that takes its time, run by `test_resume.py` in a process of its own: WORKDIR.

Seconds per shard stand in the environment, so that they are no option and change no fingerprint.
"""

import os
import sys
import time
from pathlib import Path

import polars as pl

from xlcorpus import Pipeline, ReleaseSpec
from xlcorpus.engine import run
from xlcorpus.step import Port, RowEnv, RowStep
from xlcorpus.steps import Deduplicate, Quality, Read


class Slow(RowStep):
    """Appends two words, slowly."""

    batch_rows = 10_000

    def ports(self) -> dict[str, Port]:
        return {"rows": Port(("sentence",))}

    def apply(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        time.sleep(float(os.environ["SECONDS_PER_SHARD"]))
        return rows.with_columns(pl.concat_str("text", pl.lit(" und weiter")))


if __name__ == "__main__":
    source = Path("de.txt")
    if not source.exists():
        lines = (f"Am Tag {i % 40000} ging der Wanderer {i} Schritte weiter\n" for i in range(60000))
        source.write_text("".join(lines))
    pipeline = (
        Pipeline("slow")
        .then(Read(paths={"de": "de.txt"}))
        .then(Slow())
        .then(Quality())
        .then(Deduplicate())
        .releasing(ReleaseSpec(tables={"text": "deduplicate"}))
    )
    run(pipeline, sys.argv[1])
