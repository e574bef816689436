"""The files that commands write pairs to."""

from pathlib import Path

import polars as pl
import pytest

from xlcorpus import records
from xlcorpus.cli.files.write_pairs import output_format, write_pairs
from xlcorpus.errors import UserError

PAIRS = records.finish(
    pl.DataFrame(
        {
            "src_text": ["der\tHund", 'er sagt "ja"'],
            "tgt_text": ["the\r\ndog", "he says, yes"],
            "src_lang": "deu_Latn",
            "tgt_lang": "eng_Latn",
            "score": [1.23456789, 1.0],
        }
    ),
    "pair",
)


def test_tsv_has_a_pair_a_line_and_no_quotes(tmp_path: Path) -> None:
    write_pairs(PAIRS, tmp_path / "p.tsv", "tsv", ("de", "en"))
    assert (tmp_path / "p.tsv").read_text() == '1.234568\tder Hund\tthe  dog\n1.0\ter sagt "ja"\the says, yes\n'


def test_moses_has_a_file_a_side(tmp_path: Path) -> None:
    write_pairs(PAIRS, tmp_path / "new" / "p", "moses", ("de", "en"))
    assert (tmp_path / "new" / "p.de").read_text() == 'der Hund\ner sagt "ja"\n'
    assert (tmp_path / "new" / "p.en").read_text() == "the  dog\nhe says, yes\n"
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == ["p.de", "p.en", "p.scores"]


def test_parquet_holds_the_records_as_they_are(tmp_path: Path) -> None:
    write_pairs(PAIRS, tmp_path / "p.parquet", "parquet", ("de", "en"))
    assert pl.read_parquet(tmp_path / "p.parquet").equals(PAIRS)


def test_what_stands_there_stays_until_all_is_written(tmp_path: Path) -> None:
    (tmp_path / "p.tsv").write_text("before")
    with pytest.raises(pl.exceptions.ColumnNotFoundError):
        write_pairs(PAIRS.drop("score"), tmp_path / "p.tsv", "tsv", ("de", "en"))
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == {"p.tsv": "before"}


@pytest.mark.parametrize(
    ("given", "out", "known", "form"),
    [
        ("auto", "p.tsv", ("parquet", "tsv", "moses"), "tsv"),
        ("auto", "p.parquet", ("parquet", "tsv", "moses"), "parquet"),
        ("auto", "p", ("parquet", "tsv", "moses"), "moses"),
        ("auto", "p.txt", ("parquet", "tsv"), "tsv"),
        ("moses", "p.tsv", ("parquet", "tsv", "moses"), "moses"),
    ],
)
def test_the_format_goes_by_the_name(given: str, out: str, known: tuple[str, ...], form: str) -> None:
    assert output_format(given, Path(out), known) == form


def test_a_format_that_is_not_written_is_refused() -> None:
    with pytest.raises(UserError, match="--format moses"):
        output_format("moses", Path("p"), ("parquet", "tsv"))
