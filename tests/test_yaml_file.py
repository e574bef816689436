"""YAML and Python say the same; mistakes are answered with file, line and the nearest name."""

import pytest

from xlcorpus import Pipeline, ReleaseSpec, Resources, from_yaml, to_yaml, yaml_values
from xlcorpus.cli.flags import overrides
from xlcorpus.errors import UserError
from xlcorpus.steps import Embed, Mine, Normalise, Read

TEXT = """\
name: demo
seed: 3
steps:
  read: {paths: {de: [de.txt]}}
  clean: {step: normalise}
  embed:
    resources: {num_gpus: 0.5}
  mine:
    inputs: embed
    k: 8
release:
  tables: {pairs: mine}
"""


def test_yaml_gives_the_pipeline_written_in_python() -> None:
    written = (
        Pipeline("demo", seed=3)
        .then(Read(paths={"de": ["de.txt"]}))
        .then(Normalise(), name="clean")
        .then(Embed(), resources=Resources(num_gpus=0.5))
        .then(Mine(k=8), inputs="embed")
        .releasing(ReleaseSpec(tables={"pairs": "mine"}))
    )
    assert from_yaml(TEXT) == written


def test_there_and_back_loses_nothing() -> None:
    pipeline = from_yaml(TEXT)
    assert from_yaml(to_yaml(pipeline)) == pipeline


def test_overrides_are_taken_before_the_check() -> None:
    pipeline = from_yaml(TEXT, overrides={"mine.k": 2, "read.paths.en": "en.txt", "seed": 9})
    assert pipeline.nodes[3].step == Mine(k=2)
    assert pipeline.nodes[0].step == Read(paths={"de": ["de.txt"], "en": "en.txt"})
    assert pipeline.seed == 9


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("normalise}", "normalize}", "demo.yaml:5: no step 'normalize'; did you mean 'normalise'?"),
        ("k: 8", "kk: 8", "demo.yaml:10: 'mine' has no option 'kk'; did you mean 'k'?"),
        ("k: 8", "k: many", "demo.yaml:10: mine.k: Input should be a valid integer"),
        ("k: 8", "k: 8\n    k: 9", "demo.yaml:11: the key 'k' stands twice (first at demo.yaml:10)"),
        ("seed: 3", "sede: 3", "demo.yaml:2: no key 'sede' in a pipeline; did you mean 'seed'?"),
        ("inputs: embed", "inputs: embde", "(demo.yaml:9); did you mean 'embed'?"),
        (
            "pairs: mine",
            "pairs: mines",
            "release.tables.pairs names 'mines', which is no step of this pipeline (demo.yaml:12)",
        ),
        ("name: demo", "name: a/b", "demo.yaml:1: name 'a/b' may hold letters, digits, - and _ only"),
        ("name: demo", "name: [", "demo.yaml is not valid YAML"),
        ("seed: 3", "seed: x", "demo.yaml:2: seed has the wrong type"),
    ],
)
def test_a_mistake_is_answered_with_its_line(old: str, new: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        from_yaml(TEXT.replace(old, new), "demo.yaml").resolve()
    assert message in str(caught.value)


def test_an_override_of_nothing_is_refused() -> None:
    with pytest.raises(UserError, match=r"--set mien.k: no step 'mien' in demo.yaml; did you mean 'mine'\?"):
        from_yaml(TEXT, "demo.yaml", {"mien.k": 2})


@pytest.mark.parametrize("code", ["no", "No", "NO", "on", "y", "off", "yes"])
def test_a_word_is_no_boolean(code: str) -> None:
    assert yaml_values.read(f"{{{code}: [a.txt], into: {code}}}") == {code: ["a.txt"], "into": code}


def test_norwegian_needs_no_quotes_in_a_pipeline() -> None:
    text = TEXT.replace("{de: [de.txt]}", "{no: [no.txt]}")
    pipeline = from_yaml(text, overrides=overrides(["read.paths.en=no"]))

    assert pipeline.nodes[0].step == Read(paths={"no": ["no.txt"], "en": "no"})
    assert from_yaml(to_yaml(pipeline)) == pipeline


@pytest.mark.parametrize("word", ["true", "True", "yes", "on", "y"])
def test_an_option_that_is_a_boolean_takes_the_words_of_yaml(word: str) -> None:
    step = from_yaml(TEXT.replace("{de: [de.txt]}}", f"{{de: [de.txt]}}, header: {word}}}")).nodes[0].step

    assert step == Read(paths={"de": ["de.txt"]}, header=True)


def test_numbers_nothing_and_booleans_stay_what_they_are() -> None:
    assert yaml_values.read("[1, 1.5, ~, null, true, FALSE, 2026-01-01]") == [
        1, 1.5, None, None, True, False, "2026-01-01"
    ]  # fmt: skip
