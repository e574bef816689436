"""Steps and pipelines on DataFrames, in this process."""

from pathlib import Path

import polars as pl
import pytest

from xlcorpus import Pipeline, records, run_frames
from xlcorpus.errors import UserError, XlcorpusError
from xlcorpus.in_memory import frame_outcomes
from xlcorpus.registry import registry
from xlcorpus.step import CorpusEnv, CorpusStep, Port, RowEnv, RowStep, Table
from xlcorpus.steps import (
    CheckAnswer,
    CodeSwitch,
    Deduplicate,
    Embed,
    EvaluatePairs,
    FanOut,
    GroupDocuments,
    GroupPairs,
    Identify,
    InduceLexicon,
    JoinGroups,
    MeasureAlignment,
    Mine,
    MineWithinDocuments,
    Mix,
    Normalise,
    PairPreferences,
    PreferNative,
    Quality,
    Read,
    Reshape,
    Sample,
    Segment,
    SegmentLanguageSpans,
    Select,
    TagLanguageSpans,
    Template,
    Translate,
    TranslationInstructions,
    Transliterate,
    Vote,
)

PLACES = {"Haus": "house", "Theater": "theatre", "Schloss": "castle"}
VISITS = [(name, place, number * 37) for name in ("Anna", "Peter", "Maria") for place in PLACES for number in (3, 7)]
GERMAN = [f"Heute besucht {name} das {place} Nummer {number}{len(place)}." for name, place, number in VISITS]
ENGLISH = [f"Today {name} visits {PLACES[place]} number {number}{len(place)}." for name, place, number in VISITS]
SENTENCES = pl.DataFrame({"text": GERMAN + ENGLISH, "lang": ["deu_Latn"] * 18 + ["eng_Latn"] * 18})
RUSSIAN = pl.DataFrame({"text": ["Сегодня Анна идёт в музей."], "lang": "rus_Cyrl"})
DOCUMENTS = pl.DataFrame({"text": ["\n".join(GERMAN + ENGLISH)], "lang": ["deu_Latn"]})
PAIRS = pl.DataFrame(
    {"src_text": GERMAN, "tgt_text": ENGLISH, "src_lang": "deu_Latn", "tgt_lang": "eng_Latn", "score": 1.2}
)


def test_a_corpus_step_is_a_function_on_a_frame() -> None:
    texts = pl.DataFrame({"text": ["a b", "c", "a  b"], "lang": "deu_Latn"})
    assert Deduplicate()(texts)["text"].to_list() == ["a b", "c"]
    rejected = Deduplicate().outcome(texts).rejected
    assert rejected.select("step", "rule").rows() == [("deduplicate", "duplicate")]


def test_a_corpus_step_that_searches_is_a_function_on_a_frame() -> None:
    outcome = Mine(threshold=1.0).outcome(Embed()(SENTENCES))
    assert set(outcome.kept.select("src_lang", "tgt_lang").rows()) == {("deu_Latn", "eng_Latn")}
    assert outcome.kept["step"].unique().to_list() == ["mine"]


def test_side_inputs_of_a_corpus_step_go_by_name() -> None:
    with pytest.raises(UserError, match="step 'deduplicate' has no input 'lexicon'; valid: rows"):
        Deduplicate()(SENTENCES, lexicon=SENTENCES)


class Keeper(CorpusStep):
    """Leaves a model beside its output."""

    def ports(self) -> dict[str, Port]:
        return {"rows": Port(("sentence",))}

    def run(self, inputs, env: CorpusEnv):
        env.keep.mkdir()
        (env.keep / "model").write_text("weights")
        env.say("a model was trained", False)
        env.say("of little", True)
        yield from (frame for frame in env.map(lambda shard: pl.read_parquet(shard), inputs["rows"].shards))


