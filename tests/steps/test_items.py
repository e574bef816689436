"""Rows that are made of a row are versions of the same item."""

from typing import Any

import polars as pl
import pytest

from xlcorpus import records
from xlcorpus.registry import registry
from xlcorpus.step import Port, RowEnv, RowStep
from xlcorpus.steps import (
    AlignDocuments,
    CodeSwitch,
    Embed,
    GroupDocuments,
    GroupPairs,
    JoinGroups,
    Mine,
    MineTranslationPrompts,
    MineWithinDocuments,
    Segment,
    SegmentLanguageSpans,
    TagLanguageSpans,
    Translate,
)

DEU, ENG, HIN = "deu_Latn", "eng_Latn", "hin_Deva"
LEXICON = pl.DataFrame(
    {
        "src_lang": ENG, "tgt_lang": DEU, "src_word": ["train", "leaves"], "tgt_word": ["zug", "fährt"],
        "probability": 1.0, "count": 3,
    }
)  # fmt: skip
PAIRS = [
    ("Der Zug nach Hamburg fährt um 10:45 Uhr ab.", "The train to Hamburg leaves at 10:45."),
    ("Anna Petersen wohnt seit 1998 in Berlin.", "Anna Petersen has lived in Berlin since 1998."),
    ("Das Hotel Astoria hat 250 Zimmer in Leipzig.", "The hotel Astoria has 250 rooms in Leipzig."),
    ("Im Juli kostet die Karte 36 Euro.", "In July the ticket costs 36 euros."),
]
LABELLED = ["\n".join(f"Deutsch: {de}\nEnglisch: {en}" for de, en in PAIRS[first : first + 2]) for first in (0, 2)]
ASKED = {"role": "user", "content": "When does the train leave?"}
ANSWERED = {"role": "assistant", "content": "The train leaves at 10:45."}
SAMPLES: dict[str, dict[str, Any]] = {
    "sentence": {"text": "The train to Hamburg leaves at 10:45.", "lang": ENG},
    "document": {"text": "The train leaves at 10:45. Anna lives in Berlin.", "lang": ENG},
    "pair": {"src_text": PAIRS[0][1], "tgt_text": PAIRS[0][0], "src_lang": ENG, "tgt_lang": DEU},
    "group": {"texts": [{"lang": DEU, "text": "Zug", "id": "a"}, {"lang": ENG, "text": "train", "id": "b"}]},
    "instruction": {
        "messages": [ASKED, ANSWERED], "lang": ENG, "task": "open", "prompt_lang": ENG, "response_lang": ENG,
    },
}  # fmt: skip
"""A row of each kind."""
NEEDED: dict[str, dict[str, Any]] = {
    "segment_language_spans": {"text": LABELLED[0], "lang": DEU},
    "tag_language_spans": {"text": LABELLED[0], "lang": DEU},
    "transliterate": {"text": "नमस्ते दुनिया", "lang": HIN},
}
"""The row of a step that makes nothing of every row."""
OPTIONS: dict[str, dict[str, Any]] = {
    "fan_out": {"over": {"to_lang": [DEU, HIN]}},
    "mark_round": {"number": 1},
    "prefer_native": {"max_untranslated": 1.0},
    "similarity": {"between": ["src_text", "tgt_text"]},
    "template": {"fields": {"source_id": "{{ id }}"}},
    "translate": {"into": ["de"]},
}
"""The options that a step must have, or without which it makes nothing of the row."""

ROW_STEPS = [
    name
    for name, step in registry().items()
    if issubclass(step, RowStep)
    and step.__module__.startswith("xlcorpus.")
    and not ("model" in step.model_fields and step.model_fields["model"].is_required())
]
"""All but those that only ask a model that the user names; see their own tests."""


def made_of(rows: pl.DataFrame, step: RowStep) -> pl.DataFrame:
    kind = next(iter(step.ports().values())).kinds[0]
    made = step.outcome(rows, kind=kind, lexicon=LEXICON).kept
    assert made.height
    return made


@pytest.mark.parametrize("name", ROW_STEPS)
def test_a_row_step_keeps_the_item_and_gives_it_to_what_it_makes(name: str) -> None:
    step = registry()[name](**OPTIONS.get(name, {}))
    assert isinstance(step, RowStep)
    kind = next(iter(step.ports().values())).kinds[0]
    rows = records.finish(pl.DataFrame([NEEDED.get(name, SAMPLES[kind])]).with_columns(group_id=pl.lit("page 7")), kind)
    if name == "segment_language_spans":
        rows = TagLanguageSpans()(rows)
    assert set(made_of(rows, step)["group_id"]) == {"page 7"}
    alone = rows.with_columns(group_id=pl.lit(None, dtype=pl.String))
    made = made_of(alone, step)
    items = made["group_id"].fill_null(made["id"])
    assert set(items) == set(alone["id"])


