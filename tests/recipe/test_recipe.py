"""A recipe in Python is the same object as its file."""

from pathlib import Path

import pytest

import xlcorpus
from xlcorpus.errors import UserError
from xlcorpus.recipe import Recipe
from xlcorpus.yaml_file import from_yaml, to_yaml

TEXT = """\
name: demo
paper: {title: A Paper, authors: Some and Other, arxiv: "2404.11932", year: 2024}
about: Into ${into}.
params: {into: {default: [de], about: languages}}
models: {encoder: {about: vectors, player: bootstrap}}
differs: in nothing.
seed: 3
steps:
  read: {paths: {de: sample://de.txt, en: sample://en.txt}}
  embed: {encoder: encoder}
  mine: {}
release: {tables: {pair: mine}}
holds:
  - {what: languages differ, of: pair, all: src_lang != tgt_lang}
  - {what: some are German, of: pair, where: score > 0, share: src_lang = 'deu_Latn', between: [0.1, 1]}
  - {what: no pair twice, sql: 'SELECT src_id, tgt_id FROM pair GROUP BY ALL HAVING count(*) > 1', real: true}
"""


def test_what_is_changed_in_python_is_what_the_file_would_say() -> None:
    changed = Recipe.from_yaml(TEXT).with_params(into=["hi"]).with_models(encoder="e5-small").with_options({"seed": 5})
    written = TEXT.replace("[de]", "[hi]").replace("bootstrap", "e5-small").replace("seed: 3", "seed: 5")
    assert changed == Recipe.from_yaml(written)
    assert changed.pipeline() == from_yaml(written)
    assert changed.pipeline().about == "Into ['hi']."


def test_a_change_leaves_the_recipe_as_it_was() -> None:
    recipe = Recipe.from_yaml(TEXT)
    recipe.with_params(into=["hi"])
    recipe.with_options({"read.paths.en": "x"})
    assert recipe == Recipe.from_yaml(TEXT)


def test_a_pipeline_with_a_head_survives_yaml() -> None:
    pipeline = from_yaml(TEXT)
    assert pipeline.paper is not None
    assert pipeline.paper.address == "https://arxiv.org/abs/2404.11932"
    assert from_yaml(to_yaml(pipeline)) == pipeline


def test_a_shipped_recipe_is_found_by_its_name_wherever_one_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "criss").mkdir()
    assert xlcorpus.Recipe.load("criss").name == "criss"


def test_a_file_in_the_folder_goes_before_a_shipped_recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "criss").write_text(TEXT)
    assert Recipe.load("criss").name == "demo"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("about: Into", "description: Into", "demo.yaml:3: no key 'description' in a pipeline"),
        ('"2404.11932"', "2404.11932", "demo.yaml:2: paper.arxiv: Input should be a valid string, got 2404.11932"),
        ("title: A Paper, ", "", "demo.yaml:2: paper.title: Field required"),
        ("src_lang != tgt_lang", "src_lang != tgtlang", "(demo.yaml:14): 'languages differ': `src_lang != tgtlang`"),
        ("of: pair, all", "of: pairs, all", "(demo.yaml:14): 'languages differ': of: the release has no config"),
        ("all: src_lang != tgt_lang", "all: src_lang", "`src_lang` gives String, and not true or false"),
        ("all: src_lang != tgt_lang", "al: src_lang != tgt_lang", "demo.yaml:14: 'holds.0' has no option 'al'"),
        ("between: [0.1, 1]", "between: [1, 0.1]", "demo.yaml:15: holds.1: between holds two shares from 0 to 1"),
        (", between: [0.1, 1]", "", "demo.yaml:15: holds.1: share and between belong together"),
        ("share: src_lang", "all: a, share: src_lang", "holds.1: give one of all, share and sql, not all and share"),
        ("src_id, tgt_id FROM", "src_id, tgtid FROM", "(demo.yaml:16): 'no pair twice': no column 'tgtid'"),
        ("FROM pair GROUP", "FROM pears GROUP", "'no pair twice': no table 'pears'; did you mean 'pair'?"),
        ("SELECT src_id", "SELCT src_id", "'no pair twice': this is not SQL"),
        ("release: {tables: {pair: mine}}\n", "", "holds says what is true of a release (demo.yaml:12)"),
        ("differs: in nothing.", "differs: [nothing]", "demo.yaml:6: differs has the wrong type"),
        ("params: {into:", "params: {}\n# {into:", "demo.yaml:3: no parameter 'into'; the recipe has no params"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_head_is_answered_with_its_line(old: str, new: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        from_yaml(TEXT.replace(old, new), "demo.yaml").resolve()
    assert message in str(caught.value)
