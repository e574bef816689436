"""TSV and CSV: a record with another number of cells is rejected, never shifted."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from xlcorpus.errors import UserError

Reader = Callable[..., tuple[pl.DataFrame, dict[str, list[str]]]]
PAIR = {"kind": "pair", "columns": {"src_text": "1", "tgt_text": "2"}}
NAMED = {"kind": "pair", "columns": {"src_text": "src", "tgt_text": "tgt"}, "header": True}


def sides(rows: pl.DataFrame) -> list[tuple[str, str]]:
    return rows.select("src_text", "tgt_text").rows()


def test_a_stray_tab_costs_its_own_line_only(read: Reader) -> None:
    tsv = "Der Hund schläft.\tThe dog is sleeping.\nWir gehen\tnach Hause.\tWe are going home.\nBrot\tbread\n"
    rows, rejected = read("p.tsv", tsv.encode(), paths={"de-en": "p.tsv"}, **PAIR)
    assert sides(rows) == [("Der Hund schläft.", "The dog is sleeping."), ("Brot", "bread")]
    assert rejected == {"wrong_columns": ["3 columns, not 2"]}


def test_the_number_of_columns_is_the_files_not_a_frames(read: Reader) -> None:
    lines = [f"s{i}\tt{i}" for i in range(12_000)]
    lines[11_000] = "a\tb\tc"
    rows, rejected = read("p.tsv", "\n".join(lines).encode(), paths={"de-en": "p.tsv"}, **PAIR)
    assert rows.height == 11_999
    assert rejected == {"wrong_columns": ["3 columns, not 2"]}


def test_the_header_says_how_many_columns_there_are(read: Reader) -> None:
    tsv = b"src\ttgt\tscore\na\tb\nc\td\ne\tf\t1\n1\t2\t3\t4\n"
    rows, rejected = read("p.tsv", tsv, paths={"de-en": "p.tsv"}, **NAMED)
    assert sides(rows) == [("e", "f")]
    assert rejected == {"wrong_columns": ["2 columns, not 3", "2 columns, not 3", "4 columns, not 3"]}


def test_a_file_with_as_many_lines_of_two_as_of_three_columns_is_refused(read: Reader) -> None:
    with pytest.raises(UserError, match=r"p\.tsv: 1 lines have 2 columns and 1 have 3: which is right cannot be known"):
        read("p.tsv", b"a\tb\nc\td\te\n", paths={"de-en": "p.tsv"}, **PAIR)


def test_lines_with_fewer_columns_than_named_do_not_decide(read: Reader) -> None:
    rows, rejected = read("p.tsv", b"note\nnote\nnote\na\tb\n", paths={"de-en": "p.tsv"}, **PAIR)
    assert sides(rows) == [("a", "b")]
    assert rejected == {"wrong_columns": ["1 column, not 2"] * 3}


def test_a_quotation_mark_in_tsv_is_text(read: Reader) -> None:
    rows, _ = read("p.tsv", b'"Ja", sagt er.\t"Yes\n5" lang\t5" long\n', paths={"de-en": "p.tsv"}, **PAIR)
    assert sides(rows) == [('"Ja", sagt er.', '"Yes'), ('5" lang', '5" long')]


def test_a_line_break_in_quotes_stays_in_the_text(read: Reader) -> None:
    csv = b'src,tgt\n"Erste Zeile\nzweite Zeile","First line\nsecond line"\n"a\r\n\r\nb","c"\nx,y\n'
    rows, rejected = read("p.csv", csv, paths={"de-en": "p.csv"}, **NAMED)
    assert sides(rows) == [
        ("Erste Zeile\nzweite Zeile", "First line\nsecond line"),
        ("a\n\nb", "c"),
        ("x", "y"),
    ]
    assert rejected == {}


def test_blank_lines_between_records_are_rejected_as_empty(read: Reader) -> None:
    rows, rejected = read("p.csv", b"src,tgt\na,b\n\nc,d\n", paths={"de-en": "p.csv"}, **NAMED)
    assert sides(rows) == [("a", "b"), ("c", "d")]
    assert rejected == {"empty": ["line 3"]}


@pytest.mark.parametrize("name", ["long.csv", "long.tsv"])
def test_long_cells_are_read(read: Reader, name: str) -> None:
    sep = "," if name.endswith("csv") else "\t"
    long = "wort " * 40_000
    rows, _ = read(name, f"{long}{sep}b\nc{sep}d\n".encode(), paths={"de-en": name}, **PAIR)
    assert [len(t) for t in rows["src_text"]] == [200_000, 1]


def test_doubled_quotes_and_commas_inside_quotes(read: Reader) -> None:
    rows, _ = read(
        "p.csv", b'"Er sagt ""ja"", dann nein.","He says ""yes"", then no."\n"",""\n', **PAIR, paths={"de-en": "p.csv"}
    )
    assert sides(rows)[0] == ('Er sagt "ja", dann nein.', 'He says "yes", then no.')


def test_a_quote_that_is_not_closed_costs_its_own_line_only(read: Reader) -> None:
    csv = b'src,tgt\na,b\n"c,d\n' + b"".join(b"s%d,t%d\n" % (i, i) for i in range(200))
    rows, rejected = read("p.csv", csv, paths={"de-en": "p.csv"}, **NAMED)
    assert rows.height == 201
    assert rejected == {"bad_quotes": ["line 3: a quote that is not closed"]}


def test_a_quote_that_closes_in_another_record_is_found(read: Reader) -> None:
    rows, rejected = read("p.csv", b'src,tgt\n"a,b\n"c","d"\ne,f\n', paths={"de-en": "p.csv"}, **NAMED)
    assert sides(rows) == [("c", "d"), ("e", "f")]
    assert rejected == {"bad_quotes": ["line 2: a quote that is not closed"]}


def test_the_semicolon_of_spreadsheets_is_found(read: Reader) -> None:
    csv = "src;tgt\nGuten Tag, Anna;Good day, Anna\n3,5 km;3.5 km\n"
    rows, _ = read("p.csv", ("\ufeff" + csv).encode(), paths={"de-en": "p.csv"}, **NAMED)
    assert sides(rows) == [("Guten Tag, Anna", "Good day, Anna"), ("3,5 km", "3.5 km")]


def test_a_delimiter_in_doubt_is_asked_for(read: Reader) -> None:
    csv = b"Guten Tag, Anna;Good day Anna\nHallo, Tom;Hello Tom\n"
    with pytest.raises(UserError, match="write delimiter"):
        read("p.csv", csv, paths={"de-en": "p.csv"}, **PAIR)
    rows, _ = read("p.csv", csv, paths={"de-en": "p.csv"}, delimiter=";", **PAIR)
    assert sides(rows)[0] == ("Guten Tag, Anna", "Good day Anna")


def test_a_column_named_twice_is_refused(read: Reader) -> None:
    with pytest.raises(UserError, match="the header names the column 'text' twice"):
        read("a.csv", b"text,text\na,b\n", header=True)


def test_limit_counts_rows_not_the_header(read: Reader) -> None:
    assert sides(read("p.csv", b"src,tgt\na,b\nc,d\ne,f\n", paths={"de-en": "p.csv"}, limit=2, **NAMED)[0])[1] == (
        "c",
        "d",
    )
    assert read("p.tsv", b"src\ttgt\na\tb\nc\td\n", paths={"de-en": "p.tsv"}, limit=1, **NAMED)[0].height == 1


def test_two_text_files_line_by_line(read: Reader) -> None:
    Path("train.en").write_text("Hello.\n\nGood day.\n")
    rows, rejected = read("train.de", b"Hallo.\n\nTag.\n", kind="pair", paths={"de-en": [["train.de", "train.en"]]})
    assert sides(rows) == [("Hallo.", "Hello."), ("Tag.", "Good day.")]
    assert rejected == {"empty": ["line 2"]}
    assert sides(read("train.de", None, kind="pair", paths={"de-en": "train"})[0]) == sides(rows)


def test_two_text_files_of_different_length_are_refused(read: Reader) -> None:
    Path("b.en").write_text("1\n2\n3\n")
    with pytest.raises(UserError, match=r"b\.de \+ b\.en: has 2 lines, .*b\.en has 3"):
        read("b.de", b"1\n2\n", kind="pair", paths={"de-en": [["b.de", "b.en"]]})


def test_a_line_that_does_not_decode_takes_its_pair_along(read: Reader) -> None:
    Path("c.en").write_bytes(b"1\n2\xff\n3\n")
    rows, rejected = read("c.de", b"a\nb\nc\n", kind="pair", paths={"de-en": "c"})
    assert sides(rows) == [("a", "1"), ("c", "3")]
    assert rejected == {"not_utf8": ["line 2"]}


@pytest.mark.parametrize("header", [True, False])
def test_line_breaks_inside_quotes_of_a_tsv_never_shift_columns(read: Reader, header: bool) -> None:
    good = "".join(f"Satz {i}\tSentence {i}\n" for i in range(5))
    text = ("src_text\ttgt_text\n" if header else "") + good + '"Eins\nzwei"\t"One\ntwo"\n'
    columns = {} if header else {"src_text": "1", "tgt_text": "2"}
    rows, rejected = read("a.tsv", text.encode(), kind="pair", paths={"de-en": "a.tsv"}, header=header, columns=columns)
    assert rows["src_text"].to_list() == [f"Satz {i}" for i in range(5)]
    assert len(rejected["wrong_columns"]) == 2 and len(rejected["bad_quotes"]) == 1


def test_quotation_marks_of_a_tsv_are_text(read: Reader) -> None:
    text = '"Ja"\t"Yes"\n5" Rohr\t5" pipe\nEr sagte "nein"\tHe said "no"\nein "a\tan "a\n'
    rows, rejected = read(
        "a.tsv", text.encode(), kind="pair", paths={"de-en": "a.tsv"}, columns={"src_text": "1", "tgt_text": "2"}
    )
    assert rows.height == 4 and not rejected


@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_a_header_that_nobody_announced_is_found(read: Reader, name: str) -> None:
    sep = b"," if name.endswith("csv") else b"\t"
    content = b"satz" + sep + b"note\nGuten Tag." + sep + b"1\n"
    with pytest.raises(UserError, match=r"has no column 'satz'; its first line has it: write header: true"):
        read(name, content, columns={"text": "satz"})
    assert read(name, content, columns={"text": "satz"}, header=True)[0].height == 1
