"""Random rows of each language."""

import polars as pl

from xlcorpus import records
from xlcorpus.policies.sample import Sample


def corpus(lang: str, rows: int) -> pl.DataFrame:
    return records.finish(pl.DataFrame({"text": [f"{lang} {i}" for i in range(rows)], "lang": lang}), "document")


def sampled(frames: list[pl.DataFrame], size: int, seed: int = 0) -> Sample:
    sample = Sample("document", size, seed)
    for frame in frames:
        sample.add(frame)
    return sample


def test_each_language_has_its_rows_and_small_ones_are_whole() -> None:
    sample = sampled([corpus("deu_Latn", 500), corpus("khm_Khmr", 7)], 100)
    assert dict(sample.rows()["lang"].value_counts().iter_rows()) == {"deu_Latn": 100, "khm_Khmr": 7}
    assert sample.counts == {"deu_Latn": 500, "khm_Khmr": 7}


def test_the_sample_is_no_head_and_depends_on_the_seed() -> None:
    rows = [corpus("deu_Latn", 1000)]
    places = sorted(int(text.split()[1]) for text in sampled(rows, 100).rows()["text"])
    assert max(places) > 900
    assert places != sorted(int(text.split()[1]) for text in sampled(rows, 100, seed=1).rows()["text"])


def test_the_order_and_the_parts_of_the_corpus_do_not_matter() -> None:
    rows = corpus("deu_Latn", 30_000)
    backwards = [rows[i : i + 9_000] for i in range(0, 30_000, 9_000)][::-1]
    assert sampled([rows], 50).rows().equals(sampled(backwards, 50).rows())


def test_a_row_that_is_read_twice_is_drawn_once() -> None:
    rows = corpus("deu_Latn", 10)
    assert sampled([rows, rows], 100).rows().height == 10


def test_pairs_are_drawn_by_pair_of_languages() -> None:
    frame = pl.DataFrame(
        {"src_text": ["a", "b"], "tgt_text": ["c", "d"], "src_lang": "deu_Latn", "tgt_lang": ["eng_Latn", "fra_Latn"]}
    )
    sample = Sample("pair", 1, 0)
    sample.add(records.finish(frame, "pair"))
    assert sample.rows().height == 2
    assert set(sample.counts) == {"deu_Latn-eng_Latn", "deu_Latn-fra_Latn"}
