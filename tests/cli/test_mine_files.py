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


def test_a_line_that_does_not_decode_is_left_out_and_told(folder: Path) -> None:
    (folder / "a.de").write_bytes("\n".join(GERMAN).encode() + b"\nsch\xf6n\n")
    said: list[tuple[str, bool]] = []
    sides = TextFile(folder / "a.de", "de"), TextFile(folder / "a.en", "en")
    found = mine_files(
        *sides, folder / "p.tsv", "tsv", Mine(threshold=1.0), Embed(), say=lambda *told: said.append(told)
    )
    assert found == (3, 2, 2)
    assert (f"{folder}/a.de: 1 line is left out (not_utf8)", True) in said


@pytest.mark.parametrize("odd", [b"", b"   ", b"sch\xf6n"])
@pytest.mark.parametrize("at", [0, 1, 3])
def test_a_line_that_is_left_out_does_not_shift_the_vectors(folder: Path, odd: bytes, at: int) -> None:
    lines = [line.encode() for line in GERMAN]
    lines.insert(at, odd)
    (folder / "a.de").write_bytes(b"\n".join(lines) + b"\n")
    encoder = load_encoder("bootstrap")
    np.save(folder / "de.npy", np.insert(encoder.encode(GERMAN), at, 0, axis=0))
    assert mine(folder, "p.parquet", "parquet", de=folder / "de.npy") == (3, 2, 2)
    assert pl.read_parquet(folder / "p.parquet").select("src_text", "tgt_text").rows() == PAIRS


def test_vectors_are_counted_against_all_lines(folder: Path) -> None:
    (folder / "a.de").write_text("\n".join([*GERMAN, ""]) + "\n")
    np.save(folder / "de.npy", load_encoder("bootstrap").encode(GERMAN))
    with pytest.raises(UserError, match=r"de\.npy: 3 vectors for 4 texts"):
        mine(folder, "p.tsv", "tsv", de=folder / "de.npy")


def test_vectors_of_no_text_file_are_refused(folder: Path) -> None:
    pl.DataFrame({"text": GERMAN}).write_parquet(folder / "a.parquet")
    side = TextFile(folder / "a.parquet", "de", folder / "de.npy")
    with pytest.raises(UserError, match=r"a\.parquet: vectors belong to the lines of a text file"):
        mine_files(side, TextFile(folder / "a.en", "en"), folder / "p.tsv", "tsv", Mine(), Embed())


def test_a_byte_order_mark_and_carriage_returns_are_no_text(folder: Path) -> None:
    (folder / "a.de").write_bytes(b"\xef\xbb\xbf" + "\r\n".join(GERMAN).encode() + b"\r\n")
    (folder / "a.en").write_bytes("\r\n".join(ENGLISH).encode("utf-16"))
    mine(folder, "p.parquet", "parquet")
    assert pl.read_parquet(folder / "p.parquet").select("src_text", "tgt_text").rows() == PAIRS


def test_moses_names_the_languages_as_they_are_written(folder: Path) -> None:
    sides = TextFile(folder / "a.de", "German"), TextFile(folder / "a.en", "en-GB")
    mine_files(*sides, folder / "p", "moses", Mine(threshold=1.0), Embed())
    assert {p.name for p in folder.glob("p.*")} == {"p.German", "p.en-GB", "p.scores"}


def test_a_code_that_the_script_says_is_a_country_is_refused(folder: Path) -> None:
    (folder / "a.de").write_text("\uac1c\uac00 \uc5ec\uae30 \uc788\ub2e4.\n" * 3)
    side = TextFile(folder / "a.de", "kr")
    with pytest.raises(UserError, match=r"a\.de: .*\bko\b"):
        mine_files(side, TextFile(folder / "a.en", "en"), folder / "p.tsv", "tsv", Mine(), Embed())
    assert not (folder / "p.tsv").exists()
