"""A recipe that extends another names only what changes."""

from pathlib import Path

import pytest

from xlcorpus.errors import UserError
from xlcorpus.recipe.recipe import Recipe
from xlcorpus.yaml_file import load

BASE = """\
name: base
about: The base.
params:
  k: {default: 4, about: neighbours}
steps:
  read: {paths: {de: sample://de.txt, en: sample://en.txt}}
  quality:
    min_characters: 5
    max_characters: 500
  embed: {}
  mine: {k: "${k}", retrieval: max}
release:
  tables: {sentence: quality, pair: mine}
holds:
  - {what: languages differ, of: pair, all: src_lang != tgt_lang}
"""
CHILD = """\
name: child
extends: base.yaml

params: {k: {default: 8}}
steps:
  quality: {min_characters: 7, max_characters: null}
  mine: {retrieval: intersect}
  induce_lexicon: {}
release:
  tables: {sentence: null, lexicon: induce_lexicon}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "base.yaml").write_text(BASE)
    (tmp_path / "child.yaml").write_text(CHILD)
    return tmp_path


def test_mappings_are_merged_lists_replaced_and_null_removes(folder: Path) -> None:
    whole = """\
name: child
about: The base.
params:
  k: {default: 8, about: neighbours}
steps:
  read: {paths: {de: sample://de.txt, en: sample://en.txt}}
  quality: {min_characters: 7}
  embed: {}
  mine: {k: "${k}", retrieval: intersect}
  induce_lexicon: {}
release:
  tables: {pair: mine, lexicon: induce_lexicon}
holds:
  - {what: languages differ, of: pair, all: src_lang != tgt_lang}
"""
    assert Recipe.load(folder / "child.yaml") == Recipe.from_yaml(whole)
    assert load(folder / "child.yaml") == Recipe.from_yaml(whole).pipeline()


def test_null_stays_the_value_of_what_the_other_recipe_does_not_say(folder: Path) -> None:
    (folder / "child.yaml").write_text(
        "name: child\nextends: base.yaml\nsteps: {quality: {max_digits: null}, embed: null}\n"
    )
    steps = Recipe.load(folder / "child.yaml").data["steps"]
    assert steps["quality"] == {"min_characters": 5, "max_characters": 500, "max_digits": None}
    assert list(steps) == ["read", "quality", "mine"]


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("base.yaml", "min_characters: 5", "max_digit: 1", "base.yaml:8: 'quality' has no option 'max_digit'"),
        ("child.yaml", "min_characters: 7", "max_digit: 1", "child.yaml:6: 'quality' has no option 'max_digit'"),
        ("base.yaml", "src_lang !=", "srclang !=", "base.yaml:15"),
        ("base.yaml", "${k}", "${kk}", "base.yaml:11: no parameter 'kk'"),
        ("child.yaml", "{k: {default: 8}}", "{k: {default: x, type: list}}", "child.yaml:4: params.k: the default is"),
        ("child.yaml", "base.yaml", "bass.yaml", "child.yaml:2: extends: no pipeline file"),
        ("child.yaml", "base.yaml", "criiss", "child.yaml:2: extends: no pipeline 'criiss'"),
        ("child.yaml", "extends: base.yaml", "extends: [base.yaml]", "child.yaml:2: extends names one recipe"),
        ("child.yaml", "{k: {default: 8}}", "{kk: null}", "child.yaml:4: params: nothing named 'kk' to remove; did"),
        ("child.yaml", "induce_lexicon: {}", "ask: {step: generate, model: m, prompt: '{{ text', into: x}",
         "child.yaml:8): the prompt: no Jinja"),
        ("child.yaml", "extends: base.yaml", "extends: child.yaml", "recipes extend each other in a circle"),
    ],
)  # fmt: skip
def test_a_mistake_has_the_line_of_the_file_that_says_it(
    folder: Path, file: str, old: str, new: str, message: str
) -> None:
    path = folder / file
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(UserError) as caught:
        load(folder / "child.yaml").resolve()
    assert message in str(caught.value)


def test_a_recipe_of_xlcorpus_is_extended_by_its_name(folder: Path) -> None:
    (folder / "mine.yaml").write_text("name: mine\nextends: criss\nparams: {pairs: {default: [de-en]}}\n")
    steps = {n.name: n.step for n in load(folder / "mine.yaml").nodes}
    assert steps["criss"].model_dump()["pairs"] == ["de-en"]
