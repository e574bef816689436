"""Answers of fastText models against those of fastText itself."""

import struct
from mmap import mmap
from pathlib import Path

import fasttext
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlcorpus.models.identifiers.fasttext_file import FastTextFile, read
from xlcorpus.models.identifiers.fasttext_predict import classifier, predict
from xlcorpus.models.identifiers.loading import find_identifier

from .fasttext_files import MAGIC, SUPERVISED, VERSION

TEXTS = [
    "Heute scheint die Sonne, morgen regnet es.", "आज धूप निकली है।", "今天天气很好，我们去散步。", "ᠮᠣᠩᠭᠣᠯ ᠬᠡᠯᠡ",
    "Քանի՞ տարեկան ես", "ภาษาไทยไม่มีช่องว่าง", "a", "ß", "𞤀𞤣𞤤𞤢𞤥 𞤆𞤵𞤤𞤢𞤪", "שלום hello здравствуйте", "  two   spaces ",
    "tab\tand\vvertical\x00zero", "__label__de is no word", "x" * 5000, "👍🏽 👍", "e\u0301te\u0301", "",
]  # fmt: skip
WORDS = ["der", "die", "das", "und", "है", "的", "the", "of", "x", "é"]
LABELS = ["__label__deu_Latn", "__label__hin_Deva", "__label__zho_Hans", "__label__eng_Latn", "__label__fra_Latn"]


def theirs(path: Path, texts: list[str], k: int, least: float) -> list[list[tuple[float, str]]]:
    model = fasttext.load_model(str(path)).f
    return [[(min(p, 1.0), label) for p, label in model.predict(text + "\n", k, least, "strict")] for text in texts]


def ours(file: FastTextFile, texts: list[str], k: int, least: float) -> list[list[tuple[float, str]]]:
    encoded = [text.encode() for text in texts]
    data = np.frombuffer(b"".join(encoded), dtype=np.uint8)
    line, label, probability = predict(classifier(file), data, np.cumsum([0, *map(len, encoded)]), k, least)
    answers: list[list[tuple[float, str]]] = [[] for _ in texts]
    for i, j, p in zip(line.tolist(), label.tolist(), probability.tolist(), strict=True):
        answers[i].append((p, file.labels[j]))
    return answers


def assert_equal(path: Path, texts: list[str], k: int = 5, least: float = 0.001, within: float = 1e-5) -> None:
    mine, wanted = ours(read(path), texts, k, least), theirs(path, texts, k, least)
    for text, a, b in zip(texts, mine, wanted, strict=True):
        assert [label for _, label in a] == [label for _, label in b], text
        assert [p for p, _ in a] == pytest.approx([p for p, _ in b], abs=within), text


