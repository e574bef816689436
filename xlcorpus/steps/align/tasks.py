"""Aligning the sentences of many document pairs of two languages, batch by batch on the cluster.

First by the encoder alone, then again with the relation of lengths and its weight measured on the corpus, and from the
second time on with a lexicon induced from the alignments (as Moore 2002 does with a translation model).
Vectors are kept in files, so that every text is encoded once.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain
from pathlib import Path

import numpy as np
import polars as pl

from xlcorpus.arrays import Floats32, Ints64
from xlcorpus.device import Device
from xlcorpus.mining.align.costs import Chance, chance
from xlcorpus.mining.align.evidence import NO_EVIDENCE, Evidence, order_evidence, overlap
from xlcorpus.mining.align.lengths import NO_LENGTHS
from xlcorpus.mining.align.lexicon_vectors import WordVectors, word_vectors
from xlcorpus.mining.align.lone_lines import leave_alone
from xlcorpus.mining.align.sentence_alignment import (
    Alignment,
    AlignmentModel,
    EmbeddedDocument,
    align,
    embedded_documents,
    fitted_model,
    single_links,
)
from xlcorpus.mining.lexicon.induction import induce_lexicon
from xlcorpus.models.encoders.loading import Encoder, load_encoder
from xlcorpus.step import CorpusEnv
from xlcorpus.text.casing import small_expr
from xlcorpus.text.word_units import word_units_expr
from xlcorpus.whole_files import whole_file

SAMPLE = 2_000
"""Sentences of each language that chance is measured on."""
LEXICON_PAIRS = 500_000
"""Alignments that a lexicon is induced from, at most."""
LEXICON_SHARE = 0.5
"""Of the cosine, where a lexicon counts beside the encoder."""

Documents = Sequence[Sequence[str]]
"""The sentences of each document."""


@dataclass(frozen=True)
class Aligner:
    """How document pairs of two languages are aligned."""

    encoder: str
    device: Device
    max_size: int
    rounds: int
    """times everything is aligned again"""
    lexicon: bool
    """whether a lexicon helps from the second of them on"""
    tags: tuple[str, str]
    """languages of the two sides"""
    joiners: tuple[str, str]
    """what stands between two sentences on either side"""
    min_overlap: float
    """share of two documents from which they are taken for translations without a further look"""
    batch_sentences: int
    """sentences of both sides in one task"""
    folder: Path
    """where tasks leave vectors; of this language pair alone"""


@dataclass(frozen=True)
class Judgement:
    """Whether two documents are translations."""

    overlap: float
    """share of their characters that are aligned, counted by the scores"""
    evidence: Evidence
    """what the order of the sentences says; asked only where the overlap is below `Aligner.min_overlap`"""


@dataclass(frozen=True)
class Batch:
    """One task."""

    aligner: Aligner
    number: int
    src: Documents
    tgt: Documents
    model: AlignmentModel
    words: Path | None
    """file of the lexicon's word vectors"""
    last: bool
    """whether this is the alignment that counts"""


@dataclass(frozen=True)
class Learned:
    """What one task found."""

    alignments: list[Alignment]
    lengths: Ints64
    costs: Floats32
    """of the sentences aligned one to one, as `single_links` gives them"""
    judgements: list[Judgement]
    """of each document pair, in the last pass"""


@dataclass(frozen=True)
class ChanceSample:
    """Some sentences of both languages to measure chance on."""

    aligner: Aligner
    src: Sequence[str]
    tgt: Sequence[str]
    words: Path | None


def align_documents(
    aligner: Aligner, src: Documents, tgt: Documents, env: CorpusEnv
) -> tuple[list[Alignment], list[Judgement], str]:
    """Align document i of `src` with document i of `tgt`.

    Returns:
        The alignments, whether each document pair is one of translations, and what was measured on the way in a line.
    """
    sample = ChanceSample(aligner, _some(src), _some(tgt), None)
    (by_chance,) = env.map(measure_chance, [sample])
    model = AlignmentModel(by_chance, NO_LENGTHS)
    found, learned, judged = _pass(aligner, src, tgt, model, None, not aligner.rounds, env)
    entries = 0
    for number in range(aligner.rounds):
        words: Path | None = None
        if aligner.lexicon and number:
            words = aligner.folder / f"words-{number}"
            entries = _learn_words(aligner, src, tgt, found, words)
            (by_chance,) = env.map(measure_chance, [replace(sample, words=words)])
        model = AlignmentModel(by_chance, learned.lengths)
        found, learned, judged = _pass(aligner, src, tgt, model, words, number == aligner.rounds - 1, env)
    lengths = model.lengths
    report = (
        f"{lengths.ratio:.3f} target characters for a source character, variance {lengths.variance:.2f}, "
        f"weight of a nat {lengths.weight:.3f}, leaving a sentence out costs {model.chance.deletion:.3f}"
    )
    return found, judged, report + (f", lexicon of {entries:,} entries" if entries else "")


def _pass(
    aligner: Aligner,
    src: Documents,
    tgt: Documents,
    model: AlignmentModel,
    words: Path | None,
    last: bool,
    env: CorpusEnv,
) -> tuple[list[Alignment], AlignmentModel, list[Judgement]]:
    """Align everything once; the alignments, the model with what they teach, and in the last pass the judgements."""
    tasks = [
        Batch(aligner, number, src[first:end], tgt[first:end], model, words, last)
        for number, (first, end) in enumerate(_ranges(src, tgt, aligner.batch_sentences))
    ]
    results = list(env.map(align_batch, tasks))
    found = [alignment for result in results for alignment in result.alignments]
    judged = [judgement for result in results for judgement in result.judgements]
    lengths = np.concatenate([result.lengths for result in results])
    costs = np.concatenate([result.costs for result in results])
    return found, fitted_model(model, lengths, costs), judged


