"""Devices, precisions, and memory that runs out."""

import pytest

from xlcorpus.errors import UserError
from xlcorpus.models.arithmetic import Arithmetic, arithmetic, is_out_of_memory, loading_failed


@pytest.fixture
def without_gpu():
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")


def test_without_a_gpu_auto_is_the_cpu_and_float32(without_gpu):
    assert arithmetic() == Arithmetic("cpu", "float32")


def test_bf16_multiplies_in_bf16_on_the_cpu_too():
    import torch

    with arithmetic("cpu", "bf16").autocast():
        product = torch.ones(2, 2) @ torch.ones(2, 2)
    assert product.dtype == torch.bfloat16


@pytest.mark.parametrize(
    ("device", "precision", "message"),
    [("cuda", "auto", "PyTorch sees no GPU here"), ("cpu", "fp16", "fp16 needs a GPU; use bf16 or float32")],
)
def test_what_this_machine_cannot_do_is_refused(without_gpu, device, precision, message):
    with pytest.raises(UserError, match=message):
        arithmetic(device, precision)


def test_running_out_of_memory_is_recognised():
    import torch

    with pytest.raises(RuntimeError) as caught:
        torch.empty(1 << 50)
    assert is_out_of_memory(caught.value)
    assert is_out_of_memory(MemoryError())
    assert is_out_of_memory(torch.OutOfMemoryError("CUDA out of memory"))
    assert not is_out_of_memory(RuntimeError("shapes do not match"))


def test_a_model_that_does_not_fit_and_a_damaged_one_get_different_advice():
    assert "take a smaller model" in loading_failed("big", MemoryError("no room"))
    assert "fetch or train it again" in loading_failed("broken", ValueError("bad header"))
