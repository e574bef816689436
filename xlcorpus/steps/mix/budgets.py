"""How much of each language is wanted: from options, a file or a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from xlcorpus.errors import UserError, nearest
from xlcorpus.steps.mix.proportions import by_temperature

SEVERAL = 5
"""Languages named in a message."""


def budget_table(rows: pl.DataFrame, where: str) -> dict[str, float]:
    """Budgets by language from the columns `name` and `budget`.

    Args:
        rows: with these columns, and others.
        where: the table, for messages.

    Raises:
        UserError: a column is missing, a budget is no number of 0 or more, a name stands twice.
    """
    for column in ("name", "budget"):
        if column not in rows.columns:
            raise UserError(f"{where} needs the columns name and budget; it has {', '.join(rows.columns)}")
    told = rows.select(
        name=pl.col("name").cast(pl.String).str.strip_chars(), budget=pl.col("budget").cast(pl.Float64, strict=False)
    )
    for name, budget in told.iter_rows():
        if name is None or budget is None or not 0 <= budget < np.inf:
            raise UserError(f"{where}: the budget of {name or 'a row without name'} is no number of 0 or more")
    twice = told.filter(pl.col("name").is_duplicated())
    if twice.height:
        raise UserError(f"{where}: {twice['name'][0]} has two budgets")
    return dict(told.iter_rows())


def budget_file(path: Path) -> dict[str, float]:
    """Budgets of a CSV, TSV or Parquet file; see `budget_table`.

    Raises:
        UserError: no such file, or not in that form.
    """
    try:
        if path.suffix == ".parquet":
            rows = pl.read_parquet(path)
        else:
            rows = pl.read_csv(path, separator="\t" if path.suffix == ".tsv" else ",", infer_schema=False)
    except (OSError, pl.exceptions.PolarsError) as problem:
        raise UserError(f"budgets: {path} cannot be read as a table: {problem}") from None
    return budget_table(rows, f"budgets: {path}")


def check_names(named: Mapping[str, object], there: Sequence[str], option: str) -> None:
    """Check that there is something of each language that an option names.

    Raises:
        UserError: of one there is no row.
    """
    for name in named:
        if name not in there:
            known = nearest(name, there) if there else "there are no rows at all"
            raise UserError(f"{option}: there is no row of {name}; {known} `short: all` goes on without it")


def with_shares(base: Mapping[str, float], shares: Mapping[str, float], size: float) -> dict[str, float]:
    """Amounts of a size: the named languages their shares of it, the others the rest in the proportions of `base`.

    Args:
        base: amounts of all languages; only their proportions count.
        shares: by language, at most 1 together.
        size: of the whole.
    """
    others = [name for name in base if name not in shares]
    rest = by_temperature([base[name] for name in others], size * max(0.0, 1 - sum(shares.values())), 1)
    return {name: size * share for name, share in shares.items()} | dict(zip(others, rest.tolist(), strict=True))


def check_enough(wanted: Mapping[str, float], there: Mapping[str, float], unit: str) -> None:
    """Check that every language holds its budget.

    Raises:
        UserError: some do not.
    """
    short = too_small(wanted, there)
    if not short:
        return
    shown = [f"{name} {there.get(name, 0):,.0f} of {wanted[name]:,.0f}" for name in short[:SEVERAL]]
    more = f" and {len(short) - SEVERAL} more languages" if len(short) > SEVERAL else ""
    factor = min(there.get(name, 0) / wanted[name] for name in short)
    raise UserError(
        f"there is too little: {', '.join(shown)}{more}, in {unit}. `short: repeat` repeats rows, `short: all` takes "
        f"what there is; in these proportions there is enough for {factor * sum(wanted.values()):,.0f} altogether"
    )


def too_small(wanted: Mapping[str, float], there: Mapping[str, float]) -> list[str]:
    """The languages of which there is less than wanted, those that lack most first."""
    # Budgets come from divisions: a millionth of a row is nothing.
    lacking = {name: there.get(name, 0) / w for name, w in wanted.items() if w > there.get(name, 0) * (1 + 1e-9) + 1e-6}
    return sorted(lacking, key=lambda name: (lacking[name], name))
