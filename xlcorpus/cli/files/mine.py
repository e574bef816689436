"""Mining two files (or their embeddings) without a pipeline: what `xlcorpus mine` does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import polars as pl

from xlcorpus import languages
from xlcorpus.cli.files.run_step import run_step
from xlcorpus.cli.files.texts import Say, sentences, sentences_of_lines
from xlcorpus.cli.files.write_pairs import write_pairs
from xlcorpus.errors import UserError
from xlcorpus.mining.search.vectors import Embeddings, open_vectors
from xlcorpus.step import RowEnv
from xlcorpus.steps.embed.embed import Embed
from xlcorpus.steps.mine.mine import Mine

BATCH = 10_000


@dataclass(frozen=True)
class TextFile:
    """One side: sentences, one a line, their language as the user wrote it, and their vectors if they exist already."""

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
    say: Say = lambda text, warning: None,
) -> tuple[int, int, int]:
    """Mine two files and write the pairs, best score first.

    Args:
        src, tgt: the two sides. Vectors belong to the lines of a text file, one each, also to blank lines.
        out, form: see `write_pairs`.
        step: how to mine; its `pairs` does not matter.
        encoder: embeds the side that has no vectors.
        dim, dtype: of raw vector files.
        say: takes what is left out and what was measured on the way, and whether it is a warning.

    Returns:
        Source sentences, target sentences, pairs.

    Raises:
        UserError: a file that is missing, damaged or holds no text; vectors that do not fit; both sides one file.
    """
    if src.path.resolve() == tgt.path.resolve():
        raise UserError(f"source and target are the same file, {src.path}")
    tags = languages.parse(src.lang), languages.parse(tgt.lang)
    if tags[0] == tags[1]:
        raise UserError(f"source and target have the same language, {src.lang}")
    one_pair = step.model_copy(update={"pairs": ["-".join(tags)]})
    sides = [_sentences(side, dim, dtype, say) for side in (src, tgt)]
    frames = chain.from_iterable(_embedded(*side, encoder) for side in sides)
    with run_step(one_pair, {"rows": ("sentence", frames)}, out, say) as mined:
        write_pairs(mined.rows, out, form, (src.lang, tgt.lang))
        return sides[0][0].height, sides[1][0].height, mined.rows.height


def _sentences(side: TextFile, dim: int | None, dtype: str, say: Say) -> tuple[pl.DataFrame, Embeddings | None]:
    """The sentences of a file, and the vectors of its lines if it has any."""
    if side.vectors is None:
        return sentences(side.path, side.lang, say), None
    rows, lines = sentences_of_lines(side.path, side.lang, say)
    return rows, open_vectors(side.vectors, dim=dim, count=lines, dtype=None if dtype == "auto" else dtype)


def _embedded(rows: pl.DataFrame, vectors: Embeddings | None, encoder: Embed) -> Iterator[pl.DataFrame]:
    """The sentences with `embedding`, some at a time: the file of vectors may not fit into memory."""
    parts = (rows[start : start + BATCH] for start in range(0, rows.height, BATCH))
    if vectors is not None:
        for part in parts:
            values = vectors[part["position"].to_numpy()].astype("float32")
            yield part.with_columns(pl.Series("embedding", values, dtype=pl.Array(pl.Float32, values.shape[1])))
        return
    env = RowEnv(kind="sentence")
    env.loaded = encoder.open(env)
    for part in parts:
        yield encoder.apply(part, env)
