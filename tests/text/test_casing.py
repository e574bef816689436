"""Small letters, capitals and capitals at the beginning, as each language has them."""

import unicodedata

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlcorpus.text.casing import DOTLESS, capital, case_of, small, small_expr, small_for_any_expr, title
from xlcorpus.text.composed import composed
from xlcorpus.text.scripts import UNICODE_SCRIPTS, letters_of

WORDS = [
    # language, small letters, with a capital at the beginning, capitals
    ("tur_Latn", "ılık", "Ilık", "ILIK"),
    ("tur_Latn", "istanbul'da kışın", "İstanbul'da kışın", "İSTANBUL'DA KIŞIN"),
    ("azj_Latn", "işıq", "İşıq", "İŞIQ"),
    ("kaz_Latn", "ystyq ısı", "Ystyq ısı", "YSTYQ ISI"),
    ("kaz_Latn", "ilim", "İlim", "İLİM"),
    ("crh_Latn", "qırım tili", "Qırım tili", "QIRIM TİLİ"),
    ("tat_Latn", "ışanıç", "Işanıç", "IŞANIÇ"),
    ("tat_Latn", "idel", "İdel", "İDEL"),
    ("zza_Latn", "ita", "İta", "İTA"),
    ("kaa_Latn", "ıssıqlıq", "Íssıqlıq", "ÍSSÍQLÍQ"),
    ("kaa_Latn", "ilim", "Ilim", "ILIM"),
    ("tat_Cyrl", "internet", "Internet", "INTERNET"),
    ("kaz_Cyrl", "ілім", "Ілім", "ІЛІМ"),
    ("eng_Latn", "istanbul", "Istanbul", "ISTANBUL"),
    ("nld_Latn", "ijsland", "IJsland", "IJSLAND"),
    ("nld_Latn", "'s avonds", "'s Avonds", "'S AVONDS"),
    ("afr_Latn", "’n hond", "’n Hond", "’N HOND"),
    ("deu_Latn", "ijob", "Ijob", "IJOB"),
    ("hrv_Latn", "ǆep", "ǅep", "ǄEP"),
    ("lit_Latn", "ìšėjo", "Ìšėjo", "ÌŠĖJO"),
    ("vie_Latn", "ăn phở", "Ăn phở", "ĂN PHỞ"),
    ("haw_Latn", "ʻokina", "ʻOkina", "ʻOKINA"),
    ("spa_Latn", "¿qué?", "¿Qué?", "¿QUÉ?"),
    ("eng_Latn", "2nd", "2nd", "2ND"),
    ("ell_Grek", "ωρα", "Ωρα", "ΩΡΑ"),
    ("ell_Grek", "ο δρομος σας", "Ο δρομος σας", "Ο ΔΡΟΜΟΣ ΣΑΣ"),
    ("hye_Armn", "հայ", "Հայ", "ՀԱՅ"),
    ("kat_Geor", "ახალი", "ახალი", "ᲐᲮᲐᲚᲘ"),
    ("chr_Cher", "ꮳꮃꭹ", "Ꮳꮃꭹ", "ᏣᎳᎩ"),
    ("fuf_Adlm", "𞤢𞤣𞤤𞤢𞤥", "𞤀𞤣𞤤𞤢𞤥", "𞤀𞤁𞤂𞤀𞤃"),
    ("eng_Dsrt", "𐐨𐐩", "𐐀𐐩", "𐐀𐐁"),
    ("osa_Osge", "𐓘𐓙", "𐒰𐓙", "𐒰𐒱"),
    ("sqi_Vith", "𐖗𐖘", "𐕰𐖘", "𐕰𐕱"),
    ("wol_Gara", "\U00010d70\U00010d71", "\U00010d50\U00010d71", "\U00010d50\U00010d51"),
    ("cop_Copt", "ⲁⲃ", "Ⲁⲃ", "ⲀⲂ"),
    ("chu_Glag", "ⰰⰱ", "Ⰰⰱ", "ⰀⰁ"),
    ("hoc_Wara", "𑣀𑣁", "𑢠𑣁", "𑢠𑢡"),
    ("dmf_Medf", "𖹠𖹡", "𖹀𖹡", "𖹀𖹁"),
    ("hun_Hung", "𐳀𐳁", "𐲀𐳁", "𐲀𐲁"),
]


def smalls(texts: list[str], lang: str) -> list[str]:
    """By the expression."""
    frame = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    return frame.select(small_expr(pl.col("text"), lang)).to_series().to_list()


