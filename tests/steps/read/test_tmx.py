"""Translation memories and subtitles."""

from collections.abc import Callable

import polars as pl
import pytest

from xlcorpus.errors import UserError

Reader = Callable[..., tuple[pl.DataFrame, dict[str, list[str]]]]


def memory(units: str, head: str = '<?xml version="1.0" encoding="UTF-8"?>\n') -> bytes:
    return f'{head}<tmx version="1.4"><header srclang="en"/><body>\n{units}\n</body></tmx>'.encode()


def unit(**segments: str) -> str:
    tuvs = "".join(f'<tuv xml:lang="{k.replace("_", "-")}"><seg>{v}</seg></tuv>' for k, v in segments.items())
    return f"<tu>{tuvs}</tu>"


def sides(rows: pl.DataFrame) -> list[tuple[str, str]]:
    return rows.select("src_text", "tgt_text").rows()


PAIR = {"kind": "pair", "paths": {"de-en": "a.tmx"}}


def test_sides_are_found_by_language(read: Reader) -> None:
    units = unit(en="Good morning, Anna.", de="Guten Morgen, Anna.") + unit(fr="Merci", de_AT="Danke", EN_us="Thanks")
    rows, rejected = read("a.tmx", memory(units), **PAIR)
    assert sides(rows) == [("Guten Morgen, Anna.", "Good morning, Anna."), ("Danke", "Thanks")]
    assert rows.select("src_lang", "tgt_lang").row(0) == ("deu_Latn", "eng_Latn")
    assert rejected == {}


def test_codes_are_no_text_and_highlighted_words_are(read: Reader) -> None:
    segment = (
        'Press <bpt i="1">&lt;b&gt;</bpt>OK<ept i="1">&lt;/b&gt;</ept> <ph x="2">%s</ph> to <hi>go on</hi>.'
        '<ph type="lb">&lt;br/&gt;</ph>Now<it pos="begin">[<sub>x</sub>]</it>!'
    )
    rows, _ = read("a.tmx", memory(unit(en=segment, de="x")), **PAIR)
    assert rows["tgt_text"].to_list() == ["Press OK to go on.\nNow!"]


def test_several_segments_of_a_language_make_several_pairs(read: Reader) -> None:
    rows, _ = read("a.tmx", memory(unit(de="Aufzug", en_GB="lift", en_US="elevator")), **PAIR)
    assert sides(rows) == [("Aufzug", "lift"), ("Aufzug", "elevator")]


def test_a_unit_without_a_side_is_rejected(read: Reader) -> None:
    units = "\n".join(
        [unit(de="nur", fr="seul"), unit(de="leer", en=" "), '<tu><tuv xml:lang="de"/><tuv xml:lang="en"/></tu>']
    )
    rows, rejected = read("a.tmx", memory(units + unit(de="ja", en="yes")), **PAIR)
    assert sides(rows) == [("ja", "yes")]
    assert rejected == {"missing_side": ["line 3: has de, fr"], "empty": ["line 4", "line 5"]}


def test_a_memory_gives_the_sentences_of_one_language(read: Reader) -> None:
    rows, _ = read("a.tmx", memory(unit(en="Good morning.", de="Guten Morgen.")), paths={"de": "a.tmx"})
    assert rows.select("text", "lang").rows() == [("Guten Morgen.", "deu_Latn")]


def test_without_languages_the_source_side_comes_first(read: Reader) -> None:
    rows, _ = read("a.tmx", memory(unit(de="ja", en="yes", fr="oui")), kind="pair", paths="a.tmx")
    assert rows.select("src_text", "tgt_text", "src_lang", "tgt_lang").rows() == [
        ("yes", "ja", "eng_Latn", "deu_Latn"),
        ("yes", "oui", "eng_Latn", "fra_Latn"),
    ]


def test_utf16_and_named_entities(read: Reader) -> None:
    head = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE tmx SYSTEM "http://127.0.0.1:9/tmx14.dtd">'
    content = memory(unit(de="5&nbsp;km &amp; 世界 &#x263A;", en="x"), head).decode().encode("utf-16")
    assert read("a.tmx", content, **PAIR)[0]["src_text"].to_list() == ["5\u00a0km & 世界 ☺"]


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE tmx [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE tmx [<!ENTITY b SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_files_that_declare_entities_are_refused(read: Reader, doctype: str) -> None:
    with pytest.raises(UserError, match=r"a\.tmx: line 1: declares the entity '[ab]'"):
        read("a.tmx", memory(unit(de="&b;", en="x"), doctype), **PAIR)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (memory(unit(de="a", en="b"))[:-30], "no well-formed XML"),
        (b"<html><body/></html>", "no TMX: its root element is <html>"),
        (b"Guten Tag", "no well-formed XML"),
        (b"", "no well-formed XML"),
        (memory(unit(de="&auml;&what;", en="b"), "<!DOCTYPE tmx SYSTEM 'x.dtd'>"), "entity &what; is not declared"),
        (memory("", '<?xml version="1.0" encoding="gbk"?>'), "does not decode|no well-formed XML"),
    ],
)
def test_what_is_no_memory_is_refused(read: Reader, content: bytes, why: str) -> None:
    with pytest.raises(UserError, match=why):
        read("a.tmx", content, **PAIR)


def test_a_memory_holds_no_instructions(read: Reader) -> None:
    with pytest.raises(UserError, match="holds pairs or sentences, no instruction: write kind: pair"):
        read("a.tmx", memory(""), kind="instruction")


SRT = """1
00:00:01,000 --> 00:00:03,000
<i>Guten Morgen,</i>
Anna.

2
00:00:04,000 --> 00:00:05,000 X1:40
{\\an8}- 3 < 4 & <font color="#fff">ja</font>

3
00:00:06,000 --> 00:00:07,000

Werbung
"""


def test_cues_of_subtitles_are_sentences(read: Reader) -> None:
    rows, rejected = read("film.srt", SRT.replace("\n", "\r\n").encode())
    assert rows["text"].to_list() == ["Guten Morgen, Anna.", "- 3 < 4 & ja"]
    assert rejected == {"empty": ["line 10"], "not_a_cue": ["line 13"]}


def test_webvtt(read: Reader) -> None:
    vtt = (
        "WEBVTT - Titel\n\nSTYLE\n::cue { color: red }\n\nNOTE von Anna\n\nintro\n"
        "00:01.000 --> 00:02.000 align:start\n<v Anna>Gehen <00:01.500><c.loud>wir</c> &amp; lauf&nbsp;los\n"
    )
    rows, rejected = read("film.vtt", vtt.encode())
    assert rows["text"].to_list() == ["Gehen wir & lauf\u00a0los"]
    assert rejected == {}
