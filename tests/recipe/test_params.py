"""Parameters: typed, checked, and put into options with their type or as text."""

from typing import Any

import pytest
from pydantic import ValidationError

from xlcorpus.errors import UserError
from xlcorpus.recipe.params import Param, escaped, filled
from xlcorpus.recipe.recipe import Recipe
from xlcorpus.steps import Mine, Read

TEXT = """\
name: demo
params:
  texts: {type: [mapping, text], about: files of text by language}
  into: {default: [deu_Latn, spa_Latn], about: languages}
  k: {default: 4, about: neighbours}
  threshold: {default: 1.06, about: least margin}
steps:
  read: {paths: "${texts}", source: "demo into ${into}, k ${k}"}
  embed: {}
  mine: {k: "${k}", threshold: "${threshold}"}
release:
  tables: {pair: mine}
  limits: ["none of ${into}"]
"""


def put(value: Any, **params: Any) -> Any:
    return filled(value, params, {}, "steps", "demo.yaml", set())


def test_alone_a_parameter_keeps_its_type_and_inside_a_string_it_is_text() -> None:
    assert put("${k}", k=4) == 4
    assert put("${into}", into=["deu_Latn"]) == ["deu_Latn"]
    assert put("k is ${k}", k=4) == "k is 4"
    assert put({"a": ["${k}", {"b": "${k}"}]}, k=True) == {"a": [True, {"b": True}]}
    assert put({"${src}-${tgt}": "x"}, src="de", tgt="en") == {"de-en": "x"}


def test_a_list_inside_a_string_is_written_as_sql_writes_it() -> None:
    assert put("lang IN ${into}", into=["deu_Latn", "o'k"]) == "lang IN ['deu_Latn', 'o''k']"
    assert put("x = ${a}, ${b}, ${c}", a=None, b=False, c={"k": [1.5]}) == "x = null, false, {'k': [1.5]}"


def test_fields_of_rows_and_escaped_parameters_stay_as_they_are() -> None:
    assert put("{{into}} $${into} $5 {into} ${1}", into="x") == "{{into}} ${into} $5 {into} ${1}"


@pytest.mark.parametrize("value", ["${x}", "$${x}", "a ${x} b", {"${x}": ["${y}"]}, "$", 3])
def test_what_is_escaped_comes_back(value: Any) -> None:
    assert put(escaped(value)) == value


def test_a_value_is_not_looked_into_again() -> None:
    assert put("${a}", a="${b}", b="no") == "${b}"


def test_the_values_of_a_recipe_reach_its_options() -> None:
    pipeline = Recipe.from_yaml(TEXT).with_params(texts={"de": "de.txt"}, k=8, into=["hin_Deva"]).pipeline()
    steps = [node.step for node in pipeline.nodes]
    assert steps[0] == Read(paths={"de": "de.txt"}, source="demo into ['hin_Deva'], k 8")
    assert steps[2] == Mine(k=8, threshold=1.06)
    assert pipeline.release is not None
    assert pipeline.release.limits == ["none of ['hin_Deva']"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"inot": ["deu_Latn"]}, r"no parameter 'inot'; did you mean 'into'\?"),
        ({"into": "vie_Latn"}, r"parameter 'into' is the text 'vie_Latn', but list belongs there; write \[vie_Latn\]"),
        ({"into": [1]}, "parameter 'into' holds the integer 1, but its elements are of the type text"),
        ({"k": 1.5}, "parameter 'k' is the number 1.5, but integer belongs there"),
        ({"k": True}, "parameter 'k' is the boolean True, but integer belongs there"),
        ({"k": None}, "parameter 'k' is null, but integer belongs there"),
        ({"texts": 3}, "parameter 'texts' is the integer 3, but mapping or text belongs there"),
    ],
)
def test_a_value_of_another_type_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        Recipe.from_yaml(TEXT).with_params(**values)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("${k}", "${kk}", "demo.yaml:8: no parameter 'kk'; did you mean 'k'?"),
        ("none of ${into}", "none of ${inot}", "demo.yaml:13: no parameter 'inot'; did you mean 'into'?"),
        (', k ${k}"}', '"}', None),
        (
            "steps:\n",
            "  seed: {default: 1, about: chance}\nsteps:\n",
            "demo.yaml:7: the parameter 'seed' changes nothing",
        ),
        ("default: 4,", "", "demo.yaml:5: params.k: without a default it needs a type"),
        ("default: 4,", "default: 4, type: text,", "demo.yaml:5: params.k: the default is the integer 4, no text"),
        (
            "default: 4,",
            "default: 4, typ: integer,",
            "demo.yaml:5: 'params.k' has no option 'typ'; did you mean 'type'?",
        ),
        ("{default: 4, about: neighbours}", "4", "demo.yaml:5: params.k must be a mapping of options, got 4"),
    ],
)
def test_a_mistake_in_the_file_is_answered_with_its_line(old: str, new: str, message: str | None) -> None:
    text = TEXT.replace(old, new, 1)
    if message is None:
        Recipe.from_yaml(text, "demo.yaml")
        return
    with pytest.raises(UserError) as caught:
        Recipe.from_yaml(text, "demo.yaml")
    assert message in str(caught.value)


def test_a_parameter_that_yaml_takes_for_a_mapping_is_told() -> None:
    with pytest.raises(UserError, match=r"(?s)demo.yaml is not valid YAML.*a text with \$\{...\} stands in quotes"):
        Recipe.from_yaml(TEXT.replace('"${k}"', "${k}", 1), "demo.yaml")


def test_a_recipe_says_which_parameters_have_no_value() -> None:
    with pytest.raises(UserError, match=r"(?s)parameters without a value.*texts: files of text by language"):
        Recipe.from_yaml(TEXT).pipeline()


def test_an_option_set_in_place_of_a_parameter_needs_no_value_of_it() -> None:
    recipe = Recipe.from_yaml(TEXT).with_options({"read.paths": {"de": "de.txt"}})
    assert recipe.missing().startswith("demo cannot run yet\ninput that is not there:")
    assert recipe.pipeline().nodes[0].step == Read(
        paths={"de": "de.txt"}, source="demo into ['deu_Latn', 'spa_Latn'], k 4"
    )


@pytest.mark.parametrize(
    ("param", "written", "value"),
    [
        (Param(about="", default=["deu_Latn"]), "[no, vie_Latn]", ["no", "vie_Latn"]),
        (Param(about="", default="x"), "2404.11932", "2404.11932"),
        (Param(about="", default="x"), "a: b", "a: b"),
        (Param(about="", default=1), "2", 2),
        (Param(about="", type=["text", "list"]), "[a]", ["a"]),
        (Param(about="", type="boolean"), "true", True),
    ],
)
def test_the_command_line_is_read_by_the_parameters_type(param: Param, written: str, value: Any) -> None:
    assert param.checked(param.read(written)) == value


def test_null_is_a_default_where_a_type_is_given() -> None:
    assert Param(about="", type="text", default=None).given
    assert Param(about="", type="text", default=None).checked(None) is None
    with pytest.raises(ValidationError):
        Param(about="", default=None)
