"""Aligning two files without a pipeline: what `xlcorpus align` does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import polars as pl

from xlcorpus import languages, records
from xlcorpus.errors import UserError, XlcorpusError
from xlcorpus.step import CorpusEnv, SourceEnv, Table
from xlcorpus.steps.align.align_documents import AlignDocuments
from xlcorpus.steps.read.formats import format_of
from xlcorpus.steps.read.read import Read
from xlcorpus.whole_files import scratch_beside

FORMATS = ("tsv", "parquet")


def align_files(
    src: Path,
    tgt: Path,
    langs: tuple[str, str],
    out: Path,
    form: str,
    step: AlignDocuments,
    force: bool = False,
    say: Callable[[str, bool], None] = lambda text, warning: None,
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
        say: takes what was measured on the way, and whether it is a warning.

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
    step = step.model_copy(update=changes)
    step.preflight()
    rejected: Counter[str] = Counter()

    def reject(rows: pl.DataFrame, rule: str, measure: pl.Expr) -> None:
        rejected[rule] += rows.height

    with scratch_beside(out) as scratch:
        env = CorpusEnv(
            kind="document", step="align_documents", scratch=scratch, keep=scratch / "kept", say=say, reject=reject
        )
        reading = SourceEnv(kind="document", step="align_documents", say=say, reject=reject)
        sides = [_documents(path, tag, plain[0], reading) for path, tag in zip((src, tgt), tags, strict=True)]
        pl.concat(sides).write_parquet(scratch / "documents.parquet")
        table = Table("document", (scratch / "documents.parquet",))
        frames = [records.finish(frame, "pair", "align_documents") for frame in step.run({"rows": table}, env)]
        for rule, count in rejected.items():
            say(f"{count:,} rejected as {rule}", False)
        pairs = pl.concat(frames) if frames else pl.DataFrame(schema=records.polars_schema("pair"))
        if not pairs.height:
            hint = "" if force else ". If they are translations all the same, give --force or a better --encoder"
            raise XlcorpusError(
                f"{src.name} and {tgt.name}: nothing is aligned, see above why; nothing is written{hint}"
            )
        pairs = _by_file_ids(pairs, pl.concat(sides))
        _write(pairs, out, form, scratch)
        return pairs.height


def _documents(path: Path, tag: str, plain: bool, env: SourceEnv) -> pl.DataFrame:
    """The documents of a file; a text file is one, and its title is that of its partner."""
    read = Read(paths={tag: str(path)}, kind="sentence" if plain else "document")
    read.preflight()
    frames = [frame for unit in read.units() for frame in read.read(unit, env)]
    if not frames or not sum(frame.height for frame in frames):
        raise UserError(f"{path} holds no text")
    rows = pl.concat(frames, how="diagonal")
    if plain:
        text = "\n".join(rows["text"])
        rows = pl.DataFrame({"text": [text], "title": "one document", "lang": tag, "source": path.name})
    known = records.polars_schema("document")
    return records.finish(rows, "document", "read").select(*known)


def _by_file_ids(pairs: pl.DataFrame, documents: pl.DataFrame) -> pl.DataFrame:
    """The pairs with the ids that files give their documents: the others are known to nobody outside a pipeline."""
    named = documents.filter(pl.col("source_id").is_not_null())
    ids = dict(named.select("id", "source_id").iter_rows())
    return pairs.with_columns(pl.col("src_id", "tgt_id").replace(ids))


def _write(pairs: pl.DataFrame, out: Path, form: str, scratch: Path) -> None:
    """Write the pairs in the scratch folder and move them to their name when all is written."""
    temporary = scratch / "out"
    if form == "parquet":
        pairs.write_parquet(temporary, compression="zstd")
    else:
        texts = pl.col("src_text", "tgt_text").str.replace_all(r"[\t\r\n]", " ")
        columns = pairs.with_columns(texts).select(pl.col("score").round(6), "src_text", "tgt_text")
        columns.write_csv(temporary, separator="\t", include_header=False, quote_style="never")
    temporary.replace(out)
