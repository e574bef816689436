"""What encoders and language identifiers are shown: NFC, headings in capitals in small letters."""

import unicodedata

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlcorpus.text.fold import unshouted_expr


def unshouted(text: str, lang: str) -> str:
    return str(pl.DataFrame({"t": [text]}).select(unshouted_expr(pl.col("t"), pl.lit(lang))).item())


@pytest.mark.parametrize(
    ("heading", "lang", "text"),
    [
        ("NEUE BRÜCKE ERÖFFNET", "deu_Latn", "neue brücke eröffnet"),
        ("STRAßE GESPERRT", "deu_Latn", "straße gesperrt"),
        ("BUNDESREGIERUNG", "deu_Latn", "bundesregierung"),
        ("McDONALD'S OPENS NEW STORE", "eng_Latn", "mcdonald's opens new store"),
        ("YAĞMUR VE IŞIK: DIŞARI ÇIKMA, İSTANBUL", "tur_Latn", "yağmur ve ışık: dışarı çıkma, istanbul"),
        ("QIŞ GƏLDİ, İŞIQ VAR", "azj_Latn", "qış gəldi, işıq var"),
        ("IT IS RAINING IN ISTANBUL", "eng_Latn", "it is raining in istanbul"),
        ("Ο ΔΡΟΜΟΣ ΕΙΝΑΙ ΚΛΕΙΣΤΟΣ", "ell_Grek", "ο δρομος ειναι κλειστος"),
        ("НОВЫЙ МОСТ ОТКРЫТ", "rus_Cyrl", "новый мост открыт"),
        ("ՆՈՐ ԿԱՄՈՒՐՋ ԲԱՑՎԵԼ", "hye_Armn", "նոր կամուրջ բացվել"),
        ("ᲐᲮᲐᲚᲘ ᲮᲘᲓᲘ ᲒᲐᲘᲮᲡᲜᲐ", "kat_Geor", "ახალი ხიდი გაიხსნა"),
        ("ŠVIETIMO IR MOKSLO ĮSTATYMAS", "lit_Latn", "ŠVIETIMO IR MOKSLO ĮSTATYMAS".lower()),
        ("MUINTIR NA hÉIREANN", "gle_Latn", "muintir na héireann"),
        ("𐐇𐐛𐐀𐐁𐐂𐐃𐐄𐐅 𐐆𐐈", "eng_Dsrt", "𐐯𐑃𐐨𐐩𐐪𐐫𐐬𐐭 𐐮𐐰"),
        ("𞤀𞤁𞤂𞤃 𞤄𞤅𞤆𞤇𞤈", "fuf_Adlm", "𞤢𞤣𞤤𞤥 𞤦𞤧𞤨𞤩𞤪"),
        ("𐒰𐒱𐒲𐒳 𐒴𐒵𐒶𐒷𐒸", "osa_Osge", "𐓘𐓙𐓚𐓛 𐓜𐓝𐓞𐓟𐓠"),
        ("ⰀⰁⰂⰃ ⰄⰅⰆⰇⰈ", "chu_Glag", "ⰰⰱⰲⰳ ⰴⰵⰶⰷⰸ"),
        ("QIRIM TATAR TİLİ", "crh_Latn", "qırım tatar tili"),
        ("WINDOWS ИНТЕРНЕТ", "tat_Cyrl", "windows интернет"),
        ("WINDOWS 11: DAS IST NEU!", "deu_Latn", "windows 11: das ist neu!"),
    ],
)
def test_headings_in_capitals_become_small_letters_of_their_language(heading: str, lang: str, text: str) -> None:
    assert unshouted(heading, lang) == text


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("NATO", "eng_Latn"),
        ("UNESCO", "fra_Latn"),
        ("BBC NEWS", "eng_Latn"),
        ("Die NATO und die UNESCO tagen in GENF.", "deu_Latn"),
        ("Neue Brücke ERÖFFNET HEUTE", "deu_Latn"),
        ("Mixed Case Title", "eng_Latn"),
        ("我们使用 NVIDIA GEFORCE RTX 显卡来训练这个很大的模型", "zho_Hans"),
        ("نستخدم NVIDIA GEFORCE لتدريب النموذج الكبير", "arb_Arab"),
        ("हम NVIDIA GEFORCE से मॉडल सिखाते हैं", "hin_Deva"),
        ("ახალი ხიდი გაიხსნა", "kat_Geor"),
        ("ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ ᎤᏓᏂᏍᏗ", "chr_Cher"),
        ("ႠႡႢႣႤႥႦ ႨႩႪႫႬႭ", "kat_Geok"),
        ("𝐀𝐁𝐂𝐃𝐄𝐅𝐆𝐇 𝐈𝐉𝐊", "eng_Latn"),
        ("12:30", "deu_Latn"),
        ("", "deu_Latn"),
    ],
)
def test_other_texts_keep_their_case(text: str, lang: str) -> None:
    assert unshouted(text, lang) == text


def test_letters_are_composed() -> None:
    text = "Tôi rất thích phở và bún chả."
    assert unshouted(unicodedata.normalize("NFD", text), "vie_Latn") == text
    assert unshouted(unicodedata.normalize("NFD", "IŞIK VE GÖLGE İLE"), "tur_Latn") == "ışık ve gölge ile"


@given(st.text(max_size=40), st.sampled_from(["deu_Latn", "tur_Latn", "ell_Grek"]))
def test_folding_is_idempotent(text: str, lang: str) -> None:
    assert unshouted(unshouted(text, lang), lang) == unshouted(text, lang)


@given(st.text(alphabet="abcdefghij äöüß", min_size=9))
def test_small_letters_in_capitals_come_back(text: str) -> None:
    loud = text.replace("ß", "ẞ").upper()
    if sum(c.isalpha() for c in text) >= 8:
        assert unshouted(loud, "deu_Latn") == text
