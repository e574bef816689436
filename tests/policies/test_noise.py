"""Noise made from clean text is what its name says, in any script."""

import re
import unicodedata

import numpy as np
import polars as pl
import pytest

from xlcorpus.policies.noise import KINDS, dump, menu, mojibake, noise, numbers, random_letters, repeated_line

TEXTS = {
    "deu_Latn": "Der Hund schläft auf dem Sofa.\nDie Katze sitzt am Fenster und wartet auf den Abend.",
    "eng_Latn": "The dog sleeps on the sofa.\nThe cat sits at the window and waits.",
    "hin_Deva": "कुत्ता सोफ़े पर सो रहा है।\nबिल्ली खिड़की के पास बैठी है।",
    "zho_Hans": "狗在沙发上睡觉。\n猫坐在窗边等着晚上。",
    "tha_Thai": "หมานอนอยู่บนโซฟา\nแมวนั่งอยู่ที่หน้าต่าง",
    "amh_Ethi": "ውሻው ሶፋው ላይ ተኝቷል።\nድመቷ መስኮቱ አጠገብ ተቀምጣለች።",
}


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("text", TEXTS.values())
@pytest.mark.parametrize("seed", range(8))
def test_mojibake_is_the_text_in_a_wrong_encoding(text: str, seed: int) -> None:
    broken = mojibake(text, rng(seed))

    assert broken != text
    assert len(broken) > len(text)


@pytest.mark.parametrize("text", TEXTS.values())
def test_a_line_of_the_text_is_repeated(text: str) -> None:
    pieces = [piece for piece in re.split(r"\n+", repeated_line(text, rng(1))) if piece]

    assert any(line in pieces[0] for line in text.splitlines())
    assert repeated_line(text, rng(1)).count(pieces[0][:9]) >= 6


@pytest.mark.parametrize("text", TEXTS.values())
@pytest.mark.parametrize("seed", range(8))
def test_a_menu_has_eight_short_entries_of_the_text(text: str, seed: int) -> None:
    entries = [re.sub(r"\]\(.*|\bhttps://.*", "", entry) for entry in re.split(r"\n| [|·»>] ", menu(text, rng(seed)))]

    assert len(entries) >= 8
    letters = {c for c in text if c.isalnum()}
    assert all({c for c in entry if c.isalpha()} <= letters and len(entry) <= 26 for entry in entries)


@pytest.mark.parametrize("seed", range(8))
def test_a_dump_is_base64_or_hexadecimal(seed: int) -> None:
    assert re.fullmatch(r"([A-Za-z0-9+/=]+\n)+|([0-9a-f ]+\n?)+", dump(rng(seed)))


@pytest.mark.parametrize("text", TEXTS.values())
@pytest.mark.parametrize("seed", range(8))
def test_a_table_is_numbers_under_one_head(text: str, seed: int) -> None:
    head, *rows = numbers(text, rng(seed)).split("\n")

    assert any(c.isalpha() for c in head)
    assert len(rows) >= 8
    assert all(re.fullmatch(r"[\d., |\t]+", row) for row in rows)


@pytest.mark.parametrize("text", TEXTS.values())
def test_random_letters_stand_where_letters_stood(text: str) -> None:
    letters = [c for c in text if c.isalpha()]

    made = random_letters(text, letters, rng())

    bare = [c for c in text if unicodedata.category(c)[0] != "M"]
    assert [c.isalpha() for c in made] == [c.isalpha() for c in bare]
    assert {c for c in made if c.isalpha()} <= {*letters}
    assert made != "".join(bare)


def test_each_document_gives_one_row_of_each_kind() -> None:
    frame = pl.DataFrame({"text": [*TEXTS.values()], "lang": [*TEXTS]})

    made = noise(frame, seed=0)

    assert made.group_by("lang").len()["len"].to_list() == [len(KINDS)] * len(TEXTS)
    others = made.filter(pl.col("noise") == "other_language")
    assert all(text in TEXTS.values() and text != TEXTS[lang] for text, lang, _ in others.iter_rows())


def test_noise_that_a_document_cannot_give_is_left_out() -> None:
    made = noise(pl.DataFrame({"text": ["?!"], "lang": ["deu_Latn"]}), seed=0)

    assert not {"other_language", "menu"} & {*made["noise"]}
