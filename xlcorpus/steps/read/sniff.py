"""What a file is by its first bytes, so that no archive, image or markup is read as lines of text."""

from __future__ import annotations

import re

from xlcorpus.errors import UserError

HEAD = 1 << 14
"""bytes looked at"""

CONVERT = "convert it to text first"
STRINGS = "convert it to TMX or TSV: translate-toolkit"
UNPACK = "unpack it, and name the files in it"

MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"PK\x05\x06", "a ZIP archive", UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", UNPACK),
    (b"Rar!", "a RAR archive", UNPACK),
    (b"\x1f\x8b", "gzip-compressed", "name it with .gz at the end"),
    (b"BZh", "bzip2-compressed", "name it with .bz2 at the end"),
    (b"\xfd7zXZ\0", "xz-compressed", "name it with .xz at the end"),
    (b"\x28\xb5\x2f\xfd", "Zstandard-compressed", "name it with .zst at the end"),
    (b"\x04\x22\x4d\x18", "LZ4-compressed", "unpack it: lz4 -d"),
    (b"PAR1", "a Parquet file", "name it .parquet or write format: parquet"),
    (b"ARROW1", "an Arrow file", "name it .arrow or write format: arrow"),
    (b"\xff\xff\xff\xff", "an Arrow stream", "name it .arrow or write format: arrow"),
    (b"FEA1", "a Feather file of version 1", "write it as Parquet"),
    (b"Obj\x01", "an Avro file", "write it as Parquet or JSON Lines"),
    (b"ORC", "an ORC file", "write it as Parquet"),
    (b"SQLite format 3\0", "an SQLite database", "export the table as CSV or Parquet"),
    (b"%PDF-", "a PDF file", f"{CONVERT}: pdftotext"),
    (b"{\\rtf", "an RTF file", CONVERT),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a file of an old Microsoft Office", CONVERT),
    (b"\x93NUMPY", "a NumPy array", "a text file is needed"),
    (b"\x89HDF\r\n", "an HDF5 file", "write it as Parquet"),
    (b"\x80\x04\x95", "a Python pickle", "write it as Parquet or JSON Lines"),
    (b"\x89PNG", "a PNG image", "text is needed"),
    (b"\xff\xd8\xff", "a JPEG image", "text is needed"),
    (b"GIF8", "a GIF image", "text is needed"),
    (b"\x7fELF", "a program", "text is needed"),
    (b"version https://git-lfs", "a pointer of Git LFS, not the file", "fetch the file: git lfs pull"),
)
"""First bytes, what such a file is, and what to do."""

MARKUP: tuple[tuple[str, str, str], ...] = (
    (r"\s*(<\?xml[^>]*>)?\s*(<!--.*?-->\s*)*(<!DOCTYPE[^>]*>)?\s*<tmx\b", "a TMX translation memory", "tmx"),
    (r"WARC/\d", "a WARC web archive", "warc"),
    (r"WEBVTT\b", "a file of subtitles (WebVTT)", "subtitles"),
    (r"\s*\d+[ \t]*\r?\n\d+:\d\d:\d\d[,.]\d+ *--> *\d", "a file of subtitles (SubRip)", "subtitles"),
    (r"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*(<!doctype html|<html)\b", "an HTML page", ""),
    (r"\s*(<\?xml[^>]*>)?\s*(<!--.*?-->\s*)*<xliff\b", "an XLIFF file", ""),
    (r"\s*<\?xml\b", "an XML file", ""),
    (r"(#[^\n]*\n|\s)*msg(id|ctxt) +\"", "a gettext catalogue (PO)", ""),
)
"""How a file of markup begins, what it is, and the format that reads it, if one does."""

HOW = {
    "an HTML page": f"{CONVERT}, or put the pages into a WARC file",
    "an XLIFF file": "convert it to TMX or TSV: xliff2po and po2tmx of translate-toolkit",
    "an XML file": "convert it to text, TSV or JSON Lines",
    "a gettext catalogue (PO)": "convert it to TMX or TSV: po2tmx of translate-toolkit",
}

