"""Text that a chat model writes: columns, turns, samples, lists, and what is wrong with answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from aiohttp import web

from xlcorpus import records
from xlcorpus.errors import UserError
from xlcorpus.models.chat.player import Player
from xlcorpus.outcomes import Outcome
from xlcorpus.steps import Generate

from ...models.chat.server import Reply, Server, completion, serving

GOOD = "Der Hund läuft heute sehr schnell durch den Park und bellt dabei laut."


def instructions(*questions: str, lang: str = "deu_Latn") -> pl.DataFrame:
    turn = records.message("user", pl.col("q"))
    rows = pl.DataFrame({"q": list(questions)}).select(messages=records.messages([turn]), lang=pl.lit(lang))
    return rows.with_columns(prompt_lang="lang", response_lang="lang", task=pl.lit("chat"))


def sentences(*texts: str) -> pl.DataFrame:
    return pl.DataFrame({"text": list(texts), "lang": "deu_Latn"})


def outcome(reply: Reply, rows: pl.DataFrame, **options: Any) -> tuple[Outcome, Server]:
    kind = "instruction" if "messages" in rows.columns else "sentence"
    with serving(reply) as server:
        step = Generate(model=server.player(max_retries=0, **options.pop("player", {})), **options)
        step.preflight()
        return step.outcome(rows, kind=kind), server


def last(rows: pl.DataFrame) -> list[dict[str, Any]]:
    return rows["messages"].list.last().to_list()


def test_an_answer_becomes_the_next_turn_of_the_conversation() -> None:
    found, server = outcome(lambda body, n: f" {GOOD}\n", instructions("Was macht der Hund?"))
    (turn,) = last(found.kept)
    assert (turn["role"], turn["content"], turn["reasoning"]) == ("assistant", GOOD, None)
    assert server.bodies[0]["messages"] == [{"role": "user", "content": "Was macht der Hund?"}]
    (row,) = found.kept.to_dicts()
    assert (row["origin"], row["step"], row["generate_model"]) == ("synthetic", "generate", "scripted")


def test_a_row_of_a_turn_is_a_new_row_of_its_item() -> None:
    rows = records.finish(instructions("Was?", "Wer?").with_columns(group_id=pl.Series([None, "7"])), "instruction")
    found, _ = outcome(lambda body, n: GOOD, rows)
    assert found.kept["parents"].to_list() == [[row] for row in rows["id"]]
    assert not set(found.kept["id"]) & set(rows["id"])
    assert found.kept["group_id"].to_list() == [rows["id"][0], "7"]


def test_a_prompt_is_filled_with_the_columns_of_the_row() -> None:
    prompt = "---\nsystem: You write {{ lang | language }}.\n---\nRepeat: {{ text }}\n"
    found, server = outcome(lambda body, n: "ja", sentences("Hund"), prompt=prompt, into="said")
    assert server.bodies[0]["messages"] == [
        {"role": "system", "content": "You write German."}, {"role": "user", "content": "Repeat: Hund"},
    ]  # fmt: skip
    assert found.kept["said"].to_list() == ["ja"]
    assert found.kept["text"].to_list() == ["Hund"]


def test_a_variant_of_the_prompt_is_taken_by_the_language_of_the_row(tmp_path: Path) -> None:
    (tmp_path / "p.md").write_text("Question: {{ text }}")
    (tmp_path / "p.deu_Latn.md").write_text("Frage: {{ text }}")
    rows = pl.DataFrame({"text": ["a", "b"], "lang": ["deu_Latn", "fra_Latn"]})
    options = {"prompt": str(tmp_path / "p.md"), "prompt_language": "lang", "into": "x"}
    _, server = outcome(lambda body, n: "ja", rows, **options)
    assert sorted(body["messages"][0]["content"] for body in server.bodies) == ["Frage: a", "Question: b"]
    assert len(Generate(model="m", **options).file_contents()) == 2


def test_several_samples_are_several_rows_in_the_order_of_the_input() -> None:
    def reply(body: dict[str, Any], n: int) -> web.StreamResponse | str:
        return web.Response(status=400) if "n" in body else f"{body['messages'][0]['content']} {body['seed']}"

    found, _ = outcome(reply, sentences("a", "b"), prompt="{{ text }}", into="x", samples=3, temperature=1)
    assert found.kept["generate_sample"].to_list() == [0, 1, 2, 0, 1, 2]
    assert [x[0] for x in found.kept["x"]] == ["a", "a", "a", "b", "b", "b"]
    assert found.kept["id"].n_unique() == 6
    assert found.kept["parents"].list.len().to_list() == [1] * 6


def test_two_equal_samples_are_two_rows() -> None:
    found, _ = outcome(lambda body, n: "gleich", sentences("a"), prompt="{{ text }}", into="x", samples=2)
    assert found.kept.height == found.kept["id"].n_unique() == 2


def test_json_becomes_a_column_for_each_property() -> None:
    prompt = (
        "---\nanswer:\n  form: json\n  schema:\n    type: object\n    required: [score, why]\n    properties:\n"
        "      score: {type: integer}\n      why: {type: string}\n      tags: {type: array, items: {type: string}}\n"
        "---\n{{ text }}"
    )
    said = 'Sure!\n```json\n{“score”: 3, "why": "kurz", "tags": ["a", "b"],}\n```'
    found, server = outcome(lambda body, n: said, sentences("a"), prompt=prompt, into="j")
    assert found.kept.select("j_score", "j_why", "j_tags").rows() == [(3.0, "kurz", '["a", "b"]')]
    assert server.bodies[0]["response_format"]["json_schema"]["schema"]["required"] == ["score", "why", "tags"]


def test_a_list_becomes_a_row_an_element() -> None:
    prompt = "---\nanswer: {form: json, schema: {type: array, items: {type: string}}}\n---\n{{ text }}"
    found, _ = outcome(lambda body, n: '["Warum?", "Wann?"]', sentences("a"), prompt=prompt, into="question")
    assert found.kept.select("question", "generate_element").rows() == [("Warum?", 0), ("Wann?", 1)]
    assert found.kept["id"].n_unique() == 2


def test_an_answer_of_another_form_is_asked_for_again_with_what_was_wrong() -> None:
    prompt = "---\nanswer: {form: one_of, values: [gut, schlecht]}\n---\n{{ text }}"
    found, server = outcome(
        lambda body, n: "Vielleicht." if n == 0 else "**Gut**", sentences("a"), prompt=prompt, into="x"
    )
    assert found.kept["x"].to_list() == ["gut"]
    *_, before, wrong = server.bodies[1]["messages"]
    assert before == {"role": "assistant", "content": "Vielleicht."}
    assert "it names 0 of gut, schlecht" in wrong["content"]


def test_an_answer_that_stays_of_another_form_is_rejected_with_it() -> None:
    prompt = "---\nanswer: {form: number}\n---\n{{ text }}"
    found, server = outcome(lambda body, n: "drei", sentences("a"), prompt=prompt, into="x", attempts=10)
    assert found.rejected.select("rule", "value").rows() == [("unreadable", "it holds 0 numbers instead of one: drei")]
    assert len(server.bodies) == 10


@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        ("Es tut mir leid, aber dabei kann ich leider nicht helfen.", "refusal"),
        ("The dog is running very fast through the park today and it barks.", "wrong_language"),
        (GOOD + " und noch einmal" * 40, "loop"),
        ("", "unreadable"),
    ],
)
def test_answers_with_something_wrong_are_rejected_or_told(answer: str, rule: str) -> None:
    found, _ = outcome(lambda body, n: answer, instructions("Was macht der Hund?"))
    assert found.rejected["rule"].to_list() == [rule]
    assert answer in found.rejected["value"][0]
    told, _ = outcome(lambda body, n: answer, instructions("Was macht der Hund?"), checks="columns")
    assert told.kept["generate_problem"].to_list() == [rule]


def test_an_answer_that_was_cut_off_is_rejected() -> None:
    said = completion("Der Hund", "length")
    found, _ = outcome(lambda body, n: web.json_response(said), instructions("Was?"))
    assert found.rejected["rule"].to_list() == ["cut_off"]


def test_a_row_without_an_answer_fails_and_the_others_do_not() -> None:
    def reply(body: dict[str, Any], n: int) -> web.StreamResponse | str:
        return web.Response(status=400, text="too long") if "b" in body["messages"][0]["content"] else "ja"

    found, _ = outcome(reply, sentences("a", "b", "c"), prompt="{{ text }}", into="x")
    assert found.kept["text"].to_list() == ["a", "c"]
    assert found.failed["error"].to_list() == ["HTTP 400: too long"]


def test_reasoning_is_no_part_of_the_answer() -> None:
    thought = "<think>Der Hund? Hm.</think>\n"
    found, _ = outcome(lambda body, n: thought + GOOD, instructions("Was macht der Hund?"))
    (turn,) = last(found.kept)
    assert (turn["content"], turn["reasoning"]) == (GOOD, "Der Hund? Hm.")
    column, _ = outcome(lambda body, n: thought + "ja", sentences("a"), prompt="{{ text }}", into="x")
    assert column.kept.select("x", "generate_reasoning").rows() == [("ja", "Der Hund? Hm.")]


def test_thinking_that_never_ends_is_no_answer() -> None:
    found, _ = outcome(lambda body, n: "<think>Hm, der Hund", instructions("Was?"))
    assert found.rejected["rule"].to_list() == ["unreadable"]


def test_the_user_s_turn_is_written_by_a_model_that_plays_the_user() -> None:
    rows = instructions("Was macht der Hund?").with_columns(
        pl.concat_list("messages", pl.concat_list(records.message("assistant", pl.lit(GOOD))))
    )
    found, server = outcome(lambda body, n: "Und warum bellt der Hund im Park so laut?", rows, into="user")
    assert [m["role"] for m in server.bodies[0]["messages"]] == ["assistant", "user"]
    assert last(found.kept)[0]["role"] == "user"


def test_each_of_several_models_is_asked() -> None:
    with serving(lambda body, n: body["model"]) as server:
        step = Generate(model=[server.player(model="a"), server.player(model="b")], prompt="{{ text }}", into="x")
        kept = step(sentences("t"), kind="sentence")
    assert kept.select("x", "generate_model").rows() == [("a", "a"), ("b", "b")]


def test_a_prefill_is_sent_and_part_of_the_answer() -> None:
    found, server = outcome(lambda body, n: "läuft.", sentences("a"), prompt="{{ text }}", into="x", prefill="Er ")
    assert server.bodies[0]["messages"][-1] == {"role": "assistant", "content": "Er "}
    assert found.kept["x"].to_list() == ["Er läuft."]


def test_what_was_said_stands_uncut_beside_it_where_asked_for() -> None:
    found, _ = outcome(lambda body, n: " <think>a</think> ja ", sentences("a"), prompt="{{ text }}", into="x", raw=True)
    assert found.kept["generate_raw"].to_list() == [" <think>a</think> ja "]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"model": "teacher"}, "the role 'teacher' is played by nobody: write model: {base_url"),
        ({"prompt": "nothing.md", "into": "x"}, "no prompt 'nothing.md'"),
        ({"into": "x"}, "generate needs a prompt where `into` is a column"),
        ({"prompt": "{{ text", "into": "x"}, "the prompt: no Jinja: "),
        (
            {"prompt": "---\nanser: x\n---\n{{ text }}", "into": "x"},
            "no key 'anser' in a prompt; did you mean 'answer'",
        ),
        ({"prompt": "---\nanswer: {form: jsn}\n---\n{{ a }}", "into": "x"}, "answer.form: Input should be 'text'"),
        ({"prompt": "---\nanswer: {form: json}\n---\n{{ a }}", "into": "x"}, "answer.: json needs schema"),
    ],
)
def test_mistakes_are_found_before_anything_is_asked(options: dict[str, Any], message: str) -> None:
    player = {"base_url": "http://127.0.0.1:9/v1", "model": "m"}
    step = Generate(**{"model": player, **options})
    with pytest.raises(UserError) as problem:
        step.preflight()
        step.ports()
    assert message in str(problem.value)


def test_the_columns_a_prompt_names_are_needed() -> None:
    step = Generate(model="m", prompt="{{ title }} {{ text }}", into="x", prompt_language="lang")
    assert step.ports()["rows"].columns == ("text", "title", "lang")


def test_a_template_may_not_reach_what_is_not_the_row() -> None:
    found, server = outcome(lambda body, n: "ja", sentences("a"), prompt="{{ text.__class__.mro() }}", into="x")
    assert found.failed.height == 1
    assert not server.bodies


def test_empty_tables_ask_nothing() -> None:
    found, server = outcome(lambda body, n: "ja", sentences("a").head(0), prompt="{{ text }}", into="x")
    assert found.kept.height == 0
    assert not server.bodies


TAGGING = """---
answer: {form: tagged, source: text, tags: [ort]}
---
Mark the place: {{ text }}"""


def test_a_text_with_tags_gives_spans_and_is_asked_for_again_until_it_is_the_text() -> None:
    answers = ["Die <ort>Nordsee</ort> ist kalt.", "Die <ort>Ostsee</ort> ist kalt."]
    found, server = outcome(
        lambda body, n: answers[n], sentences("Die Ostsee ist kalt."), prompt=TAGGING, into="marked"
    )
    (row,) = found.kept.to_dicts()
    assert row["marked"] == "Die <ort>Ostsee</ort> ist kalt."
    assert row["marked_spans"] == [{"tag": "ort", "start": 4, "end": 10, "text": "Ostsee"}]
    assert "it is not the text that was given" in server.bodies[1]["messages"][-1]["content"]


def test_of_several_models_one_is_drawn_for_each_item() -> None:
    with serving(lambda body, n: GOOD) as one:
        names = [one.player(), Player(base_url=one.player().base_url, model="other")]
        step = Generate(model=names, each="draw")
        given = instructions(*(f"Was macht Hund {i}?" for i in range(200)))
        kept = step(given, kind="instruction")
        assert kept.height == 200
        assert 70 < kept.filter(pl.col("generate_model") == "other").height < 130
        twice = pl.concat(
            [given.with_columns(group_id=pl.lit("7")).head(2), given.head(2).with_columns(group_id=pl.lit("7"))]
        )
        assert step(twice, kind="instruction")["generate_model"].n_unique() == 1
    with pytest.raises(ValueError, match="each has no effect here: one model is asked"):
        Generate(model=names[0], each="draw")
