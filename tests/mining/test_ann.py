import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("faiss")

from xlcorpus.errors import UserError
from xlcorpus.mining.search import ann_plan
from xlcorpus.mining.search.ann import _wilson, ann_knn
from xlcorpus.mining.search.knn import knn
from xlcorpus.mining.search.shared_lists import nearest_lists, search_shared, shares_a_list
from xlcorpus.mining.search.unit import unit_rows
from xlcorpus.mining.select.margin import margins
from xlcorpus.mining.select.selection import select

INDEXES = ["shared8", "Flat", "IVF8,Flat", "IVF8,SQfp16", "IVF8,SQ8", "PCA8,IVF8,Flat", "PQ8x4", "HNSW8"]


def topics(rows, dim=16, seed=0):
    """Two sides of sentences about 40 topics; row i of one belongs to row i of the other."""
    rng = np.random.default_rng(seed)
    centre = rng.standard_normal((40, dim))[rng.integers(0, 40, rows)]
    x = centre + 0.5 * rng.standard_normal((rows, dim))
    return x.astype(np.float32), (x + 0.2 * rng.standard_normal((rows, dim))).astype(np.float32)


@pytest.fixture(scope="module")
def corpus():
    return topics(1200)


@pytest.mark.parametrize("index", INDEXES)
def test_similarities_are_exact_whatever_the_index(corpus, index):
    x, y = corpus
    found, _ = ann_knn(x, y, 4, index)
    exact = {(i, j): s for s, (i, j) in _cells(knn(x, y, 60, "cpu"), "fwd")}
    close = [(s, exact[at]) for s, at in _cells(found, "fwd") if at in exact]
    assert len(close) > 4000
    assert all(a == b for a, b in close)
    assert (np.diff(found.fwd_sim, axis=1) <= 0).all()
    assert (np.diff(found.bwd_sim, axis=1) <= 0).all()


def _cells(neighbours, direction):
    sim, index = getattr(neighbours, f"{direction}_sim"), getattr(neighbours, f"{direction}_index")
    return [
        (sim[i, c], (i, int(index[i, c]))) for i in range(len(sim)) for c in range(sim.shape[1]) if index[i, c] >= 0
    ]


@pytest.mark.parametrize("index", ["shared8", "IVF8,Flat", "IVF8,SQ8"])
def test_the_recall_asked_for_is_found_and_reported(corpus, index):
    x, y = corpus
    found, report = ann_knn(x, y, 4, index, recall=0.95)
    exact = knn(x, y, 4, "cpu")
    hits = [np.isin(a, b).mean() for a, b in zip(exact.fwd_index, found.fwd_index, strict=True)]
    hits += [np.isin(a, b).mean() for a, b in zip(exact.bwd_index, found.bwd_index, strict=True)]
    assert np.mean(hits) > 0.93
    assert report.recall_low <= np.mean(hits) <= report.recall_high
    assert report.sample == 1000
    assert f"index {index}, {report.probes} probes: recall 0.9" in str(report)


def test_nearly_all_pairs_of_exact_mining_are_found(corpus):
    x, y = corpus
    pairs = []
    for neighbours in (knn(x, y, 4, "cpu"), ann_knn(x, y, 4, "shared16")[0]):
        found = select(neighbours, margins(neighbours), "max", 1.06)
        pairs.append(set(zip(found.src.tolist(), found.tgt.tolist(), strict=True)))
    assert len(pairs[0] & pairs[1]) >= 0.98 * len(pairs[0]) > 0


@given(
    n=st.integers(1, 30),
    m=st.integers(1, 30),
    k=st.integers(1, 5),
    lists=st.integers(1, 4),
    seed=st.integers(0, 2**16),
    zeros=st.booleans(),
)
@settings(deadline=None, max_examples=60)
def test_rows_in_all_shared_lists_give_exact_search(n, m, k, lists, seed, zeros):
    rng = np.random.default_rng(seed)
    x, y = rng.integers(-2, 3, (n, 3)), rng.integers(-2, 3, (m, 3))
    if zeros:
        x[0], y[-1] = 0, 0
    ux, uy, centroids = unit_rows(x, "source"), unit_rows(y, "target"), unit_rows(rng.standard_normal((lists, 3)), "c")
    of = nearest_lists(ux, centroids, lists, 1), nearest_lists(uy, centroids, lists, 1)
    found = search_shared(ux, uy, *of, lists, k, max(n, m, k), 2)
    exact = knn(x, y, k, "cpu")
    np.testing.assert_array_equal(found.fwd_sim, exact.fwd_sim)
    np.testing.assert_array_equal(found.bwd_sim, exact.bwd_sim)
    np.testing.assert_array_equal(found.fwd_index, exact.fwd_index)
    np.testing.assert_array_equal(found.bwd_index, exact.bwd_index)


