"""Our tags as BCP 47 writes them, for XML and for names of files."""

from __future__ import annotations

from functools import lru_cache

from langcodes.data_dicts import DEFAULT_SCRIPTS

from xlcorpus.languages import subtags
from xlcorpus.languages.tags import UNKNOWN, default_script, hub_tag, parse, script


@lru_cache(maxsize=4096)
def bcp47(tag: str) -> str:
    """The BCP 47 tag: `de` for `deu_Latn`, `zh-Hans` for `zho_Hans`, `hi-Latn` for `hin_Latn`.

    The script stands where it is not the usual one, and where a language is written in several and the IANA registry
    does not suppress the usual one (Chinese, Serbian). `parse` reads it as the same tag.

    Raises:
        UserError: no such language.
    """
    tag = parse(tag)
    if tag == UNKNOWN:
        return UNKNOWN
    language, written = hub_tag(tag), script(tag)
    sole = language in DEFAULT_SCRIPTS or len(subtags.scripts(language)) < 2
    if sole and written == default_script(tag) and parse(language) == tag:
        return language
    return f"{language}-{written}"
