"""Whether the documents of a corpus are like those that the limits of its policy were derived from."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from xlcorpus.step import Table
from xlcorpus.steps.filter.policy import QUANTILES, Policy

SAMPLE = 300
"""Documents of each language that are measured, at most."""
MIN_DOCUMENTS = 30
"""Documents of a language, at least, for a verdict."""
OUTSIDE = 0.3
"""Share of the sample outside the 1 % and 99 % quantiles of the reference (2 % of the reference itself is) from which
on a corpus has drifted."""


def drifted(measured: Callable[[pl.DataFrame], pl.DataFrame], policy: Policy, table: Table) -> list[str]:
    """Warnings: languages that the policy has no entry for, and those whose measures are far from the reference's.

    Args:
        measured: adds the columns of `quality` to documents.
        policy: what the documents are judged by.
        table: the documents; rows of other kinds have no warnings.
    """
    if table.kind != "document":
        return []
    counts = table.scan().group_by("lang").len().collect()
    rows = dict(sorted(counts.iter_rows()))
    without = [f"{tag} ({n:,} rows)" for tag, n in rows.items() if tag not in policy.languages]
    found = [f"the policy has no limits for {', '.join(without)}: its default judged them"] if without else []
    for tag, entry in sorted(policy.languages.items()):
        reference = entry.reference
        if reference is None or rows.get(tag, 0) < MIN_DOCUMENTS:
            continue
        # The documents with the smallest hashes: drawn without holding those of a language in memory.
        sample = table.scan().filter(pl.col("lang") == tag).bottom_k(SAMPLE, by=pl.col("id").hash(0)).collect()
        measures = measured(sample)
        for name, quantiles in reference.quantiles.items():
            values = measures[f"quality_{name}"].drop_nulls().to_numpy()
            low, high = quantiles[0], quantiles[-1]
            outside = float(np.mean((values < low) | (values > high))) if len(values) else 0.0
            if outside >= OUTSIDE:
                median, of_reference = np.median(values), quantiles[QUANTILES.index(0.5)]
                found.append(
                    f"{tag} has drifted from the policy's reference: the median of {name} is {median:.3g} "
                    f"(there {of_reference:.3g}), {outside:.0%} of the rows lie outside of its 1 % to 99 %"
                )
    return found
