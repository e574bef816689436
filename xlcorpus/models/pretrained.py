"""Loading models and tokenizers of transformers, by folder or Hub id."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xlcorpus.device import Device
from xlcorpus.errors import UserError
from xlcorpus.models.arithmetic import arithmetic, loading_failed
from xlcorpus.models.identity import hub_folder, is_folder, model_identity, place_and_revision
from xlcorpus.models.stand_ins.identity import STAND_IN
from xlcorpus.once import once_a_run
from xlcorpus.rehearsing import rehearsing

CHOICES = "a model's folder or its Hub id"
MOST_TOKENS = 4096
"""Tokens of a text, for models that say no number."""
TOKENS_AT_ONCE = 16_384
"""In a batch, with padding; halved when memory runs out."""


@once_a_run
def pretrained_identity(name: str) -> str:
    """What tells the model from others; see `model_identity`.

    Raises:
        UserError: no such model.
    """
    if rehearsing():
        return STAND_IN
    return model_identity(name, f"model {name!r}", CHOICES)


def config_of(name: str) -> dict[str, Any]:
    """The `config.json` of a model; empty where there is none. Raises UserError: no such model."""
    if rehearsing():
        return {}
    if not is_folder(name):
        pretrained_identity(name)
    folder = Path(name).expanduser() if is_folder(name) else hub_folder(name)
    try:
        found: dict[str, Any] = json.loads((folder / "config.json").read_text("utf8"))
    except (OSError, ValueError):  # missing or damaged: who loads the model says so
        return {}
    return found


def load_pretrained(name: str, loader: str, device: Device) -> tuple[Any, Any]:
    """The model, ready to compute on its device, and its tokenizer.

    Weights are float32 on the CPU; on a GPU they keep the numbers that they were saved in.

    Args:
        loader: name of a class of transformers: "AutoModelForCausalLM".

    Raises:
        UserError: no such model, it cannot be loaded, or there is no GPU for `cuda`.
    """
    import torch
    import transformers

    numbers = arithmetic(device)
    # The hash of a large folder takes long, and only the Hub's commit is needed.
    where, revision = place_and_revision(name, "" if is_folder(name) else pretrained_identity(name))
    dtype = torch.float32 if numbers.device == "cpu" else "auto"
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(where, revision=revision)
        model = getattr(transformers, loader).from_pretrained(where, revision=revision, dtype=dtype)
        return model.to(numbers.device).eval(), tokenizer
    # Loading weights raises errors of several families (OSError, ValueError, KeyError, safetensors' own).
    except Exception as e:
        raise UserError(loading_failed(name, e, "model")) from e


def most_tokens(model: Any, tokenizer: Any) -> int:
    """Tokens that a model takes in one text."""
    said = [getattr(model.config, name, None) for name in ("max_position_embeddings", "n_positions")]
    said.append(tokenizer.model_max_length)
    numbers = [int(number) for number in said if number and number < 10**9]
    found = min(numbers, default=MOST_TOKENS)
    # RoBERTa's positions begin behind that of the padding.
    return found - (getattr(model.config, "pad_token_id", 0) or 0) - 1 if _counts_padding(model) else found


def _counts_padding(model: Any) -> bool:
    return getattr(model.config, "model_type", "") in ("roberta", "xlm-roberta", "camembert", "xlm-roberta-xl")


def padded(ids: Sequence[Sequence[int]], pad: int, device: Any) -> tuple[Any, Any]:
    """(n, longest) int64 tensors: the ids with padding behind them, and a mask that is 1 where they are none."""
    import torch

    longest = max(map(len, ids))
    found = torch.full((len(ids), longest), pad, dtype=torch.int64)
    mask = torch.zeros((len(ids), longest), dtype=torch.int64)
    for row, one in enumerate(ids):
        found[row, : len(one)] = torch.tensor(one)
        mask[row, : len(one)] = 1
    return found.to(device), mask.to(device)
