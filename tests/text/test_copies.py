"""The same text on both sides is a copy, whatever the script; names and numbers alone are none."""

import polars as pl
import pytest

from xlcorpus.text.copies import copied_expr


def copied(src: str, tgt: str, langs: tuple[str, str] = ("und", "und")) -> bool:
    frame = pl.DataFrame({"src": [src], "tgt": [tgt], "one": [langs[0]], "other": [langs[1]]})
    return bool(frame.select(copied_expr(pl.col("src"), pl.col("tgt"), (pl.col("one"), pl.col("other")))).item())


@pytest.mark.parametrize(
    ("src", "tgt"),
    [
        ("Share this article with your friends and family.", "Share this article with your friends and family!"),
        ("Share this article with your friends and family.", "SHARE THIS ARTICLE WITH YOUR FRIENDS AND FAMILY"),
        ("Share this article with your friends and family.", "Share  this article with your friends & family"),
        ("Share this article with your friends and family.", "Share this article with all your friends and family."),
        ("Read more in our newsletter today", "Read more in the newsletter today"),
        ("Click here to subscribe 2023", "Click here to subscribe 2024"),
        ("Поделитесь этой статьёй с друзьями", "поделитесь этой статьёй с друзьями!"),
        ("इस लेख को अपने दोस्तों के साथ साझा करें।", "इस लेख को अपने दोस्तों के साथ साझा करें"),
        ("شارك هذا المقال مع أصدقائك", "شارك هذا المقال مع أصدقائك!"),
        ("与朋友分享这篇文章。", "与朋友分享这篇文章"),
        ("แบ่งปันบทความนี้กับเพื่อน", "แบ่งปันบทความนี้กับเพื่อน!"),
        ("ᎠᏂᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ ᎤᏓᏂᏍᏗ ᎠᏂ", "ꭰꮒꮳꮃꭹ ꭶꮼꮒꭿꮝꮧ ꭴꮣꮒꮝꮧ ꭰꮒ"),
        ("Sign Up For Our Weekly Newsletter Today", "Sign up for our weekly newsletter today"),
    ],
)
def test_the_same_text_is_a_copy(src: str, tgt: str) -> None:
    assert copied(src, tgt)
    assert copied(tgt, src)


@pytest.mark.parametrize(
    ("src", "tgt"),
    [
        ("Windows 11", "Windows 11"),
        ("New York", "New York"),
        ("BMW", "BMW"),
        ("iPhone 15 Pro", "iPhone 15 Pro"),
        ("12.05.2024", "12.05.2024"),
        ("東京", "東京"),
        ("", ""),
        ("Der Hund schläft.", "The dog is sleeping."),
        ("La casa es grande.", "A casa é grande."),
        ("Das Hotel Adlon liegt in Berlin.", "The Hotel Adlon is in Berlin."),
        ("Apple stellt das iPhone 15 vor.", "Apple presents the iPhone 15."),
        ('He said: "no way".', "Er sagte: „auf keinen Fall“."),
    ],
)
def test_names_numbers_and_translations_are_no_copies(src: str, tgt: str) -> None:
    assert not copied(src, tgt)


@pytest.mark.parametrize(
    ("src", "tgt"),
    [
        ("ÇIKARKEN BÜTÜN IŞIKLARI KAPATMAYI UNUTMAYIN LÜTFEN", "çıkarken bütün ışıkları kapatmayı unutmayın lütfen"),
        ("IT IS NICE TO SEE IT AGAIN IN INDIA", "it is nice to see it again in India"),
    ],
)
def test_a_copy_may_be_in_either_language(src: str, tgt: str) -> None:
    assert copied(src, tgt, ("tur_Latn", "eng_Latn"))
    assert copied(tgt, src, ("eng_Latn", "azj_Latn"))
