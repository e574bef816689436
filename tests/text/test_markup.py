"""Markup in running text: seen, and taken out with the words kept."""

import gzip
import json
import os
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlcorpus.text.markup import markup_share, without_markup

DATA = Path(os.environ.get("XLCORPUS_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))


def share(text: str) -> float:
    return float(pl.select(markup_share(pl.lit(text))).item())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<p>The shop opens at nine.</p>", "The shop opens at nine."),
        ('Read the <a href="/news">local news</a> before lunch.', "Read the local news before lunch."),
        ("The lake <b>is</b> frozen<br/>this winter.", "The lake is frozen this winter."),
        ("'''Bonn''' is a city on the [[Rhine]].", "Bonn is a city on the Rhine."),
        ("<P CLASS='x'>Der Laden öffnet um neun.", "Der Laden öffnet um neun."),
        ("एक<br>दो", "एक दो"),
        ("<a href='x>y'>Wort</a>", "Wort"),
        ("**Achtung**: nicht öffnen", "Achtung: nicht öffnen"),
        ("**世界**你好", "世界你好"),
        ("हिन्दी **मोटा** पाठ", "हिन्दी मोटा पाठ"),
        ("Lies [die Zeitung](https://example.org/a) heute.", "Lies die Zeitung heute."),
        ("![Bild](bilder/a.png) hier", "Bild hier"),
        (r"{\i1}Hallo{\i0} du", "Hallo du"),
        (r"{\an8\c&H00FFFF&}كيف حالك؟", "كيف حالك؟"),
        ("<span lang=ja>湖は</span><b>凍って</b>いる。", "湖は凍っている。"),
        ('<div dir="rtl">البحيرة متجمدة</div>', "البحيرة متجمدة"),
        ("<ul><li>eins</li><li>zwei</li></ul>", "eins zwei"),
        ("m<sup>2</sup> Fläche", "m2 Fläche"),
        ("vor <!-- Kommentar --> nach", "vor nach"),
        ("a<script>let x = 1 < 2;</script> text", "a text"),
        ("Bonn<ref>Statistik 2020</ref> wächst.", "Bonn wächst."),
        ('<tuv xml:lang="en"><seg>Good morning, Anna.</seg></tuv>', "Good morning, Anna."),
        ('Klicken Sie <ph id="1"/>hier', "Klicken Sie hier"),
        ("<title>Über uns</title>", "Über uns"),
        ("wort < br / > wort", "wort wort"),
        ("< strong >wichtig< / strong >!", "wichtig!"),
        ("< b >fett< / b > ja", "fett ja"),
        ("He said & quot ; no & quot ; .", 'He said " no " .'),
        ("eins&amp;nbsp;zwei", "eins zwei"),
        ("It&#8217 ;s here", "It’s here"),
        ("It&#8217;s here", "It’s here"),
        ("It& # 39 ;s here", "It's here"),
        ("It&#x2019;s here", "It’s here"),
        ("Caf&eacute; M&uuml;ller", "Café Müller"),
        ("caf&amp;eacute;", "café"),
        ("AT&amp;T", "AT&T"),
        ("Tom &amp;amp; Jerry", "Tom & Jerry"),
        ("10&nbspEuro, bitte 5&nbsp Euro", "10&nbspEuro, bitte 5 Euro"),
        ("&lt;b&gt;fett&lt;/b&gt; ja", "fett ja"),
        ("1 &lt; 2", "1 < 2"),
        ("[[Rhine|The river]] flows past [[Köln]]er Häuser.", "The river flows past Kölner Häuser."),
        ("[[Datei:Hund.jpg|mini|Ein Hund]] Hunde bellen. [[Category:Dogs]]", "Hunde bellen."),
        ("[[Файл:x.jpg|thumb|Собака]] Собаки лают.", "Собаки лают."),
        ("[[Bonn (Stadt)|]] liegt am Rhein.", "Bonn liegt am Rhein."),
        ("The dog{{citation needed}}, the cat {{cn|date=May 2020}} and the cow.", "The dog, the cat and the cow."),
        ("{{Infobox city|name=Bonn|size={{convert|5|km}}}}Bonn ist groß.", "Bonn ist groß."),
        ("The word {{lang|de|Hund}} means dog.", "The word Hund means dog."),
        ("See [https://example.org the page] now.", "See the page now."),
        ("== Geschichte ==", "Geschichte"),
        ("'''''Both''''' and ''italic''", "Both and italic"),
        ("[b]fett[/b] und [url=https://a.b]Seite[/url]", "fett und Seite"),
    ],
)
def test_markup_goes_and_the_words_stay(text: str, words: str) -> None:
    assert without_markup(text) == words
    assert share(text) > 0.005


