"""One order of training from tables, in one arm or several."""

import itertools
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from xlcorpus import records
from xlcorpus.arms import rows_of_arm
from xlcorpus.errors import UserError
from xlcorpus.pipeline import Pipeline
from xlcorpus.step import CorpusEnv, Heard, Table
from xlcorpus.steps import Mix, Read
from xlcorpus.yaml_file import from_yaml, to_yaml

LANGS = {"eng_Latn": 600, "deu_Latn": 200, "swh_Latn": 100}
ARMS = {"control": {"apart": 0.2}, "uniform": {"adjacent": 0.2}, "last": {"adjacent": 0.2, "place": "last"}}


def corpus(counts: dict[str, int] = LANGS, start: str = "m") -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"id": f"{start}-{lang}-{i:04d}", "text": "x" * (1 + i % 9), "lang": lang}
            for lang, n in counts.items()
            for i in range(n)
        ]
    )


def parallel(items: int, langs: tuple[str, ...] = ("eng_Latn", "swh_Latn")) -> pl.DataFrame:
    rows = [
        {"id": f"p-{i:04d}-{lang}", "text": "yy", "lang": lang, "group_id": f"p{i:04d}"}
        for i in range(items)
        for lang in langs
    ]
    return pl.DataFrame(rows)


def mixed(frame: pl.DataFrame | None = None, **options: Any) -> pl.DataFrame:
    return Mix(**options)(corpus() if frame is None else frame, kind="sentence")


def arm(frame: pl.DataFrame, name: str, folder: Path) -> pl.DataFrame:
    frame.write_parquet(folder / "rows.parquet")
    return pl.concat(rows_of_arm([folder / "rows.parquet"], name, folder / f"sorting {name}"))


def counts(frame: pl.DataFrame) -> dict[str, int]:
    return dict(frame["lang"].value_counts().iter_rows())


def test_without_options_all_rows_are_put_into_a_random_order_that_is_even_in_languages() -> None:
    made = mixed()
    assert made["place"].to_list() == list(range(900))
    assert sorted(made["id"]) == sorted(corpus()["id"])
    for start in range(0, 900, 90):
        part = counts(made[start : start + 90])
        assert all(abs(part[lang] - n / 10) <= 2 for lang, n in LANGS.items())
    english = made.filter(lang="eng_Latn")["id"].str.tail(4).cast(pl.Int64).to_numpy()
    assert abs(np.corrcoef(np.arange(600), english)[0, 1]) < 0.1
    # No regular pattern: gaps between Swahili rows vary as those of draws do.
    gaps = np.diff(np.flatnonzero((made["lang"] == "swh_Latn").to_numpy()))
    assert len(set(gaps.tolist())) > 8


def test_languages_get_their_budgets_and_small_ones_are_repeated_throughout() -> None:
    made = mixed(size=900, temperature=float("inf"), short="repeat")
    assert counts(made) == dict.fromkeys(LANGS, 300)
    swahili = made.filter(lang="swh_Latn")
    assert swahili["copy"].to_list() == [0] * 100 + [1] * 100 + [2] * 100
    assert made["id"].n_unique() == 900
    assert swahili.filter(pl.col("copy") > 0)["parents"].list.len().unique().to_list() == [1]


def test_phases_change_the_shares_of_languages() -> None:
    # PolyLM: from 30 to 60 % that is not English; the other languages keep their proportions.
    phases = [{"shares": {"eng_Latn": 0.7}}, {"shares": {"eng_Latn": 0.4}}]
    outcome = Mix(phases=phases, size=400).outcome(corpus(), kind="sentence")
    made = outcome.kept
    first, second = made[:200], made[200:]
    assert counts(first) == {"eng_Latn": 140, "deu_Latn": 40, "swh_Latn": 20}
    assert counts(second) == {"eng_Latn": 80, "deu_Latn": 80, "swh_Latn": 40}
    assert made["phase"].to_list() == [0] * 200 + [1] * 200
    assert outcome.notes[1].startswith(
        "phase 1: 200 rows of 200 wanted; got (wanted): eng_Latn 140 (140), 70.0 % (70.0 %)"
    )


