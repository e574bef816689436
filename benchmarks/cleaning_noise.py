"""Seven kinds of noise as the web has them, made of real pages of each language, with seeds.

Every kind has several variants, drawn at random for each page. Words, letters and digits are those of the page or of
its language, so that no variant is given away by being English. Nothing here looks at what the rules measure.
"""

from __future__ import annotations

import base64
import random
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from xlcorpus.text.words import words as words_of

UNSPACED = ("_Hans", "_Hant", "_Jpan", "_Thai")
"""Ends of the tags of languages written without spaces."""

SPOILT = 5
"""Characters beyond ASCII that a page has at least to be made mojibake of: with fewer it is a page with a flaw."""

_WORD = re.compile(r"[^\W\d_](?:[\w\u0300-\u036f\u0900-\u0dff\u0e00-\u0e7f]*)")
_LEGACY = {
    "rus_Cyrl": ("cp1251", "koi8-r", "cp866"),
    "zho_Hans": ("gb18030", "big5"),
    "kor_Hang": ("euc-kr",),
    "tha_Thai": ("cp874",),
    "arb_Arab": ("cp1256",),
    "tur_Latn": ("cp1254",),
}
"""Encodings that pages of these languages were written in before UTF-8."""
_NATIVE_DIGITS = {
    "arb_Arab": "٠١٢٣٤٥٦٧٨٩",
    "hin_Deva": "०१२३४५६७८९",
    "tha_Thai": "๐๑๒๓๔๕๖๗๘๙",
    "tam_Taml": "௦௧௨௩௪௫௬௭௮௯",
}


@dataclass(frozen=True)
class Language:
    """What noise of one language is made of."""

    tag: str
    pages: Sequence[str]
    words: Sequence[str]
    """of all pages, as often as they stand there; letters and marks"""
    letters: Sequence[str]
    """letters with their marks, of all words"""

    @classmethod
    def of(cls, tag: str, pages: Sequence[str]) -> Language:
        """From its pages; in other scripts, words in Latin letters (commands) are not its words."""
        words = [word for page in pages for word in _words(prose(page), tag)]
        if not tag.endswith("_Latn"):
            words = [word for word in words if word[0] > "\u024f"]
        letters = Counter(cluster for word in words for cluster in _clusters(word.lower()))
        return cls(tag, pages, words, [c for c, times in letters.items() if times >= 3 for _ in range(times)])


def prose(page: str) -> str:
    """A page without its commands, addresses and Markdown signs: what a person wrote in the language."""
    lines = [line.strip(" ->#:*") for line in page.splitlines() if not line.startswith("`")]
    return "\n".join(line for line in (re.sub(r"<[^>]*>|`[^`]*`", "", line) for line in lines) if line)


def mojibake(page: str, language: Language, others: Mapping[str, Language], rng: random.Random) -> str:
    """Bytes read in another encoding. English has few letters to spoil: its quotation marks and dashes are curly."""
    text = _curly(page)
    damages: list[Callable[[], str]] = [
        lambda: _read_as(text.encode(), "cp1252"),
        lambda: _read_as(text.encode(), "latin-1"),
        lambda: _read_as(_read_as(text.encode(), "cp1252").encode(), "cp1252"),
        lambda: _read_as(text.encode(), "cp1251"),
        lambda: text.encode("cp1252" if language.tag not in _LEGACY else _LEGACY[language.tag][0], "replace").decode(
            "utf-8", "replace"
        ),
    ]
    for encoding in _LEGACY.get(language.tag, ()):
        damages.append(lambda encoding=encoding: _read_as(text.encode(encoding, "replace"), "cp1252"))
    return rng.choice(damages)()


def other_language(page: str, language: Language, others: Mapping[str, Language], rng: random.Random) -> str:
    """A page of another language."""
    return rng.choice(others[rng.choice(sorted(set(others) - {language.tag}))].pages)