@pytest.mark.parametrize(("lang", "word", "titled", "capitals"), WORDS)
def test_case_of_a_language(lang: str, word: str, titled: str, capitals: str) -> None:
    assert title(word, lang) == titled
    assert capital(word, lang) == capitals
    assert [small(text, lang) for text in (word, titled, capitals)] == [word] * 3
    assert smalls([word, titled, capitals], lang) == [word] * 3


@pytest.mark.parametrize(
    ("lang", "word", "titled", "capitals"),
    [
        ("deu_Latn", "straße", "Straße", "STRASSE"),
        ("ell_Grek", "άνθρωπος", "Άνθρωπος", "ΑΝΘΡΩΠΟΣ"),
        ("ell_Grek", "άυλος", "Άυλος", "ΑΫΛΟΣ"),
        ("ell_Grek", "προϋπόθεση", "Προϋπόθεση", "ΠΡΟΫΠΟΘΕΣΗ"),
        ("ell_Grek", "ή", "Ή", "Ή"),
        ("ell_Grek", "εδώ ή εκεί", "Εδώ ή εκεί", "ΕΔΩ Ή ΕΚΕΙ"),
        ("grc_Grek", "ᾠδή", "ᾨδή", "ΩΙΔΗ"),
        ("hye_Armn", "և", "Եվ", "ԵՎ"),
        ("hyw_Armn", "և", "Եւ", "ԵՒ"),
        ("afr_Latn", "ŉ hond", "ŉ Hond", "ʼN HOND"),
        ("lit_Latn", "i\u0307\u0301", "Í", "Í"),
    ],
)
def test_capitals_that_do_not_say_all_of_the_small_letters(lang: str, word: str, titled: str, capitals: str) -> None:
    assert unicodedata.normalize("NFC", title(word, lang)) == titled
    assert capital(word, lang) == capitals


@pytest.mark.parametrize(
    ("lang", "text", "result"),
    [
        ("tur_Latn", "I\u0307STANBUL", "istanbul"),
        ("tur_Latn", "i\u0307stanbul", "istanbul"),
        ("eng_Latn", "İstanbul", "i\u0307stanbul"),
        ("lit_Latn", "i\u0307\u0301", "í"),
        ("kaa_Latn", "İLIM", "ilim"),
        ("ell_Grek", "ΟΔΟΣ. ΣΑΣ", "οδος. σας"),
        ("nld_Latn", "ĲSLAND", "ĳsland"),
        ("yor_Latn", "O\u0323KO\u0323\u0300", "ọkọ\u0300"),
        ("vie_Latn", unicodedata.normalize("NFD", "PHỞ"), "phở"),
        ("kor_Hang", unicodedata.normalize("NFD", "한국"), "한국"),
    ],
)
def test_small_letters_are_composed(lang: str, text: str, result: str) -> None:
    assert small(text, lang) == result
    assert smalls([text], lang) == [result]


@pytest.mark.parametrize("script", ["Arab", "Hebr", "Deva", "Thai", "Hans", "Hang", "Ethi", "Khmr", "Olck", "Mong"])
def test_letters_without_case_stay(script: str) -> None:
    letters = LETTERS.filter(LETTERS.str.contains(f"^{letters_of(script)}$"))
    text = unicodedata.normalize("NFC", " ".join(letters.head(200)))
    lang = f"und_{script}"

    assert [small(text, lang), capital(text, lang), title(text, lang), case_of(text)] == [text, text, text, "small"]


LETTERS = pl.Series([c for c in map(chr, range(0x110000)) if unicodedata.category(c)[0] == "L"])


def test_a_column_follows_the_language_of_each_row() -> None:
    frame = pl.DataFrame(
        {
            "text": ["IRMAK", "IRMAK", None, "ÍSSÍQ", "IRMAK", "IRMAK"],
            "lang": ["tur_Latn", "eng_Latn", "tur_Latn", "kaa_Latn", None, "azb_Arab"],
        }
    )
    found = frame.select(small_expr(pl.col("text"), pl.col("lang"))).to_series().to_list()

    assert found == ["ırmak", "irmak", None, "ıssıq", "irmak", "irmak"]
    assert frame.head(0).select(small_expr(pl.col("text"), "tur_Latn")).to_series().to_list() == []
    assert frame.lazy().select(small_expr(pl.lit("I"), pl.col("lang"))).collect().to_series().to_list() == [
        "ı",
        "i",
        "ı",
        "i",
        "i",
        "i",
    ]


LANGUAGES = ("tur_Latn", "eng_Latn", "kaa_Latn", "lit_Latn", "ell_Grek", "nld_Latn", "kat_Geor", "und")
ALPHABET = "aiıİIÍíjJįĮ\u0307\u0301\u0323\u0308σςΣΑάΆß'-. \u200dᏣꮳᲐაԵև\U00010d50\U00010d70ſKÅ가\u1161\u11a8"


