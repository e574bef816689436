"""What a fastText classifier answers (Joulin et al. 2016, arXiv:1607.01759; Bojanowski et al. 2017, arXiv:1607.04606):
the labels of many lines in one call, without Python's lock.

A line is the mean of the rows of its words, of their n-grams of characters, of its n-grams of words, and of the mark of
its end. Sums are float32 and in fastText's order.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from xlcorpus.arrays import Floats32, Ints32, Ints64
from xlcorpus.compiled import compiled
from xlcorpus.models.identifiers.fasttext_file import (
    HIERARCHICAL_SOFTMAX,
    NEGATIVE_SAMPLING,
    ONE_VERSUS_ALL,
    Bytes,
    FastTextFile,
    Matrix,
)

_LABEL_PREFIX = np.frombuffer(b"__label__", dtype=np.uint8)
_END = np.frombuffer(b"</s>", dtype=np.uint8)

Answer = tuple[Ints64, Ints32, Floats32]


class Classifier(NamedTuple):
    """A model as arrays, see `FastTextFile`."""

    hierarchical: bool
    one_by_one: bool
    """whether each label has a probability of its own"""
    word_ngrams: int
    shortest: int
    longest: int
    buckets: int
    words: int
    data: Bytes
    begins: Ints64
    slots: Ints32
    """(power of two,) the words by the hashes of their texts, -1 where there is none"""
    rows_of_buckets: Ints32
    kept: Bytes
    """(buckets / 8,) bits of the buckets that have a row; none where all have"""
    values: Floats32
    codes: Bytes
    centroids: Floats32
    part: int
    norms: Floats32
    output: Floats32
    """(labels, dimensions), under a hierarchical softmax (labels - 1, dimensions) are read: its inner nodes"""
    left: Ints32
    """(labels - 1,) the first child of each inner node of the tree: a label, or labels + an inner node"""
    right: Ints32


def classifier(file: FastTextFile) -> Classifier:
    """The model of a file."""
    inputs = file.inputs
    hierarchical = file.loss == HIERARCHICAL_SOFTMAX
    left, right = _tree(file.counts) if hierarchical else (np.empty(0, dtype=np.int32),) * 2
    return Classifier(
        hierarchical, file.loss in (NEGATIVE_SAMPLING, ONE_VERSUS_ALL), file.word_ngrams, *file.subwords, file.buckets,
        file.words, file.data, file.begins, _slots(file.data, file.begins), file.rows_of_buckets,
        np.packbits(file.rows_of_buckets >= 0, bitorder="little"), inputs.values,
        inputs.codes, inputs.centroids, inputs.part, inputs.norms, _dense(file.outputs), left, right,
    )  # fmt: skip


def predict(model: Classifier, lines: Bytes, bounds: Ints64, k: int, least: float) -> Answer:
    """Labels of lines, best first.

    Args:
        lines: (bytes,) UTF-8, one line after the other.
        bounds: (n + 1,) line i is `lines[bounds[i]:bounds[i + 1]]`. What stands behind a line end in it is not read.
        k: labels of each line, at most.
        least: labels below this probability are left out.

    Returns:
        the line (int64, ascending), the label (int32) and the probability (float32, at most 1) of each answer
    """
    found = _predict(model, lines, bounds, k, np.float32(least))
    return found


def _dense(matrix: Matrix) -> Floats32:
    if not len(matrix.codes):
        return matrix.values
    dimensions = matrix.values.shape[1]
    rows = np.zeros((matrix.rows, dimensions), dtype=np.float32)
    for i in range(matrix.codes.shape[1]):
        first, last = i * matrix.part, min((i + 1) * matrix.part, dimensions)
        of_part = matrix.centroids[first * 256 : last * 256].reshape(256, last - first)
        rows[:, first:last] = of_part[matrix.codes[:, i]]
    return rows * matrix.norms[:, None]


@compiled
def _stirred(h: np.uint32, byte: np.uint8) -> np.uint32:
    """A step of FNV-1a over signed bytes, as fastText takes it."""
    return np.uint32((h ^ np.uint32(np.int8(byte))) * np.uint32(16777619))


@compiled
def _hash(data: Bytes, first: int, last: int) -> np.uint32:
    h = np.uint32(2166136261)
    for i in range(first, last):
        h = _stirred(h, data[i])
    return h


@compiled
def _slots(data: Bytes, begins: Ints64) -> Ints32:
    size = 2
    while size < 2 * len(begins):
        size *= 2
    slots = np.full(size, -1, dtype=np.int32)
    for word in range(len(begins)):
        last = begins[word]
        while data[last] != 0:
            last += 1
        slot = np.int64(_hash(data, begins[word], last)) & (size - 1)
        while slots[slot] >= 0:
            slot = (slot + 1) & (size - 1)
        slots[slot] = word
    return slots


@compiled
def _tree(counts: Ints64) -> tuple[Ints32, Ints32]:
    """Huffman's tree over labels that are sorted by their counts."""
    labels = len(counts)
    every = np.full(2 * labels - 1, 10**15, dtype=np.int64)
    every[:labels] = counts
    children = np.zeros((labels - 1, 2), dtype=np.int32)
    leaf, node = labels - 1, labels
    for i in range(labels - 1):
        total = 0
        for j in range(2):
            if leaf >= 0 and every[leaf] < every[node]:
                children[i, j] = leaf
                leaf -= 1
            else:
                children[i, j] = node
                node += 1
            total += every[children[i, j]]
        every[labels + i] = total
    return children[:, 0].copy(), children[:, 1].copy()