def repeated_line(page: str, language: Language, others: Mapping[str, Language], rng: random.Random) -> str:
    """A line of the page over and over: alone, numbered, after a true beginning, or without line breaks."""
    lines = prose(page).splitlines()
    line = max(rng.sample(lines, min(2, len(lines))), key=len)
    times = rng.randint(8, 40)
    return rng.choice(
        [
            lambda: "\n".join([line] * times),
            lambda: " ".join([line] * times),
            lambda: "\n\n".join([line] * times),
            lambda: "\n".join(f"{i}. {line}" for i in range(1, times + 1)),
            lambda: "\n".join([*lines[:2], *[line] * times]),
            lambda: "\n".join([line, rng.choice(lines)] * times),
        ]
    )()


def menu(page: str, language: Language, others: Mapping[str, Language], rng: random.Random) -> str:
    """Entries of one to three words: navigation, breadcrumbs, tags, links, bare addresses."""
    entries = [_phrase(language, rng, 3) for _ in range(rng.randint(12, 60))]
    address = [f"https://www.{rng.choice(['example', 'shop', 'news'])}.com/{_slug(rng)}" for _ in entries]
    return rng.choice(
        [
            lambda: "\n".join(entries),
            lambda: " | ".join(entries),
            lambda: " » ".join(entries),
            lambda: " · ".join(entries),
            lambda: "\n".join(f"* {entry}" for entry in entries),
            lambda: "\n".join(f"- [{entry}]({link})" for entry, link in zip(entries, address, strict=True)),
            lambda: " ".join(f"[{entry}]({link})" for entry, link in zip(entries, address, strict=True)),
            lambda: "\n".join(f"{entry} ({rng.randint(1, 900)})" for entry in entries),
            lambda: "\n".join(address),
            lambda: "\n".join(f"{entry}: {link}" for entry, link in zip(entries, address, strict=True)),
        ]
    )()


