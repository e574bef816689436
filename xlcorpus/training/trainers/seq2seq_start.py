"""The encoder-decoder that a training starts from: a given one, or a random one with a new vocabulary."""

from __future__ import annotations

from collections.abc import Sequence

from xlcorpus.errors import UserError
from xlcorpus.models.arithmetic import Arithmetic
from xlcorpus.models.encoders.language_tokens import language_token
from xlcorpus.models.encoders.loading import load_encoder
from xlcorpus.models.encoders.seq2seq_encoder import MOST_TOKENS, Seq2SeqEncoder
from xlcorpus.training.bitext import Say
from xlcorpus.training.tokenizer import BEGIN, END, PAD, UNKNOWN, seq2seq_tokenizer

HEAD = 64
"""Width of an attention head (Vaswani et al. 2017)."""


def given_start(name: str, tags: Sequence[str], numbers: Arithmetic, say: Say) -> Seq2SeqEncoder:
    """A model by folder or Hub id, with a token for each of the languages; those it lacks are added and random.

    Raises:
        UserError: no such model, a damaged one, no encoder-decoder, or one that does not fit into memory.
    """
    from tokenizers import AddedToken

    loaded = load_encoder(name, device=numbers.device)
    if not isinstance(loaded, Seq2SeqEncoder):
        raise UserError(
            f"{name!r} is no encoder-decoder; start from one of transformers (mBART, NLLB), or give no start"
        )
    vocabulary = loaded.tokenizer.get_vocab()
    new = [tag for tag in tags if language_token(tag, vocabulary) is None]
    if not new:
        return loaded
    say(f"{name} has no token for {', '.join(new)}: a new one is added", False)
    loaded.tokenizer.add_tokens([AddedToken(tag, special=True, normalized=False) for tag in new], special_tokens=True)
    if len(loaded.tokenizer) > loaded.model.get_input_embeddings().num_embeddings:
        loaded.model.resize_token_embeddings(len(loaded.tokenizer))
    return Seq2SeqEncoder(loaded.model, loaded.tokenizer, loaded.identity)


def random_start(
    texts: Sequence[str], tags: Sequence[str], layers: int, width: int, vocabulary: int, dropout: float, seed: int
) -> Seq2SeqEncoder:
    """A model of mBART's form (Liu et al. 2020, arXiv 2001.08210) with random weights.

    Args:
        texts: what its vocabulary is learnt from.
        tags: its languages.
        layers: of the encoder, and of the decoder.
        width: of a layer; its feed-forward part has four times as many, its heads 64 each.
        vocabulary: most pieces of words.
        dropout: share of the activations left out in training.
        seed: of the weights.
    """
    import torch
    from transformers import MBartConfig, MBartForConditionalGeneration, PreTrainedTokenizerFast

    heads = max(width // HEAD, 1)
    tokenizer = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=seq2seq_tokenizer(texts, vocabulary, tags),
        bos_token=BEGIN, pad_token=PAD, eos_token=END, unk_token=UNKNOWN,
    )  # fmt: skip
    config = MBartConfig(
        vocab_size=len(tokenizer), d_model=width, max_position_embeddings=MOST_TOKENS, dropout=dropout,
        encoder_layers=layers, encoder_attention_heads=heads, encoder_ffn_dim=4 * width,
        decoder_layers=layers, decoder_attention_heads=heads, decoder_ffn_dim=4 * width,
        bos_token_id=tokenizer.bos_token_id, pad_token_id=tokenizer.pad_token_id, eos_token_id=tokenizer.eos_token_id,
        decoder_start_token_id=None, forced_eos_token_id=None,
        # As fairseq draws weights, for any width. Tokens are not scaled up: they would drown their positions.
        init_std=width**-0.5, scale_embedding=False,
    )  # fmt: skip
    torch.manual_seed(seed)
    return Seq2SeqEncoder(MBartForConditionalGeneration(config), tokenizer, "seq2seq")
