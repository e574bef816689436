"""Translating the texts at some paths of a row, and nothing else."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlcorpus import records
from xlcorpus.errors import UserError
from xlcorpus.outcomes import Outcome
from xlcorpus.row_calls import run_rows
from xlcorpus.step import RowEnv, Table
from xlcorpus.steps import Translate
from xlcorpus.steps.translate.fields import TEXTS
from xlcorpus.steps.translate.translator_options import Opened

from .translators import Capitals
from .translators import Table as Texts

ENG, DEU, FRA = "eng_Latn", "deu_Latn", "fra_Latn"
MGSM = Path(__file__).parents[4] / "shared" / "data" / "mgsm" / "mgsm_en.tsv"
ARGUMENTS = "messages[*].tool_calls[*].function.arguments"
needs_apertium = pytest.mark.skipif(shutil.which("apertium") is None, reason="needs apertium and apertium-eng-spa")


def translate(kind: str, rows: list[dict[str, Any]], **options: Any) -> Outcome:
    """The rows in German, which is capitals."""
    step = Translate(**{"into": ["de"], "translator": "apertium", **options})
    env = RowEnv(kind=kind, step="translate", loaded=Opened(Capitals(), None))
    return run_rows(step, records.finish(pl.DataFrame(rows, infer_schema_length=None), kind), env, raise_errors=True)


def turn(role: str, content: str | None, **parts: str) -> dict[str, Any]:
    return {"role": role, "content": content, "tool_calls": None, "reasoning": None} | parts


def instruction(*turns: dict[str, Any], **langs: str) -> dict[str, Any]:
    return {"messages": turns, "lang": ENG, "task": "t", "prompt_lang": ENG, "response_lang": ENG} | langs


CALL = json.dumps([{"function": {"name": "find", "arguments": '{"city": "rome", "days": 2}'}}])


def test_arguments_of_tools_are_translated_inside_their_json() -> None:
    made = translate("instruction", [instruction(turn("assistant", None, tool_calls=CALL))], fields=[ARGUMENTS]).kept
    assert made["messages"][0][0]["tool_calls"] == CALL.replace("rome", "ROME")
    assert made.select("lang", "prompt_lang", "response_lang").row(0) == (ENG, ENG, ENG)


def test_a_string_that_is_no_json_rejects_its_row_alone() -> None:
    rows = [instruction(turn("assistant", None, tool_calls=call)) for call in ("find rome", CALL)]
    outcome = translate("instruction", rows, fields=[ARGUMENTS])
    assert outcome.kept.height == 1
    assert outcome.rejected["rule"].to_list() == ["not_json"]
    assert outcome.rejected["value"][0].startswith(f"{ARGUMENTS}: ")


def test_turns_are_translated_from_the_language_of_their_role() -> None:
    row = instruction(turn("user", "ask"), turn("assistant", "say", reasoning="think"), response_lang=DEU, lang=DEU)
    made = translate("instruction", [row]).kept
    said = [(one["content"], one["reasoning"]) for one in made["messages"][0]]
    assert said == [("ASK", None), ("say", "think")]
    assert made["prompt_lang"].to_list() == [DEU]


def test_reasoning_alone_does_not_change_the_language_of_a_row() -> None:
    row = instruction(turn("user", "ask"), turn("assistant", "say", reasoning="think"))
    made = translate("instruction", [row], fields=["messages[*].reasoning"]).kept
    assert made["messages"][0][1]["reasoning"] == "THINK"
    assert made.select("lang", "prompt_lang", "response_lang").row(0) == (ENG, ENG, ENG)


def test_columns_beside_the_kind_go_along_or_are_translated_where_they_are_named() -> None:
    row = {"text": "house", "lang": ENG, "hint": "warm", "notes": ["a", "b"], "level": 3, "weight": 0.5}
    made = translate("sentence", [row]).kept.row(0, named=True)
    assert (made["hint"], made["notes"], made["level"], made["weight"]) == ("warm", ["a", "b"], 3, 0.5)
    made = translate("sentence", [row], fields=["text", "notes[*]"]).kept.row(0, named=True)
    assert (made["text"], made["hint"], made["notes"]) == ("HOUSE", "warm", ["A", "B"])


def test_a_run_says_what_steps_measured() -> None:
    rows = records.finish(
        pl.DataFrame({"text": ["house"], "lang": [ENG], "near": [0.5], "judge_name": ["Ann"]}), "sentence"
    )
    env = RowEnv(kind="sentence", step="t", loaded=Opened(Capitals(), None), measured=("near",))
    made = run_rows(Translate(into=["de"], translator="apertium"), rows, env).kept
    assert made.select("near", "judge_name").row(0) == (None, "Ann")


def test_what_steps_measured_is_null() -> None:
    row = {"text": "house", "lang": ENG, "judge_fluency": 4.0, "code_switch_cmi": 0.1, "embedding": [0.5, 0.5]}
    made = translate("sentence", [row]).kept.row(0, named=True)
    assert (made["judge_fluency"], made["code_switch_cmi"], made["embedding"]) == (None, None, None)


def test_one_side_of_a_pair_is_translated_away_from_both_languages() -> None:
    pair = {"src_text": "house", "tgt_text": "maison", "src_lang": ENG, "tgt_lang": FRA}
    outcome = translate("pair", [pair, {**pair, "tgt_lang": DEU}], fields=["src_text"])
    assert outcome.kept.select("src_text", "tgt_text", "src_lang", "tgt_lang").rows() == [("HOUSE", "maison", DEU, FRA)]
    assert outcome.rejected["rule"].to_list() == ["no_output"]


@pytest.mark.parametrize(
    ("kind", "fields", "message"),
    [
        ("item", ["choices"], r"'choices' is a list; write choices\[\*\]"),
        ("item", ["choices.text"], r"choices is a list; write choices\[\*\]"),
        ("item", ["qestion"], "no column 'qestion'; did you mean 'question'"),
        ("item", ["answer_start"], "answer_start is Int64, no text"),
        ("instruction", ["messages[*].role"], "is no text to translate; valid: messages"),
        ("item", ["question_lang"], "is no text to translate; valid: question"),
        ("pair", ["src_lang"], "is no text to translate; valid: src_text, tgt_text"),
        ("sentence", ["id"], "is no text to translate; valid: text"),
        ("item", ["question[1]"], "'question\\[1\\]' is no path"),
        ("instruction", ["messages[*]"], r"is an object; name a field of it \(role, content, tool_calls, reasoning\)"),
        ("instruction", ["messages[*].contnt"], "messages\\[\\*\\] has no field 'contnt'; did you mean 'content'"),
        ("item", ["question", "question"], "name the same text twice"),
        ("instruction", [ARGUMENTS, f"{ARGUMENTS}.city"], "name the same text twice"),
        ("pair", None, r"several languages \(src_text, tgt_text\); name one of them"),
        ("pair", ["src_text", "tgt_text"], "both sides of a pair would be in one language"),
    ],
)
def test_a_wrong_path_is_named_before_anything_runs(kind: str, fields: list[str] | None, message: str) -> None:
    step = Translate(into=["de"], fields=fields)
    with pytest.raises(UserError, match=message):
        step.out_columns({"rows": kind}, {"rows": records.polars_schema(kind)})


def test_columns_without_values_have_no_texts() -> None:
    rows = [{"text": "house", "lang": ENG, "hint": None, "notes": None}]
    made = translate("sentence", rows, fields=["text", "hint", "notes[*].k"]).kept
    assert made.select("text", "hint", "notes").row(0) == ("HOUSE", None, None)


def test_a_shard_of_a_run_may_lack_a_named_column() -> None:
    rows = records.finish(pl.DataFrame({"text": ["house"], "lang": [ENG]}), "sentence")
    step = Translate(into=["de"], translator="apertium", fields=["text", "hint"])
    env = RowEnv(kind="sentence", step="t", loaded=Opened(Capitals(), None), measured=())
    assert run_rows(step, rows, env).kept["text"].to_list() == ["HOUSE"]
    with pytest.raises(UserError, match="no column 'hint'"):
        translate("sentence", [{"text": "house", "lang": ENG}], fields=["text", "hint"])


def test_the_lexicon_is_compared_with_the_texts_that_are_named(tmp_path: Path) -> None:
    langs = {"lang": ENG, "question_lang": ENG, "context_lang": None}
    records.finish(pl.DataFrame([{"question": "which house", "answer": "none", **langs}]), "item").write_parquet(
        tmp_path / "items.parquet"
    )
    words = {"src_lang": ENG, "tgt_lang": DEU, "src_word": ["house"], "tgt_word": ["Haus"]}
    lexicon = records.finish(pl.DataFrame(words | {"probability": 1.0, "count": 1}), "lexicon")
    lexicon.write_parquet(tmp_path / "lexicon.parquet")
    tables = {
        "rows": Table("item", (tmp_path / "items.parquet",)),
        "lexicon": Table("lexicon", (tmp_path / "lexicon.parquet",)),
    }
    Translate(into=["de"]).nothing_kept(tables)
    assert Translate(into=["de"]).remarks(tables) == []
    with pytest.raises(UserError, match="the text has no word of the lexicon"):
        Translate(into=["de"], fields=["answer"]).nothing_kept(tables)


def test_a_path_at_which_no_row_has_a_text_is_told(tmp_path: Path) -> None:
    rows = [instruction(turn("assistant", None, tool_calls=CALL)), instruction(turn("user", "hi", tool_calls="no"))]
    records.finish(pl.DataFrame(rows), "instruction").write_parquet(tmp_path / "a.parquet")
    wrong = "messages[*].tool_calls[*].function.argumnts"
    pl.DataFrame({"id": ["a"]}).write_parquet(tmp_path / "b.parquet")
    table = Table("instruction", (tmp_path / "b.parquet", tmp_path / "a.parquet"))
    step = Translate(into=["de"], translator="apertium", fields=[ARGUMENTS, wrong])
    assert step.remarks({"rows": table}) == [f"fields: no row has a text at {wrong}"]


@pytest.mark.parametrize(
    ("new", "kept"), [("१२ घर", 1.0), ("१३ घर", 0.0), ("١٬٢٠٠ و ١٢", 0.5), ("12,0 Häuser", 1.0), ("12 Häuser, 12", 0.5)]
)
def test_numbers_are_kept_in_the_digits_of_any_script(new: str, kept: float) -> None:
    step = Translate(into=["de"], translator="apertium", min_numbers_kept=0.0)
    env = RowEnv(kind="sentence", step="t", loaded=Opened(Texts({"12 houses": new}), None))
    rows = records.finish(pl.DataFrame({"text": ["12 houses"], "lang": [ENG]}), "sentence")
    assert run_rows(step, rows, env).kept["translate_numbers_kept"].to_list() == [kept]


@needs_apertium
@pytest.mark.skipif(not MGSM.is_file(), reason="needs the real text beside the project")
def test_exam_questions_keep_their_numbers_and_answers_in_spanish() -> None:
    lines = [line.split("\t") for line in MGSM.read_text("utf8").splitlines()[:40]]
    langs = {"lang": ENG, "question_lang": ENG, "context_lang": None}
    rows = pl.DataFrame([{"question": question, "answer": answer, **langs} for question, answer in lines])
    outcome = Translate(into=["es"], translator="apertium").outcome(rows, kind="item")
    made = outcome.kept.join(records.finish(rows, "item"), left_on="group_id", right_on="id", suffix="_en")
    assert made.height >= 36
    assert made["answer"].to_list() == made["answer_en"].to_list()
    assert set(made["question_lang"]) == {"spa_Latn"}


WORD = st.text("abcdefgh", min_size=2, max_size=5).map("x".__add__)
MAYBE = st.none() | WORD
TOOLS = st.none() | st.dictionaries(WORD, WORD | st.integers(), max_size=3).map(
    lambda arguments: json.dumps([{"function": {"name": "find", "arguments": json.dumps(arguments)}}])
)
TURNS = st.lists(
    st.fixed_dictionaries(
        {"role": st.sampled_from(records.roles()), "content": MAYBE, "tool_calls": TOOLS, "reasoning": MAYBE}
    ),
    max_size=3,
)
TAGS = dict.fromkeys(
    ("lang", "prompt_lang", "response_lang", "question_lang", "context_lang", "src_lang"), st.just(ENG)
)
OWN: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "sentence": {"text": WORD},
    "document": {"text": WORD, "title": MAYBE, "url": MAYBE},
    "instruction": {"messages": TURNS, "tools": TOOLS, "task": WORD},
    "preference": {"prompt": TURNS, "chosen": TURNS, "rejected": TURNS},
    "feedback": {"prompt": TURNS, "completion": TURNS, "label": st.booleans()},
    "item": {
        "question": WORD, "answer": st.none() | WORD.map("z".__add__), "context": MAYBE, "rationale": MAYBE,
        "choices": st.none() | st.lists(WORD, unique=True, max_size=3), "prompt": st.none() | TURNS,
    },
    "pair": {"src_text": WORD, "tgt_text": WORD, "tgt_lang": st.just(FRA)},
}  # fmt: skip
BESIDE = {"note": MAYBE, "meta": st.lists(st.fixed_dictionaries({"k": MAYBE, "n": st.integers(0, 9)}), max_size=2)}
MORE = {
    "document": ["url"],
    "instruction": [ARGUMENTS, "tools[*].function.name"],
    "preference": ["chosen[*].tool_calls[*].function.arguments"],
    "pair": ["src_text"],
}


def rows_of(kind: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    known = records.polars_schema(kind)
    tags = {name: tag for name, tag in TAGS.items() if name in known}
    return st.lists(st.fixed_dictionaries({**OWN[kind], **tags, **BESIDE}), min_size=1, max_size=3)


def expected(value: Any, path: str) -> Any:
    """A value with what stands at a path in capitals, by the path's text alone."""
    if value is None:
        return None
    if path.startswith("[*]"):
        rest = path.removeprefix("[*]").removeprefix(".")
        return within(value, lambda some: [expected(one, rest) for one in some])
    name = path.partition("[")[0].partition(".")[0]
    if not name:
        return within(value, capitals) if value[:1] == "{" else value.upper()
    rest = path.removeprefix(name).removeprefix(".")
    return within(value, lambda fields: {**fields, name: expected(fields[name], rest)})