def dump(page: str, language: Language, others: Mapping[str, Language], rng: random.Random) -> str:
    """Base64 and hexadecimal bytes, as they stand in mails, keys, logs and pages; some under a heading."""
    data = rng.randbytes(rng.randint(200, 1500))
    coded = base64.b64encode(data).decode()
    hexed = data.hex()
    rows = [data[i : i + 16] for i in range(0, len(data), 16)]
    found = rng.choice(
        [
            lambda: coded,
            lambda: _wrapped(coded, 76),
            lambda: "-----BEGIN CERTIFICATE-----\n" + _wrapped(coded, 64) + "\n-----END CERTIFICATE-----",
            lambda: f"data:image/png;base64,{coded}",
            lambda: base64.urlsafe_b64encode(data).decode(),
            lambda: hexed,
            lambda: _wrapped(hexed.upper(), 64),
            lambda: " ".join(hexed[i : i + 2] for i in range(0, len(hexed), 2)),
            lambda: "\n".join(f"{16 * i:08x}  {row.hex(' ')}  |{_printable(row)}|" for i, row in enumerate(rows)),
            lambda: "\n".join(f"{16 * i:08x}: {row.hex(' ', 2)}" for i, row in enumerate(rows)),
            lambda: ", ".join(f"0x{byte:02x}" for byte in data),
            lambda: "\n".join(rng.randbytes(20).hex() for _ in range(len(rows) // 2)),
        ]
    )()
    return f"{_phrase(language, rng, 3)}\n\n{found}" if rng.random() < 0.3 else found


def numbers(page: str, language: Language, others: Mapping[str, Language], rng: random.Random) -> str:
    """Tables of numbers, amounts and dates, some with headings or names of rows, some in the digits of the script."""
    columns, rows = rng.randint(3, 8), rng.randint(8, 40)
    cell = rng.choice(
        [
            lambda: str(rng.randint(0, 99_999)),
            lambda: f"{rng.uniform(0, 1000):.2f}",
            lambda: f"{rng.uniform(-5, 5):+.4f}",
            lambda: f"{rng.randint(1, 999)},{rng.randint(0, 999):03d}.{rng.randint(0, 99):02d}",
            lambda: f"{rng.randint(0, 100)}%",
            lambda: f"{rng.randint(1990, 2026)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}",
            lambda: f"{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}",
        ]
    )
    separator = rng.choice(["\t", ",", ";", " | ", "  "])
    table = [separator.join(cell() for _ in range(columns)) for _ in range(rows)]
    if rng.random() < 0.3:
        table.insert(0, separator.join(_phrase(language, rng, 1) for _ in range(columns)))
    elif rng.random() < 0.3:
        table = [f"{_phrase(language, rng, 1)}{separator}{row}" for row in table]
    found = "\n".join(table)
    native = _NATIVE_DIGITS.get(language.tag)
    return found.translate(str.maketrans("0123456789", native)) if native and rng.random() < 0.4 else found


def random_letters(page: str, language: Language, others: Mapping[str, Language], rng: random.Random) -> str:
    """Letters of the script in random order, in words as long as those of the page."""
    alphabet = sorted(set(language.letters))
    uniform, frequent = (lambda n: rng.choices(alphabet, k=n)), (lambda n: rng.choices(language.letters, k=n))
    draw = rng.choice([uniform, frequent])
    if rng.random() < 0.5:
        return _WORD.sub(lambda word: "".join(draw(len(_clusters(word[0])))), prose(page))
    lengths = [len(_clusters(word)) for word in rng.choices(language.words, k=rng.randint(40, 120))]
    return " ".join("".join(draw(length)) for length in lengths)


KINDS = {
    "mojibake": mojibake,
    "another language": other_language,
    "repeated line": repeated_line,
    "menu": menu,
    "dump": dump,
    "numbers": numbers,
    "random letters": random_letters,
}


def noise(pages: pl.DataFrame, documents: int, seed: int = 0) -> pl.DataFrame:
    """(text, lang, kind, clean): that many documents of each kind in each language.

    Args:
        pages: `text` and `lang` (a tag).
        documents: of each kind in each language.
        seed: of the pages that are drawn and of the noise.

    `clean` is the page that mojibake was made of, which a step that repairs it may give back; null for other kinds.
    """
    languages = {
        tag: Language.of(tag, group["text"].to_list())
        for (tag,), group in pages.sort("lang").group_by("lang", maintain_order=True)
    }
    rows = []
    for tag, language in languages.items():
        for kind, spoil in KINDS.items():
            rng = random.Random(f"{seed} {tag} {kind}")
            usable = [page for page in language.pages if len(_WORD.findall(prose(page))) >= 3]
            if kind == "mojibake":
                usable = [page for page in usable if sum(c > "\x7f" for c in _curly(page)) >= SPOILT]
            for _ in range(documents):
                page = rng.choice(usable)
                text = spoil(page, language, languages, rng)
                rows.append((text, tag, kind, _curly(page) if kind == "mojibake" else None))
    return pl.DataFrame(rows, schema=["text", "lang", "kind", "clean"], orient="row")


def _words(text: str, tag: str) -> list[str]:
    """Words between spaces; where a language writes none, those of a dictionary: menus have short entries."""
    return words_of(text, tag) if tag.endswith(UNSPACED) else _WORD.findall(text)


def _curly(text: str) -> str:
    """Typographic quotation marks and dashes, as word processors set them."""
    text = re.sub(r'(?<!\S)"', "“", text).replace('"', "”").replace("'", "’")
    return re.sub(r"^- ", "– ", text, flags=re.MULTILINE)


def _read_as(data: bytes, encoding: str) -> str:
    """As browsers do: a byte without a character in cp1252 is a control character."""
    if encoding == "cp1252":
        return "".join(bytes([b]).decode("cp1252", "ignore") or chr(b) for b in data)
    return data.decode(encoding, "replace")


def _phrase(language: Language, rng: random.Random, most: int) -> str:
    words = rng.choices(language.words, k=rng.randint(1, most))
    joined = "" if language.tag.endswith(UNSPACED) else " "
    return joined.join(words)[:24].capitalize()


def _clusters(word: str) -> list[str]:
    """Letters, each with its marks."""
    return re.findall(
        r"[^\W\d_][\u0300-\u036f\u0900-\u0903\u093a-\u094f\u0bbe-\u0bcd\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]*", word
    )


def _slug(rng: random.Random) -> str:
    return "-".join("".join(rng.choices("abcdefghiklmnoprstu", k=rng.randint(3, 9))) for _ in range(rng.randint(1, 4)))


def _wrapped(text: str, width: int) -> str:
    return "\n".join(text[i : i + width] for i in range(0, len(text), width))


def _printable(row: bytes) -> str:
    return "".join(chr(b) if 32 <= b < 127 else "." for b in row)