def test_a_schedule_changes_when_a_language_is_seen_but_not_what_is_seen(tmp_path: Path) -> None:
    # Schafer et al. 2024: the same data, one language dominant at a time.
    rows = corpus({"one_Latn": 300, "two_Latn": 300})
    turns = [{"shares": {"one_Latn": share, "two_Latn": 1 - share}} for share in (0.9, 0.1, 0.9, 0.1)]
    outcome = Mix(arms={"even": {}, "turns": {"phases": turns}}).outcome(rows, kind="sentence")
    even, turned = (arm(outcome.kept, name, tmp_path) for name in ("even", "turns"))
    assert sorted(even["id"]) == sorted(turned["id"])
    assert [counts(turned[i : i + 150])["one_Latn"] for i in range(0, 600, 150)] == [135, 15, 135, 15]
    assert "arm turns and arm even: the same 600 rows" in outcome.notes


def test_a_curriculum_goes_by_a_number_within_each_language() -> None:
    made = mixed(order="length(text)")
    for lang in LANGS:
        lengths = made.filter(lang=lang)["text"].str.len_chars()
        assert lengths.is_sorted()
    assert all(abs(counts(made[i : i + 90])["deu_Latn"] - 20) <= 2 for i in range(0, 900, 90))
    assert mixed(order="-length(text)", lang="'all'")["text"].str.len_chars().is_sorted(descending=True)


def test_budgets_are_filled_from_the_first_table_first() -> None:
    first = corpus({"swh_Latn": 30, "deu_Latn": 80}, "p")
    made = Mix(fill=["parallel", "mono"], each=50)(first, kind="sentence", mono=corpus())
    assert counts(made) == dict.fromkeys(LANGS, 50)
    of_first = made.filter(pl.col("id").str.starts_with("p-"))
    assert counts(of_first) == {"swh_Latn": 30, "deu_Latn": 50}
    # Filled first, but not placed first.
    assert 0.35 < of_first["place"].mean() / 150 < 0.65  # type: ignore[operator]


def test_budgets_may_come_from_a_table_of_the_pipeline() -> None:
    table = pl.DataFrame({"name": ["deu_Latn", "swh_Latn"], "budget": [20, 5]}).with_columns(text="name", lang="name")
    first = corpus({"swh_Latn": 2}, "p")
    made = Mix(fill=["parallel", "mono"])(first, kind="sentence", mono=corpus(), budgets=table)
    assert counts(made) == {"deu_Latn": 20, "swh_Latn": 5}
    assert {*first["id"]} < {*made["id"]}


def test_arms_differ_in_one_thing_and_share_the_rest(tmp_path: Path) -> None:
    arms = {**ARMS, "control": {"apart": 0.2, "same_items_as": "uniform"}}
    outcome = Mix(fill=["parallel", "mono"], arms=arms).outcome(parallel(100), kind="sentence", mono=corpus())
    made = {name: arm(outcome.kept, name, tmp_path) for name in arms}
    assert outcome.kept["id"].n_unique() == outcome.kept.height  # each text is stored once
    assert len({tuple(sorted(rows["id"])) for rows in made.values()}) == 1
    for rows in made.values():
        assert rows["place"].to_list() == list(range(900))
        assert rows.filter(pl.col("id").str.starts_with("p-")).height == 180
    for name in ("uniform", "last"):
        pairs = made[name].filter(pl.col("group_id").is_not_null())
        assert (pairs["place"].diff()[1::2] == 1).all()
        assert (pairs["group_id"][::2] == pairs["group_id"][1::2]).all()
        # Both directions, about equally often.
        assert 30 <= (pairs["lang"][::2] == "eng_Latn").sum() <= 60
    far = made["control"].filter(pl.col("group_id").is_not_null()).group_by("group_id").agg(pl.col("place").sort())
    assert (far["place"].list.diff().list.last() > 400).all()
    assert made["last"].filter(pl.col("group_id").is_not_null())["place"].min() == 720
    # What is not parallel stands in the same order in all.
    others = [rows.filter(pl.col("group_id").is_null())["id"].to_list() for rows in made.values()]
    assert others[0] == others[1] == others[2]
    assert "arm last and arm control: the same 900 rows" in outcome.notes
    assert "parallel 180 (180), 20.0 % (20.0 %)" in outcome.notes[0]


