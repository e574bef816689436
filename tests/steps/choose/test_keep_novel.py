"""Texts that are unlike a pool and unlike each other."""

from __future__ import annotations

import polars as pl
import pytest

from xlcorpus import records
from xlcorpus.steps import KeepNovel


def sentences(lang: str, *texts: str) -> pl.DataFrame:
    rows = pl.DataFrame({"text": texts, "lang": [lang] * len(texts), "id": [f"{i}" for i in range(len(texts))]})
    return records.finish(rows, "sentence")


@pytest.mark.parametrize(
    ("lang", "first", "nearly", "other"),
    [
        ("eng_Latn", "write a short poem about rain", "write a short poem about snow", "how do bees make wax"),
        ("hin_Deva", "बारिश पर एक छोटी कविता लिखो", "बर्फ पर एक छोटी कविता लिखो", "मधुमक्खियाँ मोम कैसे बनाती हैं"),
        ("tha_Thai", "เขียนบทกวีสั้นเกี่ยวกับฝน", "เขียนบทกวีสั้นเกี่ยวกับหิมะ", "ผึ้งทำรังอย่างไร"),
    ],
)
def test_what_resembles_the_pool_or_a_row_before_is_rejected(lang: str, first: str, nearly: str, other: str) -> None:
    with_pool = KeepNovel().outcome(sentences(lang, nearly, other), pool=sentences(lang, first))
    assert with_pool.kept["text"].to_list() == [other]
    assert with_pool.rejected["rule"].to_list() == ["not_novel"]
    alone = KeepNovel().outcome(sentences(lang, first, nearly, other))
    assert alone.kept["text"].to_list() == [first, other]


def test_the_order_of_ids_decides_and_not_that_of_the_table() -> None:
    rows = sentences("eng_Latn", "write a short poem about rain", "write a short poem about snow", "count to ten")
    turned = rows[[1, 2, 0]]
    assert KeepNovel()(turned)["text"].to_list() == ["count to ten", "write a short poem about rain"]


def test_a_text_without_words_is_rejected() -> None:
    assert KeepNovel().outcome(sentences("eng_Latn", "...", "count to ten")).rejected["rule"].to_list() == ["no_words"]