UNREAD_SUFFIXES = {
    ".zip": ("a ZIP archive", UNPACK),
    ".tar": ("a tar archive", UNPACK),
    ".tgz": ("a tar archive", UNPACK),
    ".tbz2": ("a tar archive", UNPACK),
    ".txz": ("a tar archive", UNPACK),
    ".7z": ("a 7-Zip archive", UNPACK),
    ".rar": ("a RAR archive", UNPACK),
    ".lz4": ("LZ4-compressed", "unpack it: lz4 -d"),
    ".z": ("compress-compressed", "unpack it: uncompress"),
    ".docx": ("a Word document", CONVERT),
    ".doc": ("a Word document", CONVERT),
    ".odt": ("an OpenDocument text", CONVERT),
    ".rtf": ("an RTF file", CONVERT),
    ".xlsx": ("a spreadsheet", "save it as CSV"),
    ".xls": ("a spreadsheet", "save it as CSV"),
    ".ods": ("a spreadsheet", "save it as CSV"),
    ".pptx": ("a presentation", CONVERT),
    ".epub": ("an EPUB book", CONVERT),
    ".pdf": ("a PDF file", f"{CONVERT}: pdftotext"),
    ".html": ("an HTML page", HOW["an HTML page"]),
    ".htm": ("an HTML page", HOW["an HTML page"]),
    ".xhtml": ("an HTML page", HOW["an HTML page"]),
    ".xml": ("an XML file", HOW["an XML file"]),
    ".po": ("a gettext catalogue (PO)", HOW["a gettext catalogue (PO)"]),
    ".pot": ("a gettext catalogue (PO)", HOW["a gettext catalogue (PO)"]),
    ".mo": ("a compiled gettext catalogue", "convert it with msgunfmt and po2tmx"),
    ".xliff": ("an XLIFF file", HOW["an XLIFF file"]),
    ".xlf": ("an XLIFF file", HOW["an XLIFF file"]),
    ".tbx": ("a TBX term base", "convert it to TSV"),
    ".npy": ("a NumPy array", "text is needed"),
    ".npz": ("a NumPy archive", "text is needed"),
    ".pkl": ("a Python pickle", "write it as Parquet or JSON Lines"),
    ".safetensors": ("a file of model weights", "text is needed"),
    ".avro": ("an Avro file", "write it as Parquet or JSON Lines"),
    ".orc": ("an ORC file", "write it as Parquet"),
    ".db": ("a database", "export the table as CSV or Parquet"),
    ".sqlite": ("an SQLite database", "export the table as CSV or Parquet"),
    ".sqlite3": ("an SQLite database", "export the table as CSV or Parquet"),
    ".sbv": ("a file of subtitles (YouTube)", "convert it to SRT"),
    ".lrc": ("a file of song texts with times (LRC)", "convert it to SRT, or take the times out"),
    ".ttml": ("a file of subtitles (TTML)", "convert it to SRT"),
    ".dfxp": ("a file of subtitles (TTML)", "convert it to SRT"),
    ".sgm": ("an SGML file", "convert it to text, a segment a line"),
    ".sgml": ("an SGML file", "convert it to text, a segment a line"),
    ".conllu": ("a treebank (CoNLL-U)", "take its sentences out: grep '^# text = '"),
    ".conll": ("a file of annotated words (CoNLL)", CONVERT),
    ".properties": ("a file of strings of a program (Java)", STRINGS),
    ".strings": ("a file of strings of a program (Apple)", STRINGS),
    ".resx": ("a file of strings of a program (.NET)", STRINGS),
    ".arb": ("a file of strings of a program (Flutter)", STRINGS),
    ".ts": ("a file of strings of a program (Qt), or a program", STRINGS),
    ".yaml": ("a YAML file", "write it as JSON Lines"),
    ".yml": ("a YAML file", "write it as JSON Lines"),
    ".toml": ("a TOML file", "write it as JSON Lines"),
    ".bib": ("a file of references (BibTeX)", CONVERT),
    ".ass": ("a file of subtitles (SubStation)", "convert it to SRT"),
    ".sub": ("a file of subtitles (MicroDVD or VobSub)", "convert it to SRT"),
}
"""File endings that are not read: what such a file is, and what to do."""


def refuse(head: bytes, name: str, form: str) -> None:
    """Raise if a file that is to be read as text of the format `form` begins like something else.

    Raises:
        UserError: with the name of the format and what to do.
    """
    if head.startswith(b"PK\x03\x04"):
        raise UserError(f"{name} is {_zip(head)}")
    for magic, what, advice in MAGIC:
        if head.startswith(magic):
            raise UserError(f"{name} is {what}, not text: {advice}")
    if head[257:262] == b"ustar":
        raise UserError(f"{name} is a tar archive, not text: {UNPACK}")
    text = head[:4096].decode("utf-8", "replace")
    for pattern, what, reads in MARKUP:
        if reads != form and re.match(pattern, text, re.DOTALL | re.IGNORECASE):
            advice = (
                f"name it .{ {'subtitles': 'srt'}.get(reads, reads) } or write format: {reads}" if reads else HOW[what]
            )
            raise UserError(f"{name} is {what}, not {_called(form)}: {advice}")
    zeros = head.count(0)
    if zeros > 3 and zeros > len(head) / 100:
        raise UserError(f"{name} is binary ({zeros:,} of its first {len(head):,} bytes are zero), not {_called(form)}")


def _called(form: str) -> str:
    return {"text": "plain text", "subtitles": "a file of subtitles", "jsonl": "JSON"}.get(form, form.upper())


def _zip(head: bytes) -> str:
    """What a ZIP archive is, by the names of its first files."""
    for inside, what, advice in (
        (b"word/", "a Word document (.docx)", CONVERT),
        (b"xl/", "a spreadsheet (.xlsx)", "save it as CSV"),
        (b"ppt/", "a presentation (.pptx)", CONVERT),
        (b"application/epub", "an EPUB book", CONVERT),
        (b"opendocument.text", "an OpenDocument text", CONVERT),
        (b"opendocument.spreadsheet", "an OpenDocument spreadsheet", "save it as CSV"),
        (b".npy", "a NumPy archive (.npz)", "text is needed"),
    ):
        if inside in head:
            return f"{what}, not text: {advice}"
    return f"a ZIP archive, not text: {UNPACK}"
