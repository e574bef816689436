"""Parallel text from files, without a pipeline: what `xlcorpus train` learns from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from xlcorpus import languages
from xlcorpus.errors import UserError
from xlcorpus.step import SourceEnv
from xlcorpus.steps.read import formats
from xlcorpus.steps.read.found import Found
from xlcorpus.steps.read.packed import CODECS, open_bytes
from xlcorpus.steps.read.reading import Reading

COLUMNS = ["src_text", "tgt_text", "src_lang", "tgt_lang"]
TEXTS = COLUMNS[:2]
Say = Callable[[str, bool], None]


def read_pairs(
    paths: Sequence[Path],
    src_lang: str | None = None,
    tgt_lang: str | None = None,
    say: Say = lambda text, warning: None,
) -> pl.DataFrame:
    """The pairs of some files, one after the other.

    Args:
        paths: each a TSV file (source, target; or score, source, target, as `xlcorpus mine` writes), a Parquet, CSV or
            JSON Lines file with the columns `src_text` and `tgt_text`, the folder of a release, or what two text files
            have in common before their language (`train` for `train.de` and `train.en`, also with .gz, .bz2, .xz).
        src_lang, tgt_lang: the languages of files that do not name them in `src_lang` and `tgt_lang`.
        say: takes what was left out, and whether it is a warning.

    Returns:
        `src_text`, `tgt_text`, and `src_lang`, `tgt_lang` as tags.

    Raises:
        UserError: a file that is missing, damaged or holds no pairs; a language nobody gave.
    """
    given = None
    if src_lang is not None and tgt_lang is not None:
        given = (languages.parse(src_lang), languages.parse(tgt_lang))
        if given[0] == given[1]:
            raise UserError(f"source and target have the same language, {given[0]}")
    frames = []
    for path in paths:
        langs = (src_lang or "", tgt_lang or "")
        pairs = _with_languages(pl.concat(list(_frames(path, langs, say)), how="diagonal"), path, given)
        empty = pl.any_horizontal(pl.col(c).is_null() | (pl.col(c).str.strip_chars() == "") for c in TEXTS)
        whole = pairs.filter(~empty)
        if whole.height < pairs.height:
            say(f"{path}: {pairs.height - whole.height:,} pairs with an empty side are left out", True)
        if not whole.height:
            raise UserError(f"{path} holds no pairs")
        frames.append(whole)
    return pl.concat(frames)


def _frames(path: Path, langs: tuple[str, str], say: Say) -> Iterator[pl.DataFrame]:
    """Frames of one path, with the columns of texts and perhaps of languages."""
    if path.is_dir():
        yield from _release(path)
    elif path.is_file():
        yield _file(path, say)
    elif all(langs) and (sides := [_side(path, lang) for lang in langs]) != [None, None]:
        yield _moses(path, langs, sides)
    else:
        raise UserError(
            f"no file or folder {path}; for two text files {path}.<language>, name them by --src-lang and --tgt-lang "
            "as in the names of the files"
        )


def _release(folder: Path) -> Iterator[pl.DataFrame]:
    shards = sorted((folder / "data").glob("*/*.parquet"))
    with_pairs = [shard for shard in shards if set(COLUMNS) <= set(pl.read_parquet_schema(shard))]
    if not with_pairs:
        raise UserError(f"{folder} is no release with pairs: no data/*/*.parquet there has {', '.join(COLUMNS)}")
    for shard in with_pairs:
        yield pl.read_parquet(shard, columns=COLUMNS)


def _file(path: Path, say: Say) -> pl.DataFrame:
    """The rows of a file; a TSV without names gets them."""
    refused: dict[str, int] = {}

    def reject(rows: pl.DataFrame, rule: str, measure: pl.Expr) -> None:
        refused[rule] = refused.get(rule, 0) + rows.height

    form = formats.format_of(path)
    if form == "text":
        raise UserError(f"{path}: pairs are read from TSV, Parquet, CSV or JSON Lines, not from text files")
    header = form == "csv" or (form == "tsv" and _names_columns(path))
    reading = Reading(str(path), str(path), SourceEnv(kind="pair", reject=reject), "pair", header=header)
    found = [_as_frame(part) for part in formats.rows(reading, form)]
    for rule, n in refused.items():
        say(f"{path}: {n:,} lines are left out ({rule})", True)
    if not found:
        raise UserError(f"{path} holds no pairs")
    rows = pl.concat(found, how="diagonal_relaxed")
    if form == "tsv" and not header:
        columns = [c for c in rows.columns if c != "_line"]
        if len(columns) not in (2, 3):
            raise UserError(f"{path} has {len(columns)} columns, not two (source, target) or three (score, ...)")
        rows = rows.rename(dict(zip(columns[-2:], TEXTS, strict=True)))
    missing = next((c for c in TEXTS if c not in rows.columns), None)
    if missing:
        have = ", ".join(c for c in rows.columns if c != "_line")
        raise UserError(f"{path} has no column {missing!r} (it has {have})")
    return rows.select(c for c in COLUMNS if c in rows.columns)


def _names_columns(path: Path) -> bool:
    """Whether the first line of a TSV file names its columns."""
    with open_bytes(path) as file:
        names = file.readline().decode("utf8", "replace").rstrip("\r\n").removeprefix("\ufeff").split("\t")
    return set(TEXTS) <= set(names)


def _side(path: Path, lang: str) -> Path | None:
    """The text file of one side: `path.lang`, perhaps compressed."""
    names = [path.with_name(f"{path.name}.{lang}{packed}") for packed in ("", *CODECS)]
    return next((name for name in names if name.is_file()), None)


def _moses(path: Path, langs: tuple[str, str], sides: list[Path | None]) -> pl.DataFrame:
    lines = []
    for side, lang in zip(sides, langs, strict=True):
        if side is None:
            raise UserError(f"no file {path}.{lang} beside that of the other language")
        with open_bytes(side) as file:
            try:
                lines.append(file.read().decode("utf8").removesuffix("\n").split("\n"))
            except UnicodeDecodeError as problem:
                raise UserError(f"{side}: not UTF-8 ({problem})") from None
            except (OSError, EOFError) as problem:
                raise UserError(f"cannot read {side}: {problem}") from problem
    if len(lines[0]) != len(lines[1]):
        raise UserError(f"{sides[0]} has {len(lines[0]):,} lines, {sides[1]} {len(lines[1]):,}: they are not parallel")
    return pl.DataFrame(dict(zip(TEXTS, lines, strict=True)))


def _with_languages(pairs: pl.DataFrame, path: Path, given: tuple[str, str] | None) -> pl.DataFrame:
    """Languages as tags: the file's own, or those that were given."""
    for column, position in (("src_lang", 0), ("tgt_lang", 1)):
        if column not in pairs.columns:
            if given is None:
                raise UserError(f"{path} does not name the languages of its pairs: give --src-lang and --tgt-lang")
            pairs = pairs.with_columns(pl.lit(given[position]).alias(column))
            continue
        names = pairs[column].unique().to_list()
        if None in names:
            raise UserError(f"{path}: {column} is empty in {pairs[column].null_count():,} rows")
        tags = {name: languages.parse(name) for name in names}
        pairs = pairs.with_columns(pl.col(column).replace_strict(tags, return_dtype=pl.String))
    return pairs.select(COLUMNS)


def _as_frame(found: Found) -> pl.DataFrame:
    """The rows as a frame with the 0-based line in `_line`; integers beyond 64 bits as text."""
    columns = {
        n: c if isinstance(c, pl.Series) else pl.Series(n, _bounded(c), strict=False) for n, c in found.columns.items()
    }
    return pl.DataFrame({n: c.alias(n) for n, c in columns.items()}).with_columns((found.places - 1).alias("_line"))


def _bounded(values: list[Any]) -> list[Any]:
    long = any(isinstance(v, int) and not -(1 << 63) <= v < 1 << 63 for v in values)
    return [str(v) if isinstance(v, int) else v for v in values] if long else values
