"""Roles: named by the steps, played by whom the user names, and one error where nobody plays."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from xlcorpus.errors import UserError
from xlcorpus.models.chat.player import Player
from xlcorpus.recipe.built import validated
from xlcorpus.recipe.recipe import Recipe
from xlcorpus.recipe.roles import cast, player
from xlcorpus.steps import Embed, Generate, Identify, Translate
from xlcorpus.yaml_file import from_yaml, to_yaml

TEXT = """\
name: demo
models:
  reader: {about: vectors of sentences in any language}
  translator: {about: English into German, default: lexicon}
  identifier: {about: tells languages, player: lid.176}
steps:
  read: {paths: {de: sample://de.txt, en: sample://en.txt}}
  identify: {model: identifier}
  embed: {encoder: reader}
  mine: {}
  induce_lexicon: {}
  translate: {inputs: {rows: mine, lexicon: induce_lexicon}, into: [de], translator: translator}
"""
TEACHER = {"base_url": "http://localhost:8000/v1", "model": "qwen3-32b"}


def test_names_under_model_encoder_and_translator_are_roles() -> None:
    steps = {n.name: n.step for n in Recipe.from_yaml(TEXT).with_models(reader="e5-small").pipeline().nodes}
    assert steps["embed"] == Embed(encoder="e5-small")
    assert steps["identify"] == Identify(model="lid.176")
    assert steps["translate"] == Translate(into=["de"], translator="lexicon")


def test_a_role_without_player_is_one_error_with_all_roles_and_how_to_give_them() -> None:
    with pytest.raises(UserError) as caught:
        Recipe.from_yaml(TEXT).pipeline()
    assert str(caught.value).splitlines() == [
        "demo cannot run yet",
        "roles that nobody plays: reader. The recipe needs",
        "  reader: vectors of sentences in any language",
        "  translator: English into German (played by lexicon)",
        "  identifier: tells languages (played by lid.176)",
        "give each a model: --model reader=http://localhost:8000/v1#NAME, or in models.yaml",
        "  reader: {base_url: http://localhost:8000/v1, model: NAME}",
        "or the name of a built-in model, a path or a Hub id, where the step takes one",
    ]
    assert caught.value.exit_code == 2


def test_what_is_missing_is_told_at_once() -> None:
    text = TEXT.replace("sample://de.txt", "nowhere.txt").replace("English into German", "'English into ${name}'")
    params = "params:\n  into: {type: list, about: languages}\n  name: {default: German, about: its name}\n"
    text = text.replace("models:", f"{params}models:")
    missing = Recipe.from_yaml(text.replace("into: [de]", 'into: "${into}"')).missing()
    assert "into: languages (list)" in missing
    assert "  translator: English into German (played by lexicon)" in missing
    assert "reader: vectors" in missing
    assert "no file 'nowhere.txt'" in missing


def test_the_command_line_goes_before_the_pipeline_and_that_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "models.yaml"
    file.write_text("reader: e5-small\ntranslator: apertium\nidentifier: mine.bin\nsomebody_else: x\n")
    recipe = Recipe.from_yaml(TEXT)
    played = {name: role.played_by for name, role in recipe.with_models_file(file).roles.items()}
    assert played == {"reader": "e5-small", "translator": "apertium", "identifier": "lid.176"}
    given = recipe.with_models(reader="bootstrap", identifier="other.bin").with_models_file(file)
    assert {n: r.played_by for n, r in given.roles.items()} == {
        "reader": "bootstrap", "translator": "apertium", "identifier": "other.bin"
    }  # fmt: skip


def test_an_address_with_a_model_is_a_player() -> None:
    assert player("http://localhost:8000/v1#qwen3-32b") == TEACHER
    assert player(["http://localhost:8000/v1#qwen3-32b", TEACHER]) == [TEACHER, TEACHER]
    assert player("org/model") == "org/model"


def test_a_chat_model_plays_a_role_under_model_and_under_translator() -> None:
    text = TEXT + "  read_instructions: {step: read, kind: instruction, paths: sample://instructions.jsonl}\n"
    text = text.replace("models:", "models:\n  writer: {about: answers in German}") + "  generate: {model: writer}\n"
    url = "http://localhost:8000/v1#qwen3-32b"
    pipeline = Recipe.from_yaml(text).with_models(writer=[url, url], reader="e5-small", translator=url).pipeline()
    steps = {n.name: n.step for n in pipeline.nodes}
    assert steps["generate"] == Generate(model=[Player(**TEACHER), Player(**TEACHER)])
    assert steps["translate"] == Translate(into=["de"], translator="chat", model=Player(**TEACHER))
    assert from_yaml(to_yaml(pipeline)) == pipeline


def test_a_role_with_many_players_becomes_a_list() -> None:
    steps = {"a": {"model": "writers"}, "b": {"model": ["writers", "critic"], "prompt": "writers"}, "c": None}
    assert cast(steps, {"writers": [TEACHER, "x"], "critic": "y"}) == {
        "a": {"model": [TEACHER, "x"]}, "b": {"model": [TEACHER, "x", "y"], "prompt": "writers"}, "c": None
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("http://localhost:8000/v1", "after the address belongs the model's name"),
        ("ftp://there/v1#x", "base_url: String should match pattern"),
        ({"base_url": "http://h/v1"}, "model: Field required"),
        ({**TEACHER, "concurency": 3}, "a player has no 'concurency'; did you mean 'concurrency'?"),
        ({**TEACHER, "timeout_s": 0}, "timeout_s: Input should be greater than 0"),
        (3, "a player is a name"),
        ("", "a player is a name"),
        ([], "the list of players is empty"),
    ],
)
def test_what_is_no_player_is_refused(given: Any, message: str) -> None:
    with pytest.raises(UserError) as caught:
        Recipe.from_yaml(TEXT).with_models(reader=given)
    assert message in str(caught.value)
    assert str(caught.value).startswith("role 'reader': ")


@pytest.mark.parametrize(
    "given",
    [
        "https://me:sk-planted@host/v1#m",
        "https://host/v1?key=sk-planted#m",
        {"base_url": "https://host/v1", "model": "m", "api_key": "sk-planted"},
        {"base_url": "https://sk-planted@host/v1", "model": "m"},
    ],
)
def test_a_key_in_a_player_is_refused_and_not_shown(given: Any) -> None:
    with pytest.raises(UserError) as caught:
        player(given)
    assert "planted" not in str(caught.value)


def test_a_key_that_stands_in_an_option_is_not_shown() -> None:
    class Asking(BaseModel):
        model: Player

    with pytest.raises(UserError, match=r"demo\.yaml: ask\.model\.api_key: Extra inputs are not permitted$"):
        validated(Asking, {"model": {**TEACHER, "api_key": "sk-planted"}}, "steps.ask", {}, "demo.yaml")


def test_an_unknown_role_is_answered_with_the_nearest() -> None:
    with pytest.raises(UserError, match=r"no role 'raeder'; did you mean 'reader'\?"):
        Recipe.from_yaml(TEXT).with_models(raeder="e5-small")


def test_a_name_that_the_recipe_does_not_declare_is_no_role() -> None:
    recipe = Recipe.from_yaml(TEXT.replace("  identifier: {about: tells languages, player: lid.176}\n", ""))
    with pytest.raises(UserError, match=r"no role 'identifier'; a step names it, but the recipe does not declare it"):
        recipe.with_models(identifier="lid.176")


def test_a_role_that_no_step_names_is_a_mistake() -> None:
    with pytest.raises(UserError) as caught:
        Recipe.from_yaml(TEXT.replace("encoder: reader", "encoder: readr"), "demo.yaml")
    assert str(caught.value) == (
        "demo.yaml:3: no step names the role 'reader' under model, user_model, encoder, translator; "
        "embed.encoder (demo.yaml:9) names 'readr'"
    )


def test_a_mistake_in_the_file_of_models_has_its_line(tmp_path: Path) -> None:
    file = tmp_path / "models.yaml"
    file.write_text("other: x\nreader:\n  base_url: localhost\n  model: m\n")
    with pytest.raises(UserError, match=r"models.yaml:2: reader: base_url: String should match"):
        Recipe.from_yaml(TEXT).with_models_file(file)
