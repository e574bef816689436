"""The graph: how it is put together and what it refuses."""

import pytest

from xlcorpus import Pipeline
from xlcorpus.errors import UserError
from xlcorpus.steps import Deduplicate, Embed, Mine, Normalise, Read


def reading(**paths: str) -> Pipeline:
    return Pipeline("demo").then(Read(paths=paths or {"de": "de.txt"}))


def test_a_step_reads_the_step_before_it() -> None:
    nodes = reading().then(Normalise()).then(Deduplicate()).resolve()
    assert [dict(n.inputs) for n in nodes] == [{}, {"rows": ("read",)}, {"rows": ("normalise",)}]


def test_inputs_of_one_port_are_joined_in_their_order() -> None:
    pipeline = reading().then(Read(paths={"en": "en.txt"}), name="more").then(Normalise(), inputs=["more", "read"])
    assert pipeline.resolve()[-1].inputs == {"rows": ("more", "read")}


def test_steps_may_stand_before_what_they_read() -> None:
    pipeline = Pipeline("demo").then(Normalise(), inputs="read").then(Read(paths="x.txt"))
    assert [n.name for n in pipeline.resolve()] == ["read", "normalise"]


def test_then_leaves_the_shorter_pipeline_as_it_was() -> None:
    short = reading()
    short.then(Normalise())
    assert [n.name for n in short.nodes] == ["read"]


def test_kinds_and_columns_are_followed_through_the_graph() -> None:
    nodes = reading().then(Embed()).then(Deduplicate()).then(Mine()).resolve()
    assert [(n.output_kind, n.columns) for n in nodes] == [
        ("sentence", ()),
        ("sentence", ("embedding",)),
        ("sentence", ("embedding",)),
        ("pair", ("mine_cosine",)),
    ]


@pytest.mark.parametrize(
    ("pipeline", "message"),
    [
        (Pipeline("p"), "pipeline 'p' has no steps"),
        (Pipeline("p").then(Normalise()), "step 'normalise' needs a table to read, but stands first"),
        (
            reading().then(Normalise()).then(Normalise()),
            "two steps are named 'normalise'; give one another name",
        ),
        (
            reading().then(Normalise(), inputs="raed"),
            "reads 'raed', which is no step of this pipeline; did you mean 'read'?",
        ),
        (
            reading().then(Normalise(), inputs="deduplicate").then(Deduplicate()),
            "steps feed each other in a circle: normalise -> deduplicate -> normalise",
        ),
        (
            reading().then(Mine()),
            "step 'mine' needs the column 'embedding', which 'read' does not give; put a step that adds it before",
        ),
        (
            reading().then(Embed()).then(Mine()).then(Embed(), name="again"),
            "step 'again' takes sentence or document rows on its input 'rows', but 'mine' makes pair rows",
        ),
        (
            reading().then(Normalise(), inputs={"lexicon": "read"}),
            "step 'normalise' has no input 'lexicon'; did you mean",
        ),
    ],
)
def test_a_wrong_graph_is_refused_in_words(pipeline: Pipeline, message: str) -> None:
    with pytest.raises(UserError) as caught:
        pipeline.resolve()
    assert message.removesuffix("; did you mean") in str(caught.value)
