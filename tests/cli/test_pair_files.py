"""Reading parallel text for training."""

import bz2
import gzip
import json
import lzma
from pathlib import Path

import polars as pl
import pytest
import zstandard

from xlcorpus.cli.files.pairs import read_lexicon, read_pairs
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


def test_lines_without_a_tab_may_be_as_many_as_pairs(tmp_path: Path) -> None:
    (tmp_path / "p.tsv").write_text("der Hund\tthe dog\nnur eins\ndie Katze\tthe cat\nnoch eins\n")
    assert texts(read_pairs([tmp_path / "p.tsv"], "de", "en")) == PAIRS


def test_what_is_left_out_is_said(tmp_path: Path) -> None:
    (tmp_path / "p.tsv").write_text("der Hund\tthe dog\n" * 9 + "nur eins\ndie Katze\t\n")
    said: list[str] = []
    read_pairs([tmp_path / "p.tsv"], "de", "en", say=lambda text, warning: said.append(text.split(": ")[1]))
    assert said == ["1 line is left out (wrong_columns)", "1 pairs with an empty side are left out"]


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
        (
            "p.txt",
            "a b\n",
            ("de", "en"),
            "no line has a tab; write source TAB target, or give Parquet, CSV, JSONL or TMX",
        ),
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
    with pytest.raises(UserError, match=r"p\.de \+ .*p\.en: has 2 lines, .*p\.en has 1:"):
        read_pairs([tmp_path / "p"], "de", "en")


def test_a_folder_without_pairs_is_no_release(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is no release with pairs"):
        read_pairs([tmp_path])


def test_a_line_with_one_tab_too_many_is_lost_alone(tmp_path: Path) -> None:
    lines = [f"Satz {i}\tsentence {i}" for i in range(150)]
    lines[1] = "Wir gehen\tnach Hause.\tWe are going home."
    (tmp_path / "p.tsv").write_text("\n".join(lines) + "\n")
    said: list[tuple[str, bool]] = []
    pairs = read_pairs([tmp_path / "p.tsv"], "de", "en", say=lambda text, warning: said.append((text, warning)))
    assert texts(pairs) == [(f"Satz {i}", f"sentence {i}") for i in range(150) if i != 1]
    assert said == [(f"{tmp_path}/p.tsv: 1 line is left out (wrong_columns)", True)]


def test_scored_lines_with_one_tab_too_many_are_lost_alone(tmp_path: Path) -> None:
    lines = ["1.2\tder Hund\tthe dog", "1.1\tdie\tKatze\tthe cat", "1.0\tdie Katze\tthe cat"]
    (tmp_path / "p.tsv").write_text("\n".join(lines) + "\n")
    assert texts(read_pairs([tmp_path / "p.tsv"], "de", "en")) == PAIRS


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("bom.tsv", "\ufeffder Hund\tthe dog\ndie Katze\tthe cat\n".encode()),
        ("bom header.tsv", "\ufeffsrc_text\ttgt_text\nder Hund\tthe dog\ndie Katze\tthe cat\n".encode()),
        ("crlf.tsv", b"der Hund\tthe dog\r\ndie Katze\tthe cat\r\n"),
        ("crlf header.tsv", b"src_text\ttgt_text\r\nder Hund\tthe dog\r\ndie Katze\tthe cat\r\n"),
        ("utf16.tsv", "der Hund\tthe dog\ndie Katze\tthe cat\n".encode("utf-16")),
        ("utf16 header.tsv", "src_text\ttgt_text\nder Hund\tthe dog\ndie Katze\tthe cat\n".encode("utf-16")),
        ("tabs.txt", b"der Hund\tthe dog\ndie Katze\tthe cat\n"),
        ("p.tsv.gz", gzip.compress(b"der Hund\tthe dog\ndie Katze\tthe cat\n")),
        ("p.tsv.bz2", bz2.compress(b"der Hund\tthe dog\ndie Katze\tthe cat\n")),
        ("p.tsv.xz", lzma.compress(b"der Hund\tthe dog\ndie Katze\tthe cat\n")),
        ("p.tsv.zst", zstandard.compress(b"der Hund\tthe dog\ndie Katze\tthe cat\n")),
        ("paare [1] {a,b} *ü?.tsv", b"der Hund\tthe dog\ndie Katze\tthe cat\n"),
        ("header.csv", b'src_text,tgt_text\r\n"der Hund",the dog\r\ndie Katze,"the cat"\r\n'),
        ("ascii.jsonl", "".join(json.dumps(row) + "\n" for row in ROWS.to_dicts()).encode()),
    ],
)
def test_the_text_is_the_same_however_the_file_is_written(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert texts(read_pairs([tmp_path / name], "de", "en")) == PAIRS


def test_a_line_that_does_not_decode_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "p.tsv").write_bytes(b"der Hund\tthe dog\nsch\xf6n\tfine\ndie Katze\tthe cat\n" + b"ja\tyes\n" * 18)
    said: list[str] = []
    pairs = read_pairs([tmp_path / "p.tsv"], "de", "en", say=lambda text, warning: said.append(text))
    assert texts(pairs) == [*PAIRS, *[("ja", "yes")] * 18]
    assert said == [f"{tmp_path}/p.tsv: 1 line is left out (not_utf8)"]


