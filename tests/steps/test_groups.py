"""Groups of pairs, and what is made of them: contradictions, checks, documents with their control, pairs."""

import os
import random
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from xlcorpus import records
from xlcorpus.errors import UserError
from xlcorpus.ledger import LedgerEntry
from xlcorpus.outcomes import reject_rows
from xlcorpus.release.build import build_release
from xlcorpus.release.validate import validate_release
from xlcorpus.release_spec import ReleaseSpec
from xlcorpus.step import CorpusEnv, Table
from xlcorpus.steps import GroupDocuments, GroupPairs, JoinGroups

DE, EN, FR, RU = "deu_Latn", "eng_Latn", "fra_Latn", "rus_Cyrl"
TEXTS = {
    DE: ["Es regnet.", "Der Zug nach Hamburg fährt um 10:45 Uhr."],
    EN: ["It is raining.", "The train to Hamburg leaves at 10:45."],
    FR: ["Il pleut.", "Le train pour Hambourg part à 10:45."],
    RU: ["Идёт дождь.", "Поезд в Гамбург отправляется в 10:45."],
}


def pair(src: str, i: int, tgt: str, j: int, score: float | None = 1.2, **more: str) -> dict[str, object]:
    """Text i of one language paired with text j of another."""
    row = {"src_lang": src, "src_text": TEXTS[src][i], "tgt_lang": tgt, "tgt_text": TEXTS[tgt][j], "score": score}
    ids = {"src_id": f"{src}{i}", "tgt_id": f"{tgt}{j}"}
    return {**row, **ids, "source": "test", "license": "CC0-1.0", "origin": "mined", **more}


def run(step, kind: str, rows: pl.DataFrame, tmp_path: Path) -> tuple[pl.DataFrame, pl.DataFrame, list[str]]:
    """(rows out, what was rejected, what was said) of a corpus step."""
    path = tmp_path / "rows.parquet"
    records.finish(rows, kind).write_parquet(path)
    said: list[str] = []
    rejected = [pl.DataFrame(schema={"rule": pl.String, "value": pl.String, "lang": pl.String})]
    env = CorpusEnv(kind=kind, step=step.step_name(), scratch=tmp_path, keep=tmp_path / "kept")
    env.say = lambda text, warning: said.append(("warning: " if warning else "") + text)
    env.reject = lambda rows, rule, value: rejected.append(
        reject_rows(rows, kind, env.step, rule, value).select("rule", "value", "lang")
    )
    frames = list(step.run({"rows": Table(kind, (path,))}, env))
    out = [records.finish(frame, step.produces, env.step) for frame in frames]
    return pl.concat(out) if out else pl.DataFrame(), pl.concat(rejected), said


def joined(tmp_path: Path, pairs: list[dict[str, object]], **options) -> tuple[pl.DataFrame, pl.DataFrame, list[str]]:
    return run(JoinGroups(**options), "pair", pl.DataFrame(pairs, infer_schema_length=None), tmp_path)


def texts_of(groups: pl.DataFrame) -> list[list[str]]:
    return [[text["text"] for text in row] for row in groups["texts"].to_list()]


def test_pairs_with_a_common_language_become_one_item(tmp_path: Path) -> None:
    groups, rejected, said = joined(tmp_path, [pair(DE, 0, EN, 0), pair(FR, 0, EN, 0), pair(DE, 1, EN, 1)])
    assert texts_of(groups) == [["Es regnet.", "It is raining.", "Il pleut."], [TEXTS[DE][1], TEXTS[EN][1]]]
    assert groups["parallelism"].to_list() == [3, 2]
    assert rejected.height == 0
    assert said == [
        "3 pairs make 2 groups (3 languages 1, 2 languages 1), mean closure 0.833, mean consistency 1.000; "
        "0 pairs contradict surer ones"
    ]


def test_a_group_knows_its_pairs_and_what_speaks_for_it(tmp_path: Path) -> None:
    pairs = [pair(DE, 0, EN, 0, 1.5), pair(EN, 0, FR, 0, 1.1, origin="native", license="MIT"), pair(EN, 0, RU, 0, 1.3)]
    groups, _, _ = joined(tmp_path, pairs)
    row = groups.row(0, named=True)
    ids = records.finish(pl.DataFrame(pairs), "pair")["id"]
    assert row["parents"] == sorted(ids)
    assert (row["license"], row["origin"], row["source"]) == ("CC0-1.0 AND MIT", "mined", "test")
    assert (row["join_groups_closure"], row["join_groups_consistency"], row["join_groups_weakest"]) == (0.5, 1.0, 1.1)
    assert [text["id"] for text in row["texts"]] == ["deu_Latn0", "eng_Latn0", "fra_Latn0", "rus_Cyrl0"]


def test_texts_that_differ_in_case_and_punctuation_are_one(tmp_path: Path) -> None:
    shouted = pair(FR, 0, EN, 0) | {"tgt_text": "IT IS RAINING", "tgt_id": "other"}
    groups, _, _ = joined(tmp_path, [pair(DE, 0, EN, 0), shouted])
    assert texts_of(groups) == [["Es regnet.", "IT IS RAINING", "Il pleut."]]