@given(st.lists(st.text(alphabet=ALPHABET, max_size=10) | st.text(max_size=10), max_size=4), st.sampled_from(LANGUAGES))
def test_a_column_is_lowered_as_each_text_is(texts: list[str], lang: str) -> None:
    known = [t for t in texts if all(unicodedata.category(c) != "Cn" or c in ALPHABET for c in t)]

    assert smalls(known, lang) == [small(text, lang) for text in known]


@pytest.mark.parametrize("text", ["I\u0307\u0301", "\u0130\u0301", "\u0130\u0307\u0301", "i\u0307\u0301", "I\u0301"])
@pytest.mark.parametrize("lang", ["tur_Latn", "kaa_Latn", "lit_Latn", "eng_Latn"])
def test_an_i_without_its_dot_is_composed_with_the_accent_behind(text: str, lang: str) -> None:
    lowered = small(text, lang)

    assert unicodedata.is_normalized("NFC", lowered)
    assert small(lowered, lang) == lowered
    assert smalls([text], lang) == [lowered]


@given(st.text(alphabet=ALPHABET), st.sampled_from(LANGUAGES))
def test_small_letters_of_small_letters_are_the_same(text: str, lang: str) -> None:
    assert small(small(text, lang), lang) == small(text, lang)


@given(st.lists(st.text(alphabet=ALPHABET) | st.text(), min_size=1))
def test_composed_texts_are_those_of_unicode(texts: list[str]) -> None:
    series = pl.Series(texts)

    assert composed(series).to_list() == series.str.normalize("NFC").to_list()


@pytest.mark.parametrize("script", sorted(UNICODE_SCRIPTS))
def test_letters_and_marks_of_every_script_are_composed(script: str) -> None:
    of_script = pl.Series([c for c in map(chr, range(0x110000)) if unicodedata.category(c)[0] in "LM"])
    of_script = of_script.filter(of_script.str.contains(f"^{letters_of(script)}$"))
    apart = of_script.str.normalize("NFD")
    texts = pl.concat([of_script, apart, apart + "\u0301\u0323", of_script + of_script.reverse()])

    assert composed(texts).to_list() == texts.str.normalize("NFC").to_list()


@pytest.mark.parametrize("code", DOTLESS)
def test_the_letters_i_of_both_kinds_come_back(code: str) -> None:
    for text in ("ıi", "Iİ", "qış işi"):
        assert small(capital(text, f"{code}_Latn"), f"{code}_Latn") == small(text, f"{code}_Latn")


@pytest.mark.parametrize(
    ("word", "case"),
    [
        ("dog", "small"),
        ("Dog", "title"),
        ("DOG", "capitals"),
        ("I", "title"),
        (unicodedata.normalize("NFD", "É"), "title"),
        ("STRAßE", "title"),
        ("iPhone", "small"),
        ("ʻOkina", "title"),
        ("7", "small"),
        ("?", "small"),
        ("", "small"),
        ("犬", "small"),
        ("ახალი", "small"),
        ("ᲐᲮᲐᲚᲘ", "capitals"),
        ("ႠႡႢ", "small"),
        ("ᏣᎳᎩ", "small"),
        ("Ꮳꮃꭹ", "title"),
        ("\U00010d50\U00010d51", "capitals"),
        ("\U00010d50\U00010d71", "title"),
        ("𞤀𞤣𞤤𞤢𞤥", "title"),
    ],
)
def test_how_a_word_is_written(word: str, case: str) -> None:
    assert case_of(word) == case


@pytest.mark.parametrize(
    ("one", "other", "langs", "equal"),
    [
        ("INSTALL IT", "Install it", ("tur_Latn", "eng_Latn"), True),
        ("IŞIK", "ışık", ("tur_Latn", "eng_Latn"), True),
        ("İzmir", "izmir", ("eng_Latn", "azj_Latn"), True),
        ("ılık", "ilik", ("eng_Latn", "deu_Latn"), False),
    ],
)
def test_texts_of_two_languages_are_compared_by_the_rules_of_both(
    one: str, other: str, langs: tuple[str, str], equal: bool
) -> None:
    frame = pl.DataFrame({"one": one, "other": other, "src": langs[0], "tgt": langs[1]})
    both = (small_for_any_expr(pl.col(c), (pl.col("src"), pl.col("tgt"))) for c in ("one", "other"))
    left, right = frame.select(*both).row(0)

    assert (left == right) is equal
