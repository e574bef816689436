"""Groups of pairs: against the same method with sets and loops, and what must hold for any pairs."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlcorpus.errors import UserError
from xlcorpus.mining.groups.checks import (
    chance_cosine,
    confirmed_groups,
    measure_groups,
    open_pairs,
)
from xlcorpus.mining.groups.join import Fate, distinct_edges, join_pairs

DE, EN, FR, RU = range(4)


@st.composite
def pair_lists(draw):
    """(src, tgt, score, lang) of up to 14 nodes in up to 5 languages, or in 70; scores that often tie, some unknown."""
    n = draw(st.integers(2, 14))
    languages = draw(st.sampled_from([2, 5, 70]))
    lang = draw(st.lists(st.integers(0, languages - 1), min_size=n, max_size=n))
    node = st.integers(0, n - 1)
    score = st.sampled_from([0.5, 1.0, 1.5, float("nan")])
    edges = draw(st.lists(st.tuples(node, node, score), max_size=30))
    return [e[0] for e in edges], [e[1] for e in edges], [e[2] for e in edges], lang


def reference(src, tgt, score, lang):
    """Sets of nodes, by trying each pair in turn."""
    best = {}
    for s, t, value in zip(src, tgt, score, strict=True):
        if lang[s] != lang[t]:
            edge = (min(s, t), max(s, t))
            best[edge] = max(best.get(edge, -np.inf), np.inf if np.isnan(value) else value)
    near = {n: {o for e in best if n in e for o in e if o != n} for n in range(len(lang))}
    support = {(a, b): len(near[a] & near[b]) for a, b in best}
    group = {n: {n} for n in range(len(lang))}
    refused = set()
    for a, b in sorted(best, key=lambda e: (-support[e], -best[e], e)):
        if group[a] is group[b]:
            continue
        if {lang[n] for n in group[a]} & {lang[n] for n in group[b]}:
            refused.add((a, b))
            continue
        group[a] |= group[b]
        for n in group[b]:
            group[n] = group[a]
    return {frozenset(g) for g in group.values() if len(g) > 1}, refused


def as_sets(group):
    return {frozenset(np.flatnonzero(group == g).tolist()) for g in set(group.tolist()) - {-1}}


@settings(deadline=None)
@given(pair_lists())
def test_the_same_as_trying_each_pair_in_turn(pairs):
    src, tgt, _, lang = pairs
    joined = join_pairs(*pairs)
    groups, refused = reference(*pairs)
    assert as_sets(joined.group) == groups
    contradicts = {
        (min(s, t), max(s, t)) for s, t, f in zip(src, tgt, joined.fate, strict=True) if f == Fate.CONTRADICTS
    }
    assert contradicts == refused
    one = [lang[s] == lang[t] for s, t in zip(src, tgt, strict=True)]
    assert (joined.fate == Fate.ONE_LANGUAGE).tolist() == one


@settings(deadline=None)
@given(pair_lists())
def test_no_group_has_two_texts_of_one_language(pairs):
    for group in as_sets(join_pairs(*pairs).group):
        tags = [pairs[3][n] for n in group]
        assert len(tags) == len(set(tags))


@settings(deadline=None)
@given(pair_lists(), st.randoms(use_true_random=False))
def test_neither_the_order_of_pairs_nor_of_their_sides_matters(pairs, random):
    src, tgt, score, lang = pairs
    rows = list(zip(src, tgt, score, strict=True))
    random.shuffle(rows)
    turned = [(t, s, v) if random.random() < 0.5 else (s, t, v) for s, t, v in rows]
    other = join_pairs([r[0] for r in turned], [r[1] for r in turned], [r[2] for r in turned], lang)
    assert other.group.tolist() == join_pairs(*pairs).group.tolist()


@settings(deadline=None)
@given(pair_lists())
def test_groups_are_held_together_by_as_many_joins_as_a_tree_has(pairs):
    joined = join_pairs(*pairs)
    assert (joined.fate == Fate.JOINS).sum() == sum(len(g) - 1 for g in as_sets(joined.group))


def test_of_two_that_disagree_the_better_scored_stays():
    joined = join_pairs([0, 1, 0], [1, 2, 3], [1.3, 1.2, 1.1], lang=[DE, EN, FR, FR])
    assert joined.group.tolist() == [0, 0, 0, -1]
    assert joined.fate.tolist() == [Fate.JOINS, Fate.JOINS, Fate.CONTRADICTS]


def test_a_pair_that_a_third_text_confirms_goes_before_one_with_a_better_score():
    # de-en, en-fr and de-fr agree; en is also paired, with more confidence, with another French text.
    joined = join_pairs([0, 1, 0, 1], [1, 2, 2, 3], [1.1, 1.1, 1.1, 1.9], lang=[DE, EN, FR, FR])
    assert joined.group.tolist() == [0, 0, 0, -1]
    assert joined.support.tolist() == [1, 1, 1, 0]


def test_a_pair_that_was_given_goes_before_one_that_was_scored():
    joined = join_pairs([0, 0], [1, 2], [9.0, float("nan")], lang=[DE, EN, EN])
    assert joined.group.tolist() == [0, -1, 0]


def test_a_text_that_pairs_with_thousands_stands_in_one_group():
    n = 5000
    joined = join_pairs(np.zeros(n), np.arange(1, n + 1), np.arange(n), lang=[DE] + [EN] * n)
    assert np.flatnonzero(joined.group == 0).tolist() == [0, n]
    assert joined.count == 1


@pytest.mark.parametrize(
    ("src", "tgt", "score", "message"),
    [
        ([0, 1], [1], [1.0], r"pairs need two nodes and a score each, not \(2,\), \(1,\) and \(1,\)"),
        ([0], [5], [1.0], r"a pair names node 5, but there are 2 nodes"),
        ([-1], [0], [1.0], r"a pair names node -1"),
    ],
)
def test_pairs_of_nothing_are_refused(src, tgt, score, message):
    with pytest.raises(UserError, match=message):
        join_pairs(src, tgt, score, [DE, EN])


def test_no_pairs_give_no_groups():
    joined = join_pairs([], [], [], [])
    assert (joined.count, len(joined.fate)) == (0, 0)


def edges_of(src, tgt, score=None):
    score = [1.0] * len(src) if score is None else score
    return distinct_edges(*(np.array(v, dtype=np.int64) for v in (src, tgt)), np.array(score, dtype=np.float64))


def test_a_group_is_measured_by_what_speaks_for_and_against_it():
    # 0 to 3 are one group held together by English; de-fr is a pair, and the Russian text is paired with another
    # German one, which speaks against de-ru. Nothing is known of fr-ru.
    lang = np.array([DE, EN, FR, RU, DE])
    edges = edges_of([0, 1, 1, 0, 4], [1, 2, 3, 2, 3], [1.5, 1.2, 1.1, 1.3, 1.0])
    found = measure_groups(np.array([0, 0, 0, 0, -1]), edges, lang)
    assert found.parallelism.tolist() == [4]
    assert found.closure.tolist() == [4 / 6]
    assert found.consistency.tolist() == [4 / 5]
    assert found.weakest.tolist() == [1.1]


def test_pairs_without_scores_have_no_weakest():
    found = measure_groups(np.array([0, 0]), edges_of([0], [1], [float("nan")]), np.array([DE, EN]))
    assert np.isnan(found.weakest).all()


@settings(deadline=None)
@given(pair_lists())
def test_measures_agree_with_counting(pairs):
    src, tgt, score, lang = (np.array(v, dtype=t) for v, t in zip(pairs, (int, int, float, int), strict=True))
    real = lang[src] != lang[tgt]
    edges = distinct_edges(src[real], tgt[real], score[real])
    there = {frozenset(e) for e in zip(edges.a.tolist(), edges.b.tolist(), strict=True)}
    group = join_pairs(*pairs).group
    found = measure_groups(group, edges, lang)

    def against(x, y):
        others = {(x, lang[y]), (y, lang[x])}
        return any((n, lang[o]) in others for e in there for n, o in (tuple(e), tuple(e)[::-1]))

    for g in range(found.parallelism.size):
        both = list(combinations(np.flatnonzero(group == g).tolist(), 2))
        confirmed = [frozenset(p) in there for p in both]
        contradicted = [frozenset(p) not in there and against(*p) for p in both]
        assert found.closure[g] == pytest.approx(np.mean(confirmed))
        assert found.consistency[g] == pytest.approx(sum(confirmed) / (sum(confirmed) + sum(contradicted)))


@settings(deadline=None)
@given(pair_lists())
def test_every_two_members_of_a_confirmed_group_are_a_pair(pairs):
    src, tgt, score, lang = (np.array(v, dtype=t) for v, t in zip(pairs, (int, int, float, int), strict=True))
    edges = distinct_edges(src[lang[src] != lang[tgt]], tgt[lang[src] != lang[tgt]], score[lang[src] != lang[tgt]])
    group = join_pairs(*pairs).group
    confirmed, share = confirmed_groups(group, edges)
    assert len(open_pairs(confirmed, edges)[0]) == 0
    old = as_sets(group)
    assert all(any(new <= g for g in old) for new in as_sets(confirmed))
    # Nobody is left alone beside a confirmed group or another that is left, with all of which it is confirmed.
    whole = {g for g in old if len(open_pairs(np.where(np.isin(np.arange(len(lang)), list(g)), 0, -1), edges)[0]) == 0}
    assert whole <= as_sets(confirmed)
    assert all(share[list(g)].min() == 1.0 for g in whole)


@settings(deadline=None)
@given(pair_lists(), st.sampled_from([0.5, 0.7, 1.0]))
def test_every_member_is_confirmed_by_the_share_asked_for(pairs, least):
    src, tgt, score, lang = (np.array(v, dtype=t) for v, t in zip(pairs, (int, int, float, int), strict=True))
    edges = distinct_edges(src[lang[src] != lang[tgt]], tgt[lang[src] != lang[tgt]], score[lang[src] != lang[tgt]])
    there = {frozenset(e) for e in zip(edges.a.tolist(), edges.b.tolist(), strict=True)}
    confirmed, _ = confirmed_groups(join_pairs(*pairs).group, edges, least)
    for group in as_sets(confirmed):
        for x in group:
            assert sum(frozenset((x, y)) in there for y in group) >= least * (len(group) - 1) - 1e-9


def test_a_share_that_would_allow_unconnected_parts_is_refused():
    with pytest.raises(UserError, match=r"must lie between 0\.5 and 1, not 0\.3"):
        confirmed_groups(np.zeros(2, dtype=np.int64), edges_of([0], [1]), 0.3)


def test_two_groups_that_one_wrong_pair_brought_together_fall_apart():
    # de-en and fr-ru are right, en-fr is wrong and scores least.
    edges = edges_of([0, 2, 1], [1, 3, 2], [1.4, 1.3, 1.1])
    confirmed, share = confirmed_groups(np.zeros(4, dtype=np.int64), edges)
    assert as_sets(confirmed) == {frozenset({0, 1}), frozenset({2, 3})}
    assert share.round(2).tolist() == [0.33, 0.67, 0.67, 0.33]


def test_of_equally_confirmed_members_the_one_that_scores_less_leaves():
    edges = edges_of([0, 1], [1, 2], [1.1, 1.4])
    assert as_sets(confirmed_groups(np.zeros(3, dtype=np.int64), edges)[0]) == {frozenset({1, 2})}


def test_chance_is_what_unrelated_texts_rarely_exceed():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 64)).astype(np.float32)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    least = chance_cosine(x, x, np.arange(400), np.arange(400), 0.01)
    cosines = (x @ x.T)[~np.eye(400, dtype=bool)]
    assert (cosines > least).mean() == pytest.approx(0.01, rel=0.05)


def test_without_unrelated_texts_no_cosine_is_enough():
    one = np.ones((1, 2), dtype=np.float32)
    assert chance_cosine(one, one, np.zeros(1, dtype=int), np.zeros(1, dtype=int), 0.01) == 1.0
