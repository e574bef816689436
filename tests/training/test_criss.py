"""The loop: it learns from what it mined, and knows when it does not know."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from xlcorpus.errors import UserError
from xlcorpus.models.encoders.loading import load_encoder
from xlcorpus.training.self_training.learners import Corpora, CorpusVectors, FolderLearner, TrainingSet, learner
from xlcorpus.training.self_training.loop import Loop, SelfTrainingOptions, SelfTrainingResult
from xlcorpus.training.trainers.contrastive import ContrastiveTrainer
from xlcorpus.training.trainers.static import StaticTrainer

SMALL = StaticTrainer(dim=64, epochs=2)
PAIR = ("a", "b")


def corpora(texts: list[list[str]], shuffled: int = 1) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Distinct sentences of the languages a, b, ..., b shuffled; and the translation of each sentence of a."""
    gold = dict(zip(texts[0], texts[1], strict=True))
    order = np.random.default_rng(shuffled).permutation(len(texts[1]))
    mixed = [texts[0], [texts[1][i] for i in order], *texts[2:]]
    return {name: list(dict.fromkeys(side)) for name, side in zip("abcd", mixed, strict=False)}, gold


def precision(result: SelfTrainingResult, texts: Corpora, gold: dict[str, str]) -> float:
    found = result.found[PAIR].pairs
    return float(np.mean([gold[texts["a"][i]] == texts["b"][j] for i, j in zip(found.src, found.tgt, strict=True)]))


def test_from_text_alone_to_pairs_and_an_encoder(world: Any, tmp_path: Path) -> None:
    texts, gold = corpora(world(600))
    learns = learner(texts, SMALL)
    result = Loop(texts, [PAIR], learns).run()
    found = result.found[PAIR]
    assert precision(result, texts, gold) > 0.95
    assert len(found.pairs) > 500
    assert found.precision > 0.95
    assert len(found.models) == len(found.pairs)
    assert result.training_set is not None
    learns.keep(result.training_set, tmp_path / "model")
    assert load_encoder(str(tmp_path / "model")).dim == 64


def test_corpora_without_a_pair_are_refused(world: Any) -> None:
    src, tgt = world(800)
    said: list[str] = []
    texts, _ = corpora([src[:400], tgt[400:]])
    result = Loop(texts, [PAIR], learner(texts, SMALL), say=lambda text, warning: said.append(text)).run()
    assert result.found == {}
    assert result.training_set is None
    assert "nothing was found above chance" in result.refused[PAIR]
    assert "a-b: seed by distribution" in said[0]


def test_the_same_seed_gives_the_same_pairs(world: Any) -> None:
    texts, _ = corpora(world(300))
    one, two = (Loop(texts, [PAIR], learner(texts, SMALL)).run().found[PAIR] for _ in range(2))
    np.testing.assert_array_equal(one.pairs.src, two.pairs.src)
    np.testing.assert_array_equal(one.pairs.score, two.pairs.score)
    assert one.models == two.models


class Forgetful:
    """A learner whose models know nothing."""

    name = "forgetful"

    def __init__(self, texts: Corpora) -> None:
        self.texts, self.training_sets = texts, list[TrainingSet]()

    def vectors(self, training_sets: Sequence[TrainingSet]) -> Sequence[CorpusVectors]:
        self.training_sets += training_sets
        draw = np.random.default_rng(0)
        return [
            {lang: draw.standard_normal((len(side), 8)).astype(np.float32) for lang, side in self.texts.items()}
            for _ in training_sets
        ]

    def keep(self, training_set: TrainingSet, folder: Path) -> None:
        raise AssertionError


def test_a_round_that_gets_worse_is_kept_back(world: Any) -> None:
    texts, gold = corpora(world(400))
    said: list[str] = []
    result = Loop(texts, [PAIR], Forgetful(texts), say=lambda text, warning: said.append(text)).run()
    assert result.best == 0
    assert result.found[PAIR].iteration == 0
    assert set(result.found[PAIR].models) == {"seed by distribution"}
    assert precision(result, texts, gold) > 0.95
    assert any("with the seed beside it" in line for line in said)
    assert "its pairs are not used" in said[-1]


