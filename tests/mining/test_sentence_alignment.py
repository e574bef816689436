"""Sentence alignment: the cheapest way, its costs, and what documents it must get through."""

from itertools import product
from math import erfc, log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlcorpus.arrays import Floats32
from xlcorpus.errors import UserError
from xlcorpus.mining.align.costs import Chance, band_costs, chance
from xlcorpus.mining.align.lengths import (
    GALE_CHURCH_VARIANCE,
    MOST_WEIGHT,
    NO_LENGTHS,
    USUAL_WEIGHT,
    Lengths,
    add_length_costs,
    fitted_lengths,
)
from xlcorpus.mining.align.lexicon_vectors import word_vectors
from xlcorpus.mining.align.path import Band, cheapest_path, refined_band, whole_band
from xlcorpus.mining.align.sentence_alignment import (
    WHOLE_CELLS,
    AlignmentModel,
    EmbeddedDocument,
    align,
    embedded_documents,
    first_model,
    fitted_model,
    run_texts,
    single_links,
)
from xlcorpus.mining.lexicon.induction import induce_lexicon
from xlcorpus.models.encoders.loading import load_encoder

GERMAN = [
    "Die Fähre nach Port Selma fährt seit 1912.",
    "Kapitänin Ilse Marten steuert sie seit 27 Jahren.",
    "Die Überfahrt dauert 35 Minuten, im Winter 50 Minuten.",
    "Eine Karte kostet 4 Euro.",
]
ENGLISH = [
    "The ferry to Port Selma has been running since 1912.",
    "Captain Ilse Marten has steered it for 27 years.",
    "The crossing takes 35 minutes.",
    "In winter it takes 50 minutes.",
    "A ticket costs 4 euros.",
]


def side(vectors: Floats32, longest: int = 5, characters: int = 80) -> EmbeddedDocument:
    """Runs as sums of their sentences."""
    runs = []
    for k in range(longest):
        total = sum((np.pad(vectors, ((back, 0), (0, 0)))[: len(vectors)] for back in range(k + 1)), np.zeros(1))
        runs.append(total / np.linalg.norm(total, axis=1, keepdims=True))
    return EmbeddedDocument(np.stack(runs).astype(np.float32), np.full(len(vectors), characters))


def encoded(sentences: list[str]) -> EmbeddedDocument:
    return next(embedded_documents([sentences], load_encoder("bootstrap").encode))


def reference(costs: dict[tuple[int, int, int, int], float], n: int, m: int, deletion: float) -> float:
    """Least cost of all ways, every cell and every move looked at."""
    best = {(0, 0): 0.0}
    for i, j in product(range(n + 1), range(m + 1)):
        ways = [best[i, j]] if (i, j) == (0, 0) else []
        ways += [best[i - 1, j] + deletion] if i else []
        ways += [best[i, j - 1] + deletion] if j else []
        ways += [best[i - a, j - b] + c for (a, b, k, z), c in costs.items() if (k, z) == (i, j)]
        best[i, j] = min(ways)
    return best[n, m]


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 6), st.integers(1, 6), st.integers(2, 5), st.floats(0.2, 1.5), st.integers(0, 2**32 - 1))
def test_the_way_is_the_cheapest_of_all(n: int, m: int, max_size: int, deletion: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    moves = np.array([(a, b) for a in range(1, 5) for b in range(1, 5) if a + b <= max_size])
    band = whole_band(n, m)
    costs = random.random((len(moves), (n + 1) * (m + 1))).astype(np.float32) * moves.prod(axis=1)[:, None]
    costs = costs.astype(np.float32)
    listed = {
        (a, b, i, j): float(costs[t, i * (m + 1) + j])
        for t, (a, b) in enumerate(moves.tolist())
        for i, j in product(range(a, n + 1), range(b, m + 1))
    }
    way, total = cheapest_path(band, moves, costs, deletion)
    assert total == pytest.approx(reference(listed, n, m, deletion))
    assert way[0].tolist() == [0, 0] and way[-1].tolist() == [n, m]
    steps = np.diff(way, axis=0).tolist()
    walked = [
        deletion if 0 in step else listed[(*step, *place)] for step, place in zip(steps, way[1:].tolist(), strict=True)
    ]
    assert sum(walked) == pytest.approx(total)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 7), st.integers(1, 7), st.integers(0, 2**32 - 1))
