"""The files of an export: rows are added to them batch by batch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Protocol, Self

import pyarrow as pa
import pyarrow.parquet as pq

from xlcorpus import languages, records
from xlcorpus.release.exports import tmx


class SplitFiles(Protocol):
    """The file, or files, of one split."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, at: TracebackType | None
    ) -> None: ...

    def add(self, rows: pa.Table) -> None:
        """Write some rows behind those that are written."""
        ...


OpenFiles = Callable[[Path, str], SplitFiles]
"""Opens the files of a split (its name) in a folder."""


class ParquetFile:
    """`<split>.parquet`, compressed with zstd."""

    def __init__(self, folder: Path, split: str) -> None:
        self._path = folder / f"{split}.parquet"
        self._writer: pq.ParquetWriter | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, problem: object, at: object) -> None:
        if self._writer is not None:
            self._writer.close()

    def add(self, rows: pa.Table) -> None:
        """Write some rows; the first ones give the columns, and without any there is no file."""
        if not rows.num_rows:
            return
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, rows.schema, compression="zstd")
        self._writer.write_table(rows)


class _TextFile:
    """A file that is written as bytes."""

    ending: str

    def __init__(self, folder: Path, split: str) -> None:
        self._file: IO[bytes] = (folder / f"{split}.{self.ending}").open("wb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, problem: object, at: object) -> None:
        self._file.close()


class JsonLines(_TextFile):
    """`<split>.jsonl`, UTF-8."""

    ending = "jsonl"

    def add(self, rows: pa.Table) -> None:
        """Write the objects of the column `line`."""
        self._file.writelines(line.encode() + b"\n" for line in rows["line"].to_pylist())


class Csv(_TextFile):
    """`<split>.csv`: a header, CR LF at the end of a record, UTF-8 without byte order mark."""

    ending = "csv"

    def add(self, rows: pa.Table) -> None:
        """Write some rows, the first time below the names of the columns."""
        records.from_arrow(rows).write_csv(
            self._file, include_header=not self._file.tell(), line_terminator="\r\n", quote_style="necessary"
        )


class Tmx(_TextFile):
    """`<split>.tmx`."""

    ending = "tmx"

    def __enter__(self) -> Self:
        self._file.write(tmx.begin().encode())
        return self

    def __exit__(self, kind: object, problem: object, at: object) -> None:
        self._file.write(tmx.END.encode())
        super().__exit__(kind, problem, at)

    def add(self, rows: pa.Table) -> None:
        """Write the units of the column `unit`."""
        self._file.writelines(unit.encode() + b"\n" for unit in rows["unit"].to_pylist())


class Moses:
    """`<split>.<src>-<tgt>.<src>` and `<split>.<src>-<tgt>.<tgt>`, for each two languages that occur."""

    def __init__(self, folder: Path, split: str) -> None:
        self._folder = folder
        self._split = split

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, problem: object, at: object) -> None:
        pass

    def add(self, rows: pa.Table) -> None:
        """Write both sides of some pairs; files are open one by one, since there may be thousands."""
        parts = records.from_arrow(rows).partition_by("src_lang", "tgt_lang", as_dict=True, maintain_order=True)
        for tags, part in parts.items():
            src, tgt = (languages.bcp47(str(tag)) for tag in tags)
            for side, texts in ((src, part["src_text"]), (tgt, part["tgt_text"])):
                with (self._folder / f"{self._split}.{src}-{tgt}.{side}").open("ab") as file:
                    file.write("".join(f"{text}\n" for text in texts).encode())
