"""Blocks of a recipe: rounds and attempts, as they stand in the graph and as they run."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from aiohttp import web

from xlcorpus.errors import UserError
from xlcorpus.in_memory import frame_outcomes, run_frames
from xlcorpus.recipe import Recipe
from xlcorpus.recipe.blocks import Until

from ..models.chat.server import Server, completions, serving

SEEDS = [
    ("hin_Deva", "चाय बनाने का तरीका बताओ।"),
    ("eng_Latn", "Describe how a kettle is cleaned."),
    ("tha_Thai", "อธิบายวิธีหุงข้าว"),
]

GROWS = """
name: grows
models: {writer: {about: writes instructions}}
steps:
  seeds: {step: read, kind: sentence, paths: seeds.jsonl, source: s, license: CC0-1.0}
  grow:
    rounds:
      times: 3
      start: {pool: seeds}
      steps:
        example: {step: select, keep: "round = 0", inputs: pool}
        write:
          {step: generate, model: writer, prompt: "Write one like {{ text }}", into: made, temperature: 1, samples: 2}
        text: {step: template, fields: {text: "{{ made }}"}}
        compare: {step: measure_text, novelty: true, inputs: {rows: text, pool: pool}}
        novel: {step: select, keep: "measure_text_rouge_l < 0.7"}
      next: {pool: [pool, novel]}
      STOP
  all: {step: select, keep: "text != ''"}
release: {tables: {grown: grow, novel: grow.novel}}
"""

WORDS = ("lamp", "river", "chair", "bread", "window", "garden", "letter", "bottle", "shoe", "mirror", "clock", "fence")


def seeds() -> pl.DataFrame:
    return pl.DataFrame(SEEDS, schema=["lang", "text"], orient="row")


def writes(body: dict[str, Any], number: int) -> web.StreamResponse:
    """Every answer another text: the number of the sample is not in the request, that of the request is."""
    texts = []
    for i in range(body.get("n", 1)):
        a, b = WORDS[number % len(WORDS)], WORDS[(number // len(WORDS) + 3 * i + 5) % len(WORDS)]
        texts.append(f"{a} {b} {number} {i}")
    return web.json_response(completions(texts))


def grown(server: Server, stop: str = "") -> Recipe:
    return Recipe.from_yaml(GROWS.replace("STOP", stop), "grows.yaml").with_models(writer=server.player())


def test_a_round_reads_what_the_rounds_before_made() -> None:
    with serving(writes) as server:
        tables = run_frames(grown(server).pipeline(), seeds())
    counts = tables["all"]["round"].value_counts().sort("round").rows()
    assert counts == [(0, 3), (1, 6), (2, 6), (3, 6)]
    assert tables["grow.3.compare"].height == 6


def test_samples_are_numbered_over_the_rounds() -> None:
    with serving(writes) as server:
        tables = run_frames(grown(server).pipeline(), seeds())
        assert sorted(set(tables["grow.3.write"]["generate_sample"])) == [4, 5]
        assert len(server.bodies) >= 9


def test_rounds_stop_once_the_pool_is_large_enough_and_ask_no_more() -> None:
    with serving(writes) as server:
        outcomes = frame_outcomes(grown(server, "stop: {rows: 9}").pipeline(), seeds())
        assert sum(body.get("n", 1) for body in server.bodies) == 6
    assert outcomes["all"].kept["round"].value_counts().sort("round").rows() == [(0, 3), (1, 6)]
    assert outcomes["grow.3.novel"].kept.is_empty()


@pytest.mark.parametrize(("measure", "rounds"), [("count(*)", 2), ("max(generate_sample)", 3)])
def test_rounds_stop_when_a_measure_no_longer_rises(measure: str, rounds: int) -> None:
    with serving(writes) as server:
        tables = run_frames(grown(server, f"stop: {{of: novel, measure: '{measure}'}}").pipeline(), seeds())
    assert tables["all"]["round"].max() == rounds


RETRIES = """
name: retries
models: {solver: {about: solves}}
steps:
  questions: {step: read, kind: sentence, paths: seeds.jsonl, source: s, license: CC0-1.0}
  solved:
    until:
      steps:
        answer: {step: generate, model: solver, prompt: "Solve {{ text }}", into: answer, temperature: 1}
        text: {step: template, fields: {note: "{{ answer }}"}}
      accept: note LIKE '%right%'
      at_most: 4
  after: {step: select, keep: "text != ''"}
