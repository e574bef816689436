"""Learning from bitext by distillation and by fine-tuning, on Multi30k's 29,000 true pairs.

    python benchmarks/training.py [DATA]

`distil`: the bootstrap encoder (letters only) as the teacher of English, a StaticEmbedding from nothing as the student
of both languages. `sentence-transformers`: that student fine-tuned by in-batch softmax on the same pairs. P@1 is the
mean of both directions on the 1,000 pairs of test_2016, which nothing else here sees; all options are defaults.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from targets import Figure

from xlcorpus.cli.files.pairs import read_pairs
from xlcorpus.mining.evaluate.measures import translation_ranks
from xlcorpus.models.encoders.loading import load_encoder
from xlcorpus.training.trainers.contrastive import ContrastiveTrainer
from xlcorpus.training.trainers.distil import DistilTrainer

LANGUAGES = ("de", "fr")


def figures(data: Path) -> Iterator[Figure]:
    """P@1 after each training, and its time.

    Args:
        data: the folder that holds `multi30k/`.
    """
    corpus = data / "multi30k"
    for lang in LANGUAGES:
        pairs = read_pairs([corpus / "train"], lang, "en")
        test = read_pairs([corpus / "test_2016_flickr"], lang, "en")
        src, tgt = test["src_text"].to_list(), test["tgt_text"].to_list()

        def p_at_1(encoder: str, src: list[str] = src, tgt: list[str] = tgt) -> float:
            loaded = load_encoder(encoder)
            return float(np.mean(translation_ranks(loaded.encode(src), loaded.encode(tgt), src, tgt).p_at_1))

        with tempfile.TemporaryDirectory() as scratch:
            student, tuned = Path(scratch) / "student", Path(scratch) / "tuned"
            yield Figure(f"bootstrap, P@1 Multi30k test_2016 {lang}-en", p_at_1("bootstrap"))
            trained = DistilTrainer(teacher="bootstrap", teacher_langs=["en"]).train(pairs, student)
            yield Figure(f"distil, P@1 Multi30k test_2016 {lang}-en", p_at_1(str(student)), seconds=trained.seconds)
            trained = ContrastiveTrainer().train(pairs, tuned, start=str(student))
            name = f"then sentence-transformers, P@1 Multi30k test_2016 {lang}-en"
            yield Figure(name, p_at_1(str(tuned)), seconds=trained.seconds)


def main() -> None:
    """Print the figures."""
    default = Path(__file__).parents[2] / "shared" / "data"
    for figure in figures(Path(sys.argv[1]) if len(sys.argv) > 1 else default):
        print(figure, flush=True)


if __name__ == "__main__":
    main()
