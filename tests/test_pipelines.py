"""The recipes in `pipelines/`, and the main job on the sample corpus."""

from pathlib import Path

import polars as pl
import pytest

from xlcorpus import Recipe, run
from xlcorpus.rehearsal.players import with_stand_ins
from xlcorpus.release.validate import validate_release
from xlcorpus.yaml_file import from_yaml, load, to_yaml

ROOT = Path(__file__).parent.parent
RECIPES = sorted((ROOT / "pipelines").rglob("*.yaml"))


@pytest.mark.parametrize("path", RECIPES, ids=lambda p: p.stem)
def test_a_recipe_fits_together_and_survives_yaml(path: Path) -> None:
    pipeline = with_stand_ins(Recipe.load(path)).pipeline()
    assert pipeline.resolve()
    assert pipeline.name == path.stem
    assert from_yaml(to_yaml(pipeline)) == pipeline


@pytest.fixture(scope="module")
def quickstart(ray_cluster: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a quickstart run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        return run(load(ROOT / "pipelines" / "quickstart.yaml"), tmp_path_factory.mktemp("runs")).folder


def released(folder: Path, config: str) -> pl.DataFrame:
    return pl.read_parquet(folder / "release" / "data" / config / "*.parquet")


@pytest.mark.ray
def test_the_release_is_valid(quickstart: Path) -> None:
    assert validate_release(quickstart / "release") == []


@pytest.mark.ray
def test_every_row_can_be_traced_to_a_sentence_or_an_instruction(quickstart: Path) -> None:
    tables = [pl.read_parquet(p, columns=["id", "parents"]) for p in (quickstart / "steps").glob("*/part-*.parquet")]
    parents = dict(pl.concat(tables).unique("id").iter_rows())
    roots = {i for p in (quickstart / "steps").glob("read*/part-*.parquet") for i in pl.read_parquet(p)["id"]}

    def ends(row: str) -> set[str]:
        return {row} if not parents[row] else {e for parent in parents[row] for e in ends(parent)}

    for config in ("sentence", "pair", "variant", "instruction", "preference"):
        rows = released(quickstart, config)
        assert rows.height > 30
        assert all(ends(row) <= roots for row in rows["id"]), config


@pytest.mark.ray
def test_the_filters_catch_the_noise_that_was_planted(quickstart: Path) -> None:
    noise = pl.read_csv(ROOT / "data" / "noise.tsv", separator="\t", quote_char=None)
    kept = set(released(quickstart, "sentence")["text"])
    caught = noise.with_columns(out=~pl.col("text").is_in(list(kept)))
    rates = dict(
        caught.with_columns(pl.col("reason").str.split(":").list.first())
        .group_by("reason")
        .agg(pl.col("out").mean())
        .iter_rows()
    )
    for reason in ("invalid_utf8", "url", "no_letters", "repetitive", "mojibake"):
        assert rates[reason] == 1.0, reason
    by_file = caught.filter(pl.col("reason") == "boilerplate").group_by("file").agg(pl.col("out").mean())
    assert by_file["out"].min() == 1.0, by_file
    assert rates["wrong_language"] > 0.8  # close languages (Nepali as Hindi) stay


@pytest.mark.ray
def test_no_clean_sentence_of_any_language_is_lost_by_the_filters(quickstart: Path) -> None:
    gold = pl.read_csv(ROOT / "data" / "gold.tsv", separator="\t", quote_char=None)
    kept = set(released(quickstart, "sentence")["text"])
    for lang in ("en", "de", "es", "ru", "hi", "zh", "pt"):
        lost = [text for text in gold[lang] if text not in kept]
        assert len(lost) <= 0.02 * len(gold), (lang, lost)
