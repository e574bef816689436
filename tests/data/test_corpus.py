"""The sample corpus under data/ is what data/README.md says it is."""

import ast
import csv
import json
from collections import Counter
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path

import ftfy
import pytest

DATA = Path(__file__).parents[2] / "data"
LANGUAGES = ("en", "de", "es", "ru", "hi", "zh", "pt")
GOLD_ITEMS = 220
UNALIGNED = 20
NOISE_PER_FILE = {
    "boilerplate": 6,
    "duplicate": 8,
    "invalid_utf8": 2,
    "mojibake": 4,
    "no_letters": 3,
    "repetitive": 1,
    "url": 2,
    "wrong_language": 6,
}
LINES = GOLD_ITEMS + UNALIGNED + sum(NOISE_PER_FILE.values())


@cache
def lines(language: str) -> tuple[bytes, ...]:
    # split, not splitlines: spoilt lines may hold control characters that Unicode counts as line ends
    return tuple((DATA / f"{language}.txt").read_bytes().removesuffix(b"\n").split(b"\n"))


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    with (DATA / name).open(encoding="utf-8", newline="") as handle:
        return tuple(csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE))


def noise(language: str) -> list[dict[str, str]]:
    return [row for row in table("noise.tsv") if row["file"] == f"{language}.txt"]


def stored(row: dict[str, str]) -> bytes:
    """The bytes of a noise line; broken UTF-8 is written in noise.tsv as a Python bytes literal."""
    if row["reason"] == "invalid_utf8":
        value: bytes = ast.literal_eval(row["text"])
        return value
    return row["text"].encode()


def gold_positions(language: str) -> list[int]:
    where = {line: number for number, line in reversed(list(enumerate(lines(language))))}
    return [where[row[language].encode()] for row in table("gold.tsv")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_file_holds_gold_unaligned_and_noise_lines(language: str) -> None:
    assert len(lines(language)) == LINES


def test_gold_has_one_sentence_per_language_in_every_row() -> None:
    gold = table("gold.tsv")
    assert len(gold) == GOLD_ITEMS
    assert list(gold[0]) == ["id", *LANGUAGES]
    assert len({row["id"] for row in gold}) == GOLD_ITEMS
    assert all(row[language].strip() == row[language] != "" for row in gold for language in LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_gold_sentences_are_distinct_and_stand_in_their_file(language: str) -> None:
    sentences = [row[language].encode() for row in table("gold.tsv")]
    assert len(set(sentences)) == GOLD_ITEMS
    assert set(sentences) <= set(lines(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_other_line_is_an_unaligned_sentence(language: str) -> None:
    gold = {row[language].encode() for row in table("gold.tsv")}
    spoilt = {stored(row) for row in noise(language) if row["reason"] != "duplicate"}
    assert len(set(lines(language)) - gold - spoilt) == UNALIGNED


@pytest.mark.parametrize(("first", "second"), list(combinations(LANGUAGES, 2)))
def test_no_two_files_are_in_the_same_order(first: str, second: str) -> None:
    ranks = [rank for _, rank in sorted(zip(gold_positions(first), gold_positions(second), strict=True))]
    rising = sum(before < after for before, after in pairwise(ranks)) / (len(ranks) - 1)
    # 1 is the same order, 0 the reverse, and two independent orders come near a half.
    assert 0.35 < rising < 0.65


@pytest.mark.parametrize("language", LANGUAGES)
def test_noise_is_counted_by_reason(language: str) -> None:
    reasons = Counter(row["reason"].partition(":")[0] for row in noise(language))
    assert dict(sorted(reasons.items())) == NOISE_PER_FILE


@pytest.mark.parametrize("language", LANGUAGES)
def test_noise_lines_stand_in_their_file_once_and_duplicates_twice(language: str) -> None:
    count = Counter(lines(language))
    for row in noise(language):
        assert count[stored(row)] == (2 if row["reason"] == "duplicate" else 1), row


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_the_lines_named_invalid_are_invalid_utf8(language: str) -> None:
    def broken(line: bytes) -> bool:
        try:
            line.decode()
        except UnicodeDecodeError:
            return True
        return False

    named = {stored(row) for row in noise(language) if row["reason"] == "invalid_utf8"}
    assert {line for line in lines(language) if broken(line)} == named


@pytest.mark.parametrize("language", LANGUAGES)
def test_ftfy_repairs_the_mojibake(language: str) -> None:
    spoilt = [row for row in noise(language) if row["reason"] == "mojibake"]
    assert [ftfy.fix_encoding(row["text"]) for row in spoilt] == [row["repaired"] for row in spoilt]


def test_instructions_are_thirty_rows_with_the_same_three_fields() -> None:
    with (DATA / "instructions.jsonl").open(encoding="utf-8") as handle:
        rows = [json.loads(line) for line in handle]
    assert len(rows) == 30
    assert all(list(row) == ["instruction", "response", "task"] and all(row.values()) for row in rows)
    assert len({row["instruction"] for row in rows}) == 30
    assert sum("`" in row["response"] for row in rows) >= 5
