import math
from collections import Counter

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlcorpus.errors import UserError
from xlcorpus.mining.lexicon import induction as lexicon
from xlcorpus.mining.lexicon.induction import induce_lexicon, log_likelihood_ratio

GERMAN = [
    "ein weisser hund",
    "der weisse hund",
    "ein hund läuft",
    "eine katze läuft",
    "die katze",
    "ein mann läuft",
]
ENGLISH = ["a white dog", "the white dog", "a dog runs", "a cat runs", "the cat", "a man runs"]


def split(sentences):
    return [s.split() for s in sentences]


def reference(src, tgt, min_count, min_llr, top_n):
    """The same method with dictionaries and loops."""
    src, tgt = [sorted(set(s)) for s in src], [sorted(set(t)) for t in tgt]
    n = len(src)
    n_src, n_tgt = Counter(w for s in src for w in s), Counter(w for t in tgt for w in t)
    both = Counter((a, b) for s, t in zip(src, tgt, strict=True) for a in s for b in t)

    def g2(a, b):
        k, r, c = both[a, b], n_src[a], n_tgt[b]
        cells = ((k, r, c), (r - k, r, n - c), (c - k, n - r, c), (n - r - c + k, n - r, n - c))
        return round(2 * sum(cell * math.log(cell * n / (row * col)) for cell, row, col in cells if cell), 6)

    llr = {
        (a, b): g2(a, b)
        for (a, b), k in both.items()
        if k >= min_count and k * n > n_src[a] * n_tgt[b] and g2(a, b) >= min_llr
    }
    links = Counter()
    for s, t in zip(src, tgt, strict=True):
        edges = sorted((-llr[a, b], a, b) for a in s for b in t if (a, b) in llr)
        used = set()
        for _, a, b in edges:
            if ("s", a) not in used and ("t", b) not in used:
                links[a, b] += 1
                used |= {("s", a), ("t", b)}
    total = Counter()
    for (a, _), count in links.items():
        total[a] += count
    rows = [(a, b, c / total[a], c, llr[a, b]) for (a, b), c in links.items() if c >= min_count]
    rows.sort(key=lambda r: (r[0], -r[2], -r[4], r[1]))
    kept = Counter()
    return [r for r in rows if kept.update([r[0]]) or kept[r[0]] <= top_n]


def test_words_find_their_translations():
    found = induce_lexicon(split(GERMAN), split(ENGLISH), min_llr=3)
    best = dict(found.group_by("src_word", maintain_order=True).first().select("src_word", "tgt_word").rows())
    assert best["hund"] == "dog" and best["katze"] == "cat" and best["läuft"] == "runs" and best["ein"] == "a"
    assert found.schema == {
        "src_word": pl.String,
        "tgt_word": pl.String,
        "probability": pl.Float64,
        "count": pl.Int64,
        "llr": pl.Float64,
    }


words = st.lists(st.sampled_from("abcdef"), max_size=5)


@settings(deadline=None, max_examples=80)
@given(
    pairs=st.lists(st.tuples(words, words), max_size=25),
    min_count=st.integers(1, 3),
    min_llr=st.sampled_from([0.0, 1.0, 4.0]),
    top_n=st.integers(1, 3),
    edges_at_once=st.sampled_from([1, 20, 10**6]),
)
def test_equals_the_method_written_with_loops(pairs, min_count, min_llr, top_n, edges_at_once):
    src, tgt = [p[0] for p in pairs], [p[1] for p in pairs]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lexicon, "EDGES_AT_ONCE", edges_at_once)
        found = induce_lexicon(src, tgt, min_count=min_count, min_llr=min_llr, top_n=top_n)
    want = reference(src, tgt, min_count, min_llr, top_n)
    assert [r[:2] + r[3:4] for r in found.rows()] == [r[:2] + r[3:4] for r in want]
    assert found["probability"].to_list() == pytest.approx([r[2] for r in want])
    assert found["llr"].to_list() == pytest.approx([r[4] for r in want])


def test_log_likelihood_ratio_of_dunnings_kind():
    """By hand: 10 of 10 and 10 of 10 in 100 sentences; independence gives 0."""
    exact = 2 * (10 * math.log(10) + 90 * math.log(100 / 90))
    assert log_likelihood_ratio([10], [10], [10], 100).tolist() == pytest.approx([exact])
    assert log_likelihood_ratio([1], [10], [10], 100).tolist() == pytest.approx([0], abs=1e-9)


def test_rare_pairs_and_further_translations_are_cut():
    found = induce_lexicon(split(GERMAN), split(ENGLISH), min_llr=0, min_count=3)
    assert found["count"].min() >= 3
    one = induce_lexicon(split(GERMAN), split(ENGLISH), min_llr=0, min_count=1, top_n=1)
    assert one["src_word"].is_unique().all()


def test_a_repeated_word_counts_once_a_sentence():
    found = induce_lexicon([["ja", "ja"], ["ja"], ["nein"]], [["yes"], ["yes", "yes"], ["no"]], min_llr=0)
    assert found.select("src_word", "tgt_word", "count").rows() == [("ja", "yes", 2)]


@pytest.mark.parametrize("sides", [([], []), ([["a"]], [[]]), ([[]], [[]])])
def test_nothing_to_learn_from_gives_an_empty_lexicon(sides):
    assert induce_lexicon(*sides, min_llr=0, min_count=1).height == 0


def test_unequal_sides_are_a_mistake():
    with pytest.raises(UserError, match="1 source, 2 target sentences"):
        induce_lexicon([["a"]], [["b"], ["c"]])
