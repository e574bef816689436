"""The loop on text files, without a pipeline: what `xlcorpus criss` does."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import polars as pl

from xlcorpus import languages, records
from xlcorpus.cli.files.mine import sentence_rows, write_pairs
from xlcorpus.errors import UserError
from xlcorpus.step import CorpusEnv, Table
from xlcorpus.steps.mine.criss import ENCODER, Criss
from xlcorpus.steps.read.packed import open_bytes
from xlcorpus.whole_files import scratch_beside

Say = Callable[[str, bool], None]


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
        out: see `mine_files`; `tsv` and `moses` hold one pair of languages.
        form: one of `FORMATS`.
        step: how.
        lexicon, known: for a pair of languages (`de-en`) a file of source TAB target: words, or sentences.
        model: folder for the encoder; must not exist.
        seed: of everything drawn at random.
        say: takes what was measured on the way, and whether it is a warning.

    Raises:
        UserError: a file that is missing, empty or not UTF-8; fewer than two languages; the model's folder exists.
    """
    tags = {languages.parse(lang): path for lang, path in texts.items()}
    if len(tags) < 2 or len(tags) < len(texts):
        raise UserError(f"the loop needs files of two languages or more, not of {', '.join(texts) or 'none'}")
    if model is not None and model.exists():
        raise UserError(f"{model} exists already; give another folder, or remove it")
    if form != "parquet" and len(tags) > 2:
        raise UserError(f"{form} holds one pair of languages; take --out pairs.parquet for {len(tags)}")
    step.preflight()
    with scratch_beside(out) as scratch:
        inputs = {
            "rows": _table("sentence", pl.concat([sentence_rows(p, t, "criss") for t, p in tags.items()]), scratch)
        }
        for port, kind, files in (("lexicon", "lexicon", lexicon), ("known", "pair", known)):
            if files:
                inputs[port] = _table(kind, pl.concat([_two_columns(*f, kind) for f in files.items()]), scratch)
        env = CorpusEnv(kind="sentence", step="criss", seed=seed, scratch=scratch, keep=scratch / "kept", say=say)
        frames = list(step.run(inputs, env))
        pairs = records.finish(pl.concat(frames), "pair", "criss") if frames else _no_pairs()
        encoder = scratch / "kept" / ENCODER
        if model is not None and encoder.is_dir():
            model.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(encoder, model)
        if frames:
            (one, other), *_ = combinations(sorted(texts, key=languages.parse), 2)
            write_pairs(pairs, out, form, (one, other), scratch)
        lengths = {tag: inputs["rows"].scan().filter(lang=tag).select(pl.len()).collect().item() for tag in tags}
        return Released(lengths, pairs, model if model is not None and model.is_dir() else None)


def _no_pairs() -> pl.DataFrame:
    return pl.DataFrame(schema=records.polars_schema("pair"))


def _table(kind: str, rows: pl.DataFrame, scratch: Path) -> Table:
    path = scratch / f"input-{kind}.parquet"
    rows.write_parquet(path)
    return Table(kind, (path,))


def _two_columns(pair: str, path: Path, kind: str) -> pl.DataFrame:
    """A file of source TAB target as lexicon or pair records."""
    parts = pair.split("-")
    if len(parts) != 2:
        raise UserError(f"{pair}={path}: write the languages as source-target (de-en), not {pair!r}")
    try:
        with open_bytes(path) as file:
            lines = file.read().decode("utf8").splitlines()
    except (OSError, EOFError, UnicodeDecodeError) as problem:
        raise UserError(f"cannot read {path}: {problem}") from problem
    rows = [line.split("\t")[:2] for line in lines if line.strip()]
    short = next((number for number, row in enumerate(rows, 1) if len(row) < 2), None)
    if short is not None or not rows:
        raise UserError(f"{path}: line {short or 1} must be source TAB target")
    unit = "word" if kind == "lexicon" else "text"
    frame = pl.DataFrame(rows, schema=[f"src_{unit}", f"tgt_{unit}"], orient="row")
    return frame.with_columns(src_lang=pl.lit(languages.parse(parts[0])), tgt_lang=pl.lit(languages.parse(parts[1])))
