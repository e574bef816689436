"""Words as datatrove has them in the languages for which it takes spaCy's own tokenizer (extra `spacy`).

In other languages datatrove takes another package, or spaCy's tokenizer of a language that is near; limits that were
measured with those are not carried over.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from typing import Any

import polars as pl

_TOKENIZERS = {
    "afr_Latn": "af", "als_Latn": "sq", "amh_Ethi": "am", "arb_Arab": "ar", "azj_Latn": "az", "bos_Latn": "sr",
    "bul_Cyrl": "bg", "cat_Latn": "ca", "ces_Latn": "cs", "dan_Latn": "da", "deu_Latn": "de", "dsb_Latn": "dsb",
    "ell_Grek": "el", "eng_Latn": "en", "est_Latn": "et", "eus_Latn": "eu", "fao_Latn": "fo", "fin_Latn": "fi",
    "fra_Latn": "fr", "gle_Latn": "ga", "grc_Grek": "grc", "heb_Hebr": "he", "hrv_Latn": "hr", "hsb_Latn": "hsb",
    "hun_Latn": "hu", "hye_Armn": "hy", "ind_Latn": "id", "isl_Latn": "is", "ita_Latn": "it", "kir_Cyrl": "ky",
    "lat_Latn": "la", "lij_Latn": "lij", "lit_Latn": "lt", "ltz_Latn": "lb", "lug_Latn": "lg", "lvs_Latn": "lv",
    "mkd_Cyrl": "mk", "nld_Latn": "nl", "nno_Latn": "nb", "nob_Latn": "nb", "pes_Arab": "fa", "pol_Latn": "pl",
    "por_Latn": "pt", "ron_Latn": "ro", "rus_Cyrl": "ru", "slk_Latn": "sk", "slv_Latn": "sl", "spa_Latn": "es",
    "srp_Cyrl": "sr", "srp_Latn": "sr", "swe_Latn": "sv", "tat_Cyrl": "tt", "tgl_Latn": "tl", "tir_Ethi": "ti",
    "tsn_Latn": "tn", "tur_Latn": "tr", "ukr_Cyrl": "uk", "yor_Latn": "yo", "zsm_Latn": "ms",
}  # fmt: skip
"""spaCy's name of the tokenizer, by tag. Chinese, Japanese and Vietnamese need further packages there."""


def covers(tag: str) -> bool:
    """Whether datatrove's words of a language are those of spaCy's tokenizer for it."""
    return tag in _TOKENIZERS


def installed() -> bool:
    """Whether spaCy is there."""
    return find_spec("spacy") is not None


def spacy_words(texts: Iterable[str], tag: str) -> pl.Series:
    """(texts,) List(String), the tokens of each text, punctuation marks among them, white space not.

    Args:
        texts: in the language.
        tag: a language that is covered.
    """
    tokenizer = _tokenizer(_TOKENIZERS[tag])
    words = [[word for token in tokenizer(text) if (word := token.text.strip())] for text in texts]
    return pl.Series("words", words, dtype=pl.List(pl.String))


@cache
def _tokenizer(name: str) -> Any:
    import spacy

    return spacy.blank(name).tokenizer
