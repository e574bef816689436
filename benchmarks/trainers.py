"""Our trainers beside sentence-transformers' own trainer and losses, on the same pairs, batch size and epochs.

    python benchmarks/trainers.py [DATA]

`static` beside `SentenceTransformerTrainer` with `MultipleNegativesRankingLoss` (both ways) on a fresh StaticEmbedding,
and `distil` beside it with `MSELoss` on the teacher's vectors. 10,000 German-English captions of Multi30k, P@1 (mean of
both directions) on the 1,000 pairs of test_2016; the two run one after the other, twice. Needs the package accelerate.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from xlcorpus.cli.files.pairs import read_pairs
from xlcorpus.mining.evaluate.measures import translation_ranks
from xlcorpus.models.encoders.loading import load_encoder
from xlcorpus.training.trainers.distil import DistilTrainer
from xlcorpus.training.trainers.static import StaticTrainer

PAIRS, ROUNDS = 10_000, 2


def theirs(dataset: Any, folder: Path, loss: str, batch: int, epochs: int, rate: float, dim: int) -> None:
    """Train a fresh StaticEmbedding with sentence-transformers' trainer and write it."""
    import torch
    from datasets import Dataset
    from sentence_transformers import (
        SentenceTransformer,
        SentenceTransformerTrainer,
        SentenceTransformerTrainingArguments,
    )
    from sentence_transformers.losses import MSELoss, MultipleNegativesRankingLoss
    from sentence_transformers.models import StaticEmbedding
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    texts = dataset["texts"]
    tokenizer.train_from_iterator(
        texts, trainers.BpeTrainer(vocab_size=30_000, special_tokens=["[UNK]"], show_progress=False)
    )
    torch.manual_seed(0)
    model = SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_dim=dim)], device="cpu")
    losses = {"softmax": MultipleNegativesRankingLoss, "mse": MSELoss}
    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(folder / "run"), num_train_epochs=epochs, per_device_train_batch_size=batch, learning_rate=rate,
        warmup_ratio=0.1, report_to=[], save_strategy="no", logging_strategy="no", disable_tqdm=True, use_cpu=True,
    )  # fmt: skip
    rows = Dataset.from_dict({name: values for name, values in dataset.items() if name != "texts"})
    SentenceTransformerTrainer(model, arguments, train_dataset=rows, loss=losses[loss](model)).train()
    model.save(str(folder / "model"))


def p_at_1(encoder: str, src: list[str], tgt: list[str]) -> float:
    """Mean of both directions."""
    loaded = load_encoder(encoder)
    return float(np.mean(translation_ranks(loaded.encode(src), loaded.encode(tgt), src, tgt).p_at_1))


def main() -> None:
    """Print time and P@1 of both, and the ratio of the times."""
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2] / "shared" / "data"
    pairs = read_pairs([data / "multi30k" / "train"], "de", "en").head(PAIRS)
    test = read_pairs([data / "multi30k" / "test_2016_flickr"], "de", "en")
    held = test["src_text"].to_list(), test["tgt_text"].to_list()
    src, tgt = pairs["src_text"].to_list(), pairs["tgt_text"].to_list()
    static, distil = StaticTrainer(), DistilTrainer(teacher="bootstrap", teacher_langs=["en"])
    for number in range(ROUNDS):
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            ours = static.train(pairs, folder / "static")
            began = time.monotonic()
            (folder / "a").mkdir()
            both = {"anchor": [*src, *tgt], "positive": [*tgt, *src], "texts": [*src, *tgt]}
            theirs(both, folder / "a", "softmax", static.batch_size, static.epochs, static.learning_rate, static.dim)
            seconds = time.monotonic() - began
            show(
                number,
                "static",
                ours.seconds,
                p_at_1(str(folder / "static"), *held),
                seconds,
                p_at_1(str(folder / "a" / "model"), *held),
            )
            ours = distil.train(pairs, folder / "distil")
            began = time.monotonic()
            (folder / "b").mkdir()
            vectors = load_encoder("bootstrap").encode(tgt)
            both = {"sentence": [*src, *tgt], "label": [*vectors.tolist()] * 2, "texts": [*src, *tgt]}
            theirs(both, folder / "b", "mse", 2 * distil.batch_size, distil.epochs, 0.2, vectors.shape[1])
            seconds = time.monotonic() - began
            show(
                number,
                "distil",
                ours.seconds,
                p_at_1(str(folder / "distil"), *held),
                seconds,
                p_at_1(str(folder / "b" / "model"), *held),
            )


def show(number: int, name: str, ours: float, ours_p: float, theirs_s: float, theirs_p: float) -> None:
    """A line."""
    ratio = theirs_s / ours
    both = f"ours {ours:.1f} s P@1 {ours_p:.3f}, theirs {theirs_s:.1f} s P@1 {theirs_p:.3f}"
    print(f"{number} {name}: {both}, ratio {ratio:.2f}", flush=True)


if __name__ == "__main__":
    main()
