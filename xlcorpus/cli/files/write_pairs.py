"""Writing pairs as Parquet, as TSV, or as a text file a side (Moses)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from xlcorpus.errors import UserError, nearest
from xlcorpus.whole_files import scratch_beside

FORMATS = ("parquet", "tsv", "moses")


def output_format(given: str, out: Path, known: Sequence[str] = FORMATS) -> str:
    """The format to write: the one that is given, or for `auto` the one that the file's name ends in, else the last.

    Raises:
        UserError: no such format.
    """
    if given == "auto":
        ending = out.suffix.removeprefix(".")
        return ending if ending in known else known[-1]
    if given not in known:
        raise UserError(f"--format {given}: {nearest(given, known)}")
    return given


def write_pairs(pairs: pl.DataFrame, out: Path, form: str, langs: tuple[str, str]) -> None:
    """Write pairs; nothing stands under its name until all is written.

    Args:
        pairs: pair records.
        out: for `parquet` and `tsv` (score, source, target) the file; for `moses` what `.<language>` and `.scores` are
            added to. In the text formats tabs and line ends inside a text become spaces.
        form: one of `FORMATS`.
        langs: the languages in the names of the files.
    """
    with scratch_beside(out) as scratch:
        if form == "parquet":
            files = {out: scratch / "pairs"}
            pairs.write_parquet(files[out], compression="zstd")
        else:
            clean = pairs.with_columns(pl.col("src_text", "tgt_text").str.replace_all(r"[\t\r\n]", " "))
            if form == "tsv":
                columns = {out: clean.select(pl.col("score").round(6), "src_text", "tgt_text")}
            else:
                names = zip((*langs, "scores"), ("src_text", "tgt_text", "score"), strict=True)
                columns = {Path(f"{out}.{name}"): clean.select(column) for name, column in names}
            files = {final: scratch / str(i) for i, final in enumerate(columns)}
            for final, rows in columns.items():
                rows.write_csv(files[final], separator="\t", include_header=False, quote_style="never")
        for final, unfinished in files.items():
            unfinished.replace(final)