@compiled
def _log(x: np.float32) -> np.float32:
    return np.float32(np.log(np.float64(x) + 1e-5))


@compiled
def _word(model: Classifier, text: Bytes, first: int, last: int, h: np.uint32) -> int:
    """The place of a word in the dictionary, -1 if it is not there."""
    size = len(model.slots)
    slot = np.int64(h) & (size - 1)
    while model.slots[slot] >= 0:
        begin = model.begins[model.slots[slot]]
        i = 0
        while i < last - first and model.data[begin + i] == text[first + i]:
            i += 1
        if i == last - first and model.data[begin + i] == 0:
            return int(model.slots[slot])
        slot = (slot + 1) & (size - 1)
    return -1


@compiled
def _add_bucket(model: Classifier, bucket: int, rows: Ints64, n: int) -> int:
    """Add the row of a bucket to the rows of a line, unless it was pruned; how many there are then."""
    if len(model.kept):
        if not (model.kept[bucket >> 3] >> (bucket & 7)) & 1:
            return n
        bucket = int(model.rows_of_buckets[bucket])
    rows[n] = model.words + bucket
    return n + 1


@compiled
def _is_space(byte: int) -> bool:
    return byte == 32 or 9 <= byte <= 13 or byte == 0


@compiled
def _starts_as_label(text: Bytes, first: int, last: int) -> bool:
    if last - first < len(_LABEL_PREFIX):
        return False
    i = 0
    while i < len(_LABEL_PREFIX) and text[first + i] == _LABEL_PREFIX[i]:
        i += 1
    return i == len(_LABEL_PREFIX)


@compiled
def _subwords(model: Classifier, word: Bytes, size: int, rows: Ints64, n: int) -> int:
    """Add the rows of the n-grams of characters of a word with its marks, `<word>`."""
    per_bucket = 1.0 / model.buckets
    kept, rows_of_buckets, words, buckets = model.kept, model.rows_of_buckets, model.words, model.buckets
    shortest, longest = model.shortest, model.longest
    for first in range(size):
        if word[first] & 0xC0 == 0x80:
            continue
        h = np.uint32(2166136261)
        i, length = first, 1
        while i < size and length <= longest:
            h = _stirred(h, word[i])
            i += 1
            while i < size and word[i] & 0xC0 == 0x80:
                h = _stirred(h, word[i])
                i += 1
            if length >= shortest and not (length == 1 and (first == 0 or i == size)):
                # The remainder by way of a quotient in float64, which is off by one at most.
                bucket = np.int64(h) - np.int64(h * per_bucket) * buckets
                if bucket < 0:
                    bucket += buckets
                elif bucket >= buckets:
                    bucket -= buckets
                if len(kept) == 0 or (kept[bucket >> 3] >> (bucket & 7)) & 1:
                    rows[n] = words + (rows_of_buckets[bucket] if len(kept) else bucket)
                    n += 1
            length += 1
    return n


@compiled
def _rows(model: Classifier, text: Bytes, first: int, last: int, rows: Ints64, hashes: Ints64, marked: Bytes) -> int:
    """Put the rows that a line is made of into `rows`; how many there are."""
    n, words = 0, 0
    i = first
    while True:
        while i < last and text[i] != 10 and _is_space(text[i]):
            i += 1
        ends = i >= last or text[i] == 10
        begin = i
        while i < last and not _is_space(text[i]):
            i += 1
        if ends:
            h = _hash(_END, 0, len(_END))
            word = _word(model, _END, 0, len(_END), h)
        else:
            h = _hash(text, begin, i)
            word = _word(model, text, begin, i, h)
            if word < 0 and _starts_as_label(text, begin, i):
                continue
        if word >= 0:
            rows[n] = word
            n += 1
        if model.longest > 0 and model.buckets > 0 and not ends:
            marked[0] = 60
            marked[1 : i - begin + 1] = text[begin:i]
            marked[i - begin + 1] = 62
            n = _subwords(model, marked, i - begin + 2, rows, n)
        hashes[words] = np.int32(h)
        words += 1
        if ends:
            break
    if model.word_ngrams > 1 and model.buckets > 0:
        for a in range(words):
            ngram = np.uint64(hashes[a])
            for b in range(a + 1, min(words, a + model.word_ngrams)):
                ngram = ngram * np.uint64(116049371) + np.uint64(hashes[b])
                n = _add_bucket(model, int(ngram % np.uint64(model.buckets)), rows, n)
    return n


