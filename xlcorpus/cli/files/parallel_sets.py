"""Small parallel sets to measure encoders on: TSV files, pair tables and releases."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from xlcorpus import languages
from xlcorpus.errors import UserError
from xlcorpus.mining.evaluate.encoder_measures import LEAST_PAIRS
from xlcorpus.models.encoders.comparison import ParallelSet
from xlcorpus.step import SourceEnv
from xlcorpus.steps.read import formats
from xlcorpus.steps.read.reading import Reading

COLUMNS = ("src_lang", "tgt_lang", "src_text", "tgt_text")


def read_sets(given: Sequence[str], limit: int, seed: int = 0) -> list[ParallelSet]:
    """The sets that `--pairs` names.

    Args:
        given: `de-en=file.tsv` (source TAB target, also .gz, .bz2, .xz), or a Parquet file of pairs or the folder of a
            release, with all its language pairs.
        limit: most pairs of a set; of more a random sample.
        seed: of the sample.

    Raises:
        UserError: nothing there, not two columns, an empty side, one language, fewer than 10 pairs, one set twice.
    """
    frames = [frame for one in given for frame in _frames(one)]
    sets: dict[str, ParallelSet] = {}
    for where, frame in frames:
        whole = frame.unique(maintain_order=True)
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
        one = ParallelSet(src_lang, tgt_lang, whole["src_text"].to_list(), whole["tgt_text"].to_list())
        if one.pair in sets:
            raise UserError(f"{where}: {one.pair} is given twice; put the pairs into one file")
        sets[one.pair] = one
    return list(sets.values())


def _frames(given: str) -> list[tuple[str, pl.DataFrame]]:
    """(what to call it, the pairs) by language pair."""
    langs, equals, path = given.rpartition("=")
    if not equals:
        return _tables(Path(path))
    sides = langs.split("-")
    if len(sides) != 2:
        raise UserError(f"--pairs {given}: write the languages as source-target (de-en=file.tsv)")
    tags = [languages.parse(side) for side in sides]
    return [(path, _tsv(Path(path)).with_columns(src_lang=pl.lit(tags[0]), tgt_lang=pl.lit(tags[1])))]


def _tsv(path: Path) -> pl.DataFrame:
    unreadable: list[int] = []
    env = SourceEnv(kind="pair")
    env.reject = lambda rows, rule, value: unreadable.extend(rows["line"] if rule == "not_utf8" else ())
    rows = []
    for found in formats.rows(Reading(str(path), str(path), env), "text"):
        for line, text in zip(found.places, found.columns["text"], strict=True):
            sides = text.split("\t")
            if len(sides) != 2 or not all(side.strip() for side in sides):
                what = f"has {len(sides)} columns" if len(sides) != 2 else "has an empty side"
                raise UserError(f"{path}, line {line}: {what}; write source TAB target")
            rows.append(sides)
    if unreadable:
        raise UserError(f"{path}, line {unreadable[0]}: not UTF-8")
    if not rows:
        raise UserError(f"{path} is empty")
    return pl.DataFrame(rows, schema={"src_text": pl.String, "tgt_text": pl.String}, orient="row")


def _tables(path: Path) -> list[tuple[str, pl.DataFrame]]:
    if path.is_dir():
        files = [f for f in sorted(path.rglob("*.parquet")) if set(COLUMNS) <= set(pl.read_parquet_schema(f))]
        if not files:
            raise UserError(f"{path} holds no Parquet file of pairs (with the columns {', '.join(COLUMNS)})")
    elif path.suffix == ".parquet":
        files = [path]
    else:
        raise UserError(f"--pairs {path}: name its languages (de-en={path}), or give a Parquet file or a release")
    try:
        rows = pl.concat(pl.read_parquet(file, columns=list(COLUMNS)) for file in files)
    except (OSError, pl.exceptions.PolarsError) as problem:
        raise UserError(f"{path}: no Parquet table of pairs: {problem}") from problem
    parts = rows.partition_by("src_lang", "tgt_lang", maintain_order=True)
    return [(f"{path} ({part['src_lang'][0]}-{part['tgt_lang'][0]})", part) for part in parts]
