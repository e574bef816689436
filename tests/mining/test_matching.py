import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from xlcorpus.mining.select.matching import greedy_matching


def one_by_one(src, tgt):
    used_src, used_tgt, taken = set(), set(), []
    for s, t in zip(src, tgt, strict=True):
        free = s not in used_src and t not in used_tgt
        taken.append(free)
        if free:
            used_src.add(s)
            used_tgt.add(t)
    return taken


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=80))
def test_takes_what_a_loop_over_edges_takes(edges):
    src, tgt = np.array(edges, dtype=np.int64).reshape(-1, 2).T
    assert greedy_matching(src, tgt).tolist() == one_by_one(src.tolist(), tgt.tolist())


def test_a_long_chain_is_matched_too():
    src, tgt = np.arange(1000) // 2, (np.arange(1000) + 1) // 2
    assert greedy_matching(src, tgt).tolist() == one_by_one(src.tolist(), tgt.tolist())