CONTROLS = [
    "2 ** 3 ** 4 and 2**3**4",
    "f(**kw, **x)",
    "[1](2) and [note](see below)",
    "## Überschrift",
    "#1 in Bonn, C# and # alone",
    r"{\bf x} and \textbf{x}",
    "a_b_c = 2 * 3 * 4",
    "In the proof a < b and b > c hold.",
    "AT&T and R&D are short names.",
    "x<y>z",
    "x<b>y",
    "a<b and c>d",
    "1 < 2 > 1",
    "The type is List<String> or Map<K, V>.",
    "Write to <me@x.org> or <https://x.org/a?b=1>.",
    "I <3 you, not </3",
    "《红楼梦》很好看。",
    "〈标题〉和「引号」",
    "«Ja», sagte er.",
    "الكتاب «ألف ليلة» جميل",
    "הספר \"שלום\" כאן & שם",
    "Press <Enter> and open <filename>.",
    "Copy {{path/to/file}} with {{[-a|--all]}} or {{true|false}}.",
    "Hello {name}, hello {{name}}",
    "He is 5' 10'' tall.",
    "''Hello'', he said.",
    "Rock & roll; jazz",
    "Q&A; done",
    "a == b == c",
    "see [1] and [[1]], [a, b]",
    "if [[ -f x ]]; then",
    "Use `<br>` and `&nbsp;` here.",
    "```html\n<p>Hallo</p>\n```",
    "",
]  # fmt: skip


@pytest.mark.parametrize("text", CONTROLS)
def test_prose_has_no_markup(text: str) -> None:
    assert without_markup(text) == text
    assert share(text) == 0


PIECES = st.sampled_from(
    ["<b>", "</b>", "<", ">", "&amp;", "&", "amp;", "lt;", "[[", "]]", "{{", "}}", "|", "'''", "''", "==", "\n", "`",
     "<br/>", "a", "Wort", "我", " ", ";", "#39", "<p class='x'>", "</p>", "cite", "[b]", "[/b]"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=14).map("".join))
def test_taking_markup_out_is_idempotent(text: str) -> None:
    assert without_markup(without_markup(text)) == without_markup(text)


@given(st.text(alphabet=st.characters(categories=["L", "M", "N", "Z", "P"], exclude_characters="<&[{'=`"), max_size=40))
def test_text_without_the_signs_of_markup_is_left_alone(text: str) -> None:
    assert without_markup(text) == text


@pytest.mark.skipif(not DATA.is_dir(), reason="needs the real text in shared/data")
def test_real_prose_and_manuals_have_none() -> None:
    lines = [line for path in (DATA / "tatoeba").glob("*.tsv") for line in path.read_text("utf8").splitlines()]
    pages = [
        json.loads(line)["text"]
        for path in (DATA / "tldr").glob("*.gz")
        for line in gzip.decompress(path.read_bytes()).decode().splitlines()
    ]
    texts = pl.DataFrame({"text": [*lines, *pages]})
    assert texts.filter(markup_share(pl.col("text")) > 0).is_empty()
