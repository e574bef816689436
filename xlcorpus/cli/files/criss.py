"""The loop on text files, without a pipeline: what `xlcorpus criss` does."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from xlcorpus import languages
from xlcorpus.cli.files.pairs import language_pair, read_lexicon, read_pairs
from xlcorpus.cli.files.run_step import Input, run_step
from xlcorpus.cli.files.texts import Say, sentences
from xlcorpus.cli.files.write_pairs import write_pairs
from xlcorpus.errors import UserError
from xlcorpus.steps.mine.criss import ENCODER, Criss


@dataclass(frozen=True)
class Released:
    """What came of it."""

    sentences: Mapping[str, int]
    """by language"""
    pairs: pl.DataFrame
    """pair records"""
    encoder: Path | None
    """where the encoder is, if one was asked for and trained"""


def criss_files(
    texts: Mapping[str, Path],
    out: Path,
    form: str,
    step: Criss,
    lexicon: Mapping[str, Path],
    known: Mapping[str, Path],
    model: Path | None = None,
    seed: int = 0,
    say: Say = lambda text, warning: None,
) -> Released:
    """Run the loop on files with a sentence a line, and write pairs and encoder.

    Args:
        texts: a file for each language.
        out, form: see `write_pairs`; `tsv` and `moses` hold one pair of languages.
        step: how.
        lexicon, known: for a pair of languages (`de-en`) a file of source TAB target: words, or sentences; see
            `read_lexicon`, `read_pairs`.
        model: folder for the encoder; must not exist.
        seed: of everything drawn at random.
        say: takes what is left out and what was measured on the way, and whether it is a warning.

    Raises:
        UserError: a file that is missing, damaged or holds no text; fewer than two languages; the model's folder
            exists.
    """
    tags = {lang: languages.parse(lang) for lang in texts}
    if len(tags) < 2 or len(set(tags.values())) < len(tags):
        raise UserError(f"the loop needs files of two languages or more, not of {', '.join(texts) or 'none'}")
    if model is not None and model.exists():
        raise UserError(f"{model} exists already; give another folder, or remove it")
    if form != "parquet" and len(tags) > 2:
        raise UserError(f"{form} holds one pair of languages; take --out pairs.parquet for {len(tags)}")
    rows = {tags[lang]: sentences(path, lang, say) for lang, path in texts.items()}
    inputs: dict[str, Input] = {"rows": ("sentence", rows.values())}
    if lexicon:
        words = [read_lexicon(path, *_pair(pair, path), say) for pair, path in lexicon.items()]
        inputs["lexicon"] = ("lexicon", words)
    if known:
        pairs = [read_pairs([path], *_pair(pair, path), say=say) for pair, path in known.items()]
        inputs["known"] = ("pair", pairs)
    with run_step(step, inputs, out, say, seed) as made:
        encoder = made.kept / ENCODER
        if model is not None and encoder.is_dir():
            model.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(encoder, model)
        if made.rows.height:
            one, other = sorted(tags, key=tags.__getitem__)[:2]
            write_pairs(made.rows, out, form, (one, other))
        lengths = {tag: frame.height for tag, frame in rows.items()}
        return Released(lengths, made.rows, model if model is not None and model.is_dir() else None)


def _pair(written: str, path: Path) -> tuple[str, str]:
    return language_pair(written, f"{written}={path}")
