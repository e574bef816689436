"""Models of transformers with random weights, made from configs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

TEXTS = ["ein Hund schläft", "a dog sleeps", "Katze", "der Hund und die Katze schlafen hier", "user assistant"]


def tokenizer(**options: Any) -> Any:
    """Pieces of words of `TEXTS`."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    made = Tokenizer(models.BPE(unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    special = ["<s>", "<pad>", "</s>", "<unk>", *options.pop("special", [])]
    made.train_from_iterator(TEXTS, trainers.BpeTrainer(special_tokens=special, show_progress=False))
    if options.pop("ends", False):
        made.post_processor = processors.TemplateProcessing(
            single="$A </s>", pair="$A </s> $B:1 </s>:1", special_tokens=[("</s>", made.token_to_id("</s>"))]
        )
    names = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"} | options
    return PreTrainedTokenizerFast(
        tokenizer_object=made, **{name: token for name, token in names.items() if token is not None}
    )


def saved(model: Any, words: Any, folder: Path) -> str:
    """The path of a folder with model and tokenizer."""
    model.save_pretrained(folder)
    words.save_pretrained(folder)
    return str(folder)


def causal(folder: Path, **options: Any) -> str:
    """A GPT-2 of one layer."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    words = tokenizer(**options)
    torch.manual_seed(0)
    config = GPT2Config(vocab_size=len(words), n_positions=48, n_embd=16, n_layer=1, n_head=2, initializer_range=0.5,
                        bos_token_id=0, eos_token_id=2)  # fmt: skip
    return saved(GPT2LMHeadModel(config), words, folder)


def seq2seq(folder: Path) -> str:
    """A BART of one layer."""
    import torch
    from transformers import BartConfig, BartForConditionalGeneration

    words = tokenizer(ends=True)
    torch.manual_seed(0)
    config = BartConfig(
        vocab_size=len(words), d_model=16, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=32, decoder_ffn_dim=32, max_position_embeddings=32, init_std=0.5,
        bos_token_id=0, pad_token_id=1, eos_token_id=2, decoder_start_token_id=2, forced_eos_token_id=2,
    )  # fmt: skip
    return saved(BartForConditionalGeneration(config), words, folder)


def nllb(folder: Path, langs: tuple[str, ...] = ("deu_Latn", "eng_Latn"), tokens: int = 48) -> str:
    """An M2M-100 of one layer with NLLB's tokenizer, some languages, and texts of at most so many tokens."""
    import torch
    from transformers import M2M100Config, M2M100ForConditionalGeneration, NllbTokenizer

    vocabulary = {token: i for i, token in enumerate(["<s>", "<pad>", "</s>", "<unk>", "▁", *"abcdefghijklmnoprstuwz"])}
    words = NllbTokenizer(vocab=vocabulary, merges=[], extra_special_tokens=[*langs])
    torch.manual_seed(0)
    config = M2M100Config(
        vocab_size=len(words), d_model=16, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=32, decoder_ffn_dim=32, max_position_embeddings=tokens, init_std=0.5,
        bos_token_id=0, pad_token_id=1, eos_token_id=2, decoder_start_token_id=2,
    )  # fmt: skip
    return saved(M2M100ForConditionalGeneration(config), words, folder)


def classifier(folder: Path, labels: int = 1, tokens: int = 48, **options: Any) -> str:
    """A GPT-2 of one layer that classifies texts of at most so many tokens."""
    import torch
    from transformers import GPT2Config, GPT2ForSequenceClassification

    words = tokenizer(**options)
    torch.manual_seed(0)
    config = GPT2Config(vocab_size=len(words), n_positions=tokens, n_embd=16, n_layer=1, n_head=2,
                        initializer_range=0.5, num_labels=labels, bos_token_id=0, eos_token_id=2)  # fmt: skip
    return saved(GPT2ForSequenceClassification(config), words, folder)
