"""The shelf: recipes by family and word, and the page that lists them."""

import re
from pathlib import Path

import pytest

from xlcorpus import shipped
from xlcorpus.errors import UserError
from xlcorpus.recipe.recipe import Recipe
from xlcorpus.recipe.shelf import markdown, shelf

ROOT = Path(__file__).parents[2]
FAMILIES = {
    "mining", "alignment", "code_switch", "transliteration", "parallel", "sampling", "translated", "localized",
    "self_synthesis", "reasoning", "preference", "evaluation", "filters",
}  # fmt: skip


def test_a_recipe_tells_what_goes_in_and_what_comes_out() -> None:
    found = {r.name: r for r in shelf()}["mine_and_build"]
    assert found.family == "mining"
    assert found.reads == ("sentence", "instruction")
    assert found.makes == ("sentence", "pair", "lexicon", "variant", "instruction", "preference")
    assert found.roles == ("encoder", "translator")
    assert found.paper is not None
    assert found.paper.arxiv == "1811.01136"


def test_recipes_are_found_by_family_and_by_the_words_of_their_heads() -> None:
    assert {r.name for r in shelf("filters")} >= {"fineweb2_cleaning", "glot500c_cleaning"}
    assert {r.family for r in shelf("filters")} == {"filters"}
    assert [r.name for r in shelf("filters", "Imani 2305.12182")] == ["glot500c_cleaning"]
    assert shelf("filters", "vecalign") == []
    with pytest.raises(UserError, match=r"no family 'filter'; did you mean 'filters'\?"):
        shelf("filter")


def test_names_are_unique_and_files_stand_in_a_known_family() -> None:
    files = sorted(shipped.folder("pipelines").rglob("*.yaml"))
    assert len({f.stem for f in files}) == len(files)
    for file in files:
        assert Recipe.load(file).name == file.stem
        family = file.parent.relative_to(shipped.folder("pipelines"))
        assert str(family) in FAMILIES or (str(family) == "." and file.stem.startswith("quickstart")), file


def test_every_recipe_says_what_it_makes_and_from_which_paper() -> None:
    for recipe in shelf():
        assert recipe.about, recipe.name
        assert recipe.paper is not None or not recipe.family, recipe.name


def test_the_table_in_the_docs_is_that_of_the_heads() -> None:
    page = (ROOT / "docs" / "recipes.md").read_text("utf8")
    found = re.search(r"<!-- xlcorpus recipes --markdown -->\n\n(.*)\n<!-- end -->", page, re.DOTALL)
    assert found is not None
    assert found[1] == markdown(shelf()), "put what `xlcorpus recipes --markdown` prints between the marks"


def test_the_recipe_in_the_docs_fits_together() -> None:
    page = (ROOT / "docs" / "recipes.md").read_text("utf8")
    example = page[page.index("```yaml\n") + 8 :]
    recipe = Recipe.from_yaml(example[: example.index("```")])
    pipeline = recipe.pipeline()
    assert pipeline.resolve()
    assert [hold.what for hold in pipeline.holds][2] == "some of each language"
    assert {n.name: n.step for n in pipeline.nodes}["translate"].model_dump()["into"] == ["spa_Latn"]
