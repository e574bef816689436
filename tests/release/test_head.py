"""What a recipe says of itself stands on the card, and what does not hold keeps a release from the Hub."""

from pathlib import Path

import pytest
import yaml

from xlcorpus.errors import XlcorpusError
from xlcorpus.head_spec import Hold, Paper
from xlcorpus.holds import Held
from xlcorpus.ledger import LedgerEntry
from xlcorpus.release.build import build_release, read_release
from xlcorpus.release.head import Head
from xlcorpus.release.hub import publish
from xlcorpus.release.validate import validate_release
from xlcorpus.release_spec import ReleaseSpec

PAPER = Paper(title="A *Paper*", authors="Some and Other", arxiv="2404.11932", year=2024)
LEDGER = [LedgerEntry("mine", "deu_Latn-eng_Latn", 0, 40)]
GOOD = Hold(what="the sides | differ", of="pairs", all="src_lang != tgt_lang")
BAD = Hold(what="all scores are high", of="pairs", all="score > 1.2")


@pytest.fixture
def headed(tmp_path: Path, make_table, pairs):
    """`headed(*holds)` builds a release of 40 pairs with a head."""
    table = make_table(pairs())

    def run(*holds: Hold) -> Path:
        head = Head(about="Pairs of a demo.", paper=PAPER, differs="fewer rows.", holds=holds)
        spec = ReleaseSpec(tables={"pairs": ["mine"]})
        given = {"pipeline_yaml": "name: demo\n", "versions": {}, "models": {}, "name": "demo"}
        return build_release(tmp_path / "release", spec, {"pairs": [table]}, ledger=LEDGER, head=head, **given).folder

    return run


def test_the_card_shows_paper_difference_and_conditions(headed) -> None:
    card = (headed(GOOD, BAD) / "README.md").read_text("utf8")
    section = card[card.index("## The recipe") : card.index("## What was kept")]
    assert section.split("\n\n") == [
        "## The recipe",
        "Pairs of a demo.",
        "Made after [A \\*Paper\\* (Some and Other, 2024)](https://arxiv.org/abs/2404.11932).",
        "Otherwise than in the paper: fewer rows.",
        "What the recipe says of its rows, and what was found:",
        "| holds | what | found |\n| --- | --- | --- |\n| yes | the sides \\| differ | 40 rows |\n"
        + next(line for line in section.splitlines() if line.startswith("| **no**")),
        "**1 of 2 do not hold: this release is not what the recipe promises.**",
        "",
    ]


def test_what_was_found_is_read_from_the_card(headed) -> None:
    folder = headed(GOOD)
    assert read_release(folder).held == (Held("the sides | differ", True, "40 rows"),)
    header = yaml.safe_load((folder / "README.md").read_text("utf8").split("---\n")[1])
    assert header["xlcorpus"]["holds"] == [{"what": "the sides | differ", "ok": True, "found": "40 rows"}]
    assert validate_release(folder) == []


def test_a_release_that_is_not_what_its_recipe_promises_is_not_sent(headed) -> None:
    with pytest.raises(XlcorpusError, match="is not what its recipe promises: all scores are high") as caught:
        publish(headed(GOOD, BAD), "me/demo", dry_run=True)
    assert caught.value.exit_code == 1
    assert publish(headed(GOOD), "me/demo", dry_run=True).repo_id == "me/demo"


def test_a_condition_on_a_config_that_was_cut_into_arms_is_one_on_all_of_them(
    tmp_path: Path, make_table, pairs
) -> None:
    places = [[{"arm": "control", "place": i}] + [{"arm": "mixed", "place": i}] * (i < 30) for i in range(40)]
    table = make_table(pairs(arms=places))
    holds = (
        Hold(what="thirty of each", of="pairs", by="arm", all="count(*) >= 30"),
        Hold(what="forty of each", of="pairs", by="arm", all="count(*) >= 40"),
        Hold(what="all have a place", of="pairs", all="place >= 0"),
        Hold(what="mixed is in control", sql="SELECT src_text FROM pairs GROUP BY src_text HAVING min(arm) = 'mixed'"),
    )
    made = {"pipeline_yaml": "name: demo\n", "versions": {}, "models": {}, "name": "demo", "ledger": ()}
    spec = ReleaseSpec(tables={"pairs": ["mix"]})
    release = build_release(tmp_path / "release", spec, {"pairs": [table]}, head=Head(holds=holds), **made)
    assert release.rows == {"pairs-control": 40, "pairs-mixed": 30}
    assert [(h.ok, h.found) for h in release.held] == [
        (True, "2 groups"),
        (False, "1 of 2 groups do not: arm = mixed: not true"),
        (True, "70 rows"),
        (True, "no row"),
    ]


def test_nothing_but_the_release_stays_in_its_folder(headed) -> None:
    counted = Hold(what="w", of="pairs", by="src_lang", all="count(*) > 1")
    folder = headed(counted)
    assert sorted(p.name for p in folder.iterdir()) == ["README.md", "data"]
