"""`where`: rows that a step is not given pass unchanged."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from xlcorpus.engine import run
from xlcorpus.errors import UserError
from xlcorpus.in_memory import run_frames
from xlcorpus.pipeline import Pipeline
from xlcorpus.steps import Generate, Normalise, Quality, Read, Segment, Translate
from xlcorpus.yaml_file import from_yaml, to_yaml

from .models.chat.server import serving

ROWS = pl.DataFrame({"text": ["Ein  Satz.", "Noch  einer.", "Ende  da."], "lang": ["deu_Latn", "eng_Latn", "deu_Latn"]})


def test_other_rows_pass_unchanged_and_stay_where_they_stood() -> None:
    made = Normalise(where="lang = 'deu_Latn'")(ROWS, kind="sentence")
    assert made["text"].to_list() == ["Ein Satz.", "Noch  einer.", "Ende da."]


def test_other_rows_have_null_in_new_columns_and_break_no_rule() -> None:
    outcome = Quality(where="lang = 'eng_Latn'", min_words=1000).outcome(
        pl.DataFrame({"text": ["kurz und gut", "short text"], "lang": ["deu_Latn", "eng_Latn"]}), kind="document"
    )
    assert outcome.kept["text"].to_list() == ["kurz und gut"]
    assert outcome.rejected["lang"].to_list() == ["eng_Latn"]


def test_several_rows_of_one_stand_in_its_place() -> None:
    lexicon = pl.DataFrame(
        [("deu_Latn", tag, "satz", word, 1.0, 3) for tag, word in (("eng_Latn", "sentence"), ("fra_Latn", "phrase"))],
        schema=["src_lang", "tgt_lang", "src_word", "tgt_word", "probability", "count"],
        orient="row",
    )
    rows = pl.DataFrame({"text": ["a", "Satz", "b"], "lang": ["xho_Latn", "deu_Latn", "xho_Latn"]})
    step = Translate(into=["en", "fr"], where="lang = 'deu_Latn'")
    assert step(rows, kind="sentence", lexicon=lexicon)["text"].to_list() == ["a", "Sentence", "Phrase", "b"]


def test_only_these_rows_are_asked_about() -> None:
    with serving(lambda body, n: "ja") as server:
        step = Generate(model=server.player(), prompt="{{ text }}", into="x", where="lang = 'eng_Latn'")
        made = step(ROWS, kind="sentence")
    assert made["x"].to_list() == [None, "ja", None]
    assert len(server.bodies) == 1


def test_a_run_does_as_a_frame(tmp_path: Path) -> None:
    (tmp_path / "de.txt").write_text("Ein \u200bSatz hier.\nNoch \u200beiner.\n")
    with serving(lambda body, n: "ja") as server:
        pipeline = (
            Pipeline("p")
            .then(Read(paths={"deu": [str(tmp_path / "de.txt")]}))
            .then(Normalise(where="contains(text, 'Satz')"))
            .then(Generate(model=server.player(), prompt="{{ text }}", into="x", where="contains(text, 'einer')"))
        )
        result = run(pipeline, tmp_path / "runs")
        assert len(server.bodies) == 1
    whole = result.tables["generate"].frame()
    assert whole.select("text", "x").rows() == [("Ein Satz hier.", None), ("Noch \u200beiner.", "ja")]
    assert sum(entry.rows_in for entry in result.ledger if entry.step == "generate") == 2


def test_it_is_an_option_in_yaml_and_checked_before_anything_runs() -> None:
    text = "name: p\nsteps:\n  read: {paths: x.txt}\n  normalise: {where: \"lang = 'deu_Latn'\"}\n"
    assert "where: lang = 'deu_Latn'" in to_yaml(from_yaml(text))
    for wrong, message in (("lnag = 'x'", "lang"), ("count(*) > 1", "aggregate"), ("length(text", "SQL")):
        broken = Pipeline("p").then(Read(paths="x.txt")).then(Normalise(where=wrong))
        with pytest.raises(UserError, match=message):
            broken.resolve()


def test_a_step_that_makes_another_kind_lets_nothing_pass() -> None:
    pipeline = Pipeline("p").then(Read(paths="x.txt", kind="document")).then(Segment(where="lang = 'deu_Latn'"))
    with pytest.raises(UserError, match="so that other rows of kind document cannot pass"):
        pipeline.resolve()


def test_no_rows_are_no_mistake() -> None:
    assert run_frames(Pipeline("p").then(Read(paths="x")).then(Normalise(where="true")), ROWS)["normalise"].height == 3
    assert Normalise(where="false")(ROWS, kind="sentence")["text"].to_list() == ROWS["text"].to_list()
    assert Normalise(where="true")(ROWS.head(0), kind="sentence").height == 0