"""


def retries(server: Server, text: str = RETRIES) -> Recipe:
    return Recipe.from_yaml(text, "retries.yaml").with_models(solver=server.player())


def test_a_row_goes_round_again_until_it_is_good_and_rows_keep_their_order() -> None:
    asked: dict[str, int] = {}

    def solves(body: dict[str, Any], number: int) -> str:
        text = body["messages"][-1]["content"]
        asked[text] = asked.get(text, 0) + 1
        needed = 3 if "kettle" in text else 1 if "चाय" in text else 99
        return "that is right" if asked[text] >= needed else "no idea at all"

    with serving(solves) as server:
        outcomes = frame_outcomes(retries(server).pipeline(), seeds())
    after = outcomes["after"].kept
    assert after["lang"].to_list() == ["hin_Deva", "eng_Latn"]
    assert after["generate_sample"].to_list() == [0, 2]
    assert sorted(asked.values()) == [1, 3, 4]
    assert outcomes["solved.4.accept"].rejected["rule"].to_list() == ["keep"]
    assert outcomes["solved.4.accept"].rejected["lang"].to_list() == ["tha_Thai"]


def test_a_recipe_with_blocks_is_a_pipeline_that_yaml_holds() -> None:
    from xlcorpus.yaml_file import from_yaml, to_yaml

    recipe = Recipe.from_yaml(GROWS.replace("STOP", "stop: {rows: 9}")).with_models(writer="bootstrap")
    pipeline = recipe.with_models(writer={"base_url": "http://localhost:1/v1", "model": "m"}).pipeline()
    assert from_yaml(to_yaml(pipeline)) == pipeline
    assert pipeline.release is not None
    assert pipeline.release.tables["novel"] == ["grow.1.novel.round", "grow.2.novel.round", "grow.3.novel.round"]


def test_a_run_that_goes_on_asks_nothing_twice_and_stops_by_count(tmp_path: Any) -> None:
    from xlcorpus.engine import run

    (tmp_path / "seeds.jsonl").write_text("\n".join(seeds().write_ndjson().splitlines()), "utf8")
    with serving(writes) as server:
        recipe = grown(server, "stop: {rows: 9}").with_options({"seeds.paths": [str(tmp_path / "seeds.jsonl")]})
        result = run(recipe.pipeline(), tmp_path)
        assert sum(body.get("n", 1) for body in server.bodies) == 6
        seen = len(server.bodies)
        again = run(recipe.pipeline(), tmp_path)
        assert (len(server.bodies), again.ran) == (seen, [])
    assert result.tables["all"].frame()["round"].value_counts().sort("round").rows() == [(0, 3), (1, 6)]
    assert result.warnings == []


def test_what_attempts_reject_is_rejected_once_at_the_end(tmp_path: Any) -> None:
    from xlcorpus.engine import run

    (tmp_path / "seeds.jsonl").write_text(seeds().write_ndjson(), "utf8")
    with serving(lambda body, number: "no idea") as server:
        recipe = retries(server).with_options({"questions.paths": [str(tmp_path / "seeds.jsonl")]})
        result = run(recipe.pipeline(), tmp_path)
        assert sum(body.get("n", 1) for body in server.bodies) == 12
    rejected = pl.read_parquet(result.folder / "rejects/**/*.parquet")
    assert rejected.select("step", "rule").rows() == [("solved.4.accept", "keep")] * 3


def grows(old: str, new: str) -> Recipe:
    recipe = Recipe.from_yaml(GROWS.replace(old, new).replace("STOP", "stop: {rows: 9}"), "grows.yaml")
    return recipe.with_models(writer={"base_url": "http://localhost:1/v1", "model": "m"})


def test_a_mistake_in_a_block_has_the_line_that_the_user_wrote() -> None:
    with pytest.raises(UserError, match=r"grows.yaml:\d+: 'grow.rounds.steps.write' has no option 'sample'"):
        Recipe.from_yaml(GROWS.replace("STOP", "").replace("samples: 2", "sample: 2"), "grows.yaml").with_models(
            writer={"base_url": "http://localhost:1/v1", "model": "m"}
        ).pipeline()
    with pytest.raises(UserError, match=r"grows.yaml:15: .* reads 'pol', which is no table here; did you mean 'pool'"):
        grows("pool: pool}", "pool: pol}").pipeline()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("into: made,", "want: 2, into: made,", "wants rows, but a round that does not take place has none"),
        ("times: 3", "time: 3", "no option 'time'; did you mean 'times'"),
        ("next: {pool: [pool, novel]}", "next: {pool: [pool, novl]}", "'novl' is neither a step of the round nor"),
        ("next: {pool: [pool, novel]}", "next: {pol: novel}", "no table 'pol' in start"),
        ("STOP", "gives: nothing", "gives: 'nothing' is neither a step"),
        ("STOP", "stop: {}", "give one of rows and measure"),
    ],
)
def test_a_block_of_rounds_that_does_not_fit_is_refused(old: str, new: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        grows(old, new).pipeline()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{step: select, keep: 'true'}", "needs a whole table, but steps of `until` run again for some rows alone"),
        ("{step: read, paths: x}", "reads files"),
        ("{rounds: {times: 2, steps: {text: {step: template}}}}", "where only steps can stand"),
        ("{step: template, fields: {note: x}, inputs: questions}", "reads a table that is made outside of the block"),
    ],
)
def test_what_cannot_stand_in_until_is_refused(body: str, message: str) -> None:
    text = RETRIES.replace("""text: {step: template, fields: {note: "{{ answer }}"}}""", f"text: {body}")
    with pytest.raises(UserError, match=rf"retries.yaml:10: .*{message}"):
        Recipe.from_yaml(text, "retries.yaml").with_models(
            solver={"base_url": "http://localhost:1/v1", "model": "m"}
        ).pipeline()


def test_a_list_stands_for_the_number_of_rows_that_are_wanted() -> None:
    until = Until.model_validate({"steps": {"translate": {}}, "at_most": 2, "rows": ["deu_Latn", "swh_Latn"]})
    assert until.rows == 2


IN_ROUNDS = """
name: both
models: {solver: {about: solves}}
steps:
  questions: {step: read, kind: sentence, paths: seeds.jsonl, source: s, license: CC0-1.0}
  loop:
    rounds:
      times: 2
      start: {texts: questions}
      steps:
        solved:
          until:
            steps:
              answer: {step: generate, model: solver, prompt: "Solve {{ text }}", into: answer, temperature: 1}
            accept: answer = 'right'
            at_most: 3
        kept: {step: template, fields: {text: "{{ text }}"}}
      next: {texts: kept}
  after: {step: template, fields: {text: "{{ text }}"}}
