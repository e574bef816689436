"""The command `xlcorpus encoders`: encoders against each other on small parallel sets, as a table."""

from __future__ import annotations

import json
import math
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from xlcorpus.cli.files.parallel_sets import read_sets
from xlcorpus.cli.flags import say
from xlcorpus.errors import UserError
from xlcorpus.mining.evaluate.encoder_measures import LOWER_IS_BETTER
from xlcorpus.models.encoders.comparison import Comparison, compare_encoders, verdict

FORMATS = (".md", ".parquet")


@dataclass(frozen=True)
class Column:
    """A column of the table for people."""

    title: str
    measure: str
    digits: int = 3


COLUMNS = (
    Column("P@1", "p_at_1"),
    Column("MRR", "mrr"),
    Column("both ways", "bidirectional"),
    Column("mean rank", "mean_rank", 1),
    Column("xSIM", "xsim"),
    Column("xSIM++", "xsim_plus"),
    Column("F1", "f1"),
    Column("kept at 0.95", "kept", 2),
    Column("hubness", "hubness", 1),
    Column("sent./s", "src_per_s", 0),
)
LEGEND = (
    "P@1, MRR, mean rank: mean of both directions, 95 % interval behind P@1. Both ways: nearest in both directions. "
    "xSIM, xSIM++: error rate. F1: of mined pairs at the best threshold. Kept at 0.95: share of the pairs that mining "
    "with threshold {precision: 0.95} gives. Sent./s: of the source language. All depend on n."
)


def encoders(
    names: Annotated[
        list[str], typer.Argument(help="Encoders: bootstrap, e5-small, folders or Hub ids.", metavar="ENCODER...")
    ],
    pairs: Annotated[
        list[str],
        typer.Option(help="de-en=FILE (TSV: source, target), a Parquet file of pairs, or a release; repeatable."),
    ],
    device: Annotated[str, typer.Option(help="Where models run: auto, cpu or cuda.")] = "auto",
    limit: Annotated[int, typer.Option(min=10, help="Most pairs of a set; of more a random sample.")] = 2000,
    hard_negatives: Annotated[bool, typer.Option(help="Measure xSIM++, with changed target sentences.")] = True,
    seed: Annotated[int, typer.Option(help="Of samples, hard negatives and intervals.")] = 0,
    out_file: Annotated[Path | None, typer.Option("--out", help="Write the table: .md or .parquet.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON for machines.")] = False,
) -> None:
    """Compare encoders on your languages: retrieval, mining and speed, with intervals.

    xlcorpus encoders bootstrap models/mine --pairs de-en=de-en.tsv --pairs fr-en=fr-en.tsv
    """
    if out_file is not None and out_file.suffix not in FORMATS:
        raise UserError(f"--out {out_file}: give a name that ends in {' or '.join(FORMATS)}")
    if device not in ("auto", "cpu", "cuda"):
        raise UserError(f"--device {device}: auto, cpu or cuda")
    sets = read_sets(pairs, limit, seed, say)
    found = compare_encoders(names, sets, device, hard_negatives, seed, say=lambda text: say(text, False))  # type: ignore[arg-type]
    lines = verdict(found)
    if out_file is not None:
        out_file.parent.mkdir(parents=True, exist_ok=True)
        if out_file.suffix == ".md":
            out_file.write_text(_markdown(found, lines), encoding="utf8")
        else:
            found.table.write_parquet(out_file)
    if as_json:
        data = {"table": found.table.to_dicts(), "differences": found.differences.to_dicts(), "verdict": lines}
        sys.stdout.write(json.dumps(_finite(data), ensure_ascii=False) + "\n")
    else:
        _show(found, lines)
    if found.failures:
        raise UserError("; ".join(found.failures.values()))


def cells(found: Comparison) -> list[tuple[list[str], list[bool]]]:
    """Rows of the table for people, and which of their cells are the best of their set."""
    rows = []
    for pair in found.table["pair"].unique(maintain_order=True):
        of_pair = found.table.filter(pair=pair)
        best = {c.measure: _best(of_pair[c.measure], c.measure in LOWER_IS_BETTER) for c in COLUMNS}
        for row in of_pair.iter_rows(named=True):
            texts = [pair, row["encoder"], f"{row['n']:,}", str(row["dim"]), f"{row['memory_mb']:,.0f}"]
            marks = [False] * len(texts)
            for column in COLUMNS:
                value = row[column.measure]
                text = "-" if _unknown(value) else f"{value:,.{column.digits}f}"
                if column.measure == "p_at_1":
                    text += f" ({row['p_at_1_low']:.3f}-{row['p_at_1_high']:.3f})"
                texts.append(text)
                # With one encoder, or the same value for all, none is the best.
                marks.append(best[column.measure] is not None and value == best[column.measure])
            rows.append((texts, marks))
    return rows


def _best(values: pl.Series, low: bool) -> float | None:
    known = values.drop_nans().drop_nulls()
    if known.n_unique() < 2:
        return None
    return float(known.min() if low else known.max())  # type: ignore[arg-type]


def _titles() -> list[str]:
    return ["pair", "encoder", "n", "dim", "MiB", *(column.title for column in COLUMNS)]


def _show(found: Comparison, lines: list[str]) -> None:
    console = Console() if sys.stdout.isatty() else Console(width=200)
    grid = Grid(box=None, pad_edge=False)
    for i, title in enumerate(_titles()):
        grid.add_column(title, justify="left" if i < 2 else "right", no_wrap=i != 1, overflow="fold")
    for texts, marks in cells(found):
        grid.add_row(*(f"[bold green]{escape(t)}*[/]" if m else escape(t) for t, m in zip(texts, marks, strict=True)))
    console.print(grid)
    console.print(LEGEND, style="dim", markup=False, highlight=False)
    for line in lines:
        console.print(line, markup=False, highlight=False)


def _markdown(found: Comparison, lines: list[str]) -> str:
    titles = _titles()
    rows = [[f"**{t}**" if m else t for t, m in zip(texts, marks, strict=True)] for texts, marks in cells(found)]
    table = [titles, ["---"] * 2 + ["---:"] * (len(titles) - 2), *rows]
    body = "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in table)
    return "\n\n".join([body, LEGEND, *lines]) + "\n"


def _unknown(value: float | None) -> bool:
    return value is None or math.isnan(value)


def _finite(data: Any) -> Any:
    """NaN, which JSON does not have, as null."""
    if isinstance(data, dict):
        return {key: _finite(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_finite(value) for value in data]
    return None if isinstance(data, float) and math.isnan(data) else data


@cache
def register(app: typer.Typer) -> None:
    """Add the command `encoders`."""
    app.command("encoders")(encoders)
