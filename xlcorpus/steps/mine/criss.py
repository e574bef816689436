"""Mining that learns from what it mined."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl
from pydantic import Field

from xlcorpus.models.encoders.loading import encoder_identity
from xlcorpus.models.stand_ins.identity import STAND_IN
from xlcorpus.rehearsing import rehearsing
from xlcorpus.step import CorpusEnv, CorpusStep, Port, Table
from xlcorpus.steps.language_pairs import LanguagePairs, language_pairs, named_pairs
from xlcorpus.steps.mine.criss_tasks import ClusterLearner, ClusterSearch, ModelRecipe
from xlcorpus.steps.mine.in_order import pairs_in_order
from xlcorpus.steps.mine.pair_rows import pair_rows, reject_unpaired, without_copies
from xlcorpus.steps.mine.parts import COLUMNS
from xlcorpus.training.registry import trainer_with
from xlcorpus.training.self_training.loop import Loop, Pair, ReleasedPairs, SelfTrainingOptions, SelfTrainingResult
from xlcorpus.training.self_training.seeds import NOTHING_KNOWN, KnownTranslations
from xlcorpus.training.trainers.static import StaticTrainer

ENCODER = "encoder"
"""Name of the encoder's folder in what the step keeps."""


class Criss(SelfTrainingOptions, CorpusStep):
    """Mines, trains an encoder on the pairs, and mines again (self-training), from monolingual text alone.

    After CRISS (Tran et al. 2020, arXiv 2006.09526). By default the encoder is a static embedding of words and their
    n-grams, trained contrastively on a CPU; the paper trains mBART to translate, as `trainer: seq2seq` does. Other
    differences: the first pairs need no model, since the vocabularies of two languages are coupled by co-occurrence and
    spelling; every pair is judged by a model that was not trained on it; the loop ends when the estimated number of
    right minus wrong pairs no longer grows. The released pairs reach `precision` by an estimate that needs no gold.
    Languages in which nothing above chance is found are refused.

    A small lexicon (`lexicon`) or a few hundred pairs (`known`) help where text is scarce. The encoder, trained on all
    pairs of the best round, is kept in the step's folder. Sentences without a partner are rejected as `unpaired`, and
    so are repetitions of a sentence; those that found a copy of themselves are rejected as `copied`.
    """

    pairs: LanguagePairs = "all"
    """which languages to mine against each other: all, {pivots: [en, es]}, or a list such as [de-en, fr-en]"""
    trainer: str = StaticTrainer.name
    """trainer of the encoder: static (seconds on a CPU), sentence-transformers, distil, or seq2seq (as in the paper)"""
    trainer_options: dict[str, Any] = {}
    """options of the trainer"""
    start: str | None = None
    """model that the trainer starts from in every round: a folder or Hub id"""
    keep_copies: bool = False
    """keep pairs whose sides are the same text but for case, punctuation or a word: seldom a translation"""
    part_rows: int = Field(default=250_000, ge=1)
    """sentences per side in one task of a search"""
    memory_mb: int = Field(default=1024, ge=16)
    """working memory of such a task in MiB"""

    produces = "pair"
    spreads = True

    def ports(self) -> dict[str, Port]:
        """`rows`: sentences; `lexicon`, `known`: known translations of words and sentences, optional."""
        return {
            "rows": Port(("sentence", "document")),
            "lexicon": Port(("lexicon",), required=False),
            "known": Port(("pair",), required=False),
        }

    def adds(self, kind: str) -> tuple[str, ...]:
        """Cosine, round, model and threshold of each pair."""
        return ("criss_cosine", "criss_iteration", "criss_model", "criss_threshold")

    def models(self) -> dict[str, str]:
        """The model that training starts from."""
        return {} if self.start is None else {"start": encoder_identity(self.start)}

    def preflight(self) -> None:
        """The trainer must be known and take its options, the languages be known, `start` be there."""
        trainer_with(self.trainer, self.trainer_options)
        named_pairs(self.pairs)
        if self.start is not None:
            encoder_identity(self.start)

    def run(self, inputs: Mapping[str, Table], env: CorpusEnv) -> Iterator[pl.DataFrame]:
        """One frame of pairs per language pair, best score first."""
        rows = _sentences(inputs["rows"])
        graph = language_pairs(self.pairs, list(rows), "mining")
        rows = {lang: rows[lang] for lang in rows if any(lang in pair for pair in graph)}
        if rehearsing():
            for src, tgt in graph:
                pairs = pairs_in_order(rows[src].height, rows[tgt].height)
                found = ReleasedPairs(pairs, 1, 1.0, 1.0, [STAND_IN] * len(pairs))
                yield pair_rows(rows[src], rows[tgt], found.pairs, "criss").with_columns(_provenance(found))
            return
        texts = pl.concat([frame.select("lang", "text") for frame in rows.values()])
        texts.write_parquet(env.scratch / "corpora.parquet")
        options = json.dumps(self.trainer_options, sort_keys=True)
        recipe = ModelRecipe(env.scratch / "corpora.parquet", self.trainer, options, self.start)
        learns = ClusterLearner(recipe, env.scratch, env)
        result = Loop(
            corpora={lang: frame["text"].to_list() for lang, frame in rows.items()},
            graph=graph,
            learner=learns,
            options=SelfTrainingOptions(**{name: getattr(self, name) for name in SelfTrainingOptions.model_fields}),
            known=_known(inputs, graph),
            seed=env.seed,
            say=env.say,
            search=ClusterSearch(env.scratch, self.part_rows, self.memory_mb, env),
        ).run()
        for pair, reason in result.refused.items():
            env.say(f"{'-'.join(pair)}: no pairs are released: {reason}.", True)
        if result.training_set is not None:
            learns.keep(result.training_set, env.keep / ENCODER)
            env.say(f"the encoder learnt from {sum(len(link) for link in result.training_set.links):,} pairs", False)
        paired: list[pl.Series] = []
        copied: list[pl.Series] = []
        for frame in _released(result, rows):
            if not self.keep_copies:
                frame, copies = without_copies(frame, env)
                copied.append(copies)
            paired += [frame["src_id"], frame["tgt_id"]]
            yield frame
        reject_unpaired(inputs["rows"], paired, env, copied)