def align_batch(batch: Batch) -> Learned:
    """The alignments of a batch's documents."""
    kept = batch.aligner.folder / f"{batch.number}"
    src = _sides(batch.aligner, 0, batch.src, batch.words, kept.with_suffix(".src.npy"))
    tgt = _sides(batch.aligner, 1, batch.tgt, batch.words, kept.with_suffix(".tgt.npy"))
    found, links, judged = [], [], []
    for one, two in zip(src, tgt, strict=True):
        alignment = align(one, two, batch.model, batch.aligner.max_size)
        links.append(single_links(one, two, alignment))
        if batch.last:
            aligned = overlap(one, two, alignment)
            clear = aligned >= batch.aligner.min_overlap
            judged.append(Judgement(aligned, NO_EVIDENCE if clear else order_evidence(one, two, alignment)))
            alignment = leave_alone(alignment, one, two, batch.model)
        found.append(alignment)
    lengths, costs = (np.concatenate([link[part] for link in links]) for part in (0, 1))
    return Learned(found, lengths, costs, judged)


def measure_chance(sample: ChanceSample) -> Chance:
    """Costs by chance of a sample of sentences."""
    vectors = [
        next(_sides(sample.aligner, side, [texts], sample.words, None, max_size=2)).vectors[0]
        for side, texts in enumerate((sample.src, sample.tgt))
    ]
    return chance(*vectors)


def _sides(
    aligner: Aligner, side: int, documents: Documents, words: Path | None, kept: Path | None, max_size: int = 0
) -> Iterator[EmbeddedDocument]:
    """One language's documents of a batch, embedded; with the lexicon if there is one."""
    size, joiner = max_size or aligner.max_size, aligner.joiners[side]
    by_encoder = embedded_documents(documents, lambda texts: _encoded(aligner, texts, kept), size, joiner)
    if words is None:
        yield from by_encoder
        return
    lexicon, tag = _word_vectors(words)[side], aligner.tags[side]
    by_words = embedded_documents(documents, lambda texts: lexicon.encode(_words(texts, tag)), size, joiner)
    for one, two in zip(by_encoder, by_words, strict=True):
        shares = (np.sqrt(1 - LEXICON_SHARE) * one.vectors, np.sqrt(LEXICON_SHARE) * two.vectors)
        yield EmbeddedDocument(np.concatenate(shares, axis=2, dtype=np.float32), one.characters)


def _encoded(aligner: Aligner, texts: Sequence[str], kept: Path | None) -> Floats32:
    """Vectors of texts, from the file they were left in if there is one."""
    if kept is not None and kept.exists():
        return np.asarray(np.load(kept), dtype=np.float32)
    vectors = encoder(aligner.encoder, aligner.device).encode(texts)
    if kept is not None and aligner.rounds:
        with whole_file(kept) as unfinished, unfinished.open("wb") as file:
            np.save(file, vectors)
    return vectors


@lru_cache(maxsize=1)
def encoder(name: str, device: Device) -> Encoder:
    """The encoder, loaded once in every process."""
    return load_encoder(name, device)


@lru_cache(maxsize=1)
def _word_vectors(path: Path) -> tuple[WordVectors, WordVectors]:
    with path.open("rb") as file:
        found: tuple[WordVectors, WordVectors] = pickle.load(file)
    return found


def _learn_words(aligner: Aligner, src: Documents, tgt: Documents, found: Sequence[Alignment], out: Path) -> int:
    """Induce a lexicon in both directions from what is aligned, and leave its word vectors in a file."""
    texts: tuple[list[str], list[str]] = ([], [])
    for one, two, alignment in zip(src, tgt, found, strict=True):
        for side, sentences, runs in ((0, one, alignment.src), (1, two, alignment.tgt)):
            joiner = aligner.joiners[side]
            texts[side].extend(joiner.join(sentences[first:last]) for first, last in runs[alignment.linked].tolist())
        if len(texts[0]) >= LEXICON_PAIRS:
            break
    sides = _words(texts[0], aligner.tags[0]), _words(texts[1], aligner.tags[1])
    lexicons = induce_lexicon(*sides), induce_lexicon(*sides[::-1])
    vectors = [word_vectors(side, lexicon) for side, lexicon in zip(sides, lexicons, strict=True)]
    with whole_file(out) as unfinished:
        unfinished.write_bytes(pickle.dumps(tuple(vectors)))
    return lexicons[0].height


def _words(texts: Sequence[str], lang: str) -> list[list[str]]:
    """The words of each text, in small letters of its language (a tag)."""
    column = pl.DataFrame({"text": pl.Series(texts, dtype=pl.String)})
    found: list[list[str]] = column.select(word_units_expr(small_expr(pl.col("text"), lang))).to_series().to_list()
    return found


def _some(documents: Documents) -> list[str]:
    """Sentences at even distances, `SAMPLE` at most."""
    sentences = list(chain.from_iterable(documents))
    return [sentences[i] for i in np.unique(np.linspace(0, len(sentences) - 1, SAMPLE).astype(int)) if sentences]


def _ranges(src: Documents, tgt: Documents, most: int) -> Iterator[tuple[int, int]]:
    """Ranges of document pairs of about `most` sentences, one pair at least."""
    ends = np.cumsum([len(one) + len(two) for one, two in zip(src, tgt, strict=True)])
    first = done = 0
    while first < len(ends):
        last = max(int(np.searchsorted(ends, done + most, side="right")), first + 1)
        yield first, last
        first, done = last, int(ends[last - 1])