"""


def test_attempts_stand_in_rounds_and_samples_count_on_over_both() -> None:
    numbers: dict[str, int] = {}

    def solves(body: dict[str, Any], number: int) -> str:
        text = body["messages"][-1]["content"]
        numbers[text] = numbers.get(text, 0) + 1
        return "right" if numbers[text] % 2 == 0 else "wrong"

    with serving(solves) as server:
        tables = run_frames(retries(server, IN_ROUNDS).pipeline(), seeds())
    assert tables["loop.1.solved"]["generate_sample"].to_list() == [1, 1, 1]
    assert tables["loop.2.solved"]["generate_sample"].to_list() == [4, 4, 4]
    assert tables["after"]["round"].to_list() == [2, 2, 2]


def test_several_good_rows_of_a_row_are_wanted_each_of_another_value() -> None:
    asked: list[str] = []

    def solves(body: dict[str, Any], number: int) -> str:
        asked.append(body["messages"][-1]["content"])
        return ["a", "a", "b", "c"][min(asked.count(asked[-1]) - 1, 3)]

    text = RETRIES.replace("note LIKE '%right%'", "answer IN ('a', 'b', 'c')")
    text = text.replace("at_most: 4", "at_most: 4\n      rows: 2\n      each: answer")
    with serving(solves) as server:
        tables = run_frames(retries(server, text).pipeline(), seeds())
    assert tables["solved"]["answer"].to_list() == ["a", "b"] * 3
    assert len(asked) == 9


def test_a_translator_is_asked_for_another_translation() -> None:
    text = """