def test_no_model_learns_from_the_sentences_it_judges(world: Any) -> None:
    texts, _ = corpora(world(400))
    learns = Forgetful(texts)
    Loop(texts, [PAIR], learns, SelfTrainingOptions(folds=3)).run()
    taught = [set(training_set.links[0].src.tolist()) for training_set in learns.training_sets]
    assert len(taught) == 3
    everything = set.union(*taught)
    # With three folds every pair is in two training sets, and kept from the model of its own fold.
    assert all(sum(row in each for each in taught) == 2 for row in everything)


def test_a_third_language_through_a_pivot(world: Any) -> None:
    texts, gold = corpora(world(400, languages=3))
    result = Loop(texts, [PAIR, ("c", "b")], learner(texts, SMALL)).run()
    assert set(result.found) == {PAIR, ("c", "b")}
    assert precision(result, texts, gold) > 0.95


def test_any_trainer_can_learn_in_the_loop(world: Any, tiny_bert: Path) -> None:
    texts, gold = corpora(world(200))
    trainer = ContrastiveTrainer(epochs=1, device="cpu")
    learns = learner(texts, trainer, str(tiny_bert))
    assert isinstance(learns, FolderLearner)
    result = Loop(texts, [PAIR], learns, SelfTrainingOptions(iterations=1, precision=0.8)).run()
    assert learns.name == "sentence-transformers"
    assert len(result.history) == 2
    assert precision(result, texts, gold) > 0.9


def test_one_language_is_not_enough() -> None:
    with pytest.raises(UserError, match="needs two languages, but there is only a"):
        Loop({"a": ["x"]}, [], Forgetful({"a": ["x"]})).run()


def test_a_language_without_sentences_is_named() -> None:
    with pytest.raises(UserError, match="there are no sentences in b"):
        Loop({"a": ["x"], "b": []}, [PAIR], Forgetful({"a": ["x"], "b": []})).run()


def test_a_seed_without_evidence_gets_one_round_to_show_it(world: Any) -> None:
    src, tgt = world(800)
    texts, _ = corpora([src[:400], tgt[400:]])
    learns = Forgetful(texts)
    result = Loop(texts, [PAIR], learns).run()
    assert len(result.history) == 2
    pairs = result.history[0][PAIR].judged.pairs
    assert sum(len(training_set.links[0]) for training_set in learns.training_sets) == (len(pairs) + 1) // 2
    assert result.found == {}
    assert result.training_set is None


def test_an_encoder_decoder_can_learn_in_the_loop_and_does_no_harm(world: Any) -> None:
    from xlcorpus.training.trainers.seq2seq import Seq2seqTrainer

    texts, gold = corpora(world(200))
    trainer = Seq2seqTrainer(epochs=1, layers=1, width=32, vocabulary=500, device="cpu")
    named = {"deu_Latn": texts["a"], "eng_Latn": texts["b"]}
    pair = ("deu_Latn", "eng_Latn")
    result = Loop(named, [pair], learner(named, trainer), SelfTrainingOptions(iterations=1, precision=0.8)).run()
    found = result.found[pair].pairs
    right = [gold[texts["a"][i]] == texts["b"][j] for i, j in zip(found.src, found.tgt, strict=True)]
    assert np.mean(right) > 0.9
    assert len(result.history) == 2


@pytest.mark.parametrize("texts", [{"a": ["犬", "猫"], "b": ["A cat.", "Bye."]}, {"a": ["?"], "b": ["!"]}])
def test_a_handful_of_sentences_is_refused_like_any_other_corpus(texts: dict[str, list[str]]) -> None:
    result = Loop(texts, [PAIR], learner(texts, SMALL)).run()
    assert result.found == {}
    assert "nothing was found above chance" in result.refused[PAIR]
