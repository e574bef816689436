"""Mine, train on what was mined, mine again (CRISS; Tran et al. 2020, arXiv 2006.09526), until the gain ends.

Each round is judged without gold: every pair by a model that was not trained on it (`judged`), and the precision of all
pairs by the scores that their sentences get without their partners (`mining.select.calibration`). The loop ends with
the round before a gain falls, and refuses corpora in which nothing above chance is found.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from xlcorpus.arrays import Floats32, Ints64, unit_length
from xlcorpus.errors import UserError
from xlcorpus.mining.search.knn import knn
from xlcorpus.mining.search.neighbours import Neighbours
from xlcorpus.mining.select.calibration import SPARE_NEIGHBOURS
from xlcorpus.mining.select.margin import Margin
from xlcorpus.mining.select.selection import Pairs
from xlcorpus.training.self_training.judged import Judged, by_target, judge
from xlcorpus.training.self_training.learners import Corpora, CorpusVectors, Learner, Links, TrainingSet
from xlcorpus.training.self_training.seeds import NOTHING_KNOWN, FrequentWords, KnownTranslations, Seed, seeds

Pair = tuple[str, str]
"""Two language tags."""
Search = Callable[[Floats32, Floats32, int], Neighbours]
Say = Callable[[str, bool], None]
Models = Sequence[tuple[str, CorpusVectors]]
"""For each fold the identity of its model, and its vectors."""

LEAST_PAIRS = 50
"""Fewest pairs to train on."""

FAILED = 0.9
"""If a round's gain is less than this share of the one before, its pairs are mined again with the seed's vectors beside
the model's."""


class SelfTrainingOptions(BaseModel):
    """Options of the loop."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    iterations: int = Field(default=6, ge=1)
    """rounds of training at most"""
    precision: float = Field(default=0.95, gt=0, lt=1)
    """precision of the pairs that are released, by the lower end of the estimate"""
    min_gain: float = Field(default=0.01, ge=0)
    """the loop ends when the gain of a round (estimated right minus wrong pairs) grows by less than this share"""
    folds: int = Field(default=2, ge=2)
    """models in a round, each judging the pairs that it was not trained on"""
    k: int = Field(default=4, ge=1)
    """neighbours per sentence"""
    margin: Margin = "ratio"
    """cosine over, minus, or without the mean cosine to the neighbours"""


@dataclass(frozen=True)
class Round:
    """Pairs that one round found in two languages."""

    iteration: int
    """0: the seed"""
    judged: Judged
    models: tuple[str, ...]
    """identity of each fold's model; for the seed, its kind of evidence"""


@dataclass(frozen=True)
class ReleasedPairs:
    """The pairs of two languages that are released."""

    pairs: Pairs
    iteration: int
    threshold: float
    precision: float
    """estimated"""
    models: list[str]
    """(pairs,) which model found each"""


@dataclass
class SelfTrainingResult:
    """Rounds, released pairs and refusals of a loop."""

    history: list[dict[Pair, Round]]
    """all rounds, the seed first"""
    best: int = 0
    """number of the round that pairs and encoder are taken from"""
    found: dict[Pair, ReleasedPairs] = field(default_factory=dict)
    """by language pair; one that was refused is not there"""
    refused: dict[Pair, str] = field(default_factory=dict)
    """why"""
    training_set: TrainingSet | None = None
    """the pairs that the encoder to keep is trained on; None where nothing was found"""


