"""One corpus in two languages that differ in nothing but their letters."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from xlcorpus.engine import run
from xlcorpus.engine.result import RunResult
from xlcorpus.recipe import Recipe

SHIFT = 0xF0000
TEXTS = {
    "eng_Latn": [f"This is text number {i} of the corpus, and it is as long as the other ones." for i in range(100)],
    "hin_Deva": [f"यह पाठ संख्या {i} है, और यह दूसरों जितना लंबा है।" for i in range(100)],
    "zho_Hans": [f"这是语料库的第{i}段文字，它和别的一样长。" for i in range(100)],
    "hit_Xsux": [f"𒈬𒌋{chr(0x12000 + i)} 𒄑𒆪." for i in range(60)],
}


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    folder: Path = tmp_path_factory.mktemp("language_imbalance")
    for lang, texts in TEXTS.items():
        (folder / f"{lang}.txt").write_text("\n".join(texts))
    given = {lang: str(folder / f"{lang}.txt") for lang in TEXTS}
    recipe = Recipe.load("language_imbalance").with_params(documents=given, cycles=2)
    return run(recipe.pipeline(), folder / "runs")


def back(text: str) -> str:
    """The text of which this is the clone."""
    return "".join(c if c == " " else chr(ord(c) - SHIFT) for c in text)


def frame(result: RunResult, step: str) -> pl.DataFrame:
    return result.tables[step].frame()


def clone_share(rows: pl.DataFrame) -> float:
    lengths = rows.with_columns(n=pl.col("text").str.len_chars())
    return float(lengths.filter(pl.col("version") == "clone")["n"].sum() / lengths["n"].sum())


def test_a_clone_is_its_text_in_other_letters(result: RunResult) -> None:
    cloned = frame(result, "cloned")
    of_item = dict(cloned.filter(pl.col("version") == "original").select("group_id", "text").iter_rows())
    clones = cloned.filter(pl.col("version") == "clone")
    assert clones.height == sum(len(texts) for texts in TEXTS.values())
    assert set(clones["lang"]) == {"eng_Qaaa", "hin_Qaaa", "zho_Qaaa", "hit_Qaaa"}
    for item, text in clones.select("group_id", "text").iter_rows():
        assert back(text) == of_item[item]
        assert not {*text} & {*of_item[item]} - {" "}


def test_arms_hold_the_same_texts_with_other_shares_of_the_clone(result: RunResult) -> None:
    arms = {name: frame(result, name) for name in ("balanced", "imbalanced", "scheduled")}
    assert len({tuple(sorted(arm["group_id"])) for arm in arms.values()}) == 1
    assert clone_share(arms["balanced"]) == pytest.approx(0.5, abs=0.01)
    assert clone_share(arms["imbalanced"]) == pytest.approx(0.1, abs=0.01)
    assert set(arms["scheduled"]["id"]) == set(arms["balanced"]["id"])
    few, many = (set(arms[n].filter(pl.col("version") == "clone")["group_id"]) for n in ("imbalanced", "balanced"))
    assert few < many


def test_languages_lead_in_turns_where_the_balanced_arm_has_as_much_of_both_all_along(result: RunResult) -> None:
    def shares(name: str) -> list[float]:
        rows = frame(result, name).sort("place")
        quarter = rows.height // 4
        return [clone_share(rows[i * quarter : (i + 1) * quarter]) for i in range(4)]

    # Which texts are drawn goes by their ids, and these by the folder of the test.
    assert shares("scheduled") == pytest.approx([0.1, 0.9, 0.1, 0.9], abs=0.15)
    assert shares("balanced") == pytest.approx([0.5] * 4, abs=0.15)


def test_the_release_holds_what_the_paper_says(result: RunResult) -> None:
    assert result.release is not None
    assert [held.ok for held in result.release.held] == [True] * 7


def test_clones_beside_their_texts_in_place_of_them_are_found(tmp_path: Path) -> None:
    wrong = Recipe.load("language_imbalance").with_options({"uneven.keep": "version = 'original' OR clone_place < 0.1"})
    result = run(wrong.pipeline(), tmp_path)
    assert result.release is not None
    held = {held.what: held.ok for held in result.release.held}
    assert not held["all arms hold the same texts, each once"]
