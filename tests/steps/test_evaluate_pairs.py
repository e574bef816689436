from pathlib import Path

import polars as pl

from xlcorpus import records, steps
from xlcorpus.step import CorpusEnv, Table

PAIRS = pl.DataFrame(
    {
        "src_text": ["Der Hund schläft.", "das Brot ist frisch", "Wir gehen.", "रोटी ताज़ी है।"],
        "tgt_text": ["The dog is sleeping.", "The bread is fresh.", "The sky.", "The bread is fresh."],
        "src_lang": ["deu_Latn"] * 3 + ["hin_Deva"],
        "tgt_lang": "eng_Latn",
    }
)
TEXTS = [
    {"eng_Latn": "The dog is sleeping.", "deu_Latn": "Der Hund schläft."},
    {"eng_Latn": "The bread is fresh.", "deu_Latn": "Das Brot ist frisch.", "hin_Deva": "रोटी ताज़ी है।"},
    {"eng_Latn": "We are going.", "deu_Latn": "Wir gehen."},
]
GOLD = pl.DataFrame({"texts": [[{"lang": k, "text": v, "id": None} for k, v in row.items()] for row in TEXTS]})


def said(**tables: pl.DataFrame) -> list[str]:
    return list(steps.EvaluatePairs().outcome(PAIRS, **tables).notes)


def test_precision_and_recall_stand_for_each_pair_of_languages_and_for_all() -> None:
    assert said(gold=GOLD) == [
        "deu_Latn-eng_Latn against the known translations: precision 0.667 (2 of 3 pairs), recall 0.667 (2 of 3)",
        "hin_Deva-eng_Latn against the known translations: precision 1.000 (1 of 1 pairs), recall 1.000 (1 of 1)",
        "All pairs against the known translations: precision 0.750 (3 of 4 pairs), recall 0.750 (3 of 4)",
    ]


def test_gold_may_be_pairs_in_the_other_direction(tmp_path: Path) -> None:
    turned = PAIRS.head(2).select(src_text="tgt_text", tgt_text="src_text", src_lang="tgt_lang", tgt_lang="src_lang")
    tables = {"rows": PAIRS.head(3), "gold": turned}
    for name, frame in tables.items():
        records.finish(frame, "pair").write_parquet(tmp_path / f"{name}.parquet")
    heard: list[str] = []
    env = CorpusEnv(kind="pair", scratch=tmp_path, keep=tmp_path, say=lambda text, warning: heard.append(text))
    list(steps.EvaluatePairs().run({name: Table("pair", (tmp_path / f"{name}.parquet",)) for name in tables}, env))
    assert heard == [
        "deu_Latn-eng_Latn against the known translations: precision 0.667 (2 of 3 pairs), recall 1.000 (2 of 2)"
    ]


def test_where_nothing_is_known_no_share_is_given() -> None:
    nothing = GOLD.clear()
    assert said(gold=nothing)[0] == (
        "deu_Latn-eng_Latn against the known translations: none is known, so 3 pairs cannot be judged"
    )


def test_gold_that_the_cleaning_removed_does_not_count_against_the_mining() -> None:
    have = [t for row in TEXTS[:2] for t in row.items()]
    corpus = pl.DataFrame({"lang": [lang for lang, _ in have], "text": [text.upper() for _, text in have]})
    assert said(gold=GOLD, corpus=corpus)[0].endswith("recall 1.000 (2 of 2)")


def test_the_pairs_go_on_as_they_are() -> None:
    kept = steps.EvaluatePairs()(PAIRS, gold=GOLD)
    assert kept.select(PAIRS.columns).equals(PAIRS)