def test_what_is_added_leaves_the_others_whole(tmp_path: Path) -> None:
    arms = {"none": {"adjacent": 0}, "with": {"adjacent": 0.1}}
    made = Mix(fill=["parallel", "mono"], arms=arms, total="added")(parallel(100), kind="sentence", mono=corpus())
    none, added = (arm(made, name, tmp_path) for name in arms)
    assert none["id"].to_list() == [i for i in added["id"] if i.startswith("m-")]
    assert none.height == 900
    assert added.height == 1000


def test_rows_of_an_item_go_by_a_number() -> None:
    made = Mix(adjacent=1, inside="lang = 'eng_Latn'")(parallel(20), kind="sentence")
    assert made["lang"].to_list() == ["swh_Latn", "eng_Latn"] * 20
    assert made["id"].to_list() != sorted(made["id"])


def test_nested_mixes_grow_by_languages(tmp_path: Path) -> None:
    arms: dict[str, Any] = {
        "one": {"shares": {"eng_Latn": 1}},
        "two": {"shares": {"eng_Latn": 0.9, "deu_Latn": 0.1}},
        "three": {"shares": {"eng_Latn": 0.8, "deu_Latn": 0.1, "swh_Latn": 0.1}},
    }
    made = mixed(size=400, arms=arms)
    one, two, three = (arm(made, name, tmp_path) for name in arms)
    assert [counts(rows)["eng_Latn"] for rows in (one, two, three)] == [400, 360, 320]
    assert {*three.filter(lang="eng_Latn")["id"]} < {*two.filter(lang="eng_Latn")["id"]} < {*one["id"]}
    assert {*two.filter(lang="deu_Latn")["id"]} == {*three.filter(lang="deu_Latn")["id"]}


def test_a_batch_holds_one_language() -> None:
    made = mixed(batch=16, one_language=True)
    of_batch = made.group_by("batch", maintain_order=True).agg(pl.len(), pl.col("lang").unique())
    assert of_batch["lang"].list.len().max() == 1
    assert made["batch"].is_sorted()
    full = of_batch["len"] == 16
    assert full.sum() == 37 + 12 + 6
    assert not full[55:].any()  # those that are not full stand last
    swahili = of_batch.with_row_index()[:55].explode("lang").filter(lang="swh_Latn")["index"]
    assert swahili.max() - swahili.min() > 25  # type: ignore[operator]


def test_a_batch_holds_whole_items() -> None:
    # Batches of the language versions of the same items.
    made = Mix(adjacent=1, batch=8)(parallel(50, ("eng_Latn", "deu_Latn", "swh_Latn")), kind="sentence")
    assert made.group_by("batch").len()["len"].max() == 6
    assert made.group_by("group_id").agg(pl.col("batch").n_unique())["batch"].max() == 1


@pytest.mark.parametrize("one_language", [False, True])
def test_packs_hold_whole_rows_up_to_their_size(one_language: bool) -> None:
    outcome = Mix(unit="characters", pack=32, batch=4, one_language=one_language).outcome(corpus(), kind="sentence")
    made = outcome.kept.with_columns(size=pl.col("text").str.len_chars())
    packs = made.group_by("pack").agg(pl.col("size").sum(), pl.col("batch").n_unique(), pl.col("lang").n_unique())
    assert packs["size"].max() <= 32  # type: ignore[operator]
    assert packs["size"].mean() > 30.5  # type: ignore[operator]
    assert packs["batch"].max() == 1
    assert made["pack"].is_sorted()
    assert made["pack"].unique().to_list() == list(range(packs.height))
    assert made.group_by("batch").agg(pl.col("pack").n_unique())["pack"].max() == 4
    if one_language:
        assert made.group_by("batch").agg(pl.col("lang").n_unique())["lang"].max() == 1
    assert outcome.notes[1].startswith(f"{packs.height} packs, 9")


