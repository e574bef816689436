"""Whether two documents are translations shows in the order of their sentences, with no threshold of an encoder."""

import csv
from pathlib import Path

import numpy as np
import pytest

from xlcorpus.mining.align.evidence import FEWEST, order_evidence, overlap
from xlcorpus.mining.align.lone_lines import leave_alone
from xlcorpus.mining.align.sentence_alignment import (
    Alignment,
    AlignmentModel,
    EmbeddedDocument,
    align,
    embedded_documents,
    first_model,
    fitted_model,
    single_links,
)
from xlcorpus.models.encoders.loading import load_encoder

GOLD = list(
    csv.DictReader(
        (Path(__file__).parents[2] / "data" / "gold.tsv").open(encoding="utf8"), delimiter="\t", quoting=csv.QUOTE_NONE
    )
)
LANGS = ("de", "es", "ru", "hi")


def texts(lang: str, first: int, last: int) -> list[str]:
    return [row[lang] for row in GOLD[first:last]]


def aligned(src: list[str], tgt: list[str]) -> tuple[Alignment, EmbeddedDocument, EmbeddedDocument, AlignmentModel]:
    encode = load_encoder("bootstrap").encode
    (one,), (two,) = (list(embedded_documents([side], encode)) for side in (src, tgt))
    model = first_model(one, two)
    for _ in range(2):
        model = fitted_model(model, *single_links(one, two, align(one, two, model)))
    return align(one, two, model), one, two, model


def parallel(src: list[str], tgt: list[str]) -> bool | None:
    found, one, two, _ = aligned(src, tgt)
    return order_evidence(one, two, found).parallel


@pytest.mark.parametrize("lang", [*LANGS, "zh"])
def test_translations_are_told_from_other_text_of_the_same_sort(lang: str) -> None:
    assert parallel(texts(lang, 40, 80), texts("en", 40, 80)) is True
    assert parallel(texts(lang, 40, 80), texts("en", 140, 180)) is False


@pytest.mark.parametrize("lang", LANGS)
def test_eight_sentences_are_enough(lang: str) -> None:
    assert parallel(texts(lang, 20, 28), texts("en", 20, 28)) is True
    assert parallel(texts(lang, 20, 28), texts("en", 128, 136)) is False


@pytest.mark.parametrize("lang", [*LANGS, "zh"])
def test_halves_in_the_other_order_are_no_translation_line_by_line(lang: str) -> None:
    assert parallel(texts(lang, 0, 100), texts("en", 50, 100) + texts("en", 0, 50)) is False


def test_too_few_sentences_say_nothing() -> None:
    few = FEWEST - 1
    assert parallel(texts("de", 0, few), texts("en", 0, few)) is None
    assert parallel(["Ja."] * 10, ["Yes."] * 10) is None


def test_an_empty_side_says_nothing() -> None:
    one = EmbeddedDocument(np.zeros((1, 0, 4), np.float32), np.zeros(0, np.int64))
    two = EmbeddedDocument(np.ones((1, 3, 4), np.float32) / 2, np.full(3, 10))
    nothing = Alignment(np.zeros((0, 2), np.int64), np.zeros((0, 2), np.int64), np.zeros(0, np.float32))
    assert order_evidence(one, two, nothing).parallel is None
    assert overlap(one, two, nothing) == 0


@pytest.mark.parametrize(
    ("lang", "lines"),
    [
        ("en", ["Chapter 3", "- 12 -", "Advertisement"]),
        ("de", ["Kapitel 3", "Seite 7", "3:16"]),
        ("es", ["Capítulo 3", "[4]", "Publicidad"]),
        ("hi", ["अध्याय 3", "१२", "विज्ञापन"]),
    ],
)
def test_lines_that_one_side_alone_has_are_left_alone(lang: str, lines: list[str]) -> None:
    other = "de" if lang == "en" else "en"
    src, tgt, lone = texts(other, 0, 60), texts(lang, 0, 60), []
    for place, line in zip((12, 31, 50), lines, strict=True):
        tgt.insert(place, line)
        lone.append(place)
    found, one, two, model = aligned(src, tgt)
    left = leave_alone(found, one, two, model)
    alone = {t[0] for s, t in left.beads() if not s and len(t) == 1}
    assert len(alone & set(lone)) >= 2
    assert sorted(i for s, _ in left.beads() for i in s) == list(range(len(src)))
    assert sorted(i for _, t in left.beads() for i in t) == list(range(len(tgt)))


def test_a_sentence_that_was_split_stays_whole() -> None:
    src, tgt = texts("de", 0, 40), texts("en", 0, 40)
    long = max(range(10, 30), key=lambda i: len(tgt[i]))
    words = tgt[long].split()
    tgt[long : long + 1] = [" ".join(words[: len(words) // 2]), " ".join(words[len(words) // 2 :])]
    found, one, two, model = aligned(src, tgt)
    beads = leave_alone(found, one, two, model).beads()
    assert ([long], [long, long + 1]) in beads
