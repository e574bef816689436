"""The one door to FAISS: which build is installed, and whether it can use a GPU."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal

from xlcorpus.errors import MissingExtra, UserError

Device = Literal["auto", "cpu", "cuda"]

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


def resolve_device(device: Device, faiss: Any) -> Literal["cpu", "cuda"]:
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


def flat_index(vectors: Any, device: Literal["cpu", "cuda"], faiss: Any) -> Any:
    """An exact inner-product index over `vectors`, float32 (rows, dim), on that device.

    The GPU index stands on the first GPU that FAISS sees and holds all rows there (4 * rows * dim bytes).
    """
    index = faiss.IndexFlatIP(vectors.shape[1])
    if device == "cuda":
        index = faiss.index_cpu_to_gpu(faiss.StandardGpuResources(), 0, index)
    index.add(vectors)
    return index


def to_gpus(index: Any, gpus: Sequence[int] | None, float16: bool, faiss: Any, shard: bool = True) -> Any:
    """A copy of a CPU index on one GPU, or on several.

    Args:
        index: flat, or with inverted lists (also behind OPQ or PCA); FAISS has no others on a GPU.
        gpus: their numbers; None: all that FAISS sees.
        float16: a flat index keeps vectors in half precision, a product quantiser its tables. An `IVF...,Flat` index
            does not shrink: use `IVF...,SQfp16`.
        shard: each GPU holds a part of the rows; else each holds all and the queries are shared out.

    Raises:
        UserError: a GPU that is not there.
        RuntimeError: FAISS has no such index on a GPU, or the GPU's memory does not suffice.
    """
    seen = faiss.get_num_gpus()
    chosen = list(range(seen)) if gpus is None else list(gpus)
    if not chosen or not all(0 <= gpu < seen for gpu in chosen) or len(set(chosen)) < len(chosen):
        raise UserError(f"gpus: {chosen}, but FAISS sees {seen} here, numbered from 0; each may be named once")
    options = faiss.GpuMultipleClonerOptions()
    options.shard, options.useFloat16 = shard, float16
    if hasattr(options, "use_cuvs"):
        options.use_cuvs = False  # cuVS has no scalar quantiser
    return faiss.index_cpu_to_gpus_list(index, co=options, gpus=chosen)


def to_cpu(index: Any, faiss: Any) -> Any:
    """A copy on the CPU of an index on GPUs: only that can be written to a file."""
    return faiss.index_gpu_to_cpu(index)


def gpu_bytes(gpus: Sequence[int] | None) -> int:
    """Free memory of these GPUs together, less what FAISS takes for itself on each."""
    import torch

    chosen = range(torch.cuda.device_count()) if gpus is None else gpus
    return sum(max(0, int(torch.cuda.mem_get_info(gpu)[0]) - GPU_SCRATCH_BYTES) for gpu in chosen)


def _installed(distributions: tuple[str, ...]) -> list[str]:
    return [name for name in distributions if _is_installed(name)]


def _is_installed(distribution: str) -> bool:
    try:
        version(distribution)
    except PackageNotFoundError:
        return False
    return True