def test_a_contradiction_is_rejected_with_the_language_that_speaks_against_it(tmp_path: Path) -> None:
    pairs = [pair(DE, 0, EN, 0, 1.5), pair(EN, 0, FR, 0, 1.4), pair(DE, 0, FR, 1, 1.3)]
    groups, rejected, said = joined(tmp_path, pairs)
    assert texts_of(groups) == [["Es regnet.", "It is raining.", "Il pleut."]]
    assert rejected.rows() == [("contradiction", FR, f"{DE}-{FR}")]
    assert said[-1].startswith("warning: 33.3% of the pairs contradict surer ones")


def test_a_contradiction_lowers_the_consistency_of_the_group(tmp_path: Path) -> None:
    pairs = [pair(DE, 0, EN, 0, 1.5), pair(EN, 0, FR, 0, 1.4), pair(DE, 0, FR, 1, 1.3)]
    assert joined(tmp_path, pairs)[0]["join_groups_consistency"].to_list() == [pytest.approx(2 / 3)]


def test_a_pair_of_one_language_is_rejected(tmp_path: Path) -> None:
    _, rejected, _ = joined(tmp_path, [pair(DE, 0, DE, 1), pair(DE, 0, EN, 0)])
    assert rejected.rows() == [("one_language", DE, f"{DE}-{DE}")]


def test_small_groups_are_rejected_with_their_size(tmp_path: Path) -> None:
    pairs = [pair(DE, 0, EN, 0), pair(FR, 0, EN, 0), pair(DE, 1, EN, 1)]
    groups, rejected, _ = joined(tmp_path, pairs, min_parallelism=3)
    assert groups["parallelism"].to_list() == [3]
    assert rejected.rows() == [("parallelism", "2", f"{DE}-{EN}")]


def test_every_two_texts_may_have_to_be_a_pair(tmp_path: Path) -> None:
    pairs = [pair(DE, 0, EN, 0), pair(EN, 0, FR, 0), pair(DE, 0, FR, 0), pair(FR, 0, RU, 1, 1.9)]
    groups, rejected, _ = joined(tmp_path, pairs, verify="pairs")
    assert texts_of(groups) == [["Es regnet.", "It is raining.", "Il pleut."]]
    assert rejected.rows() == [("unconfirmed", "0.3333", f"{FR}-{RU}")]


def test_an_encoder_confirms_texts_that_no_pair_joins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Trains to many towns: right through English but for one French text, which is about another train.
    towns = [f"{a}{b}burg" for a in ("Ham", "Frei", "Salz", "Oden", "Mar") for b in ("", "el", "in", "ost", "au")]
    monkeypatch.setitem(TEXTS, DE, [f"Der Zug nach {t} fährt um {i}:45 Uhr." for i, t in enumerate(towns)])
    monkeypatch.setitem(TEXTS, EN, [f"The train to {t} leaves at {i}:45." for i, t in enumerate(towns)])
    monkeypatch.setitem(TEXTS, FR, [f"Le train pour {t} part à {i}:45." for i, t in enumerate(towns)])
    n = len(towns)
    pairs = [pair(DE, i, EN, i, 1.5) for i in range(n)] + [pair(EN, i, FR, i, 1.4) for i in range(1, n - 1)]
    groups, rejected, _ = joined(tmp_path, [*pairs, pair(EN, 0, FR, n - 1, 1.1)], verify="encoder", chance=0.01)
    assert groups["parallelism"].value_counts().sort("parallelism").rows() == [(2, 2), (3, n - 2)]
    assert rejected.rows() == [("unconfirmed", "0.5", f"{EN}-{FR}")]


def test_the_order_of_pairs_does_not_matter(tmp_path: Path) -> None:
    pairs = [pair(a, i, b, j, 1.0) for a in (DE, FR) for b in (EN, RU) for i in (0, 1) for j in (0, 1)]
    first = joined(tmp_path, pairs)[0]
    random.Random(1).shuffle(pairs)
    assert joined(tmp_path, pairs)[0].equals(first)


def test_more_languages_than_there_are_cannot_be_asked_for(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="min_parallelism is 3, but the pairs are of 2 languages: deu_Latn, eng_Latn"):
        joined(tmp_path, [pair(DE, 0, EN, 0)], min_parallelism=3)


def test_groups_that_no_language_joins_are_told(tmp_path: Path) -> None:
    groups, _, said = joined(tmp_path, [pair(DE, 0, EN, 0), pair(FR, 1, RU, 1)], min_parallelism=3)
    assert groups.height == 0
    assert said == [
        "warning: no group of 2 pairs has 3 languages; join the pairs by a language they have in common, "
        "or ask for fewer"
    ]


def test_no_pairs_are_told(tmp_path: Path) -> None:
    nothing = pl.DataFrame(schema=pl.Schema(records.polars_schema("pair")))
    assert run(JoinGroups(), "pair", nothing, tmp_path)[2] == ["warning: no pairs came in, so there are no groups"]


