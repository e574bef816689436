"""Labels and prefaces that a chat model puts before a translation, told by the words of many languages."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import langcodes

from xlcorpus import languages
from xlcorpus.text import answer_words as words


def is_label(clause: str, names: frozenset[str]) -> bool:
    """Whether a clause is nothing but "translation", a language, or both: "Translation (German)", "Auf Deutsch"."""
    bare = plain(clause)
    tokens = _tokens(bare)
    if not tokens or len(tokens) > 6:
        return False
    named = any(_names(token, names) for token in tokens) or bare in names
    if bare in names or bare in words.TRANSLATION:
        return True
    if named and len(tokens) <= 3 and len(bare) <= 40 and not _ends_as_verb(tokens, names):
        return True
    return has_translation(clause) and (named or len(tokens) <= 2)


def _ends_as_verb(tokens: list[str], names: frozenset[str]) -> bool:
    """A language's name in the first place with more behind it may begin a sentence: "German is: ..."."""
    return len(tokens) > 1 and _names(tokens[0], names) and not any(_names(t, names) for t in tokens[1:])


def _names(token: str, names: frozenset[str]) -> bool:
    """Whether a word is a language's name, inflected or not."""
    return any(
        token == n or (len(n) >= 5 and token.startswith(n[: max(5, len(n) - 2)]) and len(token) < len(n) + 4)
        for n in names
    )


def _tokens(text: str) -> list[str]:
    # \w leaves out vowel signs, so that it would cut Hindi.
    return [token for token in re.split(r"[\s,.;:!?/()\[\]\-–—،、।]+", text) if token]


def opens(clause: str) -> bool:
    """Whether a clause begins as prefaces do: "Sure! Here is ...", "Voici ...", "以下是 ..."."""
    bare = plain(clause)
    return any(re.match(rf"{re.escape(o)}(?!\w)" if o[-1].isascii() else re.escape(o), bare) for o in words.OPENERS)


def opens_in_english(clause: str) -> bool:
    """Whether a clause begins as prefaces in English do."""
    return re.match(rf"(?:{'|'.join(map(re.escape, words.ENGLISH_OPENERS))})(?!\w)", plain(clause)) is not None


def speaks_of(text: str, names: frozenset[str]) -> bool:
    """Whether one of the languages is named in a text."""
    return any(_names(token, names) for token in _tokens(plain(text)) if len(token) > 3)


def only_opens(clause: str, names: frozenset[str]) -> bool:
    """An opener without "translation" or the language's name: "Here is the plan" may be the translation itself."""
    tokens = _tokens(plain(clause))
    return not has_translation(clause) and not any(_names(t, names) for t in tokens)


@lru_cache(maxsize=1)
def _translation_words() -> re.Pattern[str]:
    spaced = [w for w in words.TRANSLATION if not re.search(r"[\u0e00-\u0eff\u3040-\u9fff\uac00-\ud7af]", w)]
    dense = [w for w in words.TRANSLATION if w not in spaced]
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, spaced))})(?!\w)|{'|'.join(map(re.escape, dense))}")


def has_translation(text: str) -> bool:
    """Whether the word "translation" of any language stands in a text."""
    return _translation_words().search(plain(text)) is not None


@lru_cache(maxsize=4096)
def language_names(src_lang: str, tgt_lang: str) -> frozenset[str]:
    """Names of both languages, lower-cased: in English, in each other, in themselves."""
    tags = [languages.hub_tag(t) for t in (src_lang, tgt_lang) if t != languages.UNKNOWN]
    found = {str(langcodes.Language.get(tag).display_name(into)) for tag in tags for into in ("en", *tags)}
    spoken = {languages.name(t) for t in (src_lang, tgt_lang)}
    codes = {tag.lower() for tag in tags}
    found |= {name.split(" (")[0] for name in found | spoken}
    return frozenset(name.lower() for name in found) | codes


def plain(text: str) -> str:
    """Lower case, without Markdown and brackets, white space as single spaces."""
    return " ".join(re.sub(r"[*_#>`\[\]()（）【】\"“”„«»]", " ", text.lower()).split())


def folded(text: str) -> str:
    """Lower-case letters, marks and digits alone."""
    return "".join(c for c in text.lower() if unicodedata.category(c)[0] in "LMN")
