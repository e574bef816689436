"""Drawing rows up to budgets."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from xlcorpus import records
from xlcorpus.errors import UserError
from xlcorpus.step import CorpusEnv, Heard, Table
from xlcorpus.steps import Sample

LANGS = {"eng_Latn": 600, "deu_Latn": 200, "swh_Latn": 40, "kat_Geor": 10}


def corpus(counts: dict[str, int] = LANGS) -> pl.DataFrame:
    rows = [
        {"id": f"{lang}-{i:04d}", "text": "ა" * (1 + i % 7), "lang": lang, "source": f"s{i % 3}"}
        for lang, n in counts.items()
        for i in range(n)
    ]
    return pl.DataFrame(rows)


def counts(frame: pl.DataFrame) -> dict[str, int]:
    return dict(frame["lang"].value_counts().iter_rows())


def sampled(frame: pl.DataFrame | None = None, **options: Any) -> pl.DataFrame:
    return Sample(**options)(corpus() if frame is None else frame, kind="sentence")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"size": 85}, {"eng_Latn": 60, "deu_Latn": 20, "swh_Latn": 4, "kat_Geor": 1}),
        ({"each": 10}, dict.fromkeys(LANGS, 10)),
        ({"each": 100, "short": "all"}, {"eng_Latn": 100, "deu_Latn": 100, "swh_Latn": 40, "kat_Geor": 10}),
        ({"each": 100, "short": "repeat"}, dict.fromkeys(LANGS, 100)),
        ({"size": 40, "temperature": float("inf")}, dict.fromkeys(LANGS, 10)),
        ({"size": 300, "unimax": 2}, {"eng_Latn": 100, "deu_Latn": 100, "swh_Latn": 80, "kat_Geor": 20}),
        ({"size": 100, "shares": {"eng_Latn": 0.5}}, {"eng_Latn": 50, "deu_Latn": 40, "swh_Latn": 8, "kat_Geor": 2}),
        ({"size": 40, "shares": {"eng_Latn": 0.75, "deu_Latn": 0.25}}, {"eng_Latn": 30, "deu_Latn": 10}),
        ({"budgets": {"kat_Geor": 7, "deu_Latn": 3}}, {"kat_Geor": 7, "deu_Latn": 3}),
        ({"budgets": {"kat_Geor": 7}, "each": 5}, {"eng_Latn": 5, "deu_Latn": 5, "swh_Latn": 5, "kat_Geor": 7}),
        ({"budgets": {"kat_Geor": 7, "swh_Latn": 0}, "size": 87}, {"kat_Geor": 7, "eng_Latn": 60, "deu_Latn": 20}),
        (
            {"scale": 3, "temperature": 2, "flat": ["eng_Latn"], "short": "repeat"},
            {"eng_Latn": 30, "deu_Latn": 134, "swh_Latn": 60, "kat_Geor": 30},
        ),
    ],
)
def test_languages_get_their_budgets(options: dict[str, Any], expected: dict[str, int]) -> None:
    assert counts(sampled(**options)) == expected


def test_another_column_may_be_proportioned() -> None:
    made = sampled(lang="source", shares={"s0": 0.5}, size=200)
    assert dict(made["source"].value_counts().iter_rows()) == {"s0": 100, "s1": 50, "s2": 50}
    pairs = pl.DataFrame(
        {"src_text": "a", "tgt_text": "b", "src_lang": ["eng_Latn"] * 4, "tgt_lang": ["deu_Latn", "fra_Latn"] * 2}
    )
    made = Sample(lang="tgt_lang", budgets={"fra_Latn": 1})(pairs, kind="pair")
    assert made["tgt_lang"].to_list() == ["fra_Latn"]


def test_characters_are_met_to_half_a_row() -> None:
    made = sampled(unit="characters", each=30)
    for lang in LANGS:
        assert abs(made.filter(lang=lang)["text"].str.len_chars().sum() - 30) <= 3.5


def test_tokens_are_those_of_the_tokenizer(tmp_path: Path) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers

    model = Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    model.pre_tokenizer = pre_tokenizers.Whitespace()
    model.enable_truncation(1)  # what a model's file may say, and what must not shorten a count
    model.save(str(tmp_path / "tokenizer.json"))
    rows = pl.DataFrame({"id": ["a", "b", "c"], "text": ["eins zwei drei"] * 3, "lang": "deu_Latn"})
    made = sampled(rows, unit="tokens", tokenizer=tmp_path, each=6)
    assert made.height == 2


def test_a_language_that_is_too_small_is_an_error_that_says_what_would_fit() -> None:
    with pytest.raises(
        UserError, match=r"kat_Geor 10 of 100, swh_Latn 40 of 100, in rows.*`short: repeat`.*enough for 40"
    ):
        sampled(each=100)
    with pytest.raises(UserError, match=r"budgets: there is no row of deu; did you mean 'deu_Latn'\?"):
        sampled(budgets={"deu": 5}, short="repeat")
    with pytest.raises(UserError, match="budgets and shares come to 30, more than size: 20"):
        sampled(budgets={"deu_Latn": 30}, size=20)
    with pytest.raises(UserError, match="unimax: 1 times all that there is are 850, less than the 900 that are wanted"):
        sampled(unimax=1, size=900)
    with pytest.raises(UserError, match="there is too little: eng_Latn 0 of 5, in characters"):
        sampled(corpus({"eng_Latn": 3}).with_columns(text=pl.lit("")), unit="characters", each=5, short="repeat")


def test_what_is_taken_whole_is_warned_of() -> None:
    outcome = Sample(budgets={"kat_Geor": 20, "xho_Latn": 5}, short="all").outcome(corpus(), kind="sentence")
    assert counts(outcome.kept) == {"kat_Geor": 10}
    assert outcome.warnings == ("smaller than their budgets and taken whole: xho_Latn, kat_Geor",)


def test_wanted_and_realised_shares_stand_side_by_side() -> None:
    outcome = Sample(each=100, short="all").outcome(corpus(), kind="sentence")
    assert outcome.notes == (
        "250 rows of 400 wanted; got (wanted): deu_Latn 100 (100), 40.0 % (25.0 %); eng_Latn 100 (100), "
        "40.0 % (25.0 %); swh_Latn 40 (100), 16.0 % (25.0 %); kat_Geor 10 (100), 4.0 % (25.0 %)",
    )


def test_rows_that_are_not_drawn_are_rejected() -> None:
    outcome = Sample(budgets={"kat_Geor": 7}).outcome(corpus(), kind="sentence")
    assert sorted(outcome.rejected.group_by("rule", "value").len().iter_rows()) == [
        ("no_budget", "deu_Latn", 200),
        ("no_budget", "eng_Latn", 600),
        ("no_budget", "swh_Latn", 40),
        ("not_drawn", "kat_Geor", 3),
    ]


def test_a_repetition_is_a_row_of_its_own_and_names_the_first() -> None:
    made = sampled(corpus({"kat_Geor": 2}), each=5, short="repeat")
    assert made["id"].n_unique() == 5
    assert sorted(made["copy"].to_list()) == [0, 0, 1, 1, 2]
    again = made.filter(pl.col("copy") > 0)
    assert {*again["parents"].list.first()} == {*made.filter(copy=0)["id"]}
    assert again["group_id"].to_list() == again["parents"].list.first().to_list()
    # The same repetitions have the same ids in a larger sample.
    assert {*made["id"]} < {*sampled(corpus({"kat_Geor": 2}), each=9, short="repeat")["id"]}


def test_drawing_with_replacement_repeats_some_rows_and_leaves_others() -> None:
    made = sampled(replacement=True, each=200)
    assert counts(made) == dict.fromkeys(LANGS, 200)
    english = made.filter(lang="eng_Latn")
    assert 100 < english.filter(copy=0).height < 200
    assert made["id"].n_unique() == 800


def test_budgets_come_from_a_file_or_a_table(tmp_path: Path) -> None:
    table = pl.DataFrame({"name": ["deu_Latn", "kat_Geor"], "budget": [4, 2]})
    for path, write in (("b.csv", table.write_csv), ("b.parquet", table.write_parquet)):
        write(tmp_path / path)
        assert counts(sampled(budgets=tmp_path / path)) == {"deu_Latn": 4, "kat_Geor": 2}
    table.write_csv(tmp_path / "b.tsv", separator="\t")
    assert counts(sampled(budgets=tmp_path / "b.tsv")) == {"deu_Latn": 4, "kat_Geor": 2}
    side = table.with_columns(text="name", lang="name")
    assert counts(Sample()(corpus(), kind="sentence", budgets=side)) == {"deu_Latn": 4, "kat_Geor": 2}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lang,budget\ndeu_Latn,4\n", "needs the columns name and budget; it has lang, budget"),
        ("name,budget\ndeu_Latn,many\n", "the budget of deu_Latn is no number of 0 or more"),
        ("name,budget\ndeu_Latn,-1\n", "the budget of deu_Latn is no number of 0 or more"),
        ("name,budget\ndeu_Latn,1\ndeu_Latn,2\n", "deu_Latn has two budgets"),
    ],
)
def test_a_table_of_budgets_is_checked(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "b.csv").write_text(text)
    with pytest.raises(UserError, match=message):
        Sample(budgets=tmp_path / "b.csv").preflight()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"each": 5, "temperature": 2}, "temperature and each both say what each language gets"),
        ({"each": 5, "size": 2}, "size and each both say how much there is altogether"),
        ({"shares": {"a": 0.7, "b": 0.7}}, "the shares come to 1.4, more than the whole"),
        ({"unit": "tokens"}, "unit: tokens needs tokenizer"),
        ({"flat": ["eng_Latn"]}, "flat has no effect here: it is for scale"),
        ({"temperature": 0.3}, "greater than or equal to 1"),
    ],
)
def test_options_that_contradict_each_other_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Sample(**options)


@settings(max_examples=15, deadline=None)
@given(
    cuts=st.lists(st.integers(0, 85), max_size=6), unit=st.sampled_from(["rows", "characters"]), replace=st.booleans()
)
def test_the_rows_do_not_depend_on_shards(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int], unit: Any, replace: bool
) -> None:
    frame = records.finish(corpus({"eng_Latn": 60, "deu_Latn": 20, "swh_Latn": 5}), "sentence")
    step = Sample(each=12, unit=unit, replacement=replace, short="repeat")
    folder = tmp_path_factory.mktemp("shards")
    borders = [0, *sorted(cuts), frame.height]
    paths = []
    for number, (low, high) in enumerate(pairwise(borders)):
        paths.append(folder / f"{number}.parquet")
        frame[low:high].write_parquet(paths[-1])
    heard = Heard("sentence", "sample")
    env = CorpusEnv(kind="sentence", step="sample", scratch=folder, keep=folder, reject=heard.reject)
    made = pl.concat(step.run({"rows": Table("sentence", tuple(paths))}, env))
    assert made["id"].to_list() == step(frame, kind="sentence")["id"].to_list()
    # Nor does what is drawn on the order of the table.
    turned = step(frame.reverse(), kind="sentence")
    assert sorted(turned["id"]) == sorted(made["id"])


def test_an_empty_table_has_no_sample() -> None:
    assert sampled(corpus().clear()).height == 0
    with pytest.raises(UserError, match="there are no rows at all"):
        sampled(corpus().clear(), budgets={"deu_Latn": 1})
