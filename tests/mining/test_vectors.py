import numpy as np
import polars as pl
import pytest

from xlcorpus.errors import UserError
from xlcorpus.mining.search import vectors
from xlcorpus.mining.search.vectors import open_vectors
from xlcorpus.mining.select.bitext import mine_pairs


@pytest.fixture
def x():
    return np.random.default_rng(0).normal(size=(20, 8)).astype(np.float32)


def parquet(path, values, dtype):
    pl.DataFrame({"id": [str(i) for i in range(len(values))]}).with_columns(
        pl.Series("embedding", values, dtype=dtype)
    ).write_parquet(path, row_group_size=7)


def test_an_array_stays_itself(x):
    assert open_vectors(x, dim=8, count=20) is x


def test_npy_is_memory_mapped(x, tmp_path):
    np.save(tmp_path / "x.npy", x)
    got = open_vectors(tmp_path / "x.npy", count=20)
    assert isinstance(got, np.memmap) and np.array_equal(got, x)


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_lasers_raw_file_is_memory_mapped(x, tmp_path, dtype):
    x.astype(dtype).tofile(tmp_path / "x.raw")
    got = open_vectors(str(tmp_path / "x.raw"), dim=8, dtype=dtype)
    assert isinstance(got, np.memmap) and np.array_equal(got, x.astype(dtype))


def test_an_empty_raw_file_has_no_rows(tmp_path):
    (tmp_path / "x.raw").touch()
    assert open_vectors(tmp_path / "x.raw", dim=8, count=0).shape == (0, 8)


@pytest.mark.parametrize("dtype", [pl.Array(pl.Float32, 8), pl.List(pl.Float32), pl.List(pl.Float64)])
def test_a_parquet_column(x, tmp_path, dtype):
    parquet(tmp_path / "x.parquet", x.tolist(), dtype)
    assert np.array_equal(open_vectors(tmp_path / "x.parquet", dim=8, count=20), x)


def test_a_folder_of_parquet_files_in_order_of_name(x, tmp_path):
    for i in (1, 0):
        parquet(tmp_path / f"part-{i}.parquet", x[i * 10 : i * 10 + 10].tolist(), pl.Array(pl.Float32, 8))
    assert np.array_equal(open_vectors(tmp_path), x)


def test_all_sources_mine_the_same(x, tmp_path):
    np.save(tmp_path / "x.npy", x)
    x.tofile(tmp_path / "x.raw")
    parquet(tmp_path / "x.parquet", x.tolist(), pl.Array(pl.Float32, 8))
    y = x[::-1] + np.float32(0.1)
    want = mine_pairs(x, y, device="cpu")
    for name in ("x.npy", "x.raw", "x.parquet"):
        got = mine_pairs(open_vectors(tmp_path / name, dim=8), y, device="cpu")
        assert got.score.tobytes() == want.score.tobytes() and got.tgt.tolist() == want.tgt.tolist()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"dim": 7}, "vectors of 8 dimensions, not 7"),
        ({"count": 19}, "20 vectors for 19 texts"),
    ],
)
@pytest.mark.parametrize("kind", ["array", "npy", "parquet"])
def test_another_shape_than_expected(x, tmp_path, options, says, kind):
    np.save(tmp_path / "x.npy", x)
    parquet(tmp_path / "x.parquet", x.tolist(), pl.Array(pl.Float32, 8))
    with pytest.raises(UserError, match=says):
        open_vectors(x if kind == "array" else tmp_path / f"x.{kind}", **options)


@pytest.mark.parametrize(
    ("size", "options", "says"),
    [
        (640, {}, "does not tell their dimensions; give dim"),
        (640, {"dim": 7}, "640 bytes are no whole number of 7-dimensional float32 vectors"),
        (641, {"dim": 8}, "641 bytes are no whole number"),
        (640, {"dim": 8, "dtype": "float16", "count": 20}, "40 vectors for 20 texts"),
        (640, {"dim": 8, "dtype": "int8"}, "dtype float32 or float16, not 8, int8"),
        (640, {"dim": 0}, "dim of at least 1"),
    ],
)
def test_raw_files_that_do_not_fit(tmp_path, size, options, says):
    (tmp_path / "x.raw").write_bytes(bytes(size))
    with pytest.raises(UserError, match=says):
        open_vectors(tmp_path / "x.raw", **options)


@pytest.mark.parametrize("bad", [np.nan, -np.inf])
@pytest.mark.parametrize("kind", ["array", "npy", "raw"])
def test_nan_and_infinity_are_named_by_row(x, tmp_path, bad, kind, monkeypatch):
    monkeypatch.setattr(vectors, "CHECK_VALUES", 24)
    x[11, 3] = x[15, 0] = bad
    np.save(tmp_path / "x.npy", x)
    x.tofile(tmp_path / "x.raw")
    with pytest.raises(UserError, match="NaN or infinity in row 11 "):
        open_vectors(x if kind == "array" else tmp_path / f"x.{kind}", dim=8)


@pytest.mark.parametrize(
    ("values", "dtype", "says"),
    [
        ([[1.0, 2.0], [1.0]], pl.List(pl.Float32), "lists of unequal length: 1 to 2"),
        ([[1.0, 2.0], None], pl.List(pl.Float32), "holds nulls"),
        ([[1.0, 2.0], [None, 1.0]], pl.List(pl.Float32), "holds nulls"),
        ([["a"], ["b"]], pl.List(pl.String), "lists of .*string"),
        ([1.0, 2.0], pl.Float32, "holds float, not lists"),
    ],
)
def test_columns_that_are_no_vectors(tmp_path, values, dtype, says):
    parquet(tmp_path / "x.parquet", values, dtype)
    with pytest.raises(UserError, match=says):
        open_vectors(tmp_path / "x.parquet")


def test_a_missing_column_names_those_there_are(x, tmp_path):
    parquet(tmp_path / "x.parquet", x.tolist(), pl.Array(pl.Float32, 8))
    with pytest.raises(UserError, match="no column 'vector'; there are id, embedding"):
        open_vectors(tmp_path / "x.parquet", column="vector")


@pytest.mark.parametrize("name", ["x.npy", "x.parquet"])
def test_broken_files_are_explained(tmp_path, name):
    (tmp_path / name).write_bytes(b"not this")
    with pytest.raises(UserError, match=rf"{name}: not "):
        open_vectors(tmp_path / name)


def test_other_mistakes(tmp_path):
    with pytest.raises(UserError, match="no such file"):
        open_vectors(tmp_path / "none.npy")
    with pytest.raises(UserError, match=r"holds no \.parquet file"):
        open_vectors(tmp_path)
    with pytest.raises(UserError, match="not float64 of shape"):
        open_vectors(np.ones(3))