def test_a_row_longer_than_a_pack_has_one_of_its_own() -> None:
    rows = pl.DataFrame({"id": ["a", "b", "c"], "text": ["x" * 50, "y", "z"], "lang": "deu_Latn"})
    outcome = Mix(unit="characters", pack=10).outcome(rows, kind="sentence")
    assert sorted(outcome.kept.group_by("pack").agg("id")["id"].list.len()) == [1, 2]
    assert outcome.notes[1] == "2 packs, 60.0 % full, 1 of them one row (or item) longer than a pack"


def test_too_little_is_an_error_that_says_what_would_fit() -> None:
    with pytest.raises(
        UserError, match=r"swh_Latn 100 of 300, deu_Latn 200 of 300, in rows.*enough for 300 altogether"
    ):
        mixed(temperature=float("inf"))
    with pytest.raises(UserError, match="parallel 20 of 180, in rows"):
        Mix(fill=["parallel", "mono"], adjacent=0.2)(parallel(10), kind="sentence", mono=corpus())
    with pytest.raises(UserError, match="phases: there is no row of xho_Latn"):
        mixed(phases=[{"shares": {"xho_Latn": 0.1}}], short="repeat")
    outcome = Mix(each=150, short="all").outcome(corpus(), kind="sentence")
    assert outcome.warnings == ("smaller than their budgets and taken whole: swh_Latn",)


def test_rows_of_no_arm_are_rejected() -> None:
    outcome = Mix(shares={"eng_Latn": 1}, size=500).outcome(corpus(), kind="sentence")
    assert outcome.kept.height == 500
    assert dict(outcome.rejected.group_by("rule", "value").len().select("value", "len").iter_rows()) == {
        "eng_Latn": 100,
        "deu_Latn": 200,
        "swh_Latn": 100,
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"adjacent": 0.1, "apart": 0.1}, "adjacent and apart both say"),
        ({"adjacent": 0.1}, "a share of the first table needs a second one in fill"),
        ({"place": "last"}, "place and same_items_as are about what adjacent or apart takes"),
        ({"fill": ["a", "b"], "arms": {"x": {"adjacent": 0.1}, "y": {}}}, "either all give adjacent or apart, or none"),
        (
            {"fill": ["a", "b"], "arms": {"x": {"apart": 0.1, "same_items_as": "z"}, "y": {"adjacent": 0.1}}},
            "same_items_as: no other arm 'z'; valid: y",
        ),
        (
            {"fill": ["a", "b"], "arms": {"x": {"apart": 0.1, "same_items_as": "y"}, "y": {"adjacent": 0.2}}},
            r"x: it holds a share of 0.1 and y one of 0.2",
        ),
        ({"fill": ["a", "b"], "adjacent": 0.1, "one_language": True, "batch": 4}, "one_language forbids it"),
        ({"one_language": True}, "give pack or batch"),
        ({"pack": 10}, "pack needs unit: characters or tokens"),
        ({"inside": "length(text)"}, "inside has no effect here"),
        ({"total": "added"}, "total has no effect here"),
        ({"phases": [{"part": 0.5}, {"part": 0.6}]}, "the parts come to 1.1, not to 1"),
        ({"fill": ["a", "a"]}, "fill names steps, each once"),
    ],
)
def test_options_that_contradict_each_other_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Mix(**options)


def test_the_graph_is_checked_with_the_tables_of_fill() -> None:
    pipeline = Pipeline("p").then(Read(paths={"en": "x"}), name="mono").then(Read(paths={"en": "x"}), name="more")
    done = {n.name: n for n in pipeline.then(Mix(fill=["more", "mono"], batch=4)).resolve()}
    assert dict(done["mix"].inputs) == {"more": ("more",), "mono": ("mono",)}
    assert done["mix"].columns == ("place", "batch")
    with pytest.raises(UserError, match=r"step 'mix'.*order: `lenght\(text\)`"):
        pipeline.then(Mix(fill=["more", "mono"], order="lenght(text)")).resolve()
    pairs = pipeline.then(Read(paths={"en-de": "x"}, kind="pair"), name="pairs")
    with pytest.raises(UserError, match=r"tables of several kinds \(pairs: pair, mono: sentence\)"):
        pairs.then(Mix(fill=["pairs", "mono"])).resolve()


