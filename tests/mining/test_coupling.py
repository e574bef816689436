"""Two vocabularies coupled by how their words stand together."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from xlcorpus.mining.lexicon.coupling import MASS, couple, habit_prior
from xlcorpus.mining.lexicon.word_relations import WordProfile, word_profile


def corpus(n: int, words: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Sentences of words that are unevenly frequent and go together in uneven ways: (word, starts)."""
    world = np.random.default_rng(1)
    place = world.standard_normal((words, 3))
    near = np.exp(-((place[:, None] - place[None]) ** 2).sum(axis=2)) / np.arange(1, words + 1)
    frequent = 1 / np.arange(1, words + 1)
    draw = np.random.default_rng(seed)
    said = []
    for first in draw.choice(words, n, p=frequent / frequent.sum()):
        others = draw.choice(words, 4, replace=False, p=near[first] / near[first].sum())
        said.append(np.append(others, first))
    return np.concatenate(said), np.arange(0, 5 * n + 1, 5)


def renamed(word: np.ndarray, words: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The corpus with its words renamed, and the new name of each."""
    name = np.random.default_rng(seed).permutation(words)
    return name[word], name


def profiles(seed: int, other: int, words: int = 60) -> tuple[WordProfile, WordProfile, np.ndarray]:
    one, two = corpus(3000, words, seed), corpus(3000, words, other)
    word, name = renamed(two[0], words, seed + 100)
    return word_profile(*one, words), word_profile(word, two[1], words), name


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1000))
def test_a_renamed_corpus_gives_its_words_away(seed: int) -> None:
    src, tgt, name = profiles(seed, seed)
    assert (couple(src, tgt, habit_prior(src, tgt)).forward.argmax(axis=1) == name).mean() > 0.95


def test_another_corpus_of_the_same_world_nearly_does() -> None:
    src, tgt, name = profiles(0, 1)
    prior = habit_prior(src, tgt)
    found = couple(src, tgt, prior)
    right = (found.forward.argmax(axis=1) == name).mean()
    assert right > 0.7 > (prior.argmax(axis=1) == name).mean()


def test_words_take_part_with_a_power_of_their_frequency() -> None:
    src, tgt, _ = profiles(0, 1)
    joint = couple(src, tgt, habit_prior(src, tgt)).joint
    mass = tgt.count**MASS / (tgt.count**MASS).sum()
    np.testing.assert_allclose(joint.sum(axis=0), mass, rtol=1e-3)


def test_what_is_known_decides_between_words_that_nothing_tells_apart() -> None:
    # Words 0 and 1 stand in every second sentence each, and nothing else is there: either naming would do.
    word, starts = np.array([0, 2, 1, 3] * 50), np.arange(0, 201, 2)
    src = tgt = word_profile(word, starts, 4)
    crossed = np.zeros((4, 4), dtype=np.float32)
    crossed[0, 1] = crossed[1, 0] = 5
    assert couple(src, tgt, habit_prior(src, tgt) + crossed).forward.argmax(axis=1).tolist() == [1, 0, 3, 2]


def test_a_vocabulary_may_be_empty() -> None:
    nothing = word_profile(np.array([-1, -1]), np.array([0, 1, 2]), 0)
    something = word_profile(np.array([0, 0]), np.array([0, 1, 2]), 1)
    assert couple(nothing, something, habit_prior(nothing, something)).forward.shape == (0, 1)
    assert couple(something, nothing, habit_prior(something, nothing)).forward.shape == (1, 0)
