"""Languages that a user names for a file, against the script of its text."""

from pathlib import Path

import polars as pl
import pytest

from xlcorpus.errors import UserError
from xlcorpus.step import SourceEnv
from xlcorpus.steps import Read
from xlcorpus.steps.read.formats import json_lines

KOREAN = "내일은 숲에 버섯을 따러 갈 거예요.\n오늘은 날씨가 좋습니다.\n"
UKRAINIAN = "Завтра ми поїдемо до лісу по гриби.\n"


def read(step: Read) -> tuple[pl.DataFrame, list[str]]:
    told: list[str] = []
    env = SourceEnv(kind=step.kind, say=lambda text, warning: told.append(text))
    return pl.concat(frame for unit in step.units() for frame in step.read(unit, env)), told


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("ko.txt").write_text(KOREAN, "utf8")
    Path("uk.txt").write_text(UKRAINIAN, "utf8")
    Path("sr.txt").write_text("Sutra idemo u šumu po gljive.\n", "utf8")
    Path("pairs.tsv").write_text("좋은 아침입니다.\tGood morning.\n", "utf8")
    Path("rows.jsonl").write_text(
        '{"text": "내일은 숲에 갑니다.", "lang": "kr"}\n{"text": "a", "lang": "zxx"}\n', "utf8"
    )


def test_the_code_of_a_country_over_the_text_of_its_language_is_refused() -> None:
    with pytest.raises(UserError, match=r"ko\.txt: kr is Kanuri .* Hangul script: .* Korean is ko"):
        read(Read(paths={"kr": "ko.txt"}))


def test_the_code_of_a_country_alone_is_refused_before_anything_is_read() -> None:
    with pytest.raises(UserError, match=r"ua is the code of a country \(Ukraine\); the language Ukrainian is uk"):
        Read(paths={"ua": "uk.txt"}).units()


def test_either_side_of_pairs_is_looked_at() -> None:
    columns = {"src_text": "1", "tgt_text": "2"}
    with pytest.raises(UserError, match="Korean is ko"):
        read(Read(paths={"kr-en": "pairs.tsv"}, kind="pair", columns=columns))
    assert read(Read(paths={"ko-en": "pairs.tsv"}, kind="pair", columns=columns))[1] == []


def test_another_script_of_the_language_is_told_and_read() -> None:
    rows, told = read(Read(paths={"sr": "sr.txt"}))

    assert rows["lang"].to_list() == ["srp_Cyrl"]
    assert told == ["sr.txt: sr is Serbian (srp_Cyrl), but the text is in the Latin script: write srp_Latn"]


def test_text_full_of_latin_commands_is_still_chinese() -> None:
    Path("zh.txt").write_text("用 git commit 提交 changes 到 main branch。\n" * 3, "utf8")

    assert read(Read(paths={"zh": "zh.txt"}))[1] == []


def test_a_script_that_is_given_is_taken() -> None:
    assert read(Read(paths={"sr-Latn": "sr.txt"}))[1] == []


def test_names_in_the_rows_are_told_and_no_language_is_rejected() -> None:
    rows, told = read(Read(paths="rows.jsonl"))

    assert rows["lang"].to_list() == ["knc_Latn"]
    assert len(told) == 1
    assert "Korean is ko" in told[0]


def test_later_rows_of_a_file_are_looked_at_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lines, "FRAME_ROWS", 2)
    german = '{"text": "Wir gehen in den Wald.", "lang": "de"}\n' * 4
    Path("late.jsonl").write_text(german + '{"text": "내일은 숲에 갑니다.", "lang": "kr"}\n' * 4, "utf8")
    _, told = read(Read(paths="late.jsonl"))
    assert len(told) == 1
    assert "kr is Kanuri" in told[0]


def test_lines_of_numbers_before_the_text_do_not_hide_its_script() -> None:
    Path("ko.txt").write_text("12\n34\n" * 1000 + KOREAN * 10, "utf8")
    with pytest.raises(UserError, match="Korean is ko"):
        read(Read(paths={"kr": "ko.txt"}))