def within(value: Any, change: Callable[[Any], Any]) -> Any:
    return json.dumps(change(json.loads(value))) if isinstance(value, str) else change(value)


def capitals(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: one.upper() if isinstance(one, str) else one for name, one in fields.items()}


@pytest.mark.parametrize("kind", OWN)
def test_exactly_the_named_texts_of_every_kind_change(kind: str) -> None:
    paths = [*TEXTS.get(kind, ()), *MORE.get(kind, ()), "note", "meta[*].k"]

    @settings(max_examples=12, deadline=None)
    @given(rows_of(kind), st.lists(st.sampled_from(paths), min_size=1, unique=True))
    def check(rows: list[dict[str, Any]], fields: list[str]) -> None:
        schema = {"meta": pl.List(pl.Struct({"k": pl.String, "n": pl.Int64})), "note": pl.String}
        known = records.polars_schema(kind)
        given = pl.DataFrame(rows, schema={name: schema.get(name) or known[name] for name in rows[0]})
        given = records.finish(given, kind)
        step = Translate(into=["de"], translator="apertium", fields=fields)
        made = run_rows(step, given, RowEnv(kind=kind, step="t", loaded=Opened(Capitals(), None)), raise_errors=True)
        assert made.refused.is_empty()
        content = [name for name in rows[0] if name not in {*TAGS, "tgt_lang"}]
        wanted = given.select(content).to_dicts()
        for path in fields:
            column = path.partition("[")[0].partition(".")[0]
            for row in wanted:
                row[column] = expected(row, path)[column]
        assert made.kept.select(content).to_dicts() == wanted
        assert made.kept["group_id"].to_list() == given["id"].to_list()

    check()


