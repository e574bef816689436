"""Damage of several kinds, done to text in every script, is undone; what an orthography needs is left."""

import random
import unicodedata
from functools import cache

import ftfy.bad_codecs  # noqa: F401  (its encodings are used by name)
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlcorpus.text.misread_lines import misread_pattern, read_anew
from xlcorpus.text.normalise import Layout, normalise, normalised
from xlcorpus.text.scripts import UNICODE_SCRIPTS, letters_of

LETTERS = pl.Series([c for c in map(chr, range(0x110000)) if unicodedata.category(c) in ("Ll", "Lo")])
JOINED = {
    "Adlm", "Arab", "Bali", "Beng", "Cakm", "Deva", "Gujr", "Guru", "Java", "Khmr",
    "Knda", "Lana", "Limb", "Mand", "Mlym", "Mong", "Mtei", "Mymr", "Nkoo", "Orya",
    "Rohg", "Samr", "Sinh", "Sund", "Syrc", "Taml", "Telu", "Tfng", "Thaa", "Tibt",
}  # fmt: skip
UNSPACED = {"Bali", "Java", "Khmr", "Lana", "Laoo", "Mymr", "Tale", "Talu", "Tavt", "Thai"}
RIGHT_TO_LEFT = {"Adlm", "Arab", "Hebr", "Mand", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa"}
MISREADINGS = (
    "latin-1",
    "sloppy-windows-1252",
    "sloppy-windows-1251",
    "sloppy-windows-1250",
    "mac_roman",
    "sloppy-windows-1254",
)
JUNK = "\x00\x07\x08\x1a\x7f\u00ad\u2060\u2063\ufeff\u206a"
SPACES = (" ", "  ", "\u00a0", " \t ", "\u2003", "\u3000", "\x1f", "\x1c", " \u00a0 ")


@cache
def words(script: str) -> list[str]:
    """40 words of random letters of a script; the same in each run."""
    chance = random.Random(script)
    # Words of rare capitals and signs of all languages with Latin letters together look damaged themselves.
    pattern = "[a-zà-öø-ÿ]" if script == "Latn" else letters_of(script)
    letters = LETTERS.filter(LETTERS.str.contains(f"^{pattern}$")).to_list()
    found = ["".join(chance.choice(letters) for _ in range(chance.randrange(2, 9))) for _ in range(40)]
    return [unicodedata.normalize("NFC", word) for word in found]


@st.composite
def spoilt(draw: st.DrawFn) -> tuple[str, str]:
    """Clean text of a script, and the same with damage."""
    script = draw(st.sampled_from(sorted(UNICODE_SCRIPTS)))
    chosen = draw(st.lists(st.sampled_from(words(script)), min_size=4, max_size=12))
    joints = [draw(st.sampled_from(SPACES)) for _ in chosen[1:]]
    clean = " ".join(chosen)
    text = chosen[0] + "".join(joint + word for joint, word in zip(joints, chosen[1:], strict=True))
    if draw(st.booleans()):
        text = unicodedata.normalize("NFD", text)
    for junk in draw(st.lists(st.sampled_from(JUNK), max_size=3)):
        place = draw(st.integers(0, len(text)))
        text = text[:place] + junk + text[place:]
    return clean, text


@settings(max_examples=300, deadline=None)
@given(spoilt())
def test_junk_goes_and_spaces_are_single(texts: tuple[str, str]) -> None:
    clean, text = texts
    found = normalised(pl.Series([clean, text]), pl.Series(["und", "und"]))

    assert found["text"].to_list() == [clean, clean]
    assert found["repairs"].list.len().gt(0).to_list() == [False, clean != text]


@settings(max_examples=300, deadline=None)
@given(spoilt(), st.sampled_from(MISREADINGS), st.integers(1, 2))
def test_text_misread_as_a_whole_is_read_anew(texts: tuple[str, str], encoding: str, times: int) -> None:
    clean, _ = texts
    misread = clean
    for _ in range(times):
        misread = misread.encode().decode(encoding)
    found = normalised(pl.Series([misread]), pl.Series(["und"]))

    if misread != clean and len({char for char in clean if char > "\x7f" and char.isalpha()}) > 2:
        assert found["text"].item() == clean
        assert found["repairs"].item().to_list() == ["encoding"]


@settings(max_examples=300, deadline=None)
@given(spoilt(), st.sampled_from(["sentence", "document", "keep"]), st.sampled_from(MISREADINGS))
def test_each_repair_named_changed_the_text(texts: tuple[str, str], layout: Layout, encoding: str) -> None:
    clean, text = texts
    both = pl.Series([clean, text, text.encode().decode(encoding)])
    once = normalised(both, pl.Series(["und"] * 3), layout)
    again = normalised(once["text"], pl.Series(["und"] * 3), layout)

    assert (once["repairs"].list.len() > 0).to_list() == (once["text"] != both).to_list()
    assert again["text"].to_list() == once["text"].to_list()
    assert again["repairs"].to_list() == [[], [], []]


@pytest.mark.parametrize(
    ("sign", "scripts"),
    [
        ("\u200c", JOINED),
        ("\u200d", JOINED),
        ("\u200b", UNSPACED),
        ("\u200e", RIGHT_TO_LEFT),
        ("\u200f", RIGHT_TO_LEFT),
        ("\u061c", RIGHT_TO_LEFT),
    ],
)
def test_signs_between_letters_stay_in_scripts_that_need_them(script: str, sign: str, scripts: set[str]) -> None:
    for word in words(script):
        text = word[0] + sign + word[1:]
        if script in scripts:
            assert normalise(text) == text
        elif script in ("Latn", "Cyrl", "Grek", "Geor", "Armn", "Cher", "Ethi", "Hang", "Hani"):
            assert normalise(text) == word


def test_isolates_and_embeddings_stay_around_text_from_right_to_left(script: str) -> None:
    for word in words(script):
        for text in (f"\u2068{word}\u2069 1", f"\u202b{word}\u202c 1", f"\u2067{word}\u2069 1"):
            assert normalise(text) == (text if script in RIGHT_TO_LEFT else f"{word} 1")


@pytest.mark.parametrize(
    "text",
    [
        "全部公開元素",  # their bytes 85 are a line end when read as Latin-1
        "ཡིན།",
        "আমি বাংলায়",
        "اشتريت الخبز من السوق",  # byte 98 is no letter of Windows-1251
        "Съешь ещё этих",
        "čerstvý chléb ráno",
    ],
)
@pytest.mark.parametrize("encoding", MISREADINGS)
@pytest.mark.parametrize("layout", ["sentence", "document", "keep"])
def test_bytes_that_are_line_ends_or_junk_of_another_encoding_are_letters(
    text: str, encoding: str, layout: Layout
) -> None:
    text = unicodedata.normalize("NFC", text)

    assert normalise(f"{text}\n{text}".encode().decode(encoding), layout) == normalise(f"{text}\n{text}", layout)


@pytest.mark.parametrize(
    "text",
    [
        "√π ≈ 1.77",
        "—Él —Ñu —Él",  # Spanish speech in turns
        "A–Å, B–Ä, C–Ö",  # ranges of Swedish letters
        "В» Г» Д»",
        "СІК і ВІК",
        "Р С Т",
        "L’été, où «ça» va",
        "ŠĐĆ ČĆŽ",
    ],
)
def test_odd_text_is_not_read_anew(text: str) -> None:
    assert read_anew(text) is None
    assert normalise(text) == text


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("aА РСÃ©Ð°–—√πéш…\u00a0\u0085\u0098‡")), st.sampled_from(MISREADINGS))
def test_the_pattern_finds_every_line_that_is_read_anew(text: str, encoding: str) -> None:
    for line in (text, text.encode().decode(encoding)):
        if read_anew(line) is not None:
            assert pl.Series([line]).str.contains(misread_pattern()).item()


@pytest.mark.parametrize(
    "text", ["🐦\u200d⬛", "🙂\u200d↔\ufe0f", "🏃\u200d➡\ufe0f", "❤\ufe0f\u200d🔥", "🏳\ufe0f\u200d⚧\ufe0f"]
)
def test_emoji_of_several_signs_stay_whole(text: str) -> None:
    assert normalise(f"so {text} it") == f"so {text} it"


@pytest.mark.parametrize("layout", ["sentence", "document", "keep"])
def test_separators_of_fields_do_not_glue_words(layout: Layout) -> None:
    assert normalise("eins\x1fzwei\x1edrei", layout) == "eins zwei drei"