@compiled
def _mean(model: Classifier, rows: Ints64, n: int, mean: Floats32) -> None:
    dimensions = len(mean)
    mean[:] = 0
    codes, norms, centroids = model.codes, model.norms, model.centroids
    part_size, values = model.part, model.values
    for i in range(n):
        row = rows[i]
        if len(codes):
            norm = norms[row]
            for part in range(codes.shape[1]):
                first = part * part_size
                size = min(part_size, dimensions - first)
                at = first * 256 + np.int64(codes[row, part]) * size
                for d in range(size):
                    mean[first + d] += norm * centroids[at + d]
        else:
            for d in range(dimensions):
                mean[d] += values[row, d]
    share = np.float32(1.0 / n)
    for d in range(dimensions):
        mean[d] *= share


@compiled
def _dot(matrix: Floats32, row: int, vector: Floats32) -> np.float32:
    total = np.float32(0)
    for d in range(len(vector)):
        total += matrix[row, d] * vector[d]
    return total


@compiled
def _leaves(
    model: Classifier, mean: Floats32, least: np.float32, scores: Floats32, nodes: Ints32, paths: Floats32
) -> None:
    """Logarithms of the probabilities of labels under the tree, -inf for those below the least."""
    labels = len(model.output)
    lowest = _log(least)
    scores[:] = -np.inf
    nodes[0], paths[0] = 2 * labels - 2, 0
    waiting = 1
    while waiting:
        waiting -= 1
        node, score = nodes[waiting], paths[waiting]
        if score < lowest:
            continue
        if node < labels:
            scores[node] = score
            continue
        inner = node - labels
        p = np.float32(1.0 / (1.0 + np.exp(-np.float64(_dot(model.output, inner, mean)))))
        nodes[waiting], paths[waiting] = model.left[inner], score + _log(np.float32(1.0 - np.float64(p)))
        nodes[waiting + 1], paths[waiting + 1] = model.right[inner], score + _log(p)
        waiting += 2


@compiled
def _scores(model: Classifier, mean: Floats32, least: np.float32, scores: Floats32) -> None:
    """Logarithms of the probabilities of labels, -inf for those below the least."""
    labels = len(model.output)
    for label in range(labels):
        scores[label] = _dot(model.output, label, mean)
    if model.one_by_one:
        for label in range(labels):
            scores[label] = np.float32(1.0 / (1.0 + np.exp(-np.float64(scores[label]))))
    else:
        most = scores.max()
        total = np.float32(0)
        for label in range(labels):
            scores[label] = np.exp(scores[label] - most)
            total += scores[label]
        for label in range(labels):
            scores[label] /= total
    for label in range(labels):
        scores[label] = _log(scores[label]) if scores[label] >= least else -np.inf


@compiled
def _predict(model: Classifier, text: Bytes, bounds: Ints64, k: int, least: np.float32) -> Answer:
    lines, labels = len(bounds) - 1, len(model.output)
    longest = 0
    for line in range(lines):
        longest = max(longest, bounds[line + 1] - bounds[line])
    # A byte begins at most one n-gram of each length, and at most one n-gram of words of each length.
    rows = np.empty((longest + 2) * (2 + max(model.longest, 0) * 2 + max(model.word_ngrams, 0)), dtype=np.int64)
    hashes = np.empty(longest + 2, dtype=np.int64)
    marked = np.empty(longest + 2, dtype=np.uint8)
    mean = np.empty(model.output.shape[1], dtype=np.float32)
    scores = np.empty(labels, dtype=np.float32)
    nodes, paths = np.empty(2 * labels, dtype=np.int32), np.empty(2 * labels, dtype=np.float32)
    line_of = np.empty(4 * lines + k, dtype=np.int64)
    label_of, p_of = np.empty(len(line_of), dtype=np.int32), np.empty(len(line_of), dtype=np.float32)
    answers = 0
    for line in range(lines):
        n = _rows(model, text, bounds[line], bounds[line + 1], rows, hashes, marked)
        if n == 0:
            continue
        _mean(model, rows, n, mean)
        if model.hierarchical:
            _leaves(model, mean, least, scores, nodes, paths)
        else:
            _scores(model, mean, least, scores)
        if answers + k > len(line_of):
            line_of = np.concatenate((line_of, np.empty_like(line_of)))
            label_of = np.concatenate((label_of, np.empty_like(label_of)))
            p_of = np.concatenate((p_of, np.empty_like(p_of)))
        for _ in range(k):
            best = scores.argmax()
            if scores[best] == -np.inf:
                break
            line_of[answers], label_of[answers] = line, best
            p_of[answers] = min(np.exp(scores[best]), np.float32(1))
            answers += 1
            scores[best] = -np.inf
    return line_of[:answers].copy(), label_of[:answers].copy(), p_of[:answers].copy()
