"""Mining two text files (or their embeddings) without a pipeline: what `xlcorpus mine` does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from xlcorpus import languages, records
from xlcorpus.errors import UserError
from xlcorpus.mining.search.vectors import open_vectors
from xlcorpus.step import CorpusEnv, RowEnv, Table
from xlcorpus.steps.embed.embed import Embed
from xlcorpus.steps.mine.mine import Mine
from xlcorpus.steps.read.packed import open_bytes
from xlcorpus.whole_files import scratch_beside

BATCH = 10_000
FORMATS = ("parquet", "tsv", "moses")


@dataclass(frozen=True)
class TextFile:
    """One side: sentences, one a line, their language, and their vectors if they exist already."""

    path: Path
    lang: str
    vectors: Path | None = None


def mine_files(
    src: TextFile,
    tgt: TextFile,
    out: Path,
    form: str,
    step: Mine,
    encoder: Embed,
    dim: int | None = None,
    dtype: str = "auto",
    say: Callable[[str, bool], None] = lambda text, warning: None,
) -> tuple[int, int, int]:
    """Mine two files and write the pairs, best score first.

    Args:
        src, tgt: the two sides.
        out: for `parquet` and `tsv` (score, source, target) the file; for `moses` what `.<lang>` and `.scores` are
            added to. Nothing stands there until it is whole.
        form: one of `FORMATS`.
        step: how to mine; its `pairs` does not matter.
        encoder: embeds the side that has no vectors.
        dim, dtype: of raw vector files.
        say: takes what was measured on the way, and whether it is a warning.

    Returns:
        Source sentences, target sentences, pairs.

    Raises:
        UserError: a file that is missing, empty or not UTF-8; vectors that do not fit; both sides one file.
    """
    if src.path.resolve() == tgt.path.resolve():
        raise UserError(f"source and target are the same file, {src.path}")
    if languages.parse(src.lang) == languages.parse(tgt.lang):
        raise UserError(f"source and target have the same language, {src.lang}")
    step.preflight()
    with scratch_beside(out) as scratch:
        shards = [path for side in (src, tgt) for path in _embedded(side, encoder, dim, dtype, scratch)]
        tags = (languages.parse(src.lang), languages.parse(tgt.lang))
        one_pair = step.model_copy(update={"pairs": ["-".join(tags)]})
        env = CorpusEnv(kind="sentence", step="mine", scratch=scratch, keep=scratch / "kept", say=say)
        frames = list(one_pair.run({"rows": Table("sentence", tuple(shards))}, env))
        pairs = records.finish(pl.concat(frames), "pair", "mine")
        write_pairs(pairs, out, form, (src.lang, tgt.lang), scratch)
        lengths = [pl.scan_parquet(shards).filter(lang=tag).select(pl.len()).collect().item() for tag in tags]
        return lengths[0], lengths[1], pairs.height


def _embedded(side: TextFile, encoder: Embed, dim: int | None, dtype: str, scratch: Path) -> list[Path]:
    """Sentences with their vectors as Parquet shards in the scratch folder."""
    tag = languages.parse(side.lang)
    rows = sentence_rows(side.path, tag)
    texts = rows["text"]
    embed: Callable[[pl.DataFrame, int], pl.DataFrame]
    if side.vectors is None:
        env = RowEnv(kind="sentence")
        env.loaded = encoder.open(env)

        def embed(part: pl.DataFrame, start: int) -> pl.DataFrame:
            return encoder.apply(part, env)
    else:
        vectors = open_vectors(side.vectors, dim=dim, count=len(texts), dtype=None if dtype == "auto" else dtype)

        def embed(part: pl.DataFrame, start: int) -> pl.DataFrame:
            values = vectors[start : start + part.height].astype("float32")
            return part.with_columns(pl.Series("embedding", values, dtype=pl.Array(pl.Float32, values.shape[1])))

    shards = []
    for start in range(0, len(texts), BATCH):
        shards.append(scratch / f"rows-{tag}-{start:09d}.parquet")
        embed(rows[start : start + BATCH], start).write_parquet(shards[-1])
    return shards


def sentence_rows(path: Path, tag: str, step: str = "mine") -> pl.DataFrame:
    """The lines of a text file as sentence records.

    Raises:
        UserError: the file is missing, empty or not UTF-8.
    """
    texts = _lines(path)
    rows = pl.DataFrame({"text": texts, "document_id": str(path), "position": range(len(texts))}).with_columns(
        lang=pl.lit(tag), source=pl.lit(path.name), license=pl.lit(None, dtype=pl.String)
    )
    return records.finish(rows, "sentence", step)


def _lines(path: Path) -> list[str]:
    try:
        with open_bytes(path) as file:
            content = file.read()
    except (OSError, EOFError) as problem:
        raise UserError(f"cannot read {path}: {problem}") from problem
    lines = content.removesuffix(b"\n").split(b"\n")
    if not content.strip():
        raise UserError(f"{path} is empty")
    try:
        return [line.removesuffix(b"\r").decode("utf8") for line in lines]
    except UnicodeDecodeError:
        number = next(i for i, line in enumerate(lines, 1) if line.decode("utf8", "replace").encode() != line)
        raise UserError(f"{path}, line {number}: not UTF-8") from None


def write_pairs(pairs: pl.DataFrame, out: Path, form: str, langs: tuple[str, str], scratch: Path) -> None:
    """Write the pairs in the scratch folder and move them to their names when all is written."""
    clean = pairs.with_columns(pl.col("src_text", "tgt_text").str.replace_all(r"[\t\r\n]", " "))
    if form == "parquet":
        files = {out: scratch / "out.parquet"}
        pairs.write_parquet(scratch / "out.parquet", compression="zstd")
    elif form == "tsv":
        files = {out: scratch / "out.tsv"}
        columns = [pl.col("score").round(6), "src_text", "tgt_text"]
        clean.select(columns).write_csv(scratch / "out.tsv", separator="\t", include_header=False, quote_style="never")
    else:
        files = {}
        for name, column in ((langs[0], "src_text"), (langs[1], "tgt_text"), ("scores", "score")):
            files[Path(f"{out}.{name}")] = scratch / f"out.{name}"
            lines = clean.select(column)
            lines.write_csv(scratch / f"out.{name}", include_header=False, quote_style="never")
    for final, temporary in files.items():
        temporary.replace(final)