@dataclass(frozen=True)
class Loop:
    """One loop over the corpora of two or more languages.

    corpora = {"de": german, "en": english}
    result = Loop(corpora, [("de", "en")], learner(corpora, StaticTrainer())).run()
    result.found["de", "en"].pairs.src  # rows of german
    """

    corpora: Corpora
    graph: Sequence[Pair]
    """language pairs to mine"""
    learner: Learner
    options: SelfTrainingOptions = field(default_factory=SelfTrainingOptions)
    known: Mapping[Pair, KnownTranslations] = field(default_factory=dict)
    seed: int = 0
    say: Say = lambda text, warning: None
    search: Search = knn

    def run(self) -> SelfTrainingResult:
        """Seed, then rounds of training and mining until the gain no longer grows.

        Raises:
            UserError: no two languages, or one without sentences; see the trainer.
        """
        self._check()
        seeded, rounds = self._seeded()
        result = SelfTrainingResult([rounds])
        gain, beside = _gain(rounds), False
        for iteration in range(1, self.options.iterations + 1):
            links = _links(rounds)
            if iteration == 1 and _count(links) < LEAST_PAIRS:
                links = _trial(rounds)
                if _count(links) >= LEAST_PAIRS:
                    self.say("the seed shows no gain above chance: one round is tried on its best pairs", False)
            if _count(links) < LEAST_PAIRS:
                break
            models = self._trained(iteration, links)
            rounds = self._mined(iteration, models, seeded if beside else None)
            if _gain(rounds) < gain * FAILED and not beside:
                again = self._mined(iteration, models, seeded)
                if _gain(again) > _gain(rounds):
                    rounds, beside = again, True
            result.history.append(rounds)
            new = _gain(rounds)
            if new < gain:
                report = f"{new:,.0f} after {gain:,.0f} right minus wrong pairs, by the estimate"
                self.say(
                    f"round {iteration} has a lower gain than the one before ({report}): its pairs are not used", False
                )
                break
            result.best = iteration
            if new < gain * (1 + self.options.min_gain):
                break
            gain = new
        self._conclude(result)
        return result

    def _check(self) -> None:
        if not self.graph:
            raise UserError(f"a loop needs two languages, but there is only {', '.join(self.corpora) or 'none'}")
        for lang in sorted({lang for pair in self.graph for lang in pair}):
            if not len(self.corpora.get(lang, ())):
                raise UserError(f"there are no sentences in {lang}")

    def _seeded(self) -> tuple[dict[Pair, Seed], dict[Pair, Round]]:
        """For each language pair the seed with the highest gain, and the pairs it finds."""
        vocabularies = {lang: FrequentWords.of(texts, lang, self.seed) for lang, texts in self.corpora.items()}
        chosen: dict[Pair, Seed] = {}
        found: dict[Pair, Round] = {}
        for pair in self.graph:
            src, tgt = (vocabularies[lang] for lang in pair)
            for seed in seeds(src, tgt, self.known.get(pair, NOTHING_KNOWN), self.seed):
                fold = np.zeros(max(len(seed.src), len(seed.tgt)), dtype=np.int64)
                near = self.search(seed.src, seed.tgt, self.options.k + SPARE_NEIGHBOURS)
                judged = judge([near], fold, self.options.k, self.options.margin, self.seed)
                self.say(f"{'-'.join(pair)}: seed by {seed.name}: {self._report(judged)}", False)
                if pair not in found or judged.gain > found[pair].judged.gain:
                    chosen[pair], found[pair] = seed, Round(0, judged, (f"seed by {seed.name}",))
        return chosen, found

    def _trained(self, iteration: int, links: Sequence[Links]) -> Models:
        """For each fold a model trained on the other folds."""
        folds = {pair: self._folds(pair, iteration) for pair in self.graph}
        training_sets = []
        for number in range(self.options.folds):
            others = [self._outside(link, folds, number) for link in links]
            training_sets.append(TrainingSet(others, (self.seed * 1000 + iteration) * self.options.folds + number))
        names = [
            f"{self.learner.name}-{iteration}.{i}-{_digest(training_set)}"
            for i, training_set in enumerate(training_sets)
        ]
        return list(zip(names, self.learner.vectors(training_sets), strict=True))

    def _mined(self, iteration: int, models: Models, beside: Mapping[Pair, Seed] | None) -> dict[Pair, Round]:
        """The pairs that each fold's model finds in its fold; `beside`: with the seeds' vectors beside the model's."""
        found = {}
        helped = "" if beside is None else " with the seed beside it"
        for pair in self.graph:
            near = []
            for _, vectors in models:
                x, y = (vectors[lang] for lang in pair)
                if beside is not None:
                    x, y = np.hstack([x, unit_length(beside[pair].src)]), np.hstack([y, unit_length(beside[pair].tgt)])
                near.append(self.search(x, y, self.options.k + SPARE_NEIGHBOURS))
            judged = judge(near, self._folds(pair, iteration), self.options.k, self.options.margin, self.seed)
            found[pair] = Round(iteration, judged, tuple(identity + helped for identity, _ in models))
            self.say(f"{'-'.join(pair)}: round {iteration}{helped}: {self._report(judged)}", False)
        return found

    def _folds(self, pair: Pair, iteration: int) -> Ints64:
        """(rows of the larger side,) the fold of each; drawn anew in every round, the same for a side in all pairs."""
        lang = pair[1] if by_target(*(len(self.corpora[name]) for name in pair)) else pair[0]
        draw = np.random.default_rng([self.seed, iteration, sorted(self.corpora).index(lang)])
        return draw.permutation(len(self.corpora[lang])) % self.options.folds

    def _outside(self, link: Links, folds: Mapping[Pair, Ints64], number: int) -> Links:
        """The links of the other folds, which a fold's model is trained on."""
        pair = (link.src_lang, link.tgt_lang)
        row = link.tgt if by_target(*(len(self.corpora[name]) for name in pair)) else link.src
        kept = np.flatnonzero(folds[pair][row] != number)
        return Links(*pair, link.src[kept], link.tgt[kept])

    def _conclude(self, result: SelfTrainingResult) -> None:
        """The pairs of the best round that reach the target precision, or why there are none."""
        rounds = result.history[result.best]
        links = _links(rounds)
        if _count(links) >= LEAST_PAIRS:
            result.training_set = TrainingSet(links, self.seed)
        for pair, found in rounds.items():
            calibration = found.judged.calibrated(self.options.precision)
            if calibration.refusal is None:
                pairs, fold = found.judged.above(calibration.threshold)
                models = [found.models[number] for number in fold]
                at = found.iteration, calibration.threshold, calibration.precision
                result.found[pair] = ReleasedPairs(pairs, *at, models)
            else:
                result.refused[pair] = _refusal(found.judged, calibration.refusal)

    def _report(self, judged: Judged) -> str:
        """A round in a line."""
        kept = judged.calibrated(self.options.precision)
        safe = "none" if kept.refusal is not None else f"{kept.pairs:,}"
        right = f"{judged.right:,.0f} of them right by the estimate"
        return f"{len(judged.pairs):,} pairs, {right}; {safe} at a precision of {self.options.precision:g}"


