"""Language tokens of translation models."""

from __future__ import annotations

import re
from collections.abc import Iterable

from xlcorpus import languages

_ANY = re.compile(r"[a-z]{2,3}_([A-Z][a-z]{3}|[A-Z]{2})|__[a-z]{2,3}__|<2[a-z]{2,3}>")
"""NLLB `deu_Latn`, mBART `de_DE`, M2M-100 `__de__`, MADLAD `<2de>`."""


def language_token(tag: str, tokens: Iterable[str]) -> str | None:
    """The token for a language among those of a model's vocabulary, None if it has none.

        language_token("deu_Latn", ["en_XX", "de_DE"])  # "de_DE"

    Args:
        tag: `deu_Latn`. Models whose tokens name no script are asked only for the script a language is usually in.
        tokens: the vocabulary, or the special tokens in it.
    """
    have = {token for token in tokens if _ANY.fullmatch(token)}
    if tag in have:
        return tag
    if languages.script(tag) != languages.default_script(tag):
        return None
    codes = (languages.hub_tag(tag).split("-")[0], languages.iso639_3(tag))
    for form in ("{}_[A-Z]{{2}}", "__{}__", "<2{}>"):
        for code in codes:
            found = sorted(token for token in have if re.fullmatch(form.format(code), token))
            if found:
                return found[0]
    return None


def is_language_token(token: str) -> bool:
    """Whether a token has the form of a language token of a known model."""
    return _ANY.fullmatch(token) is not None
