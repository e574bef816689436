"""Mine, train on what was mined, mine again (CRISS; Tran et al. 2020, arXiv 2006.09526), and know when to stop.

Each round is judged without gold: every pair by a model that has not learnt from it (`judged`), the pairs of all
sentences and not only the top-scored ones, by what they would score if their partners were not there
(`mining.calibration`). A round that is worth less than the one before is kept back, and corpora in which nothing is
found that chance does not find are refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from xlcorpus.arrays import Floats32, Ints64
from xlcorpus.errors import UserError
from xlcorpus.mining.lexicon.coupling import unit_rows
from xlcorpus.mining.search.knn import knn
from xlcorpus.mining.search.neighbours import Neighbours
from xlcorpus.mining.select.calibration import SPARE_NEIGHBOURS
from xlcorpus.mining.select.margin import Margin
from xlcorpus.mining.select.selection import Pairs
from xlcorpus.training.self_training.judged import Judged, by_target, judge
from xlcorpus.training.self_training.learners import Corpora, Learner, Lesson, Links, Vectors
from xlcorpus.training.self_training.seeds import NOTHING, Known, Seed, Vocabulary, seeds

Pair = tuple[str, str]
"""Two languages."""
Search = Callable[[Floats32, Floats32, int], Neighbours]
Say = Callable[[str, bool], None]
Models = Sequence[tuple[str, Vectors]]
"""For each fold the identity of its model, and its vectors."""

LEAST_PAIRS = 50
"""Pairs that a first training needs."""

FAILED = 0.9
"""A round worth less than this share of the one before has learnt too little: the seed is asked again beside it."""


class Plan(BaseModel):
    """How the loop works."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    iterations: int = Field(default=6, ge=1)
    """rounds of training at most"""
    precision: float = Field(default=0.95, gt=0, lt=1)
    """precision of the pairs that are released, by the lower end of its estimate"""
    min_gain: float = Field(default=0.01, ge=0)
    """the loop ends when a round is worth less than this share more than the one before"""
    folds: int = Field(default=2, ge=2)
    """models in a round, each judging the pairs it has not learnt from"""
    k: int = Field(default=4, ge=1)
    """neighbours per sentence"""
    margin: Margin = "ratio"
    """cosine over, minus, or without the mean cosine to the neighbours"""


@dataclass(frozen=True)
class Round:
    """What one round found in two languages."""

    iteration: int
    """0: the seed"""
    judged: Judged
    models: tuple[str, ...]
    """identity of each fold's model; of a seed, what it stands on"""


@dataclass(frozen=True)
class Found:
    """The pairs of two languages that the loop stands by."""

    pairs: Pairs
    iteration: int
    threshold: float
    precision: float
    """estimated"""
    models: list[str]
    """(pairs,) which model found each"""


@dataclass
class Outcome:
    """What a loop leaves behind."""

    history: list[dict[Pair, Round]]
    """all rounds, the seed first"""
    best: int = 0
    """the round that counts"""
    found: dict[Pair, Found] = field(default_factory=dict)
    """by language pair; one that was refused is not there"""
    refused: dict[Pair, str] = field(default_factory=dict)
    """why"""
    lesson: Lesson | None = None
    """what the encoder of the whole loop is to learn; None where nothing was found"""


