"""Aligning two files without a pipeline: what `xlcorpus align` does."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from xlcorpus import languages, records
from xlcorpus.cli.files.run_step import run_step
from xlcorpus.cli.files.texts import Say, documents, sentences
from xlcorpus.cli.files.write_pairs import write_pairs
from xlcorpus.errors import UserError, XlcorpusError
from xlcorpus.steps.align.align_documents import AlignDocuments
from xlcorpus.steps.read.formats import format_of

FORMATS = ("parquet", "tsv")


def align_files(
    src: Path,
    tgt: Path,
    langs: tuple[str, str],
    out: Path,
    form: str,
    step: AlignDocuments,
    force: bool = False,
    say: Say = lambda text, warning: None,
) -> int:
    """Align two text files (a document each, a sentence a line) or two files of documents, and write the pairs.

    Args:
        src, tgt: both text, or both JSON Lines, CSV or Parquet with a document a row (`text`; `id`, `url`).
        langs: their languages.
        out: file to write, in the order of the documents; in Parquet `src_id` and `tgt_id` are the documents' ids in
            their files. Nothing stands there until it is whole.
        form: one of `FORMATS`; `tsv` is score, source, target.
        force: write what is aligned even where the two are no translations of each other.
        step: how to align; its `pairs` does not matter, for text files neither do `match` and `split`.
        say: takes what is left out and what was measured on the way, and whether it is a warning.

    Returns:
        Number of pairs.

    Raises:
        UserError: a file that cannot be read or holds no text; both sides one file or one language; files of different
            sorts.
        XlcorpusError: nothing is aligned; nothing is written then.
    """
    tags = (languages.parse(langs[0]), languages.parse(langs[1]))
    if src.resolve() == tgt.resolve():
        raise UserError(f"source and target are the same file, {src}")
    if tags[0] == tags[1]:
        raise UserError(f"source and target have the same language, {langs[0]}")
    plain = [format_of(path) == "text" for path in (src, tgt)]
    if plain[0] != plain[1]:
        raise UserError(f"{src.name} and {tgt.name}: give two text files or two files of documents, not one of each")
    changes: dict[str, object] = {"pairs": ["-".join(tags)]}
    if plain[0]:
        changes |= {"match": ["id"], "id_column": "title", "split": "lines"}
    if force:
        changes["min_overlap"] = 0.0
    read = _one_document if plain[0] else documents
    sides = [read(path, lang, say) for path, lang in zip((src, tgt), langs, strict=True)]
    with run_step(step.model_copy(update=changes), {"rows": ("document", sides)}, out, say) as aligned:
        if not aligned.rows.height:
            hint = "" if force else ". If they are translations all the same, give --force or a better --encoder"
            raise XlcorpusError(
                f"{src.name} and {tgt.name}: nothing is aligned, see above why; nothing is written{hint}"
            )
        write_pairs(_by_file_ids(aligned.rows, pl.concat(sides)), out, form, langs)
        return aligned.rows.height


def _one_document(path: Path, lang: str, say: Say) -> pl.DataFrame:
    """A text file as one document, with the title of its partner."""
    lines = sentences(path, lang, say)
    rows = lines.select(
        pl.col("text").str.join("\n"), pl.lit("one document").alias("title"), pl.col("lang", "source").first()
    )
    return records.finish(rows, "document", "read")


def _by_file_ids(pairs: pl.DataFrame, documents: pl.DataFrame) -> pl.DataFrame:
    """The pairs with the ids that files give their documents: the others are known to nobody outside a pipeline."""
    named = documents.filter(pl.col("source_id").is_not_null())
    ids = dict(named.select("id", "source_id").iter_rows())
    return pairs.with_columns(pl.col("src_id", "tgt_id").replace(ids))