@given(seed=st.integers(0, 2**16), probes=st.integers(1, 5))
@settings(deadline=None, max_examples=30)
def test_only_rows_that_share_a_list_are_found(seed, probes):
    rng = np.random.default_rng(seed)
    x, y = (unit_rows(rng.standard_normal((20, 4)), "s") for _ in range(2))
    centroids = unit_rows(rng.standard_normal((5, 4)), "c")
    a, b = nearest_lists(x, centroids, probes, 1), nearest_lists(y, centroids, probes, 1)
    np.testing.assert_array_equal(a, np.argsort(-(x @ centroids.T), axis=1)[:, :probes])
    found = search_shared(x, y, a, b, 5, 20, 20, 1)
    for i in range(20):
        meet = {j for j in range(20) if set(a[i]) & set(b[j])}
        assert set(found.fwd_index[i].tolist()) - {-1} == meet
        assert shares_a_list(np.repeat(a[i : i + 1], 20, axis=0), b)[-1].nonzero()[0].tolist() == sorted(meet)


@pytest.mark.parametrize("index", ["flat", "shared4", "Flat", "IVF4,Flat", "HNSW8"])
def test_zero_rows_have_no_neighbours_and_are_none(index):
    x, y = topics(60)
    x[3], y[5] = 0, 0
    found, _ = ann_knn(x, y, 4, index, recall=1.0)
    assert (found.fwd_index[3] == -1).all()
    assert (found.fwd_sim[3] == 0).all()
    assert not (found.fwd_index == 5).any()
    assert not (found.bwd_index == 3).any()


@pytest.mark.parametrize("index", ["auto", "flat", "shared", "Flat", "IVF2,Flat"])
def test_more_neighbours_asked_for_than_there_are(index):
    x, y = topics(10)
    found, _ = ann_knn(x, y[:3], 5, index, recall=1.0)
    assert found.fwd_index.shape == (10, 5)
    assert (found.fwd_index[:, 3:] == -1).all()
    assert (np.sort(found.fwd_index[:, :3], axis=1) == [0, 1, 2]).all()


@pytest.mark.parametrize("index", ["auto", "shared", "Flat"])
def test_an_empty_side(index):
    x, _ = topics(10)
    found, _ = ann_knn(x, x[:0], 3, index)
    assert (found.fwd_index == -1).all()
    assert found.bwd_index.shape == (0, 3)


@pytest.mark.parametrize("index", ["shared8", "IVF8,Flat"])
def test_the_same_bits_on_every_run_and_number_of_threads(corpus, index):
    runs = [ann_knn(*corpus, 4, index, threads=threads)[0] for threads in (1, 2, 3)]
    for other in runs[1:]:
        np.testing.assert_array_equal(runs[0].fwd_sim, other.fwd_sim)
        np.testing.assert_array_equal(runs[0].bwd_index, other.bwd_index)


def test_memory_mapped_half_precision_is_read_in_place(corpus, tmp_path):
    np.save(tmp_path / "x.npy", corpus[0].astype(np.float16))
    x = np.load(tmp_path / "x.npy", mmap_mode="r")
    found, _ = ann_knn(x, corpus[1], 4, "IVF8,SQ8", recall=1.0)
    exact = knn(x, corpus[1], 4, "cpu")
    assert (found.fwd_sim == exact.fwd_sim).mean() > 0.99


@pytest.mark.parametrize("index", ["shared8", "IVF8,Flat"])
def test_a_kept_index_is_found_again(corpus, tmp_path, index):
    first, report = ann_knn(*corpus, 4, index, cache=tmp_path)
    again, reread = ann_knn(*corpus, 4, index, cache=tmp_path)
    assert (report.reused, reread.reused) == (False, True)
    np.testing.assert_array_equal(first.fwd_index, again.fwd_index)
    note = json.loads(sorted(tmp_path.glob("*.json"))[0].read_text())
    assert note["index"] == index
    assert note["embeddings"][0]["rows"] == 1200
    assert not list(tmp_path.glob("*.tmp"))


