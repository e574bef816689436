"""Documents cut into passages."""

import polars as pl

from xlcorpus import records
from xlcorpus.steps import Passages


def test_passages_keep_the_item_and_the_language_of_their_document() -> None:
    text = "Ein Hund lief.\n\nEr schlief ein."
    rows = records.finish(pl.DataFrame({"text": [text], "lang": ["deu_Latn"]}), "document")
    found = Passages(length=20)(rows)
    assert found["text"].to_list() == ["Ein Hund lief.", "Er schlief ein."]
    assert found["passages_position"].to_list() == [0, 1]
    assert found["lang"].to_list() == ["deu_Latn"] * 2
    assert found["group_id"].to_list() == rows["id"].to_list() * 2
    assert found["parents"].to_list() == [rows["id"].to_list()] * 2
    assert found["id"].n_unique() == 2
