import sys

import numpy as np
import pytest

from xlcorpus.errors import MissingExtra, UserError
from xlcorpus.mining.search.faiss_backend import faiss_module, resolve_device, to_cpu, to_gpus


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Lets a distribution look installed, by the metadata that pip writes."""

    def add(name, version="1.15.1"):
        folder = tmp_path / f"{name.replace('-', '_')}-{version}.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        monkeypatch.syspath_prepend(str(tmp_path))

    return add


@pytest.mark.parametrize("gpu_build", ["faiss-gpu", "faiss-gpu-cu12"])
def test_both_builds_at_once_are_refused(installed, gpu_build):
    installed("faiss-cpu")
    installed(gpu_build)
    with pytest.raises(UserError) as error:
        faiss_module()
    assert f"pip uninstall -y faiss-cpu {gpu_build}" in str(error.value)
    assert "pip install 'xlcorpus[cpu]'" in str(error.value)
    assert "pip install 'xlcorpus[gpu]'" in str(error.value)


def test_without_faiss_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(MissingExtra, match=r"xlcorpus\[cpu\]") as error:
        faiss_module()
    assert "xlcorpus[gpu]" in str(error.value)


def test_auto_is_what_this_machine_has():
    faiss = pytest.importorskip("faiss")
    has_gpu = hasattr(faiss, "StandardGpuResources") and faiss.get_num_gpus() > 0
    assert resolve_device("auto", faiss_module()) == ("cuda" if has_gpu else "cpu")
    assert resolve_device("cpu", faiss_module()) == "cpu"


def test_cuda_without_a_gpu_is_a_mistake():
    faiss = pytest.importorskip("faiss")
    if hasattr(faiss, "StandardGpuResources") and faiss.get_num_gpus() > 0:
        pytest.skip("this machine has a GPU")
    with pytest.raises(UserError, match="device: cuda"):
        resolve_device("cuda", faiss)


def test_an_unknown_device_is_a_mistake():
    with pytest.raises(UserError, match="valid are auto, cpu and cuda"):
        resolve_device("tpu", faiss_module())


def test_an_index_split_among_gpus_finds_what_the_cpu_finds_and_comes_back():
    faiss = pytest.importorskip("faiss")
    if not hasattr(faiss, "StandardGpuResources") or not faiss.get_num_gpus():
        pytest.skip("needs a GPU and the GPU build of FAISS")
    rows = np.random.default_rng(0).standard_normal((2000, 32)).astype(np.float32)
    index = faiss.index_factory(32, "IVF16,Flat", faiss.METRIC_INNER_PRODUCT)
    index.train(rows)
    on_gpus = to_gpus(index, False, faiss)
    on_gpus.add(rows)
    back = to_cpu(on_gpus, faiss)
    faiss.GpuParameterSpace().set_index_parameter(on_gpus, "nprobe", 16)
    faiss.ParameterSpace().set_index_parameter(back, "nprobe", 16)
    np.testing.assert_array_equal(on_gpus.search(rows[:50], 3)[1], back.search(rows[:50], 3)[1])
