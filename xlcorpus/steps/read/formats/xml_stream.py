"""XML as it comes, piece by piece, with nothing fetched and no entity expanded."""

from __future__ import annotations

import codecs
import html.entities
from collections.abc import Callable, Iterator
from typing import Any, Protocol
from xml.parsers import expat

from xlcorpus.steps.read import encodings
from xlcorpus.steps.read.reading import Reading

PIECE = 1 << 16


class Handler(Protocol):
    """What takes the parts of a document."""

    def start(self, tag: str, attributes: dict[str, str], line: int) -> None:
        """An element begins."""

    def text(self, text: str) -> None:
        """Characters."""

    def end(self, tag: str) -> None:
        """An element ends."""


def parse(reading: Reading, handler: Handler, take: Callable[[], Iterator[Any]]) -> Iterator[Any]:
    """Feed a file to a handler; yields what `take` gives after each piece of the file.

    A document type declaration is allowed, but no file that it names is read. Character entities of HTML (`&nbsp;`)
    are read where the declaration of a file that is not read could have declared them.

    Raises:
        UserError: the file is no well-formed XML, or declares entities of its own.
    """
    with reading.open() as file:
        first = file.read(PIECE)
        given = reading.encoding != "auto"
        codec = encodings.check(reading.encoding) if given else None
        decoder = codecs.getincrementaldecoder(codec)() if codec else None
        parser = expat.ParserCreate("utf-8" if decoder else None)
        parser.buffer_text = True
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.StartElementHandler = lambda tag, attributes: handler.start(tag, attributes, parser.CurrentLineNumber)
        parser.EndElementHandler = handler.end
        parser.CharacterDataHandler = handler.text

        def declared(name: str, *rest: object) -> None:
            raise reading.wrong(
                f"line {parser.CurrentLineNumber}: declares the entity {name!r}; files that declare entities are not "
                "read, because a few lines of them can unpack to any length: expand them first (xmllint --noent)"
            )

        def skipped(name: str, is_parameter: bool) -> None:
            if is_parameter:
                return
            if name not in html.entities.name2codepoint:
                raise reading.wrong(f"line {parser.CurrentLineNumber}: the entity &{name}; is not declared in the file")
            handler.text(chr(html.entities.name2codepoint[name]))

        parser.EntityDeclHandler = declared
        parser.SkippedEntityHandler = skipped
        piece = first
        while True:
            try:
                whole = decoder.decode(piece, not piece).encode("utf-8") if decoder else piece
                parser.Parse(whole, not piece)
            except expat.ExpatError as problem:
                why = expat.ErrorString(problem.code)
                raise reading.wrong(f"line {problem.lineno}: no well-formed XML ({why})") from problem
            except (UnicodeError, ValueError, LookupError) as problem:  # an encoding that is not the declared one
                raise reading.wrong(
                    f"line {parser.CurrentLineNumber}: does not decode ({problem}); name its encoding, "
                    "or convert it to UTF-8"
                ) from problem
            yield from take()
            if not piece:
                return
            piece = file.read(PIECE)
