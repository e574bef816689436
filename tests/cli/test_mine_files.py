"""Mining two files without a pipeline."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from xlcorpus.cli.files.mine import TextFile, mine_files
from xlcorpus.errors import UserError
from xlcorpus.models.encoders.loading import load_encoder
from xlcorpus.steps.embed.embed import Embed
from xlcorpus.steps.mine.mine import Mine

GERMAN = ["Anna wohnt in Berlin.", "Der Zug nach Hamburg fährt um 10:45 Uhr.", "Es regnet."]
ENGLISH = ["The train to Hamburg leaves at 10:45.", "Anna lives in Berlin."]
PAIRS = [(GERMAN[1], ENGLISH[0]), (GERMAN[0], ENGLISH[1])]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.de").write_text("\n".join(GERMAN) + "\n")
    (tmp_path / "a.en").write_text("\n".join(ENGLISH) + "\n")
    return tmp_path


def mine(folder: Path, out: str, form: str, dim: int | None = None, **vectors: Path) -> tuple[int, int, int]:
    sides = TextFile(folder / "a.de", "de", vectors.get("de")), TextFile(folder / "a.en", "en", vectors.get("en"))
    return mine_files(*sides, folder / out, form, Mine(threshold=1.0), Embed(), dim)


def test_parquet_holds_pair_records(folder: Path) -> None:
    assert mine(folder, "p.parquet", "parquet") == (3, 2, 2)
    rows = pl.read_parquet(folder / "p.parquet")
    assert rows.select("src_text", "tgt_text").rows() == PAIRS
    assert rows.select("src_lang", "tgt_lang").unique().rows() == [("deu_Latn", "eng_Latn")]


def test_tsv_is_score_source_target(folder: Path) -> None:
    mine(folder, "p.tsv", "tsv")
    rows = [line.split("\t") for line in (folder / "p.tsv").read_text().splitlines()]
    assert [(s, t) for _, s, t in rows] == PAIRS
    assert float(rows[0][0]) > float(rows[1][0]) > 1.0


def test_moses_is_a_file_per_side(folder: Path) -> None:
    mine(folder, "p", "moses")
    assert (folder / "p.de").read_text().splitlines() == [s for s, _ in PAIRS]
    assert (folder / "p.en").read_text().splitlines() == [t for _, t in PAIRS]
    assert len((folder / "p.scores").read_text().splitlines()) == 2


def test_vectors_from_files_give_the_same_pairs(folder: Path) -> None:
    encoder = load_encoder("bootstrap")
    np.save(folder / "de.npy", encoder.encode(GERMAN))
    encoder.encode(ENGLISH).tofile(folder / "en.f32")
    mine(folder, "p.parquet", "parquet", dim=512, de=folder / "de.npy", en=folder / "en.f32")
    assert pl.read_parquet(folder / "p.parquet").select("src_text", "tgt_text").rows() == PAIRS


def test_vectors_that_do_not_fit_the_text_are_refused(folder: Path) -> None:
    np.save(folder / "de.npy", load_encoder("bootstrap").encode(GERMAN[:2]))
    with pytest.raises(UserError, match=r"de\.npy: 2 vectors for 3 texts"):
        mine(folder, "p.tsv", "tsv", de=folder / "de.npy")
    assert sorted(p.name for p in folder.iterdir()) == ["a.de", "a.en", "de.npy"]


def test_one_file_for_both_sides_is_refused(folder: Path) -> None:
    side = TextFile(folder / "a.de", "de")
    with pytest.raises(UserError, match="source and target are the same file"):
        mine_files(side, TextFile(folder / "a.de", "en"), folder / "p", "tsv", Mine(), Embed())


def test_a_line_that_is_not_utf8_is_named(folder: Path) -> None:
    (folder / "a.de").write_bytes(b"gut\nsch\xf6n\n")
    with pytest.raises(UserError, match=r"a\.de, line 2: not UTF-8"):
        mine(folder, "p.tsv", "tsv")
