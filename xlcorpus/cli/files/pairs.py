"""Parallel text and lexicons from files, without a pipeline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from xlcorpus import languages
from xlcorpus.cli.files.texts import Say, read_unit, unit_of
from xlcorpus.errors import UserError
from xlcorpus.step import SourceEnv, Unit
from xlcorpus.steps.read import formats
from xlcorpus.steps.read.formats import separated
from xlcorpus.steps.read.formats.text import without_empty
from xlcorpus.steps.read.packed import CODECS
from xlcorpus.steps.read.reading import Reading, batches

TEXTS = ("src_text", "tgt_text")
WORDS = ("src_word", "tgt_word")
LANGS = ("src_lang", "tgt_lang")

Sides = tuple[str, str]
"""Names of the columns of source and target in a file, `TEXTS` or `WORDS`; rows are read as pairs."""


def read_pairs(
    paths: Sequence[Path],
    src_lang: str | None = None,
    tgt_lang: str | None = None,
    say: Say = lambda text, warning: None,
    ask: str = "give --src-lang and --tgt-lang",
) -> pl.DataFrame:
    """The pairs of some files, one after the other.

    Args:
        paths: each a TSV file (source, target; or score, source, target, as `xlcorpus mine` writes), a Parquet, Arrow,
            CSV or JSON Lines file with the columns `src_text` and `tgt_text`, a TMX file, the folder of a release, or
            what two text files have in common before their language (`train` for `train.de` and `train.en`, also
            with .gz, .bz2, .xz, .zst).
        src_lang, tgt_lang: the languages of files that do not name them in `src_lang` and `tgt_lang`; of a TMX file
            those to read.
        say: takes what is left out, and whether it is a warning.
        ask: what a user does about a file without languages.

    Returns:
        `src_text`, `tgt_text`, and `src_lang`, `tgt_lang` as tags.

    Raises:
        UserError: a file that is missing, damaged or holds no pairs; a language nobody gave.
    """
    langs = None if src_lang is None or tgt_lang is None else (src_lang, tgt_lang)
    return pl.concat([_parallel(path, langs, TEXTS, say, ask) for path in paths])


def read_lexicon(path: Path, src_lang: str, tgt_lang: str, say: Say) -> pl.DataFrame:
    """The entries of a lexicon: TSV (word, translation; more columns do not matter), or as `read_pairs` reads pairs.

    Returns:
        `src_word`, `tgt_word`, and `src_lang`, `tgt_lang` as tags.

    Raises:
        UserError: as `read_pairs`.
    """
    rows = _parallel(path, (src_lang, tgt_lang), WORDS, say)
    return rows.rename(dict(zip(TEXTS, WORDS, strict=True)))


def language_pair(written: str, given: str) -> tuple[str, str]:
    """The two languages of `de-en`.

    Args:
        written: as the user wrote them.
        given: the whole argument, for the message.

    Raises:
        UserError: they are not two.
    """
    parts = written.split("-")
    if len(parts) != 2 or not all(parts):
        raise UserError(f"{given}: write the languages as source-target (de-en), not {written!r}")
    return parts[0], parts[1]


def _parallel(path: Path, langs: tuple[str, str] | None, sides: Sides, say: Say, ask: str = "") -> pl.DataFrame:
    """The rows of one path that have text on both sides, as texts and languages."""
    tags = None if langs is None else [languages.parse(lang) for lang in langs]
    if tags is not None and tags[0] == tags[1]:
        raise UserError(f"source and target have the same language, {tags[0]}")
    if path.is_dir():
        frames = [_file(shard, langs, sides, say, ask) for shard in _shards(path, sides)]
    elif path.exists() and not path.is_file():
        raise UserError(f"{path} is a pipe or device; write a file, which can be read twice")
    elif langs is not None and not path.exists() and any(found := [_side(path, lang) for lang in langs]):
        frames = [_two_files(path, langs, found, say)]
    else:
        frames = [_file(path, langs, sides, say, ask)]
    rows = pl.concat(frames)
    whole = rows.filter(pl.all_horizontal(pl.col(text).str.strip_chars() != "" for text in TEXTS))
    if whole.height < rows.height:
        say(f"{path}: {rows.height - whole.height:,} pairs with an empty side are left out", True)
    if not whole.height:
        raise UserError(f"{path} holds no pairs")
    return whole


def _shards(folder: Path, sides: Sides) -> list[Path]:
    """The Parquet files of a release that hold parallel text."""
    wanted = {*sides, *LANGS}
    shards = sorted((folder / "data").glob("*/*.parquet"))
    found = [shard for shard in shards if wanted <= _columns(shard, "parquet", False)]
    if not found:
        raise UserError(f"{folder} is no release with pairs: no data/*/*.parquet there has {', '.join(sorted(wanted))}")
    return found


def _side(path: Path, lang: str) -> Path | None:
    """The text file of one side: `path.lang`, perhaps compressed."""
    names = [path.with_name(f"{path.name}.{lang}{packed}") for packed in ("", *CODECS)]
    return next((name for name in names if name.is_file()), None)


def _two_files(path: Path, langs: tuple[str, str], found: Sequence[Path | None], say: Say) -> pl.DataFrame:
    """Two text files line by line."""
    src, tgt = found
    if src is None or tgt is None:
        raise UserError(f"no file {path}.{langs[0 if src is None else 1]} beside that of the other language")
    unit = replace(unit_of(src, *langs), name=f"{src} + {tgt}", partner=str(tgt))
    return _rows(unit, langs, "text", say)


def _file(path: Path, langs: tuple[str, str] | None, sides: Sides, say: Say, ask: str) -> pl.DataFrame:
    """The rows of one file; the languages that it names count before those that are given."""
    try:
        unit = unit_of(path)
    except UserError as problem:
        raise UserError(
            f"no file or folder {path}; for two text files {path}.<language>, write the languages as in their names"
        ) from problem
    form = formats.format_of(path)
    form = "tsv" if form == "text" else form
    mapped = {} if form == "tmx" or sides == TEXTS else dict(zip(TEXTS, sides, strict=True))
    header, columns = _cells(unit, sides) if form == "tsv" else (form == "csv", mapped)
    named = (header or form != "tsv") and set(LANGS) <= _columns(unit.path, form, header)
    if langs is None and not named:
        raise UserError(f"{path} does not name the languages of its pairs: {ask}")
    if langs is None or (named and form != "tmx"):
        return _rows(unit, None, form, say, header, columns)
    return _rows(unit_of(unit.path, *langs), langs, form, say, header, columns)


def _rows(
    unit: Unit,
    langs: tuple[str, str] | None,
    form: str,
    say: Say,
    header: bool = False,
    columns: dict[str, str] | None = None,
) -> pl.DataFrame:
    named = {} if langs is None else {column: [lang] for column, lang in zip(LANGS, langs, strict=True)}
    what = "pairs; three columns must be score, source, target" if "score" in (columns or {}) else "pairs"
    rows, _ = read_unit(unit, named, "pair", form, say, what, header, columns)
    return rows.select(*TEXTS, *LANGS)


def _columns(path: Path, form: str, header: bool) -> set[str]:
    """The columns of the first rows of a file."""
    reading = Reading(str(path), str(path), SourceEnv(kind="pair"), "pair", header=header)
    first = next(formats.rows(reading, form), None)
    return set() if first is None else set(first.columns)


def _cells(unit: Unit, sides: Sides) -> tuple[bool, dict[str, str]]:
    """Whether the first line of a TSV file names its columns, and which are meant.

    Raises:
        UserError: the lines have no tab, or for texts neither two nor three columns.
    """
    numbered = dict(zip(TEXTS, ("1", "2"), strict=True))
    reading = Reading(str(unit.path), unit.name, SourceEnv(kind="pair"), "pair", needs=tuple(numbered.values()))
    with reading.open() as file:
        frames = (without_empty(reading, *block) for block in batches(reading.lines(file, "tsv")))
        lines = next((frame["text"] for frame in frames if frame.height), None)
    if lines is None:  # reading tells why
        return False, numbered
    if set(sides) <= {name.strip() for name in lines[0].split("\t")}:
        return True, dict(zip(TEXTS, sides, strict=True))
    counts = Counter((lines.head(separated.SAMPLE).str.count_matches("\t", literal=True) + 1).to_list())
    if max(counts) == 1:
        raise UserError(f"{unit.name}: no line has a tab; write source TAB target, or give Parquet, CSV, JSONL or TMX")
    width = separated.usual(reading, counts)
    if sides == TEXTS and width not in (2, 3):
        raise UserError(f"{unit.name} has {width} columns, not two (source, target) or three (score, source, target)")
    return False, {"score": "1", TEXTS[0]: "2", TEXTS[1]: "3"} if sides == TEXTS and width == 3 else numbered
