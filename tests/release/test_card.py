"""The dataset card: its header as the Hub reads it, its body as a person does."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
import yaml

from xlcorpus import records
from xlcorpus.ledger import LedgerEntry
from xlcorpus.release import kept
from xlcorpus.release.card import bars
from xlcorpus.release.examples import cell
from xlcorpus.release.header import features, read_header, size_category
from xlcorpus.release.licences import hub_license, license_header
from xlcorpus.release.shards import write_config
from xlcorpus.release_spec import ReleaseSpec


def body(folder: Path) -> str:
    return (folder / "README.md").read_text("utf8").split("\n---\n", 1)[1]


def test_header_says_what_the_hub_asks_for(release: Path):
    header = read_header(release)
    assert header["language"] == ["de", "en"]
    assert header["license"] == "cc0-1.0"
    assert header["task_categories"] == ["sentence-similarity", "text-generation", "translation"]
    assert header["size_categories"] == ["n<1K"]
    assert header["tags"] == ["xlcorpus", "multilingual", "parallel", "instruction", "pair"]
    assert header["configs"][0] == {
        "config_name": "pairs",
        "default": True,
        "data_files": [{"split": "train", "path": "data/pairs/train-*.parquet"}],
    }
    info = header["dataset_info"][0]
    assert info["splits"][0]["num_examples"] == 80
    assert info["download_size"] == sum(p.stat().st_size for p in (release / "data/pairs").iterdir())


def test_the_hub_library_reads_the_header(release: Path):
    from huggingface_hub import DatasetCard

    card = DatasetCard.load(release / "README.md")
    assert card.data.language == ["de", "en"]
    assert card.data.config_names or card.data.configs


def test_the_body_holds_what_was_measured(release: Path):
    text = body(release)
    for said in (
        "# demo",
        "**92 rows** · **2 languages** (German, English)",
        "| German–English | `deu_Latn-eng_Latn` | 80 |  |",
        "| `quality` | 200 | 140 | 60 | 0 | 70.0% | `letters` 50, `too_short` 10 |",
        "`quality` kept 50.0% of Hindi, but 90.0% (median) of the other languages",
        "| `mine.encoder` | `bootstrap` |",
        "| `pairs` | sample corpus | CC0-1.0 | 80 |",
        "`instructions`: 12 rows translated by the step `translate` with `lexicon`",
        "Every row is under `cc0-1.0`.",
        "mine: {k: 4}",
    ):
        assert said in text


def test_every_table_is_whole(release: Path):
    for block in re.findall(r"(?:^\|.*\n)+", body(release), re.MULTILINE):
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
        assert len(widths) == 1, block


def test_hostile_text_cannot_leave_its_cell(make_table, build, pairs):
    text = "| x |\n\n# Heading\n```\n<script>alert(1)</script> [a](b)"
    folder = build({"pairs": make_table(pairs(rows=1, src_text=[text], source="a|b\nc"))}).folder
    shown = body(folder)
    assert "<script>" not in shown
    assert "\n# Heading" not in shown
    assert r"\[a\](b)" in shown
    test_every_table_is_whole(folder)


def test_nothing_of_this_machine_or_hour_is_on_the_card(release: Path, tmp_path: Path):
    assert str(tmp_path) not in (release / "README.md").read_text("utf8")


def test_mixed_licences_are_each_stated(make_table, build, pairs):
    licences = ["CC-BY-4.0", "cc-by-4.0", "mit", None]
    folder = build({"pairs": make_table(pairs(rows=4, license=licences))}).folder
    header = read_header(folder)
    assert (header["license"], header["license_name"]) == ("other", "mixed")
    assert header["license_details"] == "cc-by-4.0 (2 rows), mit (1 rows), unknown (1 rows)"
    text = body(folder)
    assert "Rows have different licences" in text
    assert "**The licence of 1 row is unknown** (null)." in text
    assert "| `pairs` | sample corpus | *unknown* | 1 |" in text


def test_unknown_licences_are_said_to_be_unknown(make_table, build, pairs):
    nothing = pl.Series([None] * 40, dtype=pl.String)
    folder = build({"pairs": make_table(pairs(license=nothing, source=nothing))}).folder
    assert read_header(folder)["license"] == "unknown"
    assert "**The licence of every row is unknown.**" in body(folder)


def test_a_licence_of_the_whole_goes_before_those_of_rows(make_table, build, pairs):
    folder = build({"pairs": make_table(pairs(license=["mit"] * 39 + [None]))}, license="CC-BY-SA-4.0").folder
    assert read_header(folder)["license"] == "cc-by-sa-4.0"
    assert "**The licence of 1 row is unknown**" in body(folder)


@pytest.mark.parametrize(
    ("name", "tag"),
    [("CC-BY-4.0", "cc-by-4.0"), ("ODC-By-1.0", "odc-by"), ("GPL-3.0-only", "gpl-3.0"), ("my licence", None)],
)
def test_licences_get_the_tag_of_the_hub(name: str, tag: str | None):
    assert hub_license(name) == tag


def test_a_licence_the_hub_does_not_know_is_named():
    assert license_header(None, {"My Licence": 3}) == {"license": "other", "license_name": "My Licence"}


@pytest.mark.parametrize(
    ("rows", "category"),
    [
        (1, "n<1K"),
        (999, "n<1K"),
        (1000, "1K<n<10K"),
        (123_456, "100K<n<1M"),
        (10**9, "1B<n<10B"),
        (10**12, "n>1T"),
    ],
)
def test_size_categories_are_the_hubs(rows: int, category: str):
    assert size_category(rows) == category


def test_no_language_in_the_header_that_is_none(make_table, build, pairs):
    folder = build({"pairs": make_table(pairs(rows=2, tgt_lang=["und", "qqqq_Zzzz"]))}).folder
    assert read_header(folder)["language"] == ["de"]
    assert "`deu_Latn-qqqq_Zzzz`" in body(folder)


def test_norwegian_is_not_false(make_table, build, pairs):
    folder = build({"pairs": make_table(pairs(tgt_lang="nno_Latn"))}).folder
    head = (folder / "README.md").read_text("utf8").split("---\n")[1]
    assert yaml.safe_load(head)["language"] == ["de", "nn"]


def test_rows_left_out_and_empty_configs_are_named(make_table, build, pairs):
    empty = make_table(pairs(rows=0), kind="pair")
    folder = build({"pairs": make_table(pairs(0, 40), pairs(30, 10)), "other": empty}).folder
    text = body(folder)
    assert "has the same id: 10 further rows." in text
    assert "`other` is empty and left out: no row of `make_other` got this far." in text


def test_what_the_user_says_is_on_the_card(make_table, build, pairs):
    folder = build(
        {"pairs": make_table(pairs())},
        title="My set",
        description="For **teachers**.",
        sources="Thanks to all.",
        limits=["Only short sentences."],
        tags=["school"],
    ).folder
    text = body(folder)
    for said in ("# My set", "For **teachers**.", "Thanks to all.", "- Only short sentences."):
        assert said in text
    assert "school" in read_header(folder)["tags"]


def test_features_are_those_that_datasets_reads(make_table, instructions, tmp_path: Path):
    from datasets import Features

    spec = ReleaseSpec(tables={"x": "y"})
    written = write_config(tmp_path / "out", "x", [make_table(instructions(), kind="instruction")], spec)
    assert Features._from_yaml_list(features(written.schema)) == Features.from_arrow_schema(written.schema)


@pytest.mark.parametrize("kind", records.kinds())
def test_features_of_every_kind_are_written_as_datasets_writes_them(kind: str):
    from datasets import Features

    schema = records.kind(kind).schema
    assert features(schema) == Features.from_arrow_schema(schema)._to_yaml_list()


@pytest.mark.parametrize(
    "of",
    [
        pa.list_(pa.list_(pa.string())), pa.list_(pa.struct([("a", pa.list_(pa.int8()))])), pa.timestamp("us", "UTC"),
        pa.struct([("t", pa.date32()), ("u", pa.float32())]), pa.large_string(), pa.list_(pa.large_list(pa.bool_())),
        pa.dictionary(pa.int32(), pa.string()), pa.null(), pa.binary(), pa.float16(), pa.decimal128(5, 2),
    ],
    ids=str,
)  # fmt: skip
def test_features_of_any_type_are_written_as_datasets_writes_them(of: pa.DataType):
    from datasets import Features

    schema = pa.schema([("x", pa.string()), ("y", of)])
    assert features(schema) == Features.from_arrow_schema(schema)._to_yaml_list()


def test_cells_show_messages_spans_and_parallel_texts():
    assert cell([{"role": "user", "content": "Hi|"}]) == r"**user:** Hi\|"
    assert cell([{"start": 0, "end": 1, "original": "a", "replacement": "b", "lang": "x"}]) == "a → b"
    assert cell([{"lang": "deu_Latn", "text": "Hallo", "id": None}]) == r"**deu\_Latn:** Hallo"
    assert (cell(None), cell(True), cell(0.12345)) == ("", "yes", "0.123")


def test_bars_show_a_histogram():
    assert bars([0, 1, 4, 8]) == "▁▂▅█"
    assert bars([]) == ""


def test_a_ledger_of_many_languages_says_what_is_cut():
    entries = [LedgerEntry("read", f"l{i:04d}", 1, 1) for i in range(600)]
    assert "100 more lines are not shown." in kept.by_language(entries)


def test_rules_that_cost_one_language_more_are_a_table(make_table, build, pairs):
    text = body(build({"pairs": make_table(pairs())}).folder)
    assert "| `quality` | `letters` | Hindi | 50 | 50.0% | 0.0% |" in text
    assert "`too_short` | German" not in text  # ten points more than Hindi, not over ten


def test_a_card_says_that_no_rule_costs_one_language_more():
    fair = [LedgerEntry("quality", lang, 100, 99, 0, {"letters": 1}) for lang in ("deu_Latn", "hin_Deva")]
    assert kept.costly_rules(fair) == ""
