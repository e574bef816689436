"""Small parallel sets to measure encoders on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from xlcorpus.cli.files.pairs import language_pair, read_pairs
from xlcorpus.cli.files.texts import Say
from xlcorpus.errors import UserError
from xlcorpus.mining.evaluate.encoder_measures import LEAST_PAIRS
from xlcorpus.models.encoders.comparison import ParallelSet


def read_sets(
    given: Sequence[str], limit: int, seed: int = 0, say: Say = lambda text, warning: None
) -> list[ParallelSet]:
    """The sets that `--pairs` names.

    Args:
        given: `de-en=file`, or what names its languages itself (a Parquet file of pairs, the folder of a release), with
            all its language pairs; files as `read_pairs` reads them.
        limit: most pairs of a set; of more a random sample.
        seed: of the sample.
        say: takes what is left out, and whether it is a warning.

    Raises:
        UserError: nothing there, one language, fewer than 10 pairs, one set twice.
    """
    sets: dict[str, ParallelSet] = {}
    for one in given:
        for where, frame in _frames(one, say):
            found = _set(where, frame, limit, seed)
            if found.pair in sets:
                raise UserError(f"{where}: {found.pair} is given twice; put the pairs into one file")
            sets[found.pair] = found
    return list(sets.values())


def _frames(given: str, say: Say) -> list[tuple[str, pl.DataFrame]]:
    """(what to call it, the pairs) by language pair."""
    langs, equals, path = given.partition("=")
    if Path(given).exists() or not equals:
        rows = read_pairs([Path(given)], say=say, ask=f"name its languages (de-en={given})")
        parts = rows.partition_by("src_lang", "tgt_lang", maintain_order=True)
        return [(f"{given} ({part['src_lang'][0]}-{part['tgt_lang'][0]})", part) for part in parts]
    rows = read_pairs([Path(path)], *language_pair(langs, f"--pairs {given}"), say=say)
    return [(path, part) for part in rows.partition_by("src_lang", "tgt_lang", maintain_order=True)]


def _set(where: str, rows: pl.DataFrame, limit: int, seed: int) -> ParallelSet:
    """The different pairs of one pair of languages, or a sample of them."""
    whole = rows.unique(maintain_order=True)
    src_lang, tgt_lang = whole["src_lang"][0], whole["tgt_lang"][0]
    if src_lang == tgt_lang:
        raise UserError(f"{where}: both sides are {src_lang}; a pair has two languages")
    same = whole.filter(pl.col("src_text") == pl.col("tgt_text")).height
    if same > whole.height / 2:
        raise UserError(f"{where}: source and target are the same text in {same} of {whole.height} pairs")
    if whole.height < LEAST_PAIRS:
        raise UserError(
            f"{where}: {whole.height} different pairs are too few to measure an encoder on; "
            f"at least {LEAST_PAIRS}, better some hundreds"
        )
    if whole.height > limit:
        whole = whole[np.sort(np.random.default_rng(seed).permutation(whole.height)[:limit])]
    return ParallelSet(src_lang, tgt_lang, whole["src_text"].to_list(), whole["tgt_text"].to_list())
