"""A pipeline of dear steps, run by `test_dear_rows.py` in a process of its own: WORKDIR.

Every call is written to `calls.txt`: step, time, text. What stands in the environment is no option and changes no
fingerprint.
"""

import os
import sys
import time
from pathlib import Path

import polars as pl

from xlcorpus import Pipeline, ReleaseSpec
from xlcorpus.engine import pieces, run
from xlcorpus.step import Port, RowEnv, RowStep
from xlcorpus.steps import Read


def noted(step: str, texts: list[str]) -> None:
    """Write the calls down, then take the time that they take."""
    with Path(os.environ["CALLS"]).open("a") as file:
        file.writelines(f"{step}\t{time.time()}\t{text}\n" for text in texts)
    time.sleep(float(os.environ["SECONDS_PER_CALL"]))


class Ask(RowStep):
    """Asks about every row; one in fifty gets no answer."""

    batch_rows = 1

    def ports(self) -> dict[str, Port]:
        return {"rows": Port(("sentence",))}

    def apply(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        noted("ask", rows["text"].to_list())
        if "13" in rows["text"][0]:
            raise ValueError("no answer")
        # Some rows have a column more: it must stand in its place in whatever order answers come.
        extra = {"ask_tens": float(len(rows["text"][0]))} if "0" in rows["text"][0] else {}
        return rows.with_columns(ask_length=pl.col("text").str.len_chars(), **{k: pl.lit(v) for k, v in extra.items()})


class Compute(RowStep):
    """Computes twenty rows at a time."""

    batch_rows = 20

    def ports(self) -> dict[str, Port]:
        return {"rows": Port(("sentence",))}

    def apply(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        noted("compute", rows["text"].to_list())
        return rows.with_columns(compute_length=pl.col("text").str.len_bytes().cast(pl.Float64))


if __name__ == "__main__":
    pieces.SAVE_EVERY_S = 0.3
    Path("de.txt").write_text("".join(f"Satz Nummer {i}\n" for i in range(400)))
    pipeline = Pipeline("dear", max_error_rate=0.1).then(Read(paths={"de": "de.txt"})).then(Ask()).then(Compute())
    run(pipeline.releasing(ReleaseSpec(tables={"text": "compute"})), sys.argv[1])
