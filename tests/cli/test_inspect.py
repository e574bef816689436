"""`xlcorpus inspect`: the table, the figures, the page, and what a person is told when something is wrong."""

import gzip
import json
import os
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest

from xlcorpus import records
from xlcorpus.release.shards import KIND_KEY

from . import calling

DATA = Path(os.environ.get("XLCORPUS_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))
GERMAN = [f"Der Zug Nummer {n} nach Hamburg fährt heute um {n % 24} Uhr." for n in range(60)]
MORE = "Wer ihn verpasst, wartet am Bahnsteig auf den nächsten oder nimmt den Bus, der etwas länger braucht."
LONG = [f"{text} {MORE}" for text in GERMAN]
HINDI = [f"गाड़ी संख्या {n} आज दिल्ली जाती है।" for n in range(60)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write("de.jsonl", LONG, "de")
    write("hi.jsonl.gz", HINDI, "hi")
    (tmp_path / "de.txt").write_text("\n".join(GERMAN))
    (tmp_path / "new.yaml").write_text("policy: 1\ndefault: {limits: {min_words: 20}}\n")
    (tmp_path / "old.yaml").write_text("policy: 1\nlanguages: {deu_Latn: {limits: {min_words: 60}}}\n")
    return tmp_path


def write(name: str, texts: list[str], lang: str | None = None) -> None:
    rows = [{"text": text, "id": f"page {i}"} | ({"lang": lang} if lang else {}) for i, text in enumerate(texts)]
    data = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    Path(name).write_bytes(gzip.compress(data) if name.lower().endswith(".gz") else data)


def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """(exit code, stdout, stderr) of `xlcorpus inspect ARGUMENTS`."""
    return calling.call(monkeypatch, capsys, "inspect", *arguments)


def figures(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    code, out, err = call(monkeypatch, capsys, *arguments, "--json")
    assert code == 0, err
    found: dict[str, Any] = json.loads(out)
    return found


def rule(found: dict[str, Any], name: str) -> dict[str, Any]:
    of_rule: dict[str, Any] = next(r for r in found["rules"] if r["rule"] == name)
    return of_rule


def test_the_table_has_languages_and_the_rules_that_cost_them_something(folder, monkeypatch, capsys) -> None:
    code, out, _ = call(monkeypatch, capsys, "de.jsonl", "hi.jsonl.gz", "--policy", "new.yaml")
    assert code == 0
    lines = [line.split() for line in out.splitlines()]
    assert ["deu_Latn", "60", "60", "0", "0", "0", "0"] in lines
    assert ["hin_Deva", "60", "60", "100.0!", "100.0", "100.0", "100.0!"] in lines
    assert "! few_words costs far more documents of hin_Deva" in out
    assert "Rules that reject nothing: too_short," in " ".join(out.split())


def test_the_sample_is_of_each_language_and_seeded(folder, monkeypatch, capsys) -> None:
    arguments = ["de.jsonl", "hi.jsonl.gz", "--sample", "10"]
    found = figures(monkeypatch, capsys, *arguments)
    assert found["languages"]["deu_Latn"]["read"] == 60
    assert [lang["sample"]["rows"] for lang in found["languages"].values()] == [10, 10]
    assert figures(monkeypatch, capsys, *arguments) == found
    assert figures(monkeypatch, capsys, *arguments, "--seed", "1") != found


def test_curves_say_what_another_limit_would_keep(folder, monkeypatch, capsys) -> None:
    few = rule(figures(monkeypatch, capsys, "de.jsonl", "hi.jsonl.gz", "--policy", "new.yaml"), "few_words")
    assert (few["column"], few["least"]) == ("quality_words", True)
    hindi = few["languages"]["hin_Deva"]
    assert (hindi["limit"], hindi["lost"], hindi["unfair"]) == (20, {"rows": 1, "words": 1, "bytes": 1}, True)
    assert hindi["kept"]["rows"][0] == 1
    by_limit = dict(zip(few["limits"], hindi["kept"]["rows"], strict=True))
    assert {kept for limit, kept in by_limit.items() if limit <= 7} == {1}
    assert {kept for limit, kept in by_limit.items() if limit > 7} == {0}


def test_columns_without_a_limit_have_quantiles(folder, monkeypatch, capsys) -> None:
    columns = {c["column"]: c for c in figures(monkeypatch, capsys, "de.jsonl")["columns"]}
    assert "quality_words" not in columns
    assert columns["quality_line_ends"]["languages"]["deu_Latn"] == [1.0] * 7


def test_two_policies_show_the_rows_that_change_sides(folder, monkeypatch, capsys) -> None:
    found = figures(monkeypatch, capsys, "de.jsonl", "hi.jsonl.gz", "--policy", "new.yaml", "--against", "old.yaml")
    assert found["changes"] == [
        {"lang": "deu_Latn", "rule": "few_words", "now": "kept", "rows": 60},
        {"lang": "hin_Deva", "rule": "few_words", "now": "rejected", "rows": 60},
    ]
    _, out, _ = call(monkeypatch, capsys, "de.jsonl", "hi.jsonl.gz", "--policy", "new.yaml", "--against", "old.yaml")
    assert "of 120 documents: 60 now rejected, 60 now kept" in out
    assert ["hin_Deva", "now", "rejected", "few_words", "60"] in [line.split() for line in out.splitlines()]


def test_stop_words_of_two_policies_are_measured_each_with_its_own(folder, monkeypatch, capsys) -> None:
    for name, word in (("new", "der"), ("old", "xyz")):
        entry = f"{{limits: {{min_stop_words: 1}}, stop_words: [{word}]}}"
        (folder / f"{name}.yaml").write_text(f"policy: 1\nlanguages: {{deu_Latn: {entry}}}\n")
    found = figures(monkeypatch, capsys, "de.jsonl", "--policy", "new.yaml", "--against", "old.yaml")
    assert found["changes"] == [{"lang": "deu_Latn", "rule": "few_stop_words", "now": "kept", "rows": 60}]


def test_the_page_is_written_whole(folder, monkeypatch, capsys) -> None:
    code, out, _ = call(
        monkeypatch, capsys, "de.jsonl", "hi.jsonl.gz", "--policy", "new.yaml", "--against", "old.yaml",
        "--out", "report/page.html",
    )  # fmt: skip
    assert code == 0
    assert "Curves and examples: report/page.html" in out
    html = (folder / "report/page.html").read_text("utf8")
    assert html.endswith("</html>")
    assert "new.yaml" in html
    assert 'lang="hi" dir="auto">गाड़ी संख्या' in html
    assert "<bdi>page " in html
    assert [path.name for path in (folder / "report").iterdir()] == ["page.html"]


def test_text_of_another_kind_than_the_policys_reference_is_told(folder, monkeypatch, capsys) -> None:
    reference = "{documents: 100, words: 4000, quantiles: {words: [100, 140, 190, 310, 600, 1400, 1900]}}"
    (folder / "new.yaml").write_text(f"policy: 1\nlanguages: {{deu_Latn: {{reference: {reference}}}}}\n")
    _, _, err = call(monkeypatch, capsys, "de.jsonl", "hi.jsonl.gz", "--policy", "new.yaml", "--out", "page.html")
    assert "warning: the policy has no limits for hin_Deva (60 rows)" in err
    assert "deu_Latn has drifted from the policy's reference" in err
    assert "deu_Latn has drifted" in (folder / "page.html").read_text("utf8")


def test_steps_stand_one_after_the_other_with_their_options(folder, monkeypatch, capsys) -> None:
    found = figures(
        monkeypatch, capsys, "de.jsonl", "--step", "normalise", "--step", "quality", "--step", "identify",
        "--set", "quality.min_words=1000", "--set", "quality.by_language.hin_Deva.min_words=1",
    )  # fmt: skip
    assert rule(found, "few_words")["languages"]["deu_Latn"]["lost"]["rows"] == 1
    assert rule(found, "wrong_language")["column"] is None
    assert "identify_probability" in {c["column"] for c in found["columns"]}


def test_lines_have_the_language_that_is_given(folder, monkeypatch, capsys) -> None:
    for arguments in (["de.txt", "--lang", "de"], ["de=de.txt"], ["de=*.txt", "--lang", "hi"]):
        found = figures(monkeypatch, capsys, *arguments, "--kind", "sentence")
        assert {lang: of["read"] for lang, of in found["languages"].items()} == {"deu_Latn": 60}


def test_columns_of_a_file_are_named_as_for_read(folder, monkeypatch, capsys) -> None:
    Path("rows.csv").write_text("body,language\n" + "".join(f"{text},de\n" for text in GERMAN))
    found = figures(monkeypatch, capsys, "rows.csv", "--set", "read.columns={text: body, lang: language}")
    assert found["languages"]["deu_Latn"]["read"] == 60


def test_pairs_are_counted_by_pair_of_languages(folder, monkeypatch, capsys) -> None:
    frame = pl.DataFrame({"src_text": GERMAN, "tgt_text": HINDI, "src_lang": "deu_Latn", "tgt_lang": "hin_Deva"})
    frame.write_parquet("pairs.parquet")
    found = figures(monkeypatch, capsys, "pairs.parquet", "--kind", "pair")
    assert list(found["languages"]) == ["deu_Latn-hin_Deva"]


def test_of_a_release_the_files_of_the_kind_are_read(folder, monkeypatch, capsys) -> None:
    kinds = {"documents": ("document", LONG), "sentences": ("sentence", GERMAN[:7])}
    for config, (kind, texts) in kinds.items():
        Path(f"release/data/{config}").mkdir(parents=True)
        frame = records.finish(pl.DataFrame({"text": texts, "lang": "deu_Latn"}), kind)
        table = frame.to_arrow().replace_schema_metadata({KIND_KEY: kind.encode()})
        pq.write_table(table, f"release/data/{config}/train-00000-of-00001.parquet")
    Path("release/README.md").write_text("A release.")
    Path("release/notes.txt").write_text("Not part of it.")
    assert figures(monkeypatch, capsys, "release")["languages"]["deu_Latn"]["read"] == 60
    assert figures(monkeypatch, capsys, "release", "--kind", "sentence")["languages"]["deu_Latn"]["read"] == 7
    code, _, err = call(monkeypatch, capsys, "release", "--kind", "pair")
    assert code == 2
    assert "release holds no pairs, but rows of kind document, sentence: give --kind" in err


def test_of_a_folder_all_files_are_read_whose_ending_is_a_formats(folder, monkeypatch, capsys) -> None:
    Path("corpus/web").mkdir(parents=True)
    write("corpus/web/a.jsonl", LONG[:5], "de")
    write("corpus/b.JSONL.GZ", LONG[5:9], "de")
    Path("corpus/LICENSE").write_text("No text of the corpus.")
    assert figures(monkeypatch, capsys, "corpus")["languages"]["deu_Latn"]["read"] == 9


def test_a_file_without_rows_is_told_and_the_others_are_shown(folder, monkeypatch, capsys) -> None:
    Path("empty.jsonl").write_text("")
    code, out, err = call(monkeypatch, capsys, "de.jsonl", "empty.jsonl")
    assert code == 0
    assert "warning: empty.jsonl holds no documents" in err
    assert "deu_Latn" in out


def test_rows_that_hold_next_to_nothing_stop_nothing(folder, monkeypatch, capsys) -> None:
    write("odd.jsonl", ["a", "👍👍", "שלום hello", "\u200b", "字" * 100_000], "und")
    found = figures(monkeypatch, capsys, "odd.jsonl", "--out", "odd.html", "--policy", "new.yaml")
    assert found["languages"]["und"]["sample"]["rows"] >= 4


@pytest.mark.skipif(not DATA.is_dir(), reason="needs the real text in shared/data")
def test_pages_of_13_languages_that_people_wrote_lose_little_by_the_defaults(folder, monkeypatch, capsys) -> None:
    found = figures(monkeypatch, capsys, str(DATA / "tldr"), "--sample", "200", "--out", "page.html")
    assert len(found["languages"]) == 13
    assert [lang["sample"]["rows"] for lang in found["languages"].values()] == [200] * 13
    # Which 200 goes by their ids, and those by the path of the folder.
    assert max(lang["lost"]["rows"] for lang in found["languages"].values()) < 0.1
    assert not [lang for lang, of in found["languages"].items() if of["unfair"]]
    assert Path("page.html").stat().st_size < 2_000_000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing.jsonl"], "no file 'nothing.jsonl' (looked in "),
        (["xx=de.txt"], "no file 'xx=de.txt'; and as language=file: no language 'xx'"),
        (["de.txt"], "de.txt does not name the language of its rows: give --lang de, or de=de.txt"),
        (["empty.jsonl"], "empty.jsonl: no documents to inspect"),
        (["notes"], "folder notes holds no file that ends in .txt"),
        (["de.jsonl", "--policy", "nope.yaml"], "policy: no file 'nope.yaml'"),
        (["de.jsonl", "--policy", "damaged.yaml"], "policy 'damaged.yaml'"),
        (["de.jsonl", "--against", "damaged.yaml"], "policy 'damaged.yaml'"),
        (["de.jsonl", "--step", "qualitty"], "no step 'qualitty'; did you mean 'quality'?"),
        (["de.jsonl", "--step", "mine"], "--step mine: only steps that judge rows one by one"),
        (["de.jsonl", "--step", "normalise", "--policy", "new.yaml"], "none of the steps normalise takes a policy"),
        (["de.jsonl", "--policy", "new.yaml", "--set", "quality.policy=old.yaml"], "already given with --policy"),
        (["de.jsonl", "--set", "quality.min_wrds=3"], "'quality' has no such option; did you mean 'min_words'?"),
        (["de.jsonl", "--set", "quality.min_words=many"], "quality.min_words: Input should be a valid number"),
        (["de.jsonl", "--set", "identify.top=3"], "no step 'identify' here; valid: quality, read"),
        (["de.jsonl", "--set", "quality=3"], "--set quality: write step.option=value"),
        (["de.jsonl", "--set", "read.kind=pair"], "--set read.kind: name files as arguments"),
        (["de.jsonl", "--kind", "documents"], "--kind documents: no such record kind; did you mean 'document'?"),
        (["de.jsonl", "--kind", "lexicon"], "step 'quality' takes sentence or document"),
        (["de.jsonl", "--out", "page.pdf"], "--out page.pdf: give a name that ends in .html"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_and_exit_code_2(folder, monkeypatch, capsys, arguments: list[str], message: str) -> None:
    (folder / "empty.jsonl").write_text("")
    (folder / "notes").mkdir()
    (folder / "damaged.yaml").write_text("policy: 1\nlanguages: {deu_Latn: {limits: [1]}}\n")
    code, _, err = call(monkeypatch, capsys, *arguments)
    assert message in err
    assert code == 2
    assert "Traceback" not in err
    assert not list(folder.glob("*.html"))