def test_a_chain_of_steps_stays_with_the_first_row() -> None:
    rows = records.finish(pl.DataFrame([SAMPLES["document"]]), "document")
    sentences = Segment()(rows)
    variants = CodeSwitch(ratio=1.0).outcome(sentences, kind="sentence", lexicon=LEXICON).kept
    translated = Translate(into=["de"]).outcome(sentences, kind="sentence", lexicon=LEXICON).kept
    for table in (sentences, variants, translated):
        assert table.height
        assert set(table["group_id"]) == {rows["id"].item()}


class Joins(RowStep):
    """Makes one row of every two."""

    def ports(self) -> dict[str, Port]:
        return {"rows": Port(("sentence",))}

    def apply(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        pair = pl.int_range(pl.len()) // 2
        made = rows.group_by(pair.alias("_pair"), maintain_order=True)
        return made.agg(pl.col("text").str.join(" "), pl.col("lang").first(), parents="id").drop("_pair")


def test_a_row_made_of_several_items_is_of_none() -> None:
    rows = pl.DataFrame({"text": ["a", "b", "c", "d"], "lang": DEU, "group_id": ["1", "2", "3", "3"]})
    assert Joins()(rows, kind="sentence")["group_id"].to_list() == [None, "3"]


def sides(group_ids: list[str | None]) -> pl.DataFrame:
    """The two sides of the first two pairs as rows of their own."""
    texts = [(text, lang) for pair in PAIRS[:2] for text, lang in zip(pair, (DEU, ENG), strict=True)]
    return pl.DataFrame(texts, schema=["text", "lang"], orient="row").with_columns(pl.Series("group_id", group_ids))


def test_a_mined_pair_is_of_the_item_of_both_sides() -> None:
    rows = Embed()(sides(["1", "1", "2", None]))
    pairs = Mine(threshold=1.0)(rows).sort("src_text", descending=True)
    assert pairs.select("src_text", "group_id").rows() == [(PAIRS[0][0], "1"), (PAIRS[1][0], None)]


def test_aligned_sentences_are_of_the_item_of_both_documents() -> None:
    texts = [("\n".join(side), lang) for side, lang in zip(zip(*PAIRS, strict=True), (DEU, ENG), strict=True)]
    rows = pl.DataFrame(texts, schema=["text", "lang"], orient="row")
    step = AlignDocuments(match=["id"])
    for group_ids, item in ((["page", "page"], "page"), ([None, None], None)):
        pairs = step(rows.with_columns(pl.Series("group_id", group_ids, pl.String), source_id=pl.lit("7")))
        assert pairs.height
        assert set(pairs["group_id"]) == {item}


def test_pairs_inside_a_document_and_their_prompts_are_of_the_document() -> None:
    rows = TagLanguageSpans()(pl.DataFrame({"text": LABELLED, "lang": DEU}))
    pairs = MineWithinDocuments()(Embed()(SegmentLanguageSpans()(rows)))
    assert set(pairs["group_id"]) == set(rows["id"])
    assert set(MineTranslationPrompts()(pairs)["group_id"]) == set(rows["id"])


def test_a_group_is_of_the_item_of_all_its_pairs() -> None:
    def pair(src: str, tgt: str, group_id: str | None) -> dict[str, Any]:
        langs = {"a": DEU, "b": ENG, "c": HIN}
        tags = {"src_lang": langs[src[0]], "tgt_lang": langs[tgt[0]]}
        return {"src_text": src, "tgt_text": tgt, **tags, "src_id": src, "tgt_id": tgt, "group_id": group_id}

    rows = [pair("a1", "b1", "1"), pair("b1", "c1", "1"), pair("a2", "b2", "2"), pair("b2", "c2", "3")]
    groups = JoinGroups()(pl.DataFrame(rows))
    assert set(groups["group_id"]) == {"1", None}
    assert set(GroupPairs()(groups)["group_id"]) == {"1", groups.filter(pl.col("group_id").is_null())["id"].item()}
    assert set(GroupDocuments()(groups)["group_id"]) == set(GroupPairs()(groups)["group_id"])
    groups = pl.concat(
        [groups.drop("id", "group_id").with_columns(texts=rotated(groups["texts"], n)) for n in range(4)]
    )
    control = GroupDocuments(aligned=False)(groups, seed=1)
    assert 0 < control["group_id"].null_count() == (control["parents"].list.len() > 1).sum()


def rotated(texts: pl.Series, n: int) -> pl.Series:
    return pl.Series([[entry | {"text": f"{entry['text']} {n}"} for entry in row] for row in texts], dtype=texts.dtype)
