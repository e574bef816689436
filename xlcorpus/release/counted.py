"""What a release holds of what its steps gave, counted in the files that were written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import polars as pl

from xlcorpus import records
from xlcorpus.errors import XlcorpusError
from xlcorpus.ledger import LedgerEntry, merge
from xlcorpus.release.shards import RELEASE, Written
from xlcorpus.release_spec import ReleaseSpec


def release_entries(written: Sequence[Written], spec: ReleaseSpec, ledger: Sequence[LedgerEntry]) -> list[LedgerEntry]:
    """The ledger's entries of the release, all configs together, languages sorted.

    Args:
        written: the files of each config.
        spec: which steps each config is made of.
        ledger: what those steps gave.

    Raises:
        XlcorpusError: a config holds fewer or more rows of a language than its steps gave and a rule left out.
    """
    return merge(entry for one in written for entry in _config_entries(one, spec.tables[one.config], ledger))


def _config_entries(written: Written, steps: Sequence[str], ledger: Sequence[LedgerEntry]) -> list[LedgerEntry]:
    given: Counter[str] = Counter()
    for entry in (e for step in steps for e in ledger if e.step == step):
        given[entry.lang] += entry.rows_out
    held = _held(written)
    entries = []
    for lang in sorted({*given, *held, *(tag for tags in written.left_out.values() for tag in tags)}):
        rejected = {rule: tags[lang] for rule, tags in written.left_out.items() if tags.get(lang)}
        left_out = sum(rejected.values())
        if given[lang] != held.get(lang, 0) + left_out:
            raise XlcorpusError(
                f"config {written.config!r} holds {held.get(lang, 0):,} rows of {lang}, but {', '.join(steps)} gave "
                f"{given[lang]:,} and {left_out:,} are left out by a rule: rows were lost or added on the way"
            )
        if given[lang]:
            entries.append(LedgerEntry(RELEASE, lang, given[lang], held.get(lang, 0), 0, rejected))
    return entries


def _held(written: Written) -> dict[str, int]:
    """Rows in the files, by language."""
    if not written.rows:
        return {}
    lang = records.kind(written.kind).lang_expr().alias("lang")
    counts = written.scan().select(lang).group_by("lang").agg(rows=pl.len()).collect()
    return dict(counts.iter_rows())
