"""Groups that lie in many shards come to the steps whole, in whatever number of parts."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.steps.choose.candidates import candidates
from xlcorpus import records
from xlcorpus.outcomes import REJECT_SCHEMA
from xlcorpus.step import CorpusEnv, CorpusStep, Heard, Table
from xlcorpus.steps.choose import grouped
from xlcorpus.steps.choose.pair_preferences import PairPreferences
from xlcorpus.steps.choose.vote import Vote

ROWS = candidates(
    *(
        {
            "said": f"{sample}",
            "asked": f"{group}?",
            "group_id": f"g{group}",
            "answer": str(sample * group % 3),
            "reward": float(sample * group % 5),
        }
        for sample in range(4)
        for group in range(60)
    )
)


def run(step: CorpusStep, folder: Path, shards: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Kept and rejected rows of a step on a table in some shards."""
    folder.mkdir()
    size = -(-ROWS.height // shards)
    paths = []
    for number in range(shards):
        paths.append(folder / f"{number:03d}.parquet")
        records.finish(ROWS[number * size : (number + 1) * size], "instruction").write_parquet(paths[-1])
    heard = Heard("instruction", "step")
    env = CorpusEnv(kind="instruction", step="step", scratch=folder, keep=folder / "kept", reject=heard.reject)
    frames = [frame for frame in step.run({"rows": Table("instruction", tuple(paths))}, env) if frame.height]
    made = records.finish(pl.concat(frames, how="diagonal_relaxed"), step.output_kind({"rows": "instruction"}))
    return made, heard.rejected.sort("id", "rule")


@pytest.mark.parametrize(
    "step",
    [
        Vote(asked=4, answer="answer", keep="one"),
        PairPreferences(score="reward", carry=["answer"]),
        PairPreferences(pairs="all", score="reward"),
        PairPreferences(pairs="pass_fail", passes="reward", unpaired=True),
    ],
)
def test_the_rows_do_not_depend_on_shards_and_parts(
    step: CorpusStep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, refused = run(step, tmp_path / "one", 1)
    assert whole.height and refused.schema == REJECT_SCHEMA
    monkeypatch.setattr(grouped, "PART_BYTES", 1000)
    for shards in (1, 7, 40):
        rows, rejected = run(step, tmp_path / f"{shards}", shards)
        assert rows.equals(whole)
        assert rejected.equals(refused)


def test_interrupted_work_is_taken_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouped, "PART_BYTES", 1000)
    step = Vote(asked=4, answer="answer")
    folder = tmp_path / "rows"
    whole, _ = run(step, folder, 5)
    done = sorted(folder.glob("count-*"))
    done[0].unlink()
    calls: list[int] = []
    original = Vote.choose

    def choose(self: Vote, rows: pl.DataFrame, kind: str) -> Any:
        calls.append(rows.height)
        return original(self, rows, kind)

    monkeypatch.setattr(Vote, "choose", choose)
    paths = tuple(sorted(folder.glob("0*.parquet")))
    env = CorpusEnv(kind="instruction", scratch=folder, keep=folder / "kept")
    frames = list(step.run({"rows": Table("instruction", paths)}, env))
    assert len(calls) == 1
    assert records.finish(pl.concat(frames), "instruction").equals(whole)


def test_shards_may_differ_in_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouped, "PART_BYTES", 1000)
    rows = records.finish(ROWS, "instruction")
    rows[:120].write_parquet(tmp_path / "a.parquet")
    rows[120:].drop("reward").with_columns(more=1).write_parquet(tmp_path / "b.parquet")
    env = CorpusEnv(kind="instruction", scratch=tmp_path, keep=tmp_path / "kept")
    table = Table("instruction", (tmp_path / "a.parquet", tmp_path / "b.parquet"))
    made = pl.concat(list(Vote(asked=4, answer="answer").run({"rows": table}, env)), how="diagonal_relaxed")
    assert sorted(made["id"]) == sorted(ROWS["id"])
    assert made["reward"].null_count() == made["more"].null_count() == 120