@dataclass(frozen=True)
class Loop:
    """One loop over the corpora of two or more languages.

    corpora = {"de": german, "en": english}
    outcome = Loop(corpora, [("de", "en")], learner(corpora, StaticTrainer())).run()
    outcome.found["de", "en"].pairs.src  # rows of german
    """

    corpora: Corpora
    graph: Sequence[Pair]
    """language pairs to mine"""
    learner: Learner
    plan: Plan = field(default_factory=Plan)
    known: Mapping[Pair, Known] = field(default_factory=dict)
    seed: int = 0
    say: Say = lambda text, warning: None
    search: Search = knn

    def run(self) -> Outcome:
        """Seed, then rounds until one is worth no more.

        Raises:
            UserError: no two languages, or one without sentences; see the trainer.
        """
        self._check()
        seeded, rounds = self._seeded()
        outcome = Outcome([rounds])
        worth, beside = _worth(rounds), False
        for iteration in range(1, self.plan.iterations + 1):
            links = _links(rounds)
            if iteration == 1 and _count(links) < LEAST_PAIRS:
                links = _trial(rounds)
                if _count(links) >= LEAST_PAIRS:
                    self.say("the seed shows nothing above chance: one round is tried on its best pairs", False)
            if _count(links) < LEAST_PAIRS:
                break
            models = self._trained(iteration, links)
            rounds = self._mined(iteration, models, seeded if beside else None)
            if _worth(rounds) < worth * FAILED and not beside:
                again = self._mined(iteration, models, seeded)
                if _worth(again) > _worth(rounds):
                    rounds, beside = again, True
            outcome.history.append(rounds)
            new = _worth(rounds)
            if new < worth:
                told = f"{new:,.0f} after {worth:,.0f} right less wrong pairs, by the estimate"
                self.say(f"round {iteration} is worth less than the one before ({told}): it is kept back", False)
                break
            outcome.best = iteration
            if new < worth * (1 + self.plan.min_gain):
                break
            worth = new
        self._conclude(outcome)
        return outcome

    def _check(self) -> None:
        if not self.graph:
            raise UserError(f"a loop needs two languages, but there is only {', '.join(self.corpora) or 'none'}")
        for lang in sorted({lang for pair in self.graph for lang in pair}):
            if not len(self.corpora.get(lang, ())):
                raise UserError(f"there are no sentences in {lang}")

    def _seeded(self) -> tuple[dict[Pair, Seed], dict[Pair, Round]]:
        """For each language pair the seed with the most evidence, and what it finds."""
        vocabularies = {lang: Vocabulary.of(texts, self.seed) for lang, texts in self.corpora.items()}
        chosen: dict[Pair, Seed] = {}
        found: dict[Pair, Round] = {}
        for pair in self.graph:
            src, tgt = (vocabularies[lang] for lang in pair)
            for seed in seeds(src, tgt, self.known.get(pair, NOTHING), self.seed):
                fold = np.zeros(max(len(seed.src), len(seed.tgt)), dtype=np.int64)
                near = self.search(seed.src, seed.tgt, self.plan.k + SPARE_NEIGHBOURS)
                judged = judge([near], fold, self.plan.k, self.plan.margin, self.seed)
                self.say(f"{'-'.join(pair)}: seed by {seed.name}: {self._told(judged)}", False)
                if pair not in found or judged.gain > found[pair].judged.gain:
                    chosen[pair], found[pair] = seed, Round(0, judged, (f"seed by {seed.name}",))
        return chosen, found

    def _trained(self, iteration: int, links: Sequence[Links]) -> Models:
        """For each fold a model trained on the other folds."""
        folds = {pair: self._folds(pair, iteration) for pair in self.graph}
        lessons = []
        for number in range(self.plan.folds):
            others = [self._outside(link, folds, number) for link in links]
            lessons.append(Lesson(others, (self.seed * 1000 + iteration) * self.plan.folds + number))
        names = [f"{self.learner.name}-{iteration}.{i}-{_digest(lesson)}" for i, lesson in enumerate(lessons)]
        return list(zip(names, self.learner.vectors(lessons), strict=True))

    def _mined(self, iteration: int, models: Models, beside: Mapping[Pair, Seed] | None) -> dict[Pair, Round]:
        """What each fold's model finds in its fold; `beside`: with the seeds' vectors beside the model's."""
        found = {}
        helped = "" if beside is None else " with the seed beside it"
        for pair in self.graph:
            near = []
            for _, vectors in models:
                x, y = (vectors[lang] for lang in pair)
                if beside is not None:
                    x, y = np.hstack([x, unit_rows(beside[pair].src)]), np.hstack([y, unit_rows(beside[pair].tgt)])
                near.append(self.search(x, y, self.plan.k + SPARE_NEIGHBOURS))
            judged = judge(near, self._folds(pair, iteration), self.plan.k, self.plan.margin, self.seed)
            found[pair] = Round(iteration, judged, tuple(identity + helped for identity, _ in models))
            self.say(f"{'-'.join(pair)}: round {iteration}{helped}: {self._told(judged)}", False)
        return found

    def _folds(self, pair: Pair, iteration: int) -> Ints64:
        """(rows of the larger side,) the fold of each; drawn anew in every round, the same for a side in all pairs."""
        lang = pair[1] if by_target(*(len(self.corpora[name]) for name in pair)) else pair[0]
        draw = np.random.default_rng([self.seed, iteration, sorted(self.corpora).index(lang)])
        return draw.permutation(len(self.corpora[lang])) % self.plan.folds

    def _outside(self, link: Links, folds: Mapping[Pair, Ints64], number: int) -> Links:
        """The links that a fold's model may learn from."""
        pair = (link.src_lang, link.tgt_lang)
        row = link.tgt if by_target(*(len(self.corpora[name]) for name in pair)) else link.src
        kept = np.flatnonzero(folds[pair][row] != number)
        return Links(*pair, link.src[kept], link.tgt[kept])

    def _conclude(self, outcome: Outcome) -> None:
        """The pairs of the best round above the promised precision, or why there are none."""
        rounds = outcome.history[outcome.best]
        links = _links(rounds)
        if _count(links) >= LEAST_PAIRS:
            outcome.lesson = Lesson(links, self.seed)
        for pair, found in rounds.items():
            calibration = found.judged.promised(self.plan.precision)
            if calibration.refusal is None:
                pairs, fold = found.judged.above(calibration.threshold)
                models = [found.models[number] for number in fold]
                at = found.iteration, calibration.threshold, calibration.precision
                outcome.found[pair] = Found(pairs, *at, models)
            else:
                outcome.refused[pair] = _refusal(found.judged, calibration.refusal)

    def _told(self, judged: Judged) -> str:
        """A round in a line."""
        kept = judged.promised(self.plan.precision)
        safe = "none" if kept.refusal is not None else f"{kept.pairs:,}"
        right = f"{judged.right:,.0f} of them right by the estimate"
        return f"{len(judged.pairs):,} pairs, {right}; {safe} at a precision of {self.plan.precision:g}"