def _links(rounds: Mapping[Pair, Round]) -> list[Links]:
    """Pairs to train on: those of each language pair that are more likely right than wrong."""
    links = []
    for pair, found in rounds.items():
        pairs, _ = found.judged.above(found.judged.likely)
        if len(pairs):
            links.append(Links(*pair, pairs.src, pairs.tgt))
    return links


def _trial(rounds: Mapping[Pair, Round]) -> list[Links]:
    """The better half of all pairs, for a first round where the estimate finds no gain.

    The estimate is conservative, most of all where one side is much larger. Training on these pairs is safe: the round
    is judged by models that were not trained on the pairs they judge.
    """
    links = []
    for pair, found in rounds.items():
        pairs = found.judged.pairs.take(np.arange((len(found.judged.pairs) + 1) // 2))
        links.append(Links(*pair, pairs.src, pairs.tgt))
    return links


def _count(links: Sequence[Links]) -> int:
    return sum(len(link) for link in links)


def _gain(rounds: Mapping[Pair, Round]) -> float:
    """`Judged.gain` over all language pairs."""
    return sum(found.judged.gain for found in rounds.values())


def _refusal(judged: Judged, reason: str) -> str:
    if judged.gain < LEAST_PAIRS:
        return (
            f"nothing was found above chance: {len(judged.pairs):,} pairs agree in both directions, but after their "
            "partners are removed these sentences score as high with others. The corpora may have nothing in common, "
            "or too little text; a small lexicon or a few hundred known pairs may help"
        )
    return reason


def _digest(training_set: TrainingSet) -> str:
    """8 hex digits over a training set."""
    digest = hashlib.blake2b(str(training_set.seed).encode(), digest_size=4)
    for link in training_set.links:
        digest.update(f"{link.src_lang} {link.tgt_lang}".encode() + link.src.tobytes() + link.tgt.tobytes())
    return digest.hexdigest()
