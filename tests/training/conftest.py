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


CONCEPTS, TOPICS = 240, 12


def captions(n: int, seed: int = 0, languages: int = 2) -> list[list[str]]:
    """n sentences of a world with topics, each said in several made-up languages without a word in common.

    Words are as unevenly frequent as in a real language, and stand together by topic; every language orders them anew.
    """
    world = np.random.default_rng(11)
    made = ["".join(s) for s in itertools.product("bdfgklmnprst", "aeiou", "bdfgklmnprst", "aeiou")]
    words = world.permutation(made)[: languages * CONCEPTS].reshape(languages, CONCEPTS)
    of_topic = world.permutation(CONCEPTS).reshape(TOPICS, -1)
    rarity = 1 / np.arange(1, CONCEPTS // TOPICS + 1)
    everyday = 1 / np.arange(1, CONCEPTS + 1)
    draw = np.random.default_rng([seed, 5])
    texts: list[list[str]] = [[] for _ in range(languages)]
    for _ in range(n):
        topic = of_topic[draw.integers(TOPICS)]
        said = draw.choice(topic, draw.integers(3, 6), replace=False, p=rarity / rarity.sum())
        said = np.concatenate([said, draw.choice(CONCEPTS, draw.integers(2, 5), p=everyday / everyday.sum())])
        for lang in range(languages):
            texts[lang].append(" ".join(words[lang][draw.permutation(said)]))
    return texts


@pytest.fixture(scope="session")
def world():
    """`world(n, seed=0, languages=2)`: parallel sentences of made-up languages, in the same order."""
    return captions