def _links(rounds: Mapping[Pair, Round]) -> list[Links]:
    """What to train on: of each language pair what is more likely right than wrong."""
    links = []
    for pair, found in rounds.items():
        pairs, _ = found.judged.above(found.judged.likely)
        if len(pairs):
            links.append(Links(*pair, pairs.src, pairs.tgt))
    return links


def _trial(rounds: Mapping[Pair, Round]) -> list[Links]:
    """The better half of all pairs, where the estimate says nothing for any of them.

    It errs on the safe side, most of all where one side is much larger. Nothing is risked by a round on such pairs, for
    it is judged by models that have not seen what they judge.
    """
    links = []
    for pair, found in rounds.items():
        pairs = found.judged.pairs.take(np.arange((len(found.judged.pairs) + 1) // 2))
        links.append(Links(*pair, pairs.src, pairs.tgt))
    return links


def _count(links: Sequence[Links]) -> int:
    return sum(len(link) for link in links)


def _worth(rounds: Mapping[Pair, Round]) -> float:
    """See `Judged.gain`, over all language pairs."""
    return sum(found.judged.gain for found in rounds.values())


def _refusal(judged: Judged, reason: str) -> str:
    if judged.gain < LEAST_PAIRS:
        return (
            f"nothing was found that chance does not find: {len(judged.pairs):,} pairs agree in both directions, but "
            "without their partners these sentences score as high with others. The corpora may have nothing in common, "
            "or too little text; a small lexicon or a few hundred known pairs may help"
        )
    return reason


def _digest(lesson: Lesson) -> str:
    """8 hex digits over what a model learnt."""
    digest = hashlib.blake2b(str(lesson.seed).encode(), digest_size=4)
    for link in lesson.links:
        digest.update(f"{link.src_lang} {link.tgt_lang}".encode() + link.src.tobytes() + link.tgt.tobytes())
    return digest.hexdigest()