def test_what_a_corpus_step_keeps_and_says_can_be_had(tmp_path: Path) -> None:
    outcome = Keeper().outcome(SENTENCES, folder=tmp_path)
    assert (tmp_path / "kept" / "model").read_text() == "weights"
    assert (outcome.notes, outcome.warnings) == (("a model was trained",), ("of little",))
    assert outcome.kept["text"].to_list() == GERMAN + ENGLISH


def test_a_source_step_reads_when_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "de.txt").write_text("Eins.\n\nZwei.\n")
    read = Read(paths={"de": str(tmp_path / "de.txt")})
    assert read()["text"].to_list() == ["Eins.", "Zwei."]
    assert read.outcome().rejected["rule"].to_list() == ["empty"]


def cleaned() -> Pipeline:
    return Pipeline("demo").then(Read(paths={"de": "not there"})).then(Normalise()).then(Quality(), name="filter")


def test_a_pipeline_runs_on_a_frame() -> None:
    tables = run_frames(cleaned(), pl.DataFrame({"text": ["Guten  Tag zusammen.", "!"], "lang": "deu_Latn"}))
    assert [*tables] == ["read", "normalise", "filter"]
    assert tables["filter"].select("text", "recipe").rows() == [("Guten Tag zusammen.", "demo")]


def test_what_each_step_of_a_pipeline_rejected_can_be_had() -> None:
    texts = pl.DataFrame({"text": ["Guten  Tag zusammen.", "!"], "lang": "deu_Latn"})
    rejected = frame_outcomes(cleaned(), {"read": texts})["filter"].rejected
    assert rejected.select("step", "rule").rows() == [("filter", "too_short")]


def test_source_steps_without_a_frame_read_their_files(tmp_path: Path) -> None:
    (tmp_path / "en.txt").write_text("Good evening.\n")
    pipeline = cleaned().then(Read(paths={"en": str(tmp_path / "en.txt")}), name="more")
    pipeline = pipeline.then(Deduplicate(), inputs=["filter", "more"])
    tables = run_frames(pipeline, {"read": pl.DataFrame({"text": ["Guten Abend."], "lang": "deu_Latn"})})
    assert tables["deduplicate"]["text"].to_list() == ["Guten Abend.", "Good evening."]


def test_rows_for_what_is_no_source_step_are_refused() -> None:
    with pytest.raises(UserError, match="rows are given for 'filter', which is no source step; "):
        run_frames(cleaned(), {"filter": SENTENCES})
    two = cleaned().then(Read(paths="x"), name="more")
    with pytest.raises(UserError, match="one frame is for one source step, but there are 2"):
        run_frames(two, SENTENCES)


