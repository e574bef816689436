"""Contrastive loss: softmax of each sentence over the translations in the batch."""

from __future__ import annotations

from typing import Any


def in_batch_softmax(src: Any, tgt: Any, same: Any, scale: float, smoothing: float, weight: Any) -> Any:
    """Cross entropy of the translation by cosine, mean of both directions.

    As `MultipleNegativesRankingLoss` of sentence-transformers in both directions (van den Oord et al. 2018, arXiv
    1807.03748; Artetxe & Schwenk 2019 mine by the same cosines), but equal sentences are no negatives of each other.

    Args:
        src, tgt: (n, d) tensors of embeddings, row i of one the translation of row i of the other.
        same: (n, n) bool tensor: pairs (source i, target j) that share a text and thus are no negatives; the diagonal
            does not matter.
        scale: what cosines are multiplied by, one over the softmax temperature.
        smoothing: share of the probability that is spread over all candidates.
        weight: (n,) tensor: how much each pair counts, mean about 1.

    Returns:
        Scalar tensor: mean over the pairs.
    """
    import torch
    from torch.nn.functional import normalize

    logits = scale * normalize(src.float(), dim=1) @ normalize(tgt.float(), dim=1).T
    diagonal = torch.eye(len(logits), dtype=torch.bool, device=logits.device)
    candidates = ~same | diagonal
    loss = _direction(logits, candidates, smoothing) + _direction(logits.T, candidates.T, smoothing)
    return (weight * loss).mean() / 2


def _direction(logits: Any, candidates: Any, smoothing: float) -> Any:
    """(n,) cross entropy of the diagonal in each row, among its candidates."""
    import torch

    log_p = logits - torch.logsumexp(logits.masked_fill(~candidates, -torch.inf), dim=1, keepdim=True)
    spread = (log_p * candidates).sum(dim=1) / candidates.sum(dim=1)
    return -(1 - smoothing) * log_p.diagonal() - smoothing * spread
