"""What a step loads: one protocol and its backends per folder.

`SubwordEmbedding` can be imported from here: saved models name this path, so it stays when files move.
"""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    if name == "SubwordEmbedding":  # on first use: it imports torch
        from xlcorpus.models.encoders.subword_embedding import SubwordEmbedding

        return SubwordEmbedding
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