class Fails(RowStep):
    """Fails on every row."""

    def ports(self) -> dict[str, Port]:
        return {"rows": Port(("sentence",))}

    def apply(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        raise ValueError("no")


def test_too_many_failures_stop_a_pipeline_on_frames() -> None:
    with pytest.raises(XlcorpusError, match=r"step 'fails' failed on 36 of 36 rows.*ValueError: no"):
        run_frames(Pipeline("p").then(Read(paths="x")).then(Fails()), SENTENCES)


def everything() -> Pipeline:
    """A pipeline with nearly all steps."""
    pipeline = (
        Pipeline("all", max_error_rate=0.1)
        .then(Read(paths={"de": "x"}))
        .then(Normalise())
        .then(Quality())
        .then(Identify())
    )
    pipeline = pipeline.then(Deduplicate()).then(Embed()).then(Mine(threshold=1.0)).then(InduceLexicon(min_llr=0.0))
    lexicon = {"lexicon": "induce_lexicon"}
    pipeline = pipeline.then(CodeSwitch(ratio=1.0), inputs={"rows": "identify", **lexicon})
    pipeline = pipeline.then(Read(paths={"ru": "x"}), name="russian")
    pipeline = pipeline.then(Transliterate(), inputs="russian")
    pipeline = pipeline.then(Translate(into=["en"], min_numbers_kept=0.0), inputs={"rows": "identify", **lexicon})
    pipeline = pipeline.then(Read(paths={"de-en": "x"}, kind="pair"), name="pairs")
    pipeline = pipeline.then(Quality(), name="quality_of_pairs").then(Identify(), name="identify_pairs")
    pipeline = pipeline.then(EvaluatePairs(), inputs={"rows": "pairs", "gold": "pairs"})
    pipeline = pipeline.then(MeasureAlignment(), inputs="identify_pairs").then(JoinGroups()).then(GroupDocuments())
    pipeline = pipeline.then(GroupPairs(), inputs="join_groups")
    pipeline = pipeline.then(TranslationInstructions(), inputs="pairs").then(Quality(), name="quality_of_instructions")
    pipeline = pipeline.then(CheckAnswer()).then(Vote(asked=99, by=["response_lang"]))
    pipeline = pipeline.then(PairPreferences(pairs="given", chosen="instruct_template", rejected="task"))
    pipeline = pipeline.then(PreferNative(max_untranslated=1.0), inputs={"rows": "pairs", **lexicon})
    pipeline = pipeline.then(Read(paths={"de": "x"}, kind="document"), name="documents").then(Segment())
    pipeline = pipeline.then(TagLanguageSpans(), inputs="documents").then(SegmentLanguageSpans())
    pipeline = pipeline.then(Embed(), name="embed_spans").then(MineWithinDocuments(threshold=0.5, min_cosine=0.0))
    pipeline = pipeline.then(FanOut(over={"to_lang": ["deu_Latn", "hin_Deva"]}, draw=1), inputs="documents")
    pipeline = pipeline.then(Select(score="draw('x', id)", by="to_lang", top=1))
    pipeline = pipeline.then(
        Template(into="sentence", fields={"text": "{{ to_lang }}: {{ text }}", "n": "{{ title }}"})
    )
    sql = "SELECT r.text AS text, r.lang AS lang, count(*) AS versions FROM r JOIN r s USING (lang) GROUP BY ALL"
    pipeline = pipeline.then(
        Reshape(kind="document", tables={"r": "template"}, sql=sql, parents=["list(s.id ORDER BY s.id)"])
    )
    pipeline = pipeline.then(Sample(each=2, short="repeat"), inputs="documents")
    return pipeline.then(Mix(batch=2)).then(Mix(arms={"a": {}}), inputs="documents", name="arms")


ELSEWHERE = {
    "read",
    "criss",
    "align_documents",
    "mine_translation_prompts",
    "ablate_bilingualism",
    "train_encoder",
    "keep_novel",
    "mark_round",
    "open_round",
    "try_again",
    "gather_attempts",
    "converse",
    "passages",
    "attach",
    "generate",
    "judge",
    "likelihood",
    "measure_text",
    "reward",
    "similarity",
}
"""Steps with tests of their own that run them whole: the promise is checked whenever a step runs."""


def test_every_step_makes_the_columns_that_it_promises_and_no_others() -> None:
    pipeline = everything()
    tables = run_frames(pipeline, {"read": SENTENCES, "russian": RUSSIAN, "pairs": PAIRS, "documents": DOCUMENTS})
    for node in pipeline.resolve():
        table = tables[node.name]
        assert table.height, f"{node.name} made no rows"
        assert set(table.columns) - set(records.kind(node.output_kind).schema.names) == set(node.columns), node.name
    tested = {node.step.step_name() for node in pipeline.nodes}
    assert {name for name, step in registry().items() if step.__module__.startswith("xlcorpus.")} - tested <= ELSEWHERE


def test_a_finished_table_is_a_dataset_of_the_hub(tmp_path: Path) -> None:
    rows = records.finish(SENTENCES, "sentence")
    rows.write_parquet(tmp_path / "part.parquet")
    dataset = Table("sentence", (tmp_path / "part.parquet",)).hf_dataset()
    assert dataset["text"][:] == rows["text"].to_list()
    assert dataset.column_names == rows.columns
