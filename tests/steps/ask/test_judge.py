"""Scores that chat models give: rubrics, comparisons, several judges, and verdicts that are missing."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from aiohttp import web
from pydantic import ValidationError

from xlcorpus import records
from xlcorpus.errors import UserError
from xlcorpus.outcomes import Outcome
from xlcorpus.steps import Judge

from ...models.chat.server import Reply, Server, completion, serving

NOWHERE = {"base_url": "http://127.0.0.1:9/v1", "model": "m"}


def instructions(*answers: str | None) -> pl.DataFrame:
    turns = [records.message("user", pl.lit("Was frisst die Katze?")), records.message("assistant", pl.col("a"))]
    rows = pl.DataFrame({"a": answers}, schema={"a": pl.String}).select(
        messages=records.messages(turns), lang=pl.lit("deu_Latn")
    )
    return rows.with_columns(prompt_lang="lang", response_lang="lang", task=pl.lit("chat"))


def preferences(chosen: str, rejected: str) -> pl.DataFrame:
    def turns(role: str, text: str) -> pl.Expr:
        return records.messages([records.message(role, pl.lit(text))])

    columns = {"prompt": turns("user", "Grüß mich!"), "chosen": turns("assistant", chosen)}
    return pl.select(**columns, rejected=turns("assistant", rejected), lang=pl.lit("deu_Latn")).with_columns(
        score_chosen=pl.lit(None, pl.Float64), score_rejected=pl.lit(None, pl.Float64)
    )


def outcome(reply: Reply, rows: pl.DataFrame, kind: str = "instruction", **options: Any) -> tuple[Outcome, Server]:
    with serving(reply) as server:
        step = Judge(model=server.player(max_retries=0), **options)
        step.preflight()
        return step.outcome(rows, kind=kind), server


def said(server: Server, i: int = 0) -> str:
    content: str = server.bodies[i]["messages"][-1]["content"]
    return content


def better(which: str) -> Callable[[dict[str, Any], int], str]:
    """A judge that finds one text better wherever it stands."""

    def reply(body: dict[str, Any], n: int) -> str:
        text = body["messages"][-1]["content"]
        return "A" if text.index(which) < text.index("</answer_a>") else "B"

    return reply


def test_an_answer_gets_the_number_that_the_judge_says() -> None:
    found, server = outcome(lambda body, n: "**4**", instructions("Mäuse."))
    assert found.kept.select("judge_score", "judge_problem").rows() == [(4.0, None)]
    assert "<request>\nWas frisst die Katze?\n</request>" in said(server)
    assert "<answer>\nMäuse.\n</answer>" in said(server)
    assert said(server).endswith("Answer with a number from 1 to 5 alone.")


def test_each_criterion_is_asked_about_with_its_meaning() -> None:
    def reply(body: dict[str, Any], n: int) -> str:
        return "5" if "Reads as native." in body["messages"][-1]["content"] else "2"

    criteria = {"fluency": "Reads as native.", "truth": "Nothing is made up."}
    found, server = outcome(reply, instructions("Mäuse."), criteria=criteria)
    assert found.kept.select("judge_fluency", "judge_truth").rows() == [(5.0, 2.0)]
    assert len(server.bodies) == 2
    asked = next(text for text in map(said, [server] * 2, range(2)) if "fluency" in text)
    assert "by this criterion: fluency?\nReads as native.\nThe higher, the better.\n\nAnswer with" in asked


def test_json_gives_all_criteria_in_one_request() -> None:
    prompt = (
        "---\nanswer: {form: json, schema: {type: object, required: [fluency, truth], properties: "
        "{reason: {type: string}, fluency: {type: integer}, truth: {type: integer}}}}\n---\n{{ response }}"
    )
    answer = 'Here:\n```json\n{"reason": "gut", "fluency": 4, "truth": 3}\n```'
    found, server = outcome(lambda b, n: answer, instructions("Mäuse."), prompt=prompt, criteria=["fluency", "truth"])
    assert found.kept.select("judge_fluency", "judge_truth").rows() == [(4.0, 3.0)]
    assert len(server.bodies) == 1


def test_a_judge_may_explain_itself_where_a_pattern_finds_the_verdict() -> None:
    prompt = "---\nanswer: {form: pattern, pattern: 'Rating: (.*)'}\n---\n{{ response }}"
    found, _ = outcome(lambda b, n: "3 Fehler, 2 davon schwer.\nRating: 2/5", instructions("Mäuse."), prompt=prompt)
    assert found.kept["judge_score"].to_list() == [2.0]


def test_labels_have_values() -> None:
    found, server = outcome(lambda b, n: "हाँ।", instructions("Mäuse."), labels={"हाँ": 1, "नहीं": 0})
    assert found.kept["judge_score"].to_list() == [1.0]
    assert said(server).endswith("Answer with one of these alone: हाँ, नहीं")


def test_numbers_are_read_in_the_digits_of_the_prompt_s_language(tmp_path: Path) -> None:
    (tmp_path / "p.md").write_text("{{ response }}")
    (tmp_path / "p.arb_Arab.md").write_text("ما جودة هذا؟ {{ response }}")
    rows = instructions("Mäuse.").with_columns(asked=pl.lit("arb_Arab"))
    options = {"prompt": str(tmp_path / "p.md"), "prompt_language": "asked"}
    found, server = outcome(lambda b, n: "٣٫٥", rows, **options)
    assert found.kept["judge_score"].to_list() == [3.5]
    assert said(server).startswith("ما جودة")


@pytest.mark.parametrize("answer", ["7", "gut", "4 oder 5", "0"])
def test_an_answer_off_the_scale_is_asked_for_again_and_then_rejected(answer: str) -> None:
    found, server = outcome(lambda body, n: answer, instructions("Mäuse."), attempts=2)
    assert found.rejected["rule"].to_list() == ["unjudged"]
    assert found.rejected["value"][0].startswith("score by scripted: ") and answer in found.rejected["value"][0]
    assert len(server.bodies) == 2
    assert "That answer cannot be read" in said(server, 1)


def test_what_could_not_be_judged_has_no_score() -> None:
    def reply(body: dict[str, Any], n: int) -> str:
        return "3" if "Mäuse." in body["messages"][0]["content"] else "I cannot say."

    found, _ = outcome(reply, instructions("Mäuse.", "Ratten."), checks="columns", attempts=1)
    assert found.kept.select("judge_score", "judge_problem").rows() == [(3.0, None), (None, "unreadable")]
    assert found.kept.filter(pl.col("judge_score") >= 0).height == 1


def test_one_missing_verdict_leaves_no_score() -> None:
    def reply(body: dict[str, Any], n: int) -> str:
        return "4" if body["model"] == "a" else "gut"

    with serving(reply) as server:
        players = [server.player(model="a"), server.player(model="b")]
        step = Judge(model=players, checks="columns", attempts=1)
        kept = step(instructions("Mäuse."), kind="instruction")
    columns = ["judge_score", "judge_score_1", "judge_score_2", "judge_score_agreement", "judge_problem"]
    assert kept.select(columns).rows() == [(None, 4.0, None, None, "unreadable")]


def test_several_judges_and_samples_are_columns_and_a_mean() -> None:
    with serving(lambda body, n: {"a": "5", "b": "3"}[body["model"]]) as server:
        step = Judge(model=[server.player(model="a"), server.player(model="b")], samples=2, temperature=1.0)
        kept = step(instructions("Mäuse."), kind="instruction")
    row = kept.select("judge_score", "judge_score_1", "judge_score_2").row(0)
    assert row == (4.0, 5.0, 3.0)
    # Two of six pairs of verdicts agree, four are half the scale apart.
    assert kept["judge_score_agreement"].item() == pytest.approx((2 + 4 * 0.5) / 6)


def test_an_empty_answer_and_one_that_is_missing_are_not_asked_about() -> None:
    found, server = outcome(lambda body, n: "5", instructions(" ", None), checks="columns")
    assert found.kept["judge_problem"].to_list() == ["no_text", "no_text"]
    assert found.kept["judge_score"].to_list() == [None, None]
    assert not server.bodies


def test_a_reference_that_is_needed_and_missing_leaves_no_score() -> None:
    rows = instructions("Mäuse.", "Ratten.").with_columns(reference=pl.Series(["Mäuse.", None]))
    prompt = "Like {{ reference }}: {{ response }}"
    found, server = outcome(lambda b, n: "5", rows, prompt=prompt, needs=["reference"], checks="columns")
    assert found.kept.select("judge_score", "judge_problem").rows() == [(5.0, None), (None, "no_text")]
    assert len(server.bodies) == 1


def test_a_verdict_that_was_cut_off_is_none() -> None:
    said = completion("4", "length")
    found, _ = outcome(lambda body, n: web.json_response(said), instructions("Mäuse."), checks="columns")
    assert found.kept.select("judge_score", "judge_problem").rows() == [(None, "cut_off")]


def test_a_request_without_an_answer_fails_its_row() -> None:
    found, _ = outcome(lambda b, n: web.Response(status=400, text="too long"), instructions("Mäuse."), checks="columns")
    assert found.failed["error"].to_list() == ["HTTP 400: too long"]
    assert found.kept.height == 0


def test_two_texts_are_compared_in_both_orders() -> None:
    for chosen, score in (("Guten Tag!", 1.0), ("Tach.", 0.0)):
        other = "Tach." if chosen == "Guten Tag!" else "Guten Tag!"
        found, server = outcome(
            better("Guten Tag!"), preferences(chosen, other), "preference", compare=["chosen", "rejected"]
        )
        assert found.kept.select("judge_score", "judge_score_consistency").rows() == [(score, 1.0)]
        assert len(server.bodies) == 2


@pytest.mark.parametrize("always", ["A", "B"])
def test_a_judge_that_prefers_a_place_says_tie(always: str) -> None:
    found, _ = outcome(
        lambda b, n: always, preferences("Guten Tag!", "Tach."), "preference", compare=["chosen", "rejected"]
    )
    assert found.kept.select("judge_score", "judge_score_consistency").rows() == [(0.5, 0.0)]


def test_a_tie_in_one_order_is_a_tie() -> None:
    def reply(body: dict[str, Any], n: int) -> str:
        text = body["messages"][-1]["content"]
        return "A" if text.index("Guten Tag!") < text.index("Tach.") else "tie"

    found, _ = outcome(reply, preferences("Guten Tag!", "Tach."), "preference", compare=["chosen", "rejected"])
    assert found.kept.select("judge_score", "judge_score_consistency").rows() == [(0.5, 0.0)]


def test_equal_texts_are_a_tie_without_a_request() -> None:
    found, server = outcome(
        lambda b, n: "A", preferences("Tach.", "Tach."), "preference", compare=["chosen", "rejected"]
    )
    assert found.kept["judge_score"].to_list() == [0.5]
    assert not server.bodies


def test_any_columns_can_be_compared() -> None:
    rows = pl.DataFrame({"text": ["Katze"], "lang": ["deu_Latn"], "one": ["cat"], "two": ["dog"]})
    prompt = "<a>{{ first }}</answer_a>{{ second }} for {{ text }}?"
    found, _ = outcome(better("cat"), rows, "sentence", prompt=prompt, compare=["two", "one"])
    assert found.kept["judge_score"].to_list() == [0.0]


def with_logprobs(token: str, top: dict[str, float], before: tuple[str, ...] = ()) -> Reply:
    """An answer of some tokens, the last with the probabilities of its alternatives."""
    tokens = [{"token": b, "logprob": 0.0, "top_logprobs": []} for b in before]
    alternatives = [{"token": t, "logprob": math.log(p)} for t, p in top.items()]
    tokens.append({"token": token, "logprob": math.log(top.get(token, 1e-9)), "top_logprobs": alternatives})

    def reply(body: dict[str, Any], n: int) -> web.StreamResponse:
        response = completion("".join([*before, token]))
        if body.get("logprobs"):
            response["choices"][0]["logprobs"] = {"content": tokens}
        return web.json_response(response)

    return reply


FAR = {"x": 1e-9}


def test_the_expectation_over_the_labels_is_read() -> None:
    top = {"4": 0.6, "5": 0.2, " 4": 0.1, "3": 0.1, **FAR}
    found, server = outcome(with_logprobs("4", top), instructions("Mäuse."), expectation=True)
    assert found.kept["judge_score"].item() == pytest.approx(0.7 * 4 + 0.2 * 5 + 0.1 * 3)
    assert found.kept["judge_by_label"].to_list() == [0]
    assert (server.bodies[0]["logprobs"], server.bodies[0]["top_logprobs"]) == (True, 20)


def test_the_label_said_counts_where_others_may_be_probable_too() -> None:
    found, _ = outcome(with_logprobs("4", {"4": 0.5, "The": 0.3, "It": 0.2}), instructions("Mäuse."), expectation=True)
    assert found.kept.select("judge_score", "judge_by_label").rows() == [(4.0, 1)]


def test_the_label_said_counts_where_the_endpoint_has_no_probabilities() -> None:
    found, _ = outcome(lambda body, n: "4", instructions("Mäuse."), expectation=True)
    assert found.kept.select("judge_score", "judge_by_label").rows() == [(4.0, 1)]


def test_an_endpoint_that_refuses_log_probabilities_is_asked_without() -> None:
    def reply(body: dict[str, Any], n: int) -> web.StreamResponse | str:
        return web.Response(status=400, text="no logprobs") if "logprobs" in body else "4"

    found, _ = outcome(reply, instructions("Mäuse."), expectation=True, criteria=["a", "b"])
    assert found.kept.select("judge_a", "judge_b", "judge_by_label").rows() == [(4.0, 4.0, 2)]


def test_a_comparison_may_be_an_expectation_in_both_orders() -> None:
    def reply(body: dict[str, Any], n: int) -> web.StreamResponse | str:
        text = body["messages"][-1]["content"]
        first = text.index("Guten Tag!") < text.index("Tach.")
        top = {"A": 0.8, "B": 0.2, **FAR} if first else {"B": 0.6, "A": 0.4, **FAR}
        return with_logprobs("A" if first else "B", top)(body, n)

    found, _ = outcome(
        reply, preferences("Guten Tag!", "Tach."), "preference", compare=["chosen", "rejected"], expectation=True
    )
    assert found.kept["judge_score"].item() == pytest.approx((0.8 + 0.6) / 2)


def test_every_verdict_can_be_kept_with_what_was_said() -> None:
    reply = better("Guten Tag!")
    found, _ = outcome(
        lambda b, n: f"<think>Hm.</think> {reply(b, n)}",
        preferences("Guten Tag!", "Tach."), "preference", compare=["chosen", "rejected"], verdicts=True,
    )  # fmt: skip
    told = [(v["model"], v["swapped"], v["value"], v["text"]) for v in found.kept["judge_verdicts"].item()]
    assert told == [("scripted", False, 1.0, "A"), ("scripted", True, 0.0, "B")]


def test_an_earlier_turn_stands_with_its_role() -> None:
    turns = [records.message(role, pl.lit(text)) for role, text in
             (("user", "Hallo"), ("assistant", "Ja?"), ("user", "Wer da?"), ("assistant", "Ich."))]  # fmt: skip
    rows = pl.select(messages=records.messages(turns), lang=pl.lit("deu_Latn")).with_columns(
        prompt_lang="lang", response_lang="lang", task=pl.lit("chat")
    )
    _, server = outcome(lambda b, n: "4", rows, prompt="[{{ prompt }}] {{ response }}")
    assert said(server).startswith("[User: Hallo\n\nAssistant: Ja?\n\nUser: Wer da?] Ich.")


def test_the_reasoning_can_be_judged() -> None:
    turn = pl.struct(role=pl.lit("assistant"), content=pl.lit("4"), tool_calls=pl.lit(None, pl.String),
                     reasoning=pl.lit("2 + 2 = 4"))  # fmt: skip
    rows = instructions("4").with_columns(
        messages=pl.concat_list(pl.col("messages").list.head(1), pl.concat_list(turn))
    )
    _, server = outcome(lambda b, n: "4", rows, prompt="Is this right? {{ reasoning }}")
    assert said(server).startswith("Is this right? 2 + 2 = 4")


def test_what_was_measured_is_told() -> None:
    with serving(lambda body, n: "4") as server:
        step = Judge(model=server.player(license="MIT"), expectation=True)
        kept = step(instructions("Mäuse.").with_columns(generate_model=pl.lit("scripted")), kind="instruction")

    class Kept:
        def scan(self) -> pl.LazyFrame:
            return kept.lazy()

    assert step.facts(Kept(), pl.DataFrame()) == [  # type: ignore[arg-type]
        "mean scores: score: 4.000",
        "1 verdicts read by the label said, without its probability",
        "1 rows were judged by the model that wrote them",
        "scripted is used under: MIT",
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"model": "judge"}, "the role 'judge' is played by nobody"),
        ({"prompt": "{{ response }}", "criteria": ["a", "b"]}, "it asks the same for each of a, b"),
        ({"prompt": "{{ first }}", "compare": ["chosen", "rejected"]}, "it must show {{ first }} and {{ second }}"),
        ({"compare": ["chosen", "rejected"], "labels": {"1": 1, "2": 0}}, "labels of your own need a prompt"),
        ({"prompt": "{{ response }} {{ chosen }}"}, "no rows have all of chosen, response"),
        (
            {"prompt": "---\nanswer: {form: json, schema: {type: object, properties: {b: {}}}}\n---\n{{ response }}"},
            "its answer has no property 'score'",
        ),
        (
            {"prompt": "---\nanswer: {form: one_of, values: [x]}\n---\n{{ response }}", "labels": {"y": 1, "n": 0}},
            "leave its answer form away",
        ),
    ],
)
def test_mistakes_are_found_before_anything_is_asked(options: dict[str, Any], message: str) -> None:
    step = Judge(**{"model": NOWHERE, **options})
    with pytest.raises(UserError) as problem:
        step.preflight()
        step.ports()
    assert message in str(problem.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"criteria": ["Good?"]}, "becomes a column"),
        ({"criteria": ["a", "a_agreement"], "samples": 2}, "two columns would be named 'judge_a_agreement'"),
        ({"scale": [5, 1]}, "the least and the greatest number"),
        ({"labels": {"yes": 1}}, "give two or more"),
        ({"labels": {"yes": 1, "no": 1}}, "their values are all the same"),
        ({"labels": {"yes": 2, "no": 0}, "compare": ["a", "b"]}, "from 0 (the second is better) to 1"),
        ({"scale": [1, 100], "expectation": True}, "more numbers than top_logprobs"),
        ({"labels": {"yes": 1, "no": 0}, "scale": [0, 1]}, "scale has no effect here"),
    ],
)
def test_options_that_do_not_fit_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as problem:
        Judge(**{"model": NOWHERE, **options})
    assert message in str(problem.value)


def test_the_rows_that_can_be_judged_follow_from_the_prompt() -> None:
    assert Judge(model="m").ports()["rows"].kinds == ("instruction",)
    assert Judge(model="m", compare=["chosen", "rejected"]).ports()["rows"].kinds == ("preference",)
    port = Judge(model="m", prompt="{{ text }} {{ note }}").ports()["rows"]
    assert "document" in port.kinds and port.columns == ("note", "text")


def test_the_prompt_is_part_of_what_the_step_depends_on() -> None:
    assert json.dumps(Judge(model="m").file_contents()) != json.dumps(
        Judge(model="m", prompt="x{{ text }}").file_contents()
    )


def test_empty_tables_ask_nothing() -> None:
    found, server = outcome(lambda b, n: "4", instructions("Mäuse.").head(0), expectation=True, verdicts=True)
    assert found.kept.height == 0
    assert not server.bodies


def test_items_are_judged_by_their_columns() -> None:
    columns = {"question": ["Wie viele Ecken?"], "choices": [["3", "4"]], "answer": ["4"], "lang": ["deu_Latn"]}
    rows = pl.DataFrame(columns).with_columns(question_lang="lang")
    prompt = "{{ question }} {{ choices | join(', ') }}: is {{ answer }} right?"
    found, server = outcome(lambda b, n: "yes", rows, "item", prompt=prompt, labels={"yes": 1, "no": 0})
    assert found.kept["judge_score"].to_list() == [1.0]
    assert said(server).startswith("Wie viele Ecken? 3, 4: is 4 right?")