def group_frame(n: int = 40) -> pl.DataFrame:
    """Groups of four languages; the last of two."""
    rows = [
        [{"lang": tag, "text": f"{tag} {i}", "id": f"{tag}{i}"} for tag in ((DE, EN) if i == n - 1 else TEXTS)]
        for i in range(n)
    ]
    return pl.DataFrame({"texts": rows}).with_columns(license=pl.lit("MIT"), source=pl.lit("x"))


def test_a_document_holds_the_texts_of_a_group(tmp_path: Path) -> None:
    documents, _, said = run(GroupDocuments(), "group", group_frame(), tmp_path)
    assert sorted(documents["text"][3].split("\n")) == ["deu_Latn 3", "eng_Latn 3", "fra_Latn 3", "rus_Cyrl 3"]
    first = documents.select(pl.col("group_documents_languages").list.first())
    assert first.to_series().to_list() == documents["lang"].to_list()
    assert set(documents["lang"]) == {DE, EN, FR, RU}
    assert documents["parents"].list.len().unique().to_list() == [1]
    assert said == ["40 documents of 158 texts with 1,698 characters"]


def test_the_control_has_the_same_texts_and_languages_and_nothing_aligned(tmp_path: Path) -> None:
    aligned, _, said = run(GroupDocuments(languages=3), "group", group_frame(), tmp_path)
    control, _, said_too = run(GroupDocuments(languages=3, aligned=False), "group", group_frame(), tmp_path)
    lines = [sorted(frame["text"].str.split("\n").explode()) for frame in (aligned, control)]
    assert lines[0] == lines[1]
    assert aligned["group_documents_languages"].to_list() == control["group_documents_languages"].to_list()
    assert aligned["group_documents_languages"].list.len().max() == 3
    assert said == said_too
    moved = zip(aligned["text"].str.split("\n"), control["text"].str.split("\n"), strict=True)
    assert all(a != b for one, other in moved for a, b in zip(one, other, strict=True))


def test_a_language_with_one_text_cannot_be_moved_and_that_is_told(tmp_path: Path) -> None:
    control, _, said = run(GroupDocuments(aligned=False), "group", group_frame(2), tmp_path)
    assert said[0] == "warning: only one text in fra_Latn, rus_Cyrl: it stays in its group's document"
    assert "fra_Latn 0" in control["text"][0]
    assert "deu_Latn 1" in control["text"][0]


def test_pairs_of_any_two_texts_in_either_direction() -> None:
    pairs = GroupPairs()(group_frame())
    assert pairs.height == 39 * 6 + 1
    same = pairs["src_text"].str.split(" ").list.last() == pairs["tgt_text"].str.split(" ").list.last()
    assert same.all()
    assert pairs.select("src_lang", "tgt_lang").unique().height == 12
    assert pairs["src_id"][0].startswith(pairs["src_lang"][0])


def test_some_pairs_of_each_group_are_drawn_whatever_the_batch() -> None:
    groups = records.finish(group_frame(), "group")
    pairs = GroupPairs(per_group=2)(groups)
    assert pairs.group_by("parents").len()["len"].value_counts().sort("len").rows() == [(1, 1), (2, 39)]
    parts = [GroupPairs(per_group=2)(part) for part in groups.iter_slices(7)]
    assert pl.concat(parts).equals(pairs)


def test_a_group_without_texts_gives_nothing() -> None:
    nothing = group_frame(2).with_columns(texts=pl.col("texts").list.head(0))
    assert GroupPairs()(pl.concat([nothing, group_frame(2)])).height == 7


def test_a_release_of_groups_loads_and_shows_the_parallelism(tmp_path: Path) -> None:
    pairs = [pair(DE, 0, EN, 0), pair(FR, 0, EN, 0), pair(DE, 1, EN, 1)]
    groups, _, _ = joined(tmp_path, pairs)
    groups.write_parquet(tmp_path / "groups.parquet")
    release = build_release(
        tmp_path / "release",
        ReleaseSpec(tables={"groups": "join_groups"}),
        {"groups": [Table("group", (tmp_path / "groups.parquet",))]},
        ledger=[LedgerEntry("join_groups", "mul", 3, 2)],
        pipeline_yaml="name: demo\n",
        versions={},
        models={},
        name="demo",
    )
    assert validate_release(release.folder) == []
    card = (release.folder / "README.md").read_text("utf8")
    assert "| `parallelism` | 2 | 2 | 2 |" in card
    script = """
import sys
from datasets import load_dataset
rows = load_dataset(sys.argv[1], "groups", split="train")
assert rows["parallelism"][:] == [3, 2], rows["parallelism"]
assert rows[0]["texts"][2] == {"lang": "fra_Latn", "text": "Il pleut.", "id": "fra_Latn0"}, rows[0]
"""
    env = os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "hf")}
    done = subprocess.run([sys.executable, "-c", script, str(release.folder)], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
