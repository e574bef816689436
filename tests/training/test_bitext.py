"""Pairs as a trainer takes them."""

import numpy as np
import polars as pl
import pytest

from xlcorpus.errors import UserError
from xlcorpus.training.bitext import bitext, hold_out

ROWS = pl.DataFrame(
    {
        "src_text": ["Hund", "Katze", "chien", "Hund"],
        "tgt_text": ["dog", "cat", "dog", "dog"],
        "src_lang": ["deu_Latn", "deu_Latn", "fra_Latn", "deu_Latn"],
        "tgt_lang": ["eng_Latn"] * 4,
    }
)


def test_language_pairs_are_numbered_and_repetitions_fall_away():
    data = bitext(ROWS)
    assert data.src.tolist() == ["Hund", "Katze", "chien"]
    assert data.languages == (("deu_Latn", "eng_Latn"), ("fra_Latn", "eng_Latn"))
    assert data.group.tolist() == [0, 0, 1]
    assert data.tgt_id[0] == data.tgt_id[2] != data.tgt_id[1]


def test_weights_have_the_mean_1():
    data = bitext(ROWS.head(3).with_columns(weight=pl.Series([1, 2, 3])))
    np.testing.assert_allclose(data.weight, [0.5, 1.0, 1.5])


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (ROWS.drop("tgt_lang"), "need a column 'tgt_lang'; there are src_text, tgt_text, src_lang"),
        (
            ROWS.with_columns(tgt_text=pl.Series(["dog", " ", None, "dog"])),
            r"tgt_text of row 1 is empty \(2 such rows\)",
        ),
        (ROWS.with_columns(src_lang=pl.lit(None, pl.String)), "src_lang of row 0 is not given"),
        (ROWS.with_columns(weight=pl.Series([1.0, 1.0, 0.0, 1.0])), "the weight of row 2 is 0.0, it must be above 0"),
        (ROWS.with_columns(weight=pl.Series([1.0, None, 1.0, 1.0])), "the weight of row 1 is None"),
        (ROWS[[0, 3]], "at least 2 different pairs; there is one"),
        (ROWS.clear(), "at least 2 different pairs; there is none"),
    ],
)
def test_what_cannot_be_learnt_from_is_refused(rows, message):
    with pytest.raises(UserError, match=message):
        bitext(rows)


def test_held_out_pairs_are_drawn_by_the_seed_and_share_no_text_with_the_others(toy):
    data = bitext(toy(400))
    train, held = hold_out(data, 0.1, seed=1)
    assert len(held) == 40
    assert not set(train.src) & set(held.src) and not set(train.tgt) & set(held.tgt)
    again = hold_out(data, 0.1, seed=1)[1]
    other = hold_out(data, 0.1, seed=2)[1]
    assert again.src.tolist() == held.src.tolist() != other.src.tolist()


def test_few_pairs_are_all_trained_on(toy):
    train, held = hold_out(bitext(toy(100)), 0.1, seed=0)
    assert (len(train), len(held)) == (100, 0)