@pytest.mark.parametrize("index", ["shared8", "IVF8,Flat"])
def test_an_index_of_other_embeddings_is_refused(corpus, tmp_path, index):
    ann_knn(*corpus, 4, index, cache=tmp_path)
    with pytest.raises(UserError, match="index of other embeddings"):
        ann_knn(corpus[0] + 1, corpus[1] + 1, 4, index, cache=tmp_path)


def test_a_shortened_index_file_is_refused(corpus, tmp_path):
    ann_knn(*corpus, 4, "IVF8,Flat", cache=tmp_path)
    file = tmp_path / "target-IVF8_Flat-0.faiss"
    file.write_bytes(file.read_bytes()[:-10])
    with pytest.raises(UserError, match="not whole"):
        ann_knn(*corpus, 4, "IVF8,Flat", cache=tmp_path)


def test_an_index_whose_note_was_never_written_is_built_anew(corpus, tmp_path):
    ann_knn(*corpus, 4, "IVF8,Flat", cache=tmp_path)
    (tmp_path / "target-IVF8_Flat-0.json").unlink()
    (tmp_path / "target-IVF8_Flat-0.faiss").write_bytes(b"half")
    assert not ann_knn(*corpus, 4, "IVF8,Flat", cache=tmp_path)[1].reused


def test_auto_is_flat_for_a_small_corpus(corpus):
    found, report = ann_knn(*corpus, 4)
    exact = knn(*corpus, 4, "cpu")
    assert (report.index, report.recall) == ("flat", 1.0)
    np.testing.assert_array_equal(found.fwd_index, exact.fwd_index)


@pytest.mark.parametrize(
    ("memory_mb", "index"), [(64, "shared256"), (12, "IVF256,Flat"), (10, "IVF256,SQ8"), (9, "IVF256,PQ64")]
)
def test_auto_takes_what_fits_the_memory(monkeypatch, memory_mb, index):
    monkeypatch.setitem(ann_plan.FLAT_ROWS, "cpu", 100)
    monkeypatch.setattr(ann_plan, "READ_ROWS", 4096)
    x, y = topics(3000, dim=256)
    request = ann_plan.SearchRequest(
        *(ann_plan.UnitRows(side, "s") for side in (x, y)),
        4, 0.9, "cpu", memory_mb * 2**20, 100, None, 0, 1,
    )  # fmt: skip
    assert ann_plan.planned(request, "auto").index == index


def test_too_little_memory_is_said_before_the_work(corpus):
    with pytest.raises(UserError, match="memory_mb: there are 1 MiB"):
        ann_knn(*corpus, 4, "IVF8,Flat", memory_mb=1)


def test_too_little_disk_is_said_before_the_work(corpus, tmp_path, monkeypatch):
    monkeypatch.setattr(ann_plan.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1000}))
    with pytest.raises(UserError, match=r"cache: .* index files need about"):
        ann_knn(*corpus, 4, "IVF8,Flat", cache=tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("index", ["IVFx", "sharedx", "shared0", "IVF8,PQ5", "flatt"])
def test_an_unknown_index_is_a_mistake(corpus, index):
    with pytest.raises(UserError, match="index"):
        ann_knn(*corpus, 4, index)


def test_too_few_rows_to_train_on(corpus):
    with pytest.raises(UserError, match="IVF4096,Flat cannot be trained on 1200 target rows"):
        ann_knn(*corpus, 4, "IVF4096,Flat")


@pytest.mark.parametrize("option", [{"k": 0}, {"sample": 1}, {"recall": 0}, {"recall": 1.1}])
def test_options_out_of_range(corpus, option):
    with pytest.raises(UserError):
        ann_knn(*corpus, **option)


def test_unequal_dimensions_are_a_mistake(corpus):
    with pytest.raises(UserError, match="16 dimensions, target embeddings 8"):
        ann_knn(corpus[0], corpus[1][:, :8])


def test_interval_of_wilson():
    # Newcombe 1998, table I: 81 of 263 gives 0.2553 to 0.3662.
    assert _wilson(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert _wilson(1.0, 10)[1] == pytest.approx(1.0)
