"""The page of an inspection: whole in itself, escaped, and small."""

from html.parser import HTMLParser

import numpy as np
import polars as pl

from xlcorpus import records
from xlcorpus.policies.compare import changes
from xlcorpus.policies.page import Facts, page
from xlcorpus.policies.report import report
from xlcorpus.policies.sample import Sample
from xlcorpus.policies.verdicts import Cut, Judged, Verdict, judge, measure
from xlcorpus.steps.filter.quality import Quality

FACTS = Facts(("corpus/<b>.jsonl",), 100, 0, ("quality",), "new.yaml", None, ("one & two",))
VOID = {"meta", "path", "line", "circle", "br"}


class Read(HTMLParser):
    """Checks that every element is closed, and keeps attributes and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def judged(texts: list[str], langs: list[str], step: Quality) -> tuple[Judged, Sample]:
    sample = Sample("document", 100, 0)
    sample.add(records.finish(pl.DataFrame({"text": texts, "lang": langs}), "document"))
    return judge(measure({"quality": step}, sample.rows(), "document", 0), {"quality": step}), sample


def page_of(texts: list[str], langs: list[str], step: Quality | None = None) -> str:
    found, sample = judged(texts, langs, step or Quality())
    return page(report(found, sample.counts), found, FACTS)


def test_what_texts_and_names_hold_is_escaped() -> None:
    texts = ['</div><script>alert("x")</script> & more', "a\x00b\x0bc " * 3, "<!-- ]]> <svg onload=x>"]
    html = page_of(texts, ["eng_Latn"] * 3, Quality(min_words=50))
    found = Read(html)
    assert not found.open
    assert "script" not in {tag for tag, _ in found.tags}
    assert not [attrs for _, attrs in found.tags if any(name.startswith("on") for name in attrs)]
    assert texts[0] in found.texts
    assert "corpus/<b>.jsonl" in found.texts
    assert not {*map(chr, range(32))} - {"\n", "\t"} & {*html}


def test_nothing_is_requested() -> None:
    html = page_of(["Siehe https://example.org/bild.png und so weiter."], ["deu_Latn"])
    found = Read(html)
    assert not {"link", "img", "script", "iframe", "object"} & {tag for tag, _ in found.tags}
    assert all((attrs.get("href") or "#").startswith("#") for _, attrs in found.tags)
    assert not [a for _, a in found.tags if "src" in a or "style" in a]
    style = html[html.index("<style>") : html.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style
    assert "default-src 'none'" in html


def test_each_text_has_its_language_and_finds_its_direction() -> None:
    html = page_of(
        ["مرحبا بكم في هذا البرنامج", "我喜欢喝茶。", "Guten Tag, Welt"], ["arb_Arab", "zho_Hans", "deu_Latn"]
    )
    texts = [a for tag, a in Read(html).tags if tag == "div" and "text" in (a.get("class") or "")]
    assert {a["lang"] for a in texts} == {"ar", "zh-Hans", "de"}
    assert {a["dir"] for a in texts} == {"auto"}
    assert "unicode-bidi: plaintext" in html


def test_light_and_dark_have_the_same_colours_by_name() -> None:
    html = page_of(["Guten Tag"], ["deu_Latn"])
    light, dark = (part.split("}")[0] for part in html.split(":root {")[1:3])
    names = [{line.split(":")[0].strip() for line in part.split(";") if "--" in line} for part in (light, dark)]
    assert names[0] == names[1]
    for part in (light, dark):
        colours = dict(pair.split(":") for pair in part.replace("\n", "").split(";") if "#" in pair)
        shades = {name.strip(): luminance(value.strip()) for name, value in colours.items()}
        for front in ("--front", "--quiet", "--accent", "--bad"):
            for back in ("--back", "--box"):
                low, high = sorted((shades[front], shades[back]))
                assert (high + 0.05) / (low + 0.05) >= 4.5, f"{front} on {back}"


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_rules_that_reject_nothing_come_last_and_closed() -> None:
    html = page_of(["eins zwei drei vier", "eins zwei"], ["deu_Latn"] * 2, Quality(min_words=3))
    assert html.index("<h2>few_words</h2>") < html.index("<b>long_words</b>")


def test_of_a_rule_without_a_limit_only_languages_that_lose_are_shown() -> None:
    same = "Der Zug nach Hamburg fährt heute um zehn Uhr ab."
    sample = Sample("pair", 10, 0)
    sides = {"src_text": [same, same], "tgt_text": [same, "The train leaves."], "src_lang": "deu_Latn"}
    sample.add(records.finish(pl.DataFrame({**sides, "tgt_lang": ["nld_Latn", "eng_Latn"]}), "pair"))
    found = judge(measure({"quality": Quality()}, sample.rows(), "pair", 0), {"quality": Quality()})
    html = page(report(found, sample.counts), found, FACTS)
    part = html[html.index("<h2>identical_sides</h2>") :].partition("</section>")[0]
    assert "This rule is no limit on one column." in part
    assert "1 rejected</summary>" in part
    assert "deu_Latn-nld_Latn" in part
    assert "eng_Latn" not in part


def test_changes_show_rows() -> None:
    new, sample = judged(["eins zwei drei vier", "eins zwei"], ["deu_Latn"] * 2, Quality(min_words=3))
    old, _ = judged(["eins zwei drei vier", "eins zwei"], ["deu_Latn"] * 2, Quality(min_words=1))
    html = page(report(new, sample.counts, changes(new, old), old), new, FACTS)
    part = html[html.index("Rows that change sides") : html.index("<h2>Rules</h2>")]
    assert "1 now rejected" in part
    assert ">eins zwei</div>" in part


def test_a_page_of_200_languages_and_30_rules_is_under_10_megabytes() -> None:
    languages, rows, rules = 200, 30, 30
    random = np.random.default_rng(0)
    n = languages * rows
    langs = np.repeat([f"{chr(97 + i // 26)}{chr(97 + i % 26)}x_Latn" for i in range(languages)], rows)
    frame = pl.DataFrame({"text": ["<字" * 250] * n, "lang": langs, "id": [str(i) for i in range(n)]})
    frame = records.finish(frame, "document").with_columns(source=pl.lit("a/rather/long/name/of/a/file.jsonl.gz"))
    verdicts = []
    for rule in range(rules):
        values, limits = random.gamma(1.0, 1.0, n), np.full(n, 1.0)
        verdicts.append(
            Verdict("quality", f"rather_long_rule_{rule}", values <= limits, Cut("c", False, values, limits))
        )
    columns = {f"quality_column_{i}": random.normal(size=n) for i in range(10)}
    weights = np.stack([np.ones(n), random.integers(1, 999, n), random.integers(1, 9999, n)], axis=1)
    found = Judged("document", frame, frame["lang"], weights, verdicts, columns)
    sample = Sample("document", rows, 0)
    sample.add(frame)
    html = page(report(found, sample.counts), found, FACTS)
    assert len(html.encode()) < 10_000_000
    assert html.count("nearest to the limit") > 500
    assert not Read(html).open