def test_lines_of_two_text_files_stay_together_around_one_that_does_not_decode(tmp_path: Path) -> None:
    (tmp_path / "train [a].de").write_bytes(b"\xef\xbb\xbfder Hund\r\nsch\xf6n\r\ndie Katze\r\n")
    (tmp_path / "train [a].en.zst").write_bytes(zstandard.compress(b"the dog\nfine\nthe cat\n"))
    assert texts(read_pairs([tmp_path / "train [a]"], "de", "en")) == PAIRS


def test_languages_of_two_text_files_may_have_a_script(tmp_path: Path) -> None:
    (tmp_path / "ted.zh-Hant").write_text("\u72d7\u5728\u9019\u88e1\u3002\n")
    (tmp_path / "ted.en").write_text("The dog is here.\n")
    pairs = read_pairs([tmp_path / "ted"], "zh-Hant", "en")
    assert pairs["src_lang"].to_list() == ["zho_Hant"]


def test_a_translation_memory_gives_the_pair_that_is_asked_for(tmp_path: Path) -> None:
    unit = (
        '<tu><tuv xml:lang="en"><seg>{}</seg></tuv><tuv xml:lang="fr"><seg>x</seg></tuv>'
        '<tuv xml:lang="de"><seg>{}</seg></tuv></tu>'
    )
    body = "".join(unit.format(tgt, src) for src, tgt in PAIRS)
    (tmp_path / "m.tmx").write_text(f'<tmx version="1.4"><header srclang="en"/><body>{body}</body></tmx>')
    assert texts(read_pairs([tmp_path / "m.tmx"], "de", "en")) == PAIRS


def test_a_damaged_archive_is_named(tmp_path: Path) -> None:
    packed = gzip.compress("".join(f"Satz {i}\tsentence {i}\n" for i in range(5000)).encode())
    (tmp_path / "p.tsv.gz").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(UserError, match=r"p\.tsv\.gz: the compressed file is cut off or damaged"):
        read_pairs([tmp_path / "p.tsv.gz"], "de", "en")


def test_three_columns_of_which_the_first_is_no_score_are_no_pairs(tmp_path: Path) -> None:
    (tmp_path / "p.tsv").write_text("Hi.\tHallo!\tCC-BY 2.0 (France)\n" * 3)
    with pytest.raises(UserError, match="holds no pairs; three columns must be score, source, target"):
        read_pairs([tmp_path / "p.tsv"], "en", "de")


def test_rows_that_do_not_fit_are_left_out_one_by_one(tmp_path: Path) -> None:
    rows = [{"src_text": "der Hund", "tgt_text": "the dog"}, {"src_text": 7, "tgt_text": "x"}, ROWS.to_dicts()[1]]
    (tmp_path / "p.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    said: list[str] = []
    pairs = read_pairs([tmp_path / "p.jsonl"], "de", "en", say=lambda text, warning: said.append(text))
    assert texts(pairs) == PAIRS and said == [f"{tmp_path}/p.jsonl: 1 line is left out (wrong_type)"]


def test_a_country_for_a_language_is_refused_by_the_script(tmp_path: Path) -> None:
    (tmp_path / "p.tsv").write_text("\uac1c\uac00 \uc5ec\uae30 \uc788\ub2e4.\tThe dog is here.\n" * 5)
    with pytest.raises(UserError, match=r"p\.tsv: .*\bko\b"):
        read_pairs([tmp_path / "p.tsv"], "kr", "en")


def test_a_lexicon_has_words_and_perhaps_more_columns(tmp_path: Path) -> None:
    (tmp_path / "w.tsv").write_text("Hund\tdog\t1.0\t5\nMilch\tmilk\t1.0\t5\n")
    words = read_lexicon(tmp_path / "w.tsv", "de", "en", lambda text, warning: None)
    assert words.rows() == [("Hund", "dog", "deu_Latn", "eng_Latn"), ("Milch", "milk", "deu_Latn", "eng_Latn")]
    assert words.columns == ["src_word", "tgt_word", "src_lang", "tgt_lang"]


def test_a_lexicon_may_name_its_columns(tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_text("tgt_word,src_word\ndog,Hund\n")
    assert read_lexicon(tmp_path / "w.csv", "de", "en", lambda text, warning: None).row(0)[:2] == ("Hund", "dog")