name: translated
models: {translator: {about: English into German}}
steps:
  read: {kind: sentence, paths: x.jsonl, source: s, license: CC0-1.0}
  german:
    until:
      steps: {translate: {translator: translator, into: [deu_Latn]}}
      accept: text LIKE '%Kessel%'
      at_most: 3
"""
    said = ["Beschreibe, wie man eine Kanne reinigt.", "Beschreibe, wie man einen Kessel reinigt."]
    temperatures: list[float] = []

    def translates(body: dict[str, Any], number: int) -> str:
        temperatures.append(body["temperature"])
        return said[min(len(temperatures), 2) - 1]

    with serving(translates) as server:
        recipe = Recipe.from_yaml(text, "translated.yaml").with_models(translator=server.player())
        tables = run_frames(recipe.pipeline(), seeds()[1:2])
    assert tables["german"]["text"].to_list() == [said[1]]
    assert temperatures == [0.0, 0.7]


def test_a_row_that_rounds_change_is_another_row_of_the_same_item_in_each() -> None:
    text = """
name: changed
steps:
  seeds: {step: read, kind: sentence, paths: x.jsonl, source: s, license: CC0-1.0}
  longer:
    rounds:
      times: 2
      start: {texts: seeds}
      steps: {more: {step: template, fields: {text: "{{ text }}!"}}}
      next: {texts: more}
      gives: more
  all: {step: select, keep: "text != ''"}
"""
    made = run_frames(Recipe.from_yaml(text, "changed.yaml").pipeline(), seeds()[1:2])["all"]
    assert made["text"].to_list() == [f"{SEEDS[1][1]}!", f"{SEEDS[1][1]}!!"]
    assert made["id"].n_unique() == 2
    assert made["group_id"].n_unique() == 1


def test_options_inside_of_blocks_can_be_set() -> None:
    recipe = grows("", "").with_options({"grow.rounds.times": 2, "grow.rounds.steps.write.samples": 5})
    nodes = {node.name: node.step for node in recipe.pipeline().nodes}
    assert "grow.3.write" not in nodes
    assert nodes["grow.2.write"].first_sample == 5  # type: ignore[attr-defined]


def test_rounds_stand_in_rounds_and_read_what_stands_before_them() -> None:
    text = """
name: nested
steps:
  seeds: {step: read, kind: sentence, paths: x.jsonl, source: s, license: CC0-1.0}
  outer:
    rounds:
      times: 2
      start: {texts: seeds}
      steps:
        inner:
          rounds:
            times: 3
            start: {these: texts}
            steps: {more: {step: template, fields: {text: "{{ text }}!"}}}
            next: {these: more}
        marked: {step: template, fields: {text: "{{ text }}?"}}
      next: {texts: marked}
  once:
    rounds:
      times: 2
      steps: {end: {step: template, fields: {text: "{{ text }}."}}}
"""
    tables = run_frames(Recipe.from_yaml(text, "nested.yaml").pipeline(), seeds()[1:2])
    assert tables["outer.2.marked"]["text"].to_list() == [f"{SEEDS[1][1]}!!!?!!!?"]
    assert tables["once.1.end"]["text"].to_list() == tables["once.2.end"]["text"].to_list()
    assert tables["once.2.end"]["text"].to_list() == [f"{SEEDS[1][1]}!!!?!!!?."]
