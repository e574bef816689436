"""Translators: the gloss, and Apertium where it is installed."""

import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from xlcorpus.errors import MissingExtra, UserError, XlcorpusError
from xlcorpus.models.translators import apertium
from xlcorpus.models.translators.backends import load_translator, translate_protected, translator_identity
from xlcorpus.models.translators.translation import TranslationError

ENG, SPA, DEU = "eng_Latn", "spa_Latn", "deu_Latn"

LEXICON = pl.DataFrame(
    [
        (DEU, ENG, "der", "the", 0.9, 9),
        (DEU, ENG, "hund", "dog", 0.6, 6),
        (DEU, ENG, "hund", "hound", 0.3, 3),
        (DEU, ENG, "schläft", "sleeps", 0.5, 4),
        (DEU, ENG, "schläft", "asleep", 0.5, 4),
    ],
    schema=["src_lang", "tgt_lang", "src_word", "tgt_word", "probability", "count"],
    orient="row",
)

needs_apertium = pytest.mark.skipif(
    shutil.which("apertium") is None, reason="needs apertium and apertium-eng-spa (Debian packages)"
)


class Shouting:
    """Stands for any translator: upper-cases, and fails on one word."""

    identity = "upper"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def translate(self, texts: Any, src_lang: str, tgt_lang: str) -> list[str | TranslationError]:
        self.asked += texts
        return [TranslationError("too hard") if t == "hard" else t.upper() for t in texts]


class TestGloss:
    def test_takes_the_most_probable_word_and_keeps_unknown_ones(self) -> None:
        gloss = load_translator("lexicon", lexicon=LEXICON)
        assert gloss.translate(["Der Hund schläft nie."], DEU, ENG) == ["The dog asleep nie."]

    def test_carries_capitals_over(self) -> None:
        assert load_translator("lexicon", lexicon=LEXICON).translate(["DER hund"], DEU, ENG) == ["THE dog"]

    def test_says_which_pair_is_missing(self) -> None:
        [failed] = load_translator("lexicon", lexicon=LEXICON).translate(["the"], ENG, DEU)
        assert failed == TranslationError("the lexicon has no words from eng_Latn to deu_Latn")

    def test_needs_a_lexicon(self) -> None:
        with pytest.raises(UserError, match="needs a lexicon table"):
            load_translator("lexicon")


@needs_apertium
class TestApertium:
    def test_translates_many_texts_each_in_its_place(self) -> None:
        texts = ["The house is red.", "", "A cat\nand two dogs", "xyzzy", "\0", "The house is red."]
        done = load_translator("apertium").translate(texts, ENG, SPA)
        assert done == ["La casa es roja.", "", "Un gato\ny dos perros", "xyzzy", "", "La casa es roja."]

    @pytest.mark.parametrize("sign", list("!#$%&()*+,-./:;<=>?@[\\]^_`{|}~"))
    def test_signs_come_through(self, sign: str) -> None:
        [done] = load_translator("apertium").translate([f"cats {sign} dogs"], ENG, SPA)
        assert isinstance(done, str) and sign in done and "perros" in done.lower()

    def test_says_what_is_installed(self) -> None:
        [failed] = load_translator("apertium").translate(["the"], ENG, DEU)
        assert isinstance(failed, TranslationError)
        assert "no Apertium pair from eng_Latn to deu_Latn" in failed.reason and "eng-spa" in failed.reason

    def test_identity_holds_version_and_data(self) -> None:
        assert translator_identity("apertium").startswith("Apertium 3.")
        assert translator_identity("apertium") == load_translator("apertium").identity

    def test_a_breakdown_stops_the_run(self) -> None:
        with pytest.raises(XlcorpusError, match="exit code"):
            apertium.run_apertium("eng-nowhere", ["the"])


def test_missing_apertium_names_the_packages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    apertium.apertium_modes.cache_clear()
    with pytest.raises(MissingExtra, match="apt-get install apertium apertium-eng-spa"):
        load_translator("apertium")


class TestProtected:
    def test_only_free_text_is_translated(self) -> None:
        [done] = translate_protected(Shouting(), ["see `foo` at https://a.b now"], [ENG], SPA)
        assert done.text == "SEE `foo` AT https://a.b NOW"
        assert (done.changed, done.numbers_kept, done.error) == (True, 1.0, None)

    def test_each_segment_is_asked_once(self) -> None:
        translator = Shouting()
        translate_protected(translator, ["yes", "yes", "no\nyes"], [ENG] * 3, SPA)
        assert translator.asked == ["yes", "no"]

    def test_a_failed_segment_fails_its_text_only(self) -> None:
        done = translate_protected(Shouting(), ["easy", "easy\nhard"], [ENG] * 2, SPA)
        assert [(d.text, d.error) for d in done] == [("EASY", None), ("easy\nhard", "too hard")]

    def test_text_in_the_target_language_stays(self) -> None:
        translator = Shouting()
        [done] = translate_protected(translator, ["ya está"], [SPA], SPA)
        assert (done.text, done.changed, translator.asked) == ("ya está", None, [])

    def test_nothing_to_translate_is_no_change(self) -> None:
        [done] = translate_protected(Shouting(), ["`code`"], [ENG], SPA)
        assert (done.text, done.changed) == ("`code`", None)
