"""Tokenizers trained on the training texts, for models without a start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

UNKNOWN = "<unk>"
BEGIN, PAD, END = "<s>", "<pad>", "</s>"
SPECIAL = (BEGIN, PAD, END, UNKNOWN)
"""In mBART's order."""


def static_tokenizer(texts: Sequence[str], size: int) -> Any:
    """Pieces of lower-case words, for a static embedding.

    Args:
        texts: what to learn from, of all languages together.
        size: most pieces.

    Returns:
        A `tokenizers.Tokenizer`.
    """
    from tokenizers import normalizers

    return _trained(texts, size, normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()]), (UNKNOWN,))


def seq2seq_tokenizer(texts: Sequence[str], size: int, tags: Sequence[str]) -> Any:
    """Pieces from which texts can be restored, and a token for each language; see `static_tokenizer`."""
    from tokenizers import normalizers

    return _trained(texts, size, normalizers.NFKC(), (*SPECIAL, *tags))


def _trained(texts: Sequence[str], size: int, normalizer: Any, special: Sequence[str]) -> Any:
    """Byte-pair encoding (Sennrich et al. 2016, arXiv 1508.07909) of words with their space, as SentencePiece splits.

    Not a unigram model, which `tokenizers` (0.23) learns a little differently each time from the same texts.
    """
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE(unk_token=UNKNOWN))
    tokenizer.normalizer = normalizer
    apart = pre_tokenizers.Punctuation("isolated"), pre_tokenizers.Digits(individual_digits=True)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Metaspace(), *apart])
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.BpeTrainer(vocab_size=size, special_tokens=list(special), show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer
