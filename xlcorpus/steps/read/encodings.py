"""Character encodings of text files: which one a file has, and its lines as text."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import IO

from xlcorpus.errors import UserError
from xlcorpus.steps.read import sniff

BLOCK = 1 << 20
"""bytes read at a time"""
LONGEST_LINE = 1 << 28
"""bytes; a file with a longer line is hardly text, and would fill the memory"""

BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\0\0", "utf-32-le"),
    (b"\0\0\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
"""Byte order marks; those of UTF-32 before those of UTF-16, which they begin with."""
WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")

Refuse = Callable[[int, str], None]
"""Takes the number of a line that does not decode, from 1, and how it can be shown."""

_MARK = "\udfff"
"""Stands for bytes that do not decode where lines are found after decoding; no text holds it."""


def _mark(problem: UnicodeError) -> tuple[str, int]:
    assert isinstance(problem, UnicodeDecodeError)
    return _MARK, problem.end


codecs.register_error("xlcorpus.mark", _mark)


def check(name: str) -> str:
    """The codec of that name, as Python calls it.

    Raises:
        UserError: Python has no such text codec.
    """
    try:
        info = codecs.lookup(name)
        "".encode(name)
        b"a".decode(name, "replace")
    except (LookupError, ValueError) as problem:
        raise UserError(
            f"encoding: no character encoding {name!r}; write auto, or what Python calls it "
            "(utf-8, utf-16, latin-1, cp1252, cp1251, gb18030, big5, shift_jis, euc_kr)"
        ) from problem
    return info.name


def rule_of(codec: str) -> str:
    """The rule under which lines are rejected that do not decode: `not_utf8`, `not_cp1251`."""
    plain = {"utf-8": "utf8", "utf-8-sig": "utf8"}.get(codec, codec)
    return "not_" + re.sub(r"\W", "_", plain).removesuffix("_le").removesuffix("_be")


def detect(head: bytes, name: str) -> tuple[str, int]:
    """The codec of a file from its first bytes, and the length of its byte order mark.

    Raises:
        UserError: UTF-16 or UTF-32 without a byte order mark.
    """
    for bom, codec in BOMS:
        if head.startswith(bom):
            return codec, len(bom)
    if wide := unmarked_wide(head):
        raise UserError(
            f"{name} is {wide.upper()} without a byte order mark: write encoding: {wide}, "
            f"or convert it: iconv -f {wide.upper()} -t UTF-8"
        )
    return "utf-8", 0


def unmarked_wide(head: bytes) -> str | None:
    """UTF-16 or UTF-32, if that is what bytes without a byte order mark are."""
    if b"\0" not in head:
        return None
    for codec in WIDE:
        unit = 4 if "32" in codec else 2
        try:
            text = codecs.getincrementaldecoder(codec)().decode(head[: len(head) // unit * unit])
        except UnicodeDecodeError:
            continue
        odd = sum(unicodedata.category(c) in ("Cn", "Co", "Cc") and c not in "\t\r\n" for c in text)
        if not odd and text and re.search(r"[\n\r ]", text):
            # Read as UTF-8, the upper bytes of Latin, Greek or Cyrillic letters are control characters.
            if sum(byte < 32 and byte not in b"\t\r\n" for byte in head) > len(head) / 5:
                return codec
            try:
                codecs.getincrementaldecoder("utf-8")().decode(head)
            except UnicodeDecodeError:
                return codec
    return None


def lines(
    file: IO[bytes], name: str, encoding: str, form: str, refuse: Refuse
) -> Iterator[tuple[list[int], list[str]]]:
    """Blocks of (line numbers from 1, lines without their end) of a text file.

    Lines end in LF or CR LF; in a file that has neither, in CR. Other characters that Unicode calls line ends
    (U+2028, U+0085) are part of a line, and so is a CR inside one.

    Args:
        encoding: `auto` (UTF-8, or what the byte order mark says) or a codec.
        form: the format that is read; what begins like another one is refused.
        refuse: takes the lines that do not decode.

    Raises:
        UserError: the file is of another format or encoding, or has a line of more than 256 MB.
    """
    first = _read(file)
    codec, skip = detect(first[: sniff.HEAD], name) if encoding == "auto" else (check(encoding), 0)
    if encoding != "auto":
        skip = next((len(bom) for bom, of in BOMS if of.startswith(codec) and first.startswith(bom)), 0)
        if skip:
            codec = next(of for bom, of in BOMS if of.startswith(codec) and first.startswith(bom))
    sniff.refuse(_start(first[skip : skip + sniff.HEAD], codec), name, form)
    if _ascii_line_ends(codec):
        yield from _cut_bytes(file, first[skip:], name, codec, refuse)
    else:
        yield from _cut_text(file, first[skip:], name, codec, refuse)


def detected(file: IO[bytes], name: str, encoding: str) -> str:
    """The codec that `lines` will use, for messages; reads nothing away from a buffered file."""
    head = getattr(file, "peek")(4)[:4]  # noqa: B009 - typing's IO has no peek
    for bom, codec in BOMS:
        if encoding == "auto" and head.startswith(bom):
            return codec
    return "utf-8" if encoding == "auto" else check(encoding)


def _start(head: bytes, codec: str) -> bytes:
    """The first bytes of a file as UTF-8."""
    if codec in ("utf-8", "utf-8-sig") or _ascii_line_ends(codec):
        return head
    return codecs.getincrementaldecoder(codec)("replace").decode(head).encode("utf-8", "replace")


def _ascii_line_ends(codec: str) -> bool:
    return "\r\n".encode(codec) == b"\r\n"


def _read(file: IO[bytes]) -> bytes:
    """The next block, whole unless the file ends."""
    return file.read(BLOCK)


def _cut_bytes(
    file: IO[bytes], first: bytes, name: str, codec: str, refuse: Refuse
) -> Iterator[tuple[list[int], list[str]]]:
    """Lines of an encoding in which the byte 0x0A is always a line end."""
    end = b"\r" if b"\r" in first and b"\n" not in first else b"\n"
    number = 1
    kept: list[bytes] = []
    held = 0
    block = first
    while block:
        cut = block.rfind(end) + 1
        if not cut:
            kept.append(block)
            held += len(block)
            _bound(held, name, number)
        else:
            whole = b"".join([*kept, block[:cut]])
            kept, held = [block[cut:]], len(block) - cut
            taken = _decode(whole[:-1], end, codec, number, refuse)
            number += whole.count(end)
            yield taken
        block = _read(file)
    if rest := b"".join(kept):
        yield _decode(rest, end, codec, number, refuse)


def _decode(block: bytes, end: bytes, codec: str, number: int, refuse: Refuse) -> tuple[list[int], list[str]]:
    """Numbers and texts of the lines of a block, which ends without a line end."""
    try:
        text = block.decode(codec)
    except UnicodeDecodeError:
        numbers, texts = [], []
        for at, raw in enumerate(block.split(end), number):
            raw = raw.rstrip(b"\r")
            try:
                texts.append(raw.decode(codec))
                numbers.append(at)
            except UnicodeDecodeError:
                refuse(at, raw.decode("ascii" if codec != "utf-8" else codec, "backslashreplace"))
        return numbers, texts
    if "\r" in text and end == b"\n":
        text = text.replace("\r\n", "\n")
        texts = [t.rstrip("\r") if t.endswith("\r") else t for t in text.split("\n")]
    else:
        texts = text.split(end.decode())
    return list(range(number, number + len(texts))), texts


def _cut_text(
    file: IO[bytes], first: bytes, name: str, codec: str, refuse: Refuse
) -> Iterator[tuple[list[int], list[str]]]:
    """Lines of an encoding in which a line end is not the byte 0x0A alone: found after decoding."""
    decoder = codecs.getincrementaldecoder(codec)("xlcorpus.mark")
    number, kept, block, end = 1, "", first, ""
    while True:
        text = kept + decoder.decode(block, not block)
        end = end or ("\r" if "\r" in text and "\n" not in text and len(block) < BLOCK else "\n")
        cut = text.rfind(end) + 1 if block else len(text)
        kept = text[cut:]
        _bound(len(kept), name, number)
        if cut:
            numbers, texts = [], []
            for line in text[:cut].removesuffix(end).split(end):
                line = line.rstrip("\r")
                if any("\ud800" <= c <= "\udfff" for c in line):
                    refuse(number, line.encode("utf-8", "backslashreplace").decode())
                else:
                    numbers.append(number)
                    texts.append(line)
                number += 1
            yield numbers, texts
        if not block:
            return
        block = _read(file)


def _bound(held: int, name: str, number: int) -> None:
    if held > LONGEST_LINE:
        raise UserError(f"{name}, line {number}: longer than {LONGEST_LINE >> 20} MB; is it a text file?")
