"""Reading parallel text for training."""

import gzip
from pathlib import Path

import polars as pl
import pytest

from xlcorpus.cli.files.pairs import read_pairs
from xlcorpus.errors import UserError

PAIRS = [("der Hund", "the dog"), ("die Katze", "the cat")]
ROWS = pl.DataFrame(PAIRS, schema=["src_text", "tgt_text"], orient="row")
NAMED = ROWS.with_columns(src_lang=pl.lit("deu_Latn"), tgt_lang=pl.lit("en"))


def texts(frame: pl.DataFrame) -> list[tuple[str, str]]:
    return frame.select("src_text", "tgt_text").rows()


@pytest.mark.parametrize(
    "content", ["der Hund\tthe dog\ndie Katze\tthe cat\n", "1.2\tder Hund\tthe dog\n1.1\tdie Katze\tthe cat\n"]
)
def test_tsv_with_or_without_a_score(tmp_path: Path, content: str) -> None:
    (tmp_path / "p.tsv").write_text(content)
    pairs = read_pairs([tmp_path / "p.tsv"], "de", "en")
    assert texts(pairs) == PAIRS
    assert pairs.select("src_lang", "tgt_lang").unique().rows() == [("deu_Latn", "eng_Latn")]


def test_tsv_that_names_its_columns(tmp_path: Path) -> None:
    NAMED.write_csv(tmp_path / "p.tsv", separator="\t")
    assert read_pairs([tmp_path / "p.tsv"])["tgt_lang"].to_list() == ["eng_Latn"] * 2


def test_parquet_names_its_languages(tmp_path: Path) -> None:
    NAMED.write_parquet(tmp_path / "p.parquet")
    pairs = read_pairs([tmp_path / "p.parquet"])
    assert texts(pairs) == PAIRS and pairs["src_lang"].to_list() == ["deu_Latn"] * 2


def test_a_release_gives_its_pairs_and_nothing_else(tmp_path: Path) -> None:
    for config, frame in (("pairs", NAMED), ("text", ROWS.select(text="src_text"))):
        (tmp_path / "data" / config).mkdir(parents=True)
        frame.write_parquet(tmp_path / "data" / config / "train-00000-of-00001.parquet")
    assert texts(read_pairs([tmp_path])) == PAIRS


def test_two_text_files_go_by_what_their_names_have_in_common(tmp_path: Path) -> None:
    (tmp_path / "train.de").write_text("der Hund\ndie Katze\n")
    (tmp_path / "train.en.gz").write_bytes(gzip.compress(b"the dog\nthe cat\n"))
    assert texts(read_pairs([tmp_path / "train"], "de", "en")) == PAIRS


def test_several_files_follow_each_other(tmp_path: Path) -> None:
    NAMED.write_parquet(tmp_path / "a.parquet")
    (tmp_path / "b.tsv").write_text("le chien\tthe dog\n")
    pairs = read_pairs([tmp_path / "a.parquet", tmp_path / "b.tsv"], "fr", "en")
    assert pairs["src_lang"].to_list() == ["deu_Latn", "deu_Latn", "fra_Latn"]


def test_what_is_left_out_is_said(tmp_path: Path) -> None:
    (tmp_path / "p.tsv").write_text("der Hund\tthe dog\nnur eins\ndie Katze\t\n")
    said: list[str] = []
    read_pairs([tmp_path / "p.tsv"], "de", "en", say=lambda text, warning: said.append(text.split(": ")[1]))
    assert said == ["1 lines are left out (wrong_columns)", "1 pairs with an empty side are left out"]


@pytest.mark.parametrize(
    ("name", "content", "langs", "message"),
    [
        ("p.tsv", "a\tb\n", (None, None), "does not name the languages of its pairs: give --src-lang and --tgt-lang"),
        ("p.tsv", "a\tb\n", ("de", "German"), "the same language, deu_Latn"),
        ("p.tsv", "a\tb\tc\td\n", ("de", "en"), r"has 4 columns, not two \(source, target\) or three"),
        ("p.tsv", "", ("de", "en"), "holds no pairs"),
        ("p.tsv", "a\t\n", ("de", "en"), "holds no pairs"),
        (
            "p.jsonl",
            '{"src_text": "a", "target": "b"}\n',
            ("de", "en"),
            "no column 'tgt_text'",
        ),
        ("p.parquet", "no parquet", ("de", "en"), "not a whole Parquet file"),
        ("p.txt", "a b\n", ("de", "en"), "pairs are read from TSV, Parquet, CSV or JSON Lines"),
        ("p.de", "a\n", ("de", "en"), r"no file .*p\.en beside that of the other language"),
        ("other", "a\n", ("de", "en"), r"no file or folder .*p; for two text files"),
    ],
)
def test_bad_input_is_said(tmp_path: Path, name: str, content: str, langs: tuple[str, str], message: str) -> None:
    (tmp_path / name).write_text(content)
    path = tmp_path / (name if name.startswith("p.") and name != "p.de" else "p")
    with pytest.raises(UserError, match=message):
        read_pairs([path], *langs)


def test_files_of_different_length_are_not_parallel(tmp_path: Path) -> None:
    (tmp_path / "p.de").write_text("a\nb\n")
    (tmp_path / "p.en").write_text("a\n")
    with pytest.raises(UserError, match=r"p\.de has 2 lines, .*p\.en 1: they are not parallel"):
        read_pairs([tmp_path / "p"], "de", "en")


def test_a_folder_without_pairs_is_no_release(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is no release with pairs"):
        read_pairs([tmp_path])
