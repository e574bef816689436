"""The graph: how it is put together and what it refuses."""

import polars as pl
import pytest

from xlcorpus import Pipeline
from xlcorpus.errors import UserError
from xlcorpus.step import Port, RowEnv, RowStep
from xlcorpus.steps import Deduplicate, Embed, FanOut, Identify, Mine, Normalise, Quality, Read, Similarity, Template


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


class Cut(RowStep):
    """Asks for what other steps measured."""

    needs: list[str]
    """columns"""

    def ports(self) -> dict[str, Port]:
        return {"rows": Port(("sentence", "pair", "instruction"), columns=tuple(self.needs))}

    def apply(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        return rows


def test_what_was_measured_is_known_behind_steps_that_pass_it_on() -> None:
    read = Read(paths="x", keep=["quality_note", "level"])
    pipeline = Pipeline("demo").then(read).then(Similarity(between=["text", "level"], into="near"))
    measured = [node.measured for node in pipeline.then(FanOut(over={"tone": ["a"]})).then(Normalise()).resolve()]
    assert measured == [(), ("near",), ("near",), ("near", *Normalise().adds("sentence"))]
    renamed = pipeline.then(Template(fields={"near": "{{ level }}"})).resolve()[-1]
    assert "near" in renamed.columns and not renamed.measured


@pytest.mark.parametrize(
    ("kind", "columns"),
    [
        ("sentence", ["quality_letters", "quality_longest", "identify_lang", "identify_own_probability"]),
        ("pair", ["quality_length_ratio", "identify_src_lang", "identify_tgt_probability"]),
        ("instruction", ["quality_repetition", "identify_prompt_lang", "identify_response_probability"]),
    ],
)
def test_what_a_step_measures_of_a_kind_can_be_asked_for(kind: str, columns: list[str]) -> None:
    read = Pipeline("demo").then(Read(paths="x", kind=kind))
    measured = read.then(Quality()).then(Identify()).then(Deduplicate())
    assert set(columns) <= set(measured.then(Cut(needs=columns)).resolve()[-1].columns)
    with pytest.raises(UserError, match=f"needs the column '{columns[0]}', which 'read' does not give"):
        read.then(Cut(needs=columns)).resolve()


def test_columns_of_some_tables_of_a_port_are_no_columns_of_their_table() -> None:
    pipeline = reading().then(Quality()).then(Read(paths="x"), name="more")
    joined = pipeline.then(Deduplicate(), inputs=["quality", "more"])
    assert joined.resolve()[-1].columns == ()
    with pytest.raises(UserError, match="needs the column 'quality_letters', which 'deduplicate' does not give"):
        joined.then(Cut(needs=["quality_letters"])).resolve()


def test_columns_end_where_the_kind_changes() -> None:
    nodes = reading().then(Quality()).then(Embed()).then(Mine()).resolve()
    assert nodes[-1].columns == ("mine_cosine",)


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
