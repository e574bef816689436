"""`xlcorpus encoders`: the table, its reading, and what a person is told when something is wrong."""

import gzip
import json
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from xlcorpus import records
from xlcorpus.models.encoders.comparison import ParallelSet, compare_encoders, verdict

from . import calling

CITIES = ["Berlin", "Hamburg", "Köln", "Rom", "Paris", "Madrid", "Wien", "Bern", "Prag", "Oslo"]
PAIRS = [
    (f"Der Zug nach {c} fährt um {h}:{m} Uhr.", f"The train to {c} leaves at {h}:{m}.")
    for c in CITIES
    for h, m in ((7, 15), (9, 40), (18, 55))
]


def write(path: Path, pairs: list[tuple[str, str]]) -> Path:
    path.write_text("".join(f"{a}\t{b}\n" for a, b in pairs), encoding="utf8")
    return path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "de-en.tsv", PAIRS)
    return tmp_path


@pytest.fixture
def poor_model(tmp_path: Path) -> Path:
    """A sentence-transformers model that tells hours apart and three of ten cities."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    known = ["[UNK]", "7", "9", "18", "Berlin", "Oslo", "Rom"]
    tokenizer = Tokenizer(WordLevel({word: i for i, word in enumerate(known)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    table = np.eye(len(known), dtype=np.float32)
    folder = tmp_path / "poor"
    SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_weights=table)], device="cpu").save(str(folder))
    return folder


def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """(exit code, stdout, stderr) of `xlcorpus encoders ARGUMENTS`."""
    return calling.call(monkeypatch, capsys, "encoders", *arguments)


def test_two_encoders_on_one_pair(folder, poor_model, monkeypatch, capsys) -> None:
    code, out, _ = call(monkeypatch, capsys, "bootstrap", "poor", "--pairs", "de-en=de-en.tsv", "--out", "out/table.md")
    assert code == 0
    lines = out.splitlines()
    assert lines[0].split()[:5] == ["pair", "encoder", "n", "dim", "MiB"]
    assert lines[1].split()[:4] == ["deu_Latn-eng_Latn", "bootstrap", "30", "512"]
    assert "1.000 (1.000-1.000)*" in lines[1]
    assert lines[2].split()[:4] == ["deu_Latn-eng_Latn", "poor", "30", "7"]
    assert lines[-1] == "bootstrap is better than poor on 1 of 1 pair (P@1)"
    markdown = (folder / "out" / "table.md").read_text("utf8")
    assert "| deu_Latn-eng_Latn | bootstrap | 30 | 512 |" in markdown
    assert "**1.000 (1.000-1.000)**" in markdown
    assert markdown.endswith("bootstrap is better than poor on 1 of 1 pair (P@1)\n")


def test_json_and_parquet_hold_every_measure_and_interval(folder, poor_model, monkeypatch, capsys) -> None:
    arguments = ("bootstrap", "poor", "--pairs", "de-en=de-en.tsv", "--json", "--out", "t.parquet")
    code, out, _ = call(monkeypatch, capsys, *arguments)
    data = json.loads(out)
    assert code == 0
    bootstrap, poor = data["table"]
    assert bootstrap["p_at_1"] == 1.0
    assert poor["p_at_1_low"] < poor["p_at_1"] < poor["p_at_1_high"] < 1
    assert poor["kept_precision"] is None  # no threshold reaches the target precision
    assert 0 <= bootstrap["xsim_plus"] <= 1
    assert bootstrap["src_per_s"] > 0
    assert data["differences"][0] | {"low": 0, "high": 0, "difference": 0} == {
        "pair": "deu_Latn-eng_Latn", "best": "bootstrap", "encoder": "poor",
        "difference": 0, "low": 0, "high": 0, "real": True,
    }  # fmt: skip
    assert pl.read_parquet("t.parquet").columns == list(bootstrap)


def test_one_encoder_is_measured_without_a_comparison(folder, monkeypatch, capsys) -> None:
    code, out, _ = call(monkeypatch, capsys, "bootstrap", "--pairs", "de-en=de-en.tsv", "--no-hard-negatives")
    assert code == 0
    assert "better" not in out
    assert "*" not in out.splitlines()[1]
    assert out.splitlines()[1].split()[11] == "-"  # no xSIM++


def test_a_table_of_pairs_gives_all_its_languages(folder, monkeypatch, capsys) -> None:
    rows = [(a, b, "deu_Latn", "eng_Latn") for a, b in PAIRS] + [(b, a, "eng_Latn", "deu_Latn") for a, b in PAIRS]
    frame = pl.DataFrame(rows, schema=["src_text", "tgt_text", "src_lang", "tgt_lang"], orient="row")
    (folder / "release" / "data" / "pair").mkdir(parents=True)
    shard = folder / "release" / "data" / "pair" / "train-00000-of-00001.parquet"
    records.finish(frame, "pair").write_parquet(shard)
    for given in ("release", str(shard)):
        code, out, _ = call(monkeypatch, capsys, "bootstrap", "--pairs", given, "--json", "--limit", "20")
        assert code == 0
        assert [(r["pair"], r["n"]) for r in json.loads(out)["table"]] == [
            ("deu_Latn-eng_Latn", 20), ("eng_Latn-deu_Latn", 20),
        ]  # fmt: skip


def test_a_compressed_file_and_empty_lines_are_read(folder, monkeypatch, capsys) -> None:
    with gzip.open(folder / "de-en.tsv.gz", "wb") as file:
        file.write((folder / "de-en.tsv").read_bytes() + b"\n\n")
    code, out, _ = call(monkeypatch, capsys, "bootstrap", "--pairs", "de-en=de-en.tsv.gz", "--json")
    assert (code, json.loads(out)["table"][0]["n"]) == (0, 30)


def test_pairs_as_mine_writes_them_are_measured(folder, monkeypatch, capsys) -> None:
    (folder / "mined.tsv").write_text("".join(f"1.{i}\t{a}\t{b}\n" for i, (a, b) in enumerate(PAIRS)), "utf8")
    code, out, _ = call(monkeypatch, capsys, "bootstrap", "--pairs", "de-en=mined.tsv", "--json")
    assert (code, json.loads(out)["table"][0]["n"]) == (0, 30)


def test_an_odd_line_is_left_out_and_the_others_are_measured(folder, monkeypatch, capsys) -> None:
    odd = "Köln\tCologne\n".encode("latin1") + b"one\ttab\ttoo many\n"
    (folder / "de-en [1].tsv").write_bytes((folder / "de-en.tsv").read_bytes() + odd)
    code, out, err = call(monkeypatch, capsys, "bootstrap", "--pairs", "de-en=de-en [1].tsv", "--json")
    assert (code, json.loads(out)["table"][0]["n"]) == (0, 30)
    assert "warning: de-en [1].tsv: 1 line is left out (wrong_columns)" in err
    assert "warning: de-en [1].tsv: 1 line is left out (not_utf8)" in err


def test_a_damaged_encoder_is_named_and_the_others_are_shown(folder, poor_model, monkeypatch, capsys) -> None:
    shutil.copytree(poor_model, folder / "broken")
    for path in (folder / "broken").rglob("*.safetensors"):
        path.write_bytes(b"no weights")
    code, out, err = call(monkeypatch, capsys, "bootstrap", "broken", "--pairs", "de-en=de-en.tsv")
    assert code == 2
    assert "deu_Latn-eng_Latn" in out
    assert "encoder 'broken' is there but cannot be loaded" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["bootstrap", "bootstrap", "--pairs", "de-en=de-en.tsv"], "encoder 'bootstrap' is named twice"),
        (["./none", "--pairs", "de-en=de-en.tsv"], "encoder './none': no such folder"),
        (["bootstrap"], "Missing option '--pairs'"),
        (["bootstrap", "--pairs", "de-en=none.tsv"], "no file or folder none.tsv"),
        (["bootstrap", "--pairs", "de-en.tsv"], "name its languages (de-en=de-en.tsv)"),
        (["bootstrap", "--pairs", "de=de-en.tsv"], "write the languages as source-target"),
        (["bootstrap", "--pairs", "de-xx1=de-en.tsv"], "no language 'xx1'"),
        (["bootstrap", "--pairs", "de-de=de-en.tsv"], "source and target have the same language, deu_Latn"),
        (["bootstrap", "--pairs", "de-en=one.txt"], "one.txt: no line has a tab; write source TAB target"),
        (["bootstrap", "--pairs", "de-en=notes.tsv"], "(wrong_type) error: notes.tsv holds no pairs; three"),
        (["bootstrap", "--pairs", "de-en=gap.tsv"], "gap.tsv: 1 pairs with an empty side are left out"),
        (["bootstrap", "--pairs", "de-en=latin1.tsv"], "20 lines are left out (not_utf8) error: latin1.tsv holds"),
        (["bootstrap", "--pairs", "de-en=empty.tsv"], "empty.tsv holds no pairs"),
        (["bootstrap", "--pairs", "de-en=few.tsv"], "few.tsv: 9 different pairs are too few"),
        (["bootstrap", "--pairs", "de-en=same.tsv"], "source and target are the same text in 30 of 30 pairs"),
        (["bootstrap", "--pairs", "damaged.parquet"], "damaged.parquet: not a whole Parquet file"),
        (["bootstrap", "--pairs", "nothing"], "nothing is no release with pairs"),
        (["bootstrap", "--pairs", "de-en=de-en.tsv", "--pairs", "de-en=de-en.tsv"], "deu_Latn-eng_Latn is given twice"),
        (["bootstrap", "--pairs", "de-en=de-en.tsv", "--out", "t.xls"], "give a name that ends in .md or .parquet"),
        (["bootstrap", "--pairs", "de-en=de-en.tsv", "--device", "tpu"], "--device tpu: auto, cpu or cuda"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_and_exit_code_2(folder, monkeypatch, capsys, arguments: list[str], message: str) -> None:
    (folder / "one.txt").write_text("Nur Deutsch.\n" * 20)
    (folder / "notes.tsv").write_text("Ja.\tYes.\tnote\n" * 20)
    (folder / "gap.tsv").write_text("Ja.\tYes.\n\tNo.\n")
    (folder / "latin1.tsv").write_bytes("Köln\tCologne\n".encode("latin1") * 20)
    (folder / "empty.tsv").write_text("")
    write(folder / "few.tsv", PAIRS[:9] + PAIRS[:9])
    write(folder / "same.tsv", [(b, b) for _, b in PAIRS])
    (folder / "damaged.parquet").write_bytes(b"PAR1 and no more")
    (folder / "nothing").mkdir()
    code, _, err = call(monkeypatch, capsys, *arguments)
    assert message in err
    assert code == 2
    assert "Traceback" not in err


def test_the_same_model_under_two_names_is_refused(folder, poor_model, monkeypatch, capsys) -> None:
    shutil.copytree(poor_model, folder / "copy")
    code, _, err = call(monkeypatch, capsys, "poor", "copy", "--pairs", "de-en=de-en.tsv")
    assert code == 2
    assert "encoder 'copy' is the same encoder as 'poor'" in err


def test_the_reading_says_where_noise_decides(poor_model) -> None:
    src, tgt = zip(*PAIRS, strict=True)
    all_cities = ParallelSet("deu_Latn", "eng_Latn", list(src), list(tgt))
    # Nine trains that both encoders tell apart, and two of one hour that the poor one cannot: 2 of 11 may be chance.
    known = [p for p in PAIRS if "Berlin" in p[0] or "Oslo" in p[0] or "Rom" in p[0]]
    src, tgt = zip(*known, PAIRS[3], PAIRS[6], strict=True)
    easy = ParallelSet("fra_Latn", "eng_Latn", list(src), list(tgt))
    found = compare_encoders(["bootstrap", str(poor_model)], [all_cities, easy], with_negatives=False)
    assert found.table.filter(encoder="poor")["p_at_1"].to_list() == [pytest.approx(0.3), pytest.approx(9 / 11)]
    assert found.differences["real"].to_list() == [True, False]
    assert verdict(found) == [
        "bootstrap is better than poor on 1 of 2 pairs (P@1); difference within noise on fra_Latn-eng_Latn"
    ]