def test_every_kind_with_default_fields_is_in_the_property() -> None:
    assert {*TEXTS} <= {*OWN} == {*Translate.reads}


@needs_apertium
def test_a_round_trip_comes_back_in_the_language_and_the_item_it_began_with() -> None:
    source = records.finish(
        pl.DataFrame(
            [instruction(turn("user", "Where is the red house? See `map.txt`."), turn("assistant", "At 12."))]
        ),
        "instruction",
    )
    there = Translate(into=["es"], translator="apertium")(source, kind="instruction")
    back = Translate(into=["en"], translator="apertium")(there, kind="instruction")
    assert back.select("lang", "prompt_lang", "response_lang").row(0) == (ENG, ENG, ENG)
    assert back["group_id"].to_list() == there["group_id"].to_list() == source["id"].to_list()
    assert back["parents"].to_list() == [there["id"].to_list()]
    assert "`map.txt`" in back["messages"][0][0]["content"] and "12" in back["messages"][0][1]["content"]


@pytest.mark.parametrize(
    "kept",
    ["```\nx = house\n```", "`house`", "https://house.example/a?b=c", "$h_{ouse}$", "{{house}}", "{house}", "%s"],
)
def test_code_addresses_formulas_and_placeholders_stay_in_every_field(kept: str) -> None:
    row = {"question": f"go to\n{kept}\nnow", "choices": [f"see\n{kept}", "no"], "answer": None, "context": None}
    langs = {"lang": ENG, "question_lang": ENG, "context_lang": None}
    made = translate("item", [row | langs | {"rationale": None, "answer_start": None, "prompt": None}]).kept
    assert (made["question"][0], made["choices"][0][0]) == (f"GO TO\n{kept}\nNOW", f"SEE\n{kept}")