def _sentences(table: Table) -> dict[str, pl.DataFrame]:
    """The distinct texts of each language, in order, with `COLUMNS`; without texts that hold no letter or digit."""
    frame = table.scan().select(COLUMNS).filter(pl.col("text").str.contains(r"[\p{L}\p{N}]")).collect()
    frame = frame.unique(["lang", "text"], keep="first", maintain_order=True)
    return {lang: frame.filter(lang=lang) for lang in frame["lang"].unique().sort()}


def _known(inputs: Mapping[str, Table], graph: Sequence[Pair]) -> dict[Pair, KnownTranslations]:
    """The known translations of each language pair, in either direction."""
    out: dict[Pair, KnownTranslations] = {}
    for pair in graph:
        parts = []
        for port, columns, nothing in (
            ("lexicon", ("src_word", "tgt_word"), NOTHING_KNOWN.lexicon),
            ("known", ("src_text", "tgt_text"), NOTHING_KNOWN.pairs),
        ):
            frames = [nothing]
            for one, other, names in ((*pair, columns), (*pair[::-1], columns[::-1])) if port in inputs else ():
                found = inputs[port].scan().filter(src_lang=one, tgt_lang=other).select(columns).collect()
                frames.append(found.select(pl.col(name).alias(to) for name, to in zip(names, columns, strict=True)))
            parts.append(pl.concat(frames))
        out[pair] = KnownTranslations(*parts)
    return out


def _released(result: SelfTrainingResult, rows: Mapping[str, pl.DataFrame]) -> Iterator[pl.DataFrame]:
    for (src, tgt), found in result.found.items():
        yield pair_rows(rows[src], rows[tgt], found.pairs, "criss").with_columns(_provenance(found))


def _provenance(found: ReleasedPairs) -> list[pl.Expr | pl.Series]:
    return [
        pl.lit(found.iteration, dtype=pl.Int64).alias("criss_iteration"),
        pl.Series("criss_model", found.models, dtype=pl.String),
        pl.lit(found.threshold, dtype=pl.Float64).alias("criss_threshold"),
    ]
