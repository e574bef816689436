"""Training an encoder on pairs, inside a pipeline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from xlcorpus.models.encoders.loading import encoder_identity
from xlcorpus.rehearsing import rehearsing
from xlcorpus.step import CorpusEnv, CorpusStep, Port, Table
from xlcorpus.training.registry import trainer_with
from xlcorpus.training.trainer import PAIR_COLUMNS

ENCODER = "encoder"
"""Name of the encoder's folder in what the step keeps."""


class TrainEncoder(CorpusStep):
    """Trains a sentence encoder on the pairs that it reads, and keeps it; the pairs go on as they are.

    With `trainer: distil` a student learns the vectors of a teacher (Reimers & Gurevych 2020, arXiv 2004.09813): as a
    static embedding it encodes hundreds of times as fast. With `teacher_langs: [en]` the teacher's vectors of the
    English sides alone are learnt, so that pairs teach the student a language that the teacher does not know (NLLB-E5,
    Acharya et al. 2024, arXiv 2409.05401). Use the encoder's folder, which the run names, in another pipeline, or for
    `xlcorpus encoders`.

        train_encoder: {inputs: mine, trainer: distil, trainer_options: {teacher: e5-small}}
    """

    trainer: str = "static"
    """static (seconds on a CPU), sentence-transformers, distil or seq2seq; see `xlcorpus train --help`"""
    trainer_options: dict[str, Any] = {}
    """options of the trainer"""
    start: str | None = None
    """model to train further: a folder or Hub id"""

    def ports(self) -> dict[str, Port]:
        """`rows`: pairs, of any number of languages."""
        return {"rows": Port(("pair",))}

    def models(self) -> dict[str, str]:
        """The start, and the teacher."""
        named = {"start": self.start, "teacher": self.trainer_options.get("teacher")}
        return {role: encoder_identity(name) for role, name in named.items() if name is not None}

    def preflight(self) -> None:
        """The trainer must be known and take its options, the models be there."""
        trainer_with(self.trainer, self.trainer_options)
        self.models()

    def run(self, inputs: Mapping[str, Table], env: CorpusEnv) -> Iterator[pl.DataFrame]:
        """The shards of the input."""
        table = inputs["rows"]
        pairs = table.frame(PAIR_COLUMNS).unique(maintain_order=True)
        folder = env.keep / ENCODER
        if not folder.exists() and not rehearsing():
            env.keep.mkdir(parents=True, exist_ok=True)
            trained = trainer_with(self.trainer, self.trainer_options).train(
                pairs, folder, self.start, env.seed, env.say
            )
            env.say(f"the encoder learnt from {trained.pairs:,} pairs", False)
        env.say(f"the encoder is in kept/{ENCODER} of the step's folder", False)
        for path in table.shards:
            yield pl.read_parquet(path)
