"""Loading FAISS: which build is installed, and whether it can use a GPU."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from xlcorpus.device import Device, Resolved
from xlcorpus.errors import MissingExtra, UserError

_CPU_BUILDS = ("faiss-cpu",)
GPU_SCRATCH_BYTES = 1_792 * 2**20
"""FAISS's temporary memory on a GPU (1.5 GiB by default) and the CUDA context."""

_GPU_BUILDS = ("faiss-gpu", "faiss-gpu-cu11", "faiss-gpu-cu12", "faiss-gpu-cuvs")


def faiss_module() -> Any:
    """The module `faiss`, after a check that exactly one build of it is installed.

    Raises:
        MissingExtra: FAISS is not installed.
        UserError: a CPU and a GPU build are both installed; they overwrite each other's files.
    """
    cpu, gpu = _installed(_CPU_BUILDS), _installed(_GPU_BUILDS)
    if cpu and gpu:
        both = " ".join(cpu + gpu)
        raise UserError(
            f"{' and '.join(cpu + gpu)} are both installed and overwrite each other's files; remove them, "
            f"then install one:\n  pip uninstall -y {both}\n"
            "  pip install 'xlcorpus[cpu]'    (with an NVIDIA GPU on Linux: pip install 'xlcorpus[gpu]')"
        )
    try:
        import faiss
    except ImportError as e:
        raise MissingExtra(
            f"mining needs FAISS, which is not installed or does not load ({e}): "
            "pip install 'xlcorpus[cpu]', or on Linux with an NVIDIA GPU and CUDA 12: "
            "pip install 'xlcorpus[gpu]'"
        ) from e
    return faiss


def resolve_device(device: Device, faiss: Any) -> Resolved:
    """`auto` is `cuda` when FAISS sees a GPU, else `cpu`.

    Raises:
        UserError: `cuda` is asked for and this FAISS has no GPU support or sees no GPU; unknown device.
    """
    if device not in ("auto", "cpu", "cuda"):
        raise UserError(f"device {device!r}: valid are auto, cpu and cuda")
    if device == "cpu":
        return "cpu"
    able = hasattr(faiss, "StandardGpuResources")
    if able and faiss.get_num_gpus() > 0:
        return "cuda"
    if device == "auto":
        return "cpu"
    if able:
        raise UserError("device: cuda, but FAISS sees no GPU here; use device: cpu or auto")
    raise UserError(
        "device: cuda, but the FAISS installed here is the CPU build; use device: cpu, or "
        "pip uninstall -y faiss-cpu and then pip install 'xlcorpus[gpu]' (Linux with CUDA 12)"
    )


def flat_index(vectors: Any, device: Resolved, faiss: Any) -> Any:
    """An exact inner-product index over `vectors`, float32 (rows, dim), on that device.

    The GPU index stands on the first GPU that FAISS sees and holds all rows there (4 * rows * dim bytes).
    """
    index = faiss.IndexFlatIP(vectors.shape[1])
    if device == "cuda":
        index = faiss.index_cpu_to_gpu(faiss.StandardGpuResources(), 0, index)
    index.add(vectors)
    return index


def to_gpus(index: Any, float16: bool, faiss: Any, shard: bool = True) -> Any:
    """A copy of a CPU index on all GPUs that FAISS sees.

    Args:
        index: flat, or with inverted lists (also behind OPQ or PCA); FAISS has no others on a GPU.
        float16: a flat index keeps vectors in half precision, a product quantiser its tables. An `IVF...,Flat` index
            does not shrink: use `IVF...,SQfp16`.
        shard: each GPU holds a part of the rows; else each holds all and the queries are shared out.

    Raises:
        RuntimeError: FAISS has no such index on a GPU, or the GPU's memory does not suffice.
    """
    options = faiss.GpuMultipleClonerOptions()
    options.shard, options.useFloat16 = shard, float16
    if hasattr(options, "use_cuvs"):
        options.use_cuvs = False  # cuVS has no scalar quantiser
    return faiss.index_cpu_to_all_gpus(index, co=options)


def to_cpu(index: Any, faiss: Any) -> Any:
    """A copy on the CPU of an index on GPUs: only that can be written to a file."""
    return faiss.index_gpu_to_cpu(index)


def gpu_bytes() -> int:
    """Free memory of all GPUs together, less what FAISS takes for itself on each."""
    import torch

    free = [int(torch.cuda.mem_get_info(gpu)[0]) for gpu in range(torch.cuda.device_count())]
    return sum(max(0, size - GPU_SCRATCH_BYTES) for size in free)


def _installed(distributions: tuple[str, ...]) -> list[str]:
    return [name for name in distributions if _is_installed(name)]


def _is_installed(distribution: str) -> bool:
    try:
        version(distribution)
    except PackageNotFoundError:
        return False
    return True
