"""A toy pair of languages, and models small enough to train in a test."""

import itertools
from pathlib import Path

import numpy as np
import polars as pl
import pytest

LANGS = ("deu_Latn", "eng_Latn")
WORDS = 60
"""Concepts, each with a word of its own in either language."""


def sentences(n: int, seed: int = 0, langs: tuple[str, str] = LANGS, words: int = WORDS) -> pl.DataFrame:
    """n pairs of a made-up language and another: no word in common, the second puts its words in reverse order."""
    rng = np.random.default_rng(seed)
    syllables = [c + v for c, v in itertools.product("bdfgklmnprst", "aeiou")]
    made = np.random.default_rng(7).permutation([a + b for a, b in itertools.product(syllables, syllables)])
    src, tgt = made[:WORDS], made[WORDS : 2 * WORDS]
    said = [rng.choice(words, rng.integers(3, 7), replace=False) for _ in range(n)]
    return pl.DataFrame(
        {
            "src_text": [" ".join(src[s]) for s in said],
            "tgt_text": [" ".join(tgt[s[::-1]]) for s in said],
            "src_lang": langs[0],
            "tgt_lang": langs[1],
        }
    )


@pytest.fixture(scope="session")
def toy():
    """`toy(n, seed=0, langs=...)`: pairs of the toy languages."""
    return sentences


@pytest.fixture(scope="session")
def tiny_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of one layer with random weights and the pieces of the toy languages, for sentence-transformers."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    texts = sentences(500)
    tokenizer = Tokenizer(models.BPE(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    trainer = trainers.BpeTrainer(vocab_size=600, special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator([*texts["src_text"], *texts["tgt_text"]], trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    )
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(fast), hidden_size=48, num_hidden_layers=1, num_attention_heads=2, intermediate_size=96,
        max_position_embeddings=64,
    )  # fmt: skip
    bare = tmp_path_factory.mktemp("bert")
    BertModel(config).save_pretrained(bare)
    fast.save_pretrained(bare)
    folder = tmp_path_factory.mktemp("models") / "tiny-bert"
    transformer = Transformer(str(bare))
    SentenceTransformer(modules=[transformer, Pooling(48)], device="cpu").save(str(folder), create_model_card=False)
    return folder