def test_costs_are_those_of_the_paper(n: int, m: int, seed: int) -> None:
    """Equation 1 of Vecalign, with the mean over all partners for the mean over a sample."""
    random = np.random.default_rng(seed)
    src, tgt = side(random.normal(size=(n, 8)), 3), side(random.normal(size=(m, 8)), 3)
    moves = np.array([(1, 1), (1, 2), (2, 1), (2, 2)])
    by_chance = chance(src.vectors[0], tgt.vectors[0])
    found = band_costs(src.vectors, tgt.vectors, whole_band(n, m), moves, by_chance).reshape(-1, n + 1, m + 1)
    for t, (a, b) in enumerate(moves.tolist()):
        for i, j in product(range(n + 1), range(m + 1)):
            if i < a or j < b:
                assert found[t, i, j] == np.inf
                continue
            x, y = src.vectors[a - 1, i - 1], tgt.vectors[b - 1, j - 1]
            unlike = np.mean(1 - tgt.vectors[0] @ x) / 2 + np.mean(1 - src.vectors[0] @ y) / 2
            assert found[t, i, j] == pytest.approx(a * b * (1 - x @ y) / unlike, rel=1e-4, abs=1e-5)


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 40), st.integers(2, 40), st.integers(0, 3), st.integers(0, 2**32 - 1))
def test_a_band_holds_all_positions_near_the_coarse_way(n: int, m: int, radius: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    steps = random.permutation([0] * ((n + 1) // 2) + [1] * ((m + 1) // 2))
    way = np.concatenate([[[0, 0]], np.stack([np.cumsum(steps == 0), np.cumsum(steps == 1)], axis=1)])
    band = refined_band(way, n, m, radius)
    assert band.first[0] == 0 and band.last[-1] == m
    assert (np.diff(band.first) >= 0).all() and (np.diff(band.last) >= 0).all()
    for i, j in np.minimum(2 * way, [n, m]).tolist():
        for di, dj in product(range(-radius, radius + 1), repeat=2):
            if 0 <= i + di <= n and 0 <= j + dj <= m:
                assert band.first[i + di] <= j + dj <= band.last[i + di]


def test_a_band_grows_with_the_sum_of_the_lengths_only() -> None:
    """Also where 10,000 sentences are inserted in one place."""
    half = np.arange(501)
    inserted = np.stack([np.full(5000, 250), np.arange(251, 5251)], axis=1)
    way = np.concatenate(
        [np.stack([half[:251], half[:251]], axis=1), inserted, np.stack([half[251:], half[251:] + 5000], 1)]
    )
    band = refined_band(way, 1000, 11_000, 8)
    assert band.starts[-1] < 40 * (1000 + 11_000)


def test_a_cell_outside_the_band_is_not_visited() -> None:
    band = Band(np.array([0, 0, 1]), np.array([0, 1, 2]))
    costs = np.zeros((1, 5), dtype=np.float32)
    way, total = cheapest_path(band, np.array([[1, 1]]), costs, 1.0)
    assert (way.tolist(), total) == ([[0, 0], [1, 1], [2, 2]], 0.0)


def test_two_short_texts_one_sentence_split() -> None:
    src, tgt = encoded(GERMAN), encoded(ENGLISH)
    found = align(src, tgt, first_model(src, tgt))
    assert found.beads() == [([0], [0]), ([1], [1]), ([2], [2, 3]), ([3], [4])]
    assert (found.score > 0.1).all()


@pytest.mark.parametrize(("n", "m"), [(0, 0), (0, 3), (2, 0)])
def test_an_empty_document_leaves_the_other_alone(n: int, m: int) -> None:
    src, tgt = encoded(GERMAN), encoded(ENGLISH)
    model = first_model(src, tgt)
    cut = [EmbeddedDocument(s.vectors[:, :k], s.characters[:k]) for s, k in ((src, n), (tgt, m))]
    found = align(*cut, model)
    assert found.beads() == [([i], []) for i in range(n)] + [([], [j]) for j in range(m)]
    assert np.isnan(found.score).all() and not found.linked.any()


def test_one_sentence_each() -> None:
    src, tgt = encoded(GERMAN[:1]), encoded(ENGLISH[:1])
    assert align(src, tgt, first_model(encoded(GERMAN), encoded(ENGLISH))).beads() == [([0], [0])]


def test_lines_that_repeat_keep_their_order() -> None:
    src, tgt = encoded([GERMAN[0], GERMAN[3]] * 5), encoded([ENGLISH[0], ENGLISH[4]] * 5)
    assert align(src, tgt, first_model(src, tgt)).beads() == [([i], [i]) for i in range(10)]


@pytest.mark.parametrize("n", [40, 900])
@pytest.mark.parametrize("inserted", [0, 300])
def test_a_long_insertion_is_left_out(n: int, inserted: int) -> None:
    """Below and above the size at which all positions are looked at."""
    random = np.random.default_rng(1)
    vectors = random.normal(size=(n, 256))
    tgt_vectors = np.insert(vectors, [n // 2] * inserted, random.normal(size=(inserted, 256)), axis=0)
    src, tgt = side(vectors), side(tgt_vectors + 0.3 * random.normal(size=tgt_vectors.shape))
    found = align(src, tgt, first_model(src, tgt))
    wanted = [([i], [i + inserted * (i >= n // 2)]) for i in range(n)]
    right = sum(bead in wanted for bead in found.beads())
    assert right >= 0.95 * n
    assert WHOLE_CELLS < 900 * 900 and found.src[-1, 1] == n and found.tgt[-1, 1] == n + inserted


def test_every_sentence_stands_in_one_alignment() -> None:
    random = np.random.default_rng(2)
    src, tgt = side(random.normal(size=(700, 16))), side(random.normal(size=(450, 16)))
    found = align(src, tgt, first_model(src, tgt))
    assert [i for s, _ in found.beads() for i in s] == list(range(700))
    assert [j for _, t in found.beads() for j in t] == list(range(450))


def test_max_size_bounds_both_sides_together() -> None:
    src, tgt = encoded(GERMAN), encoded(ENGLISH)
    found = align(src, tgt, first_model(src, tgt), max_size=2)
    assert all(len(s) + len(t) <= 2 for s, t in found.beads())


def test_lengths_cost_what_gale_and_church_say() -> None:
    src, tgt = (
        EmbeddedDocument(np.zeros((1, 1, 2), np.float32), np.array([40])),
        EmbeddedDocument(np.zeros((1, 1, 2), np.float32), np.array([60])),
    )
    costs = np.zeros((1, 4), dtype=np.float32)
    add_length_costs(
        costs, src.characters, tgt.characters, whole_band(1, 1), np.array([[1, 1]]), Lengths(1.2, 5.0, 0.1)
    )
    deviate = (60 - 1.2 * 40) / sqrt(5.0 * 1.2 * (1.2 * 40 + 60) / 2)
    assert costs[0].tolist() == pytest.approx([0, 0, 0, 0.1 * -log(erfc(deviate / sqrt(2)))])


def test_lengths_are_learned_from_what_is_linked() -> None:
    random = np.random.default_rng(3)
    src = random.integers(20, 200, size=20_000)
    spread = np.sqrt(4.0 * 1.5 * 1.5 * src)
    tgt = np.maximum(1.5 * src + spread * random.normal(size=len(src)), 1).astype(np.int64)
    by_chance = Chance(np.zeros(2, np.float32), np.zeros(2, np.float32), 0.9, 1.0, 0.01)
    costs = random.normal(0.8, 0.1, size=len(src)).astype(np.float32)
    found = fitted_lengths(src, tgt, costs, by_chance)
    assert found.ratio == pytest.approx(1.5, rel=0.01)
    assert found.variance == pytest.approx(4.0, rel=0.05)
    assert found.weight == pytest.approx(0.01 / 0.2, rel=0.05)


def test_few_links_teach_the_ratio_only() -> None:
    src, tgt = encoded(GERMAN), encoded(ENGLISH)
    model = first_model(src, tgt)
    assert model.lengths == NO_LENGTHS
    learned = fitted_model(model, *single_links(src, tgt, align(src, tgt, model))).lengths
    linked = [(0, 0), (1, 1), (3, 4)]
    assert learned.ratio == sum(len(ENGLISH[t]) for _, t in linked) / sum(len(GERMAN[s]) for s, _ in linked)
    assert (learned.variance, learned.weight) == (GALE_CHURCH_VARIANCE, USUAL_WEIGHT)


def test_no_links_teach_nothing() -> None:
    none = np.zeros(0, dtype=np.int64)
    by_chance = Chance(np.zeros(2, np.float32), np.zeros(2, np.float32), 0.9, 1.0, 0.01)
    assert fitted_lengths(none, none, none.astype(np.float32), by_chance) == NO_LENGTHS


def test_vectors_that_tell_nothing_leave_lengths_a_bounded_say() -> None:
    same = np.full(100, 50)
    by_chance = Chance(np.zeros(2, np.float32), np.zeros(2, np.float32), 0.9, 1.0, 0.01)
    found = fitted_lengths(same, same, np.ones(100, np.float32), by_chance)
    assert found.weight == MOST_WEIGHT


def test_lengths_decide_where_vectors_do_not() -> None:
    """Four sentences of one vector; only their lengths say that the second source holds two targets."""
    src = EmbeddedDocument(np.full((2, 3, 4), 0.5, np.float32), np.array([40, 120, 40]))
    tgt = EmbeddedDocument(np.full((2, 4, 4), 0.5, np.float32), np.array([40, 60, 60, 40]))
    by_chance = Chance(np.zeros(4, np.float32), np.zeros(4, np.float32), 0.9, 1.0, 0.01)
    found = align(src, tgt, AlignmentModel(by_chance, Lengths(1.0, 4.0, 0.1)), max_size=3)
    assert found.beads() == [([0], [0]), ([1], [1, 2]), ([2], [3])]


def test_runs_end_with_their_sentence() -> None:
    assert run_texts(["a", "b", "c"], 2) == ["a", "b", "c", "", "a b", "b c"]
    assert run_texts(["今", "日"], 2, joiner="") == ["今", "日", "", "今日"]


def test_each_text_is_embedded_once() -> None:
    asked: list[str] = []

    def encode(texts: list[str]) -> Floats32:
        asked.extend(texts)
        return np.eye(len(texts), dtype=np.float32)

    sides = list(embedded_documents([["a", "b"], ["b", "a", "b"]], encode, max_size=3))
    assert sorted(asked) == ["", "a", "a b", "b", "b a"]
    assert [s.vectors.shape for s in sides] == [(2, 2, 5), (2, 3, 5)]
    assert (sides[0].vectors[0, 0] == sides[1].vectors[0, 1]).all()


def test_words_that_translate_each_other_come_near() -> None:
    german = [["der", noun, verb] for noun in ("hund", "vogel") for verb in ("schläft", "singt")] * 5
    english = [["the", noun, verb] for noun in ("dog", "bird") for verb in ("sleeps", "sings")] * 5
    one = word_vectors(german, induce_lexicon(german, english))
    two = word_vectors(english, induce_lexicon(english, german))
    cosines = (
        one.encode([["hund"], ["vogel"], ["schläft"], ["unbekannt"]])
        @ two.encode([["dog"], ["sings"], ["unbekannt"]]).T
    )
    assert cosines[0, 0] > 0.6
    assert np.abs(cosines[[0, 1, 2, 0], [1, 0, 1, 2]]).max() < 0.2
    assert cosines[3, 2] == pytest.approx(1)
    assert (one.encode([[]]) == 0).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"max_size": 1}, "max_size 1: an alignment has a sentence on both sides"),
        ({"dim": 3}, "source vectors have 3 dimensions, the model 512"),
        ({"nan": True}, "target embeddings hold NaN or infinity"),
    ],
)
def test_what_cannot_be_aligned_is_refused(change: dict[str, int], message: str) -> None:
    src, tgt = encoded(GERMAN), encoded(ENGLISH)
    model: AlignmentModel = first_model(src, tgt)
    if "dim" in change:
        src = EmbeddedDocument(src.vectors[:, :, :3], src.characters)
    if "nan" in change:
        tgt.vectors[0, 1, 2] = np.nan
    with pytest.raises(UserError, match=message):
        align(src, tgt, model, change.get("max_size", 6))


def test_nothing_can_be_learned_from_nothing() -> None:
    empty = EmbeddedDocument(np.zeros((1, 0, 512), np.float32), np.zeros(0, np.int64))
    with pytest.raises(UserError, match="nothing can be learned from 0 source and 4 target sentences"):
        first_model(empty, encoded(GERMAN))