def write(
    path: Path, *, loss: int = 3, subwords: tuple[int, int] = (2, 4), word_ngrams: int = 1, buckets: int = 200,
    quantised: bool = False, norms: bool = True, pruned: bool = False, dimensions: int = 5, version: int = VERSION,
) -> Path:  # fmt: skip
    """A classifier of random numbers. A quantised one has parts of two dimensions, as fastText makes them."""
    draw = np.random.default_rng(0)
    entries = [("</s>", 0), *((word, 0) for word in WORDS), *((label, 1) for label in LABELS)]
    kept = draw.permutation(buckets)[: buckets // 2]

    def matrix(rows: int, of_parts: bool) -> bytes:
        shape = struct.pack("<qq", rows, dimensions)
        if not of_parts:
            return b"\0" + shape + draw.normal(size=(rows, dimensions)).astype("<f4").tobytes()
        parts = -(-dimensions // 2)
        codes = draw.integers(0, 256, size=rows * parts, dtype=np.uint8).tobytes()
        made = b"\1" + struct.pack("<?", norms) + shape + struct.pack("<i", len(codes)) + codes
        made += struct.pack("<4i", dimensions, parts, 2, dimensions - 2 * (parts - 1))
        made += draw.normal(size=256 * dimensions).astype("<f4").tobytes()
        if norms:
            made += draw.integers(0, 256, size=rows, dtype=np.uint8).tobytes()
            made += struct.pack("<4i", 1, 1, 1, 1) + draw.uniform(0.5, 2, size=256).astype("<f4").tobytes()
        return made

    with path.open("wb") as file:
        file.write(struct.pack("<ii", MAGIC, version))
        options = (dimensions, 5, 5, 1, 5, word_ngrams, loss, SUPERVISED, buckets, *subwords, 100)
        file.write(struct.pack("<12id", *options, 1e-4))
        n_words = len(WORDS) + 1
        file.write(struct.pack("<iiiqq", len(entries), n_words, len(LABELS), 1000, len(kept) if pruned else -1))
        for i, (text, kind) in enumerate(entries):
            file.write(text.encode() + b"\0" + struct.pack("<qb", 100 - 7 * i * (kind == 1), kind))
        if pruned:
            file.write(b"".join(struct.pack("<ii", bucket, row) for row, bucket in enumerate(kept.tolist())))
        file.write(matrix(n_words + (len(kept) if pruned else buckets), quantised))
        file.write(matrix(len(LABELS), quantised and not pruned))
    return path


def test_lid176_answers_as_in_fasttext() -> None:
    assert_equal(find_identifier(), TEXTS, k=3, least=0.0)
    assert_equal(find_identifier(), TEXTS, k=176, least=0.02)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n")), max_size=5))
def test_lid176_answers_as_in_fasttext_on_any_text(texts: list[str]) -> None:
    assert_equal(find_identifier(), texts, k=176, least=0.02)


@pytest.mark.parametrize("loss", [1, 3])
@pytest.mark.parametrize(("subwords", "word_ngrams"), [((2, 4), 1), ((1, 3), 2), ((0, 0), 3), ((0, 0), 1)])
def test_models_of_any_options_answer_as_in_fasttext(
    tmp_path: Path, loss: int, subwords: tuple[int, int], word_ngrams: int
) -> None:
    path = write(tmp_path / "m.bin", loss=loss, subwords=subwords, word_ngrams=word_ngrams)
    assert_equal(path, [*TEXTS, "der die das und der die das", "the of the of x é"])


@pytest.mark.parametrize("loss", [2, 4])
def test_labels_judged_one_by_one_answer_as_in_fasttext_up_to_its_table_of_the_sigmoid(
    tmp_path: Path, loss: int
) -> None:
    mine = ours(read(write(tmp_path / "m.bin", loss=loss)), TEXTS, 5, 0.0)
    for a, b in zip(mine, theirs(tmp_path / "m.bin", TEXTS, 5, 0.0), strict=True):
        wanted = {label: p for p, label in b}
        assert {label: p for p, label in a} == pytest.approx(wanted, abs=0.01)


@pytest.mark.parametrize("norms", [True, False])
@pytest.mark.parametrize("pruned", [True, False])
@pytest.mark.parametrize("loss", [1, 3])
def test_quantised_and_pruned_models_answer_as_in_fasttext(
    tmp_path: Path, norms: bool, pruned: bool, loss: int
) -> None:
    assert_equal(write(tmp_path / "m.ftz", quantised=True, norms=norms, pruned=pruned, loss=loss), TEXTS)


def test_classifiers_of_old_versions_have_no_ngrams_of_characters(tmp_path: Path) -> None:
    assert_equal(write(tmp_path / "m.bin", version=11), TEXTS)


def test_a_line_end_within_a_line_ends_it() -> None:
    file = read(find_identifier())
    assert ours(file, ["Guten Morgen\nयह हिन्दी है"], 1, 0.0) == ours(file, ["Guten Morgen"], 1, 0.0)


def test_processes_share_the_numbers_of_a_model(tmp_path: Path) -> None:
    file = read(write(tmp_path / "m.bin"))
    assert isinstance(file.data.base, mmap)
    assert np.shares_memory(classifier(file).values, file.data)
    assert np.shares_memory(classifier(file).output, file.data)
