"""Languages: tags, names, codes that are no language, and scripts.

`tags` normalises what people write to ISO 639-3 + "_" + ISO 15924 (`deu_Latn`), `names` says what people call a
language, `doubt` compares what a user wrote with the script of the text.
"""

from xlcorpus.languages.bcp47 import bcp47
from xlcorpus.languages.doubt import Doubt, doubt
from xlcorpus.languages.names import further_codes, in_language, other_names
from xlcorpus.languages.tags import (
    NO_LANGUAGE,
    UNKNOWN,
    default_script,
    hub_tag,
    iso639_3,
    name,
    parse,
    same_language,
    script,
)

__all__ = [
    "NO_LANGUAGE",
    "UNKNOWN",
    "Doubt",
    "bcp47",
    "default_script",
    "doubt",
    "further_codes",
    "hub_tag",
    "in_language",
    "iso639_3",
    "name",
    "other_names",
    "parse",
    "same_language",
    "script",
]