def test_a_mix_is_the_same_in_yaml_and_in_python() -> None:
    arms: dict[str, Any] = {"even": {"place": "uniform", "phases": []}, "late": {}}
    phases = [{"part": 0.25, "shares": {"eng_Latn": 0.7}}, {"part": 0.75}]
    step = Mix(
        fill=["more", "mono"], adjacent=0.1, place="last", phases=phases, arms=arms, temperature=float("inf"), batch=8
    )
    pipeline = Pipeline("p").then(Read(paths={"en": "x"}), name="mono").then(Read(paths={"en": "x"}), name="more")
    again = from_yaml(to_yaml(pipeline.then(step))).nodes[-1].step
    assert again == step
    assert again.adds("sentence") == ("arms",)


def test_an_arm_may_go_back_to_what_is_usual(tmp_path: Path) -> None:
    step = Mix(fill=["p", "m"], adjacent=0.1, place="last", arms={"late": {}, "even": {"place": "uniform"}}, size=200)
    made = step(parallel(50), kind="sentence", m=corpus())
    first = [arm(made, name, tmp_path).filter(pl.col("group_id").is_not_null())["place"].min() for name in step.arms]
    assert first[0] == 180
    assert first[1] < 60  # type: ignore[operator]


OPTIONS = [
    {"unit": "characters", "size": 300.0, "temperature": 2.0, "short": "repeat"},
    {"arms": ARMS, "short": "repeat"},
    {"batch": 4, "one_language": True, "apart": 0.1, "short": "repeat"},
    {
        "phases": [{"shares": {"eng_Latn": 0.2}}, {}],
        "adjacent": 0.2,
        "short": "repeat",
        "unit": "characters",
        "pack": 20,
    },
]


@settings(max_examples=24, deadline=None)
@given(cuts=st.lists(st.integers(0, 120), max_size=6), options=st.sampled_from(OPTIONS))
def test_the_mix_does_not_depend_on_shards(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int], options: dict[str, Any]
) -> None:
    frames = {"first": parallel(20), "mono": corpus({"eng_Latn": 60, "deu_Latn": 50, "swh_Latn": 10})}
    step = Mix(fill=["first", "mono"], **options)
    folder = tmp_path_factory.mktemp("shards")
    tables = {}
    for name, frame in frames.items():
        whole = records.finish(frame, "sentence")
        borders = [0, *sorted(c for c in cuts if c <= whole.height), whole.height]
        paths = []
        for number, (low, high) in enumerate(pairwise(borders)):
            paths.append(folder / f"{name}-{number}.parquet")
            whole[low:high].write_parquet(paths[-1])
        tables[name] = Table("sentence", tuple(paths))
    heard = Heard("sentence", "mix")
    env = CorpusEnv(kind="sentence", step="mix", scratch=folder, keep=folder, reject=heard.reject)
    made = pl.concat(frame for frame in step.run(tables, env) if frame.height)
    told = [c for c in ("id", "arms", "place", "pack", "batch", "phase") if c in made.columns]
    expected = step(frames["first"], kind="sentence", mono=frames["mono"])
    assert made.select(told).rows() == expected.select(told).rows()
    # Nor on the order of the rows in their tables.
    turned = step(frames["first"].reverse(), kind="sentence", mono=frames["mono"].reverse())
    assert sorted(turned.select(told).rows(), key=str) == sorted(made.select(told).rows(), key=str)


def test_empty_tables_make_an_empty_mix() -> None:
    assert mixed(corpus().clear()).height == 0
    assert mixed(corpus().clear(), arms={"a": {}, "b": {"order": "length(text)"}}).height == 0
    for share in itertools.product(["adjacent", "apart"], [0, 1]):
        made = Mix(fill=["p", "m"], **dict([share]))(parallel(1).clear(), kind="sentence", m=corpus().clear())
        assert made.height == 0
