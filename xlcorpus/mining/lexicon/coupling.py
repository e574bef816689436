"""Word translations from two monolingual corpora of the same domain, without known translations.

If `Hund` is `dog` and `Leine` is `leash`, then `Hund` co-occurs with `Leine` about as often as `dog` with `leash`. The
coupling of two vocabularies under which all such relations agree best is a quadratic assignment (Gromov-Wasserstein:
Alvarez-Melis & Jaakkola 2018, arXiv 1809.00013). It is approached by graduated assignment (Gold & Rangarajan 1996,
IEEE TPAMI 18(4)): starting from features of single words, such as their frequency, each round maps the co-occurrences
of every word through the current coupling, compares them with those of the other vocabulary, and couples anew by
Sinkhorn's algorithm (Cuturi 2013, arXiv 1306.0895), with less entropy in each round.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xlcorpus.arrays import Floats32, Floats64, unit_length
from xlcorpus.mining.lexicon.word_relations import HABITS, WordProfile

ROUNDS = 12
FIRM = (15.0, 40.0)
"""Weight of the cosine of two words' relations in the log-odds of the first and of the last round."""
PRIOR = (1.0, 0.3)
"""Weight of the prior in these."""
MASS = 0.65
"""Mass of a word is its frequency to this power: one word may correspond to several forms of the other language."""
HABIT_WEIGHT = 0.1
START_SOFTNESS = 4.0
"""The log-odds of the prior are divided by this for the first coupling."""
SINKHORN_ROUNDS = 30

_TINY = np.float32(1e-30)


@dataclass(frozen=True)
class Coupling:
    """Probabilities that words of two vocabularies correspond."""

    joint: Floats32
    """(n, m) float32, sums to 1"""

    @property
    def forward(self) -> Floats32:
        """(n, m) float32: probability of each target word given the source word."""
        return np.asarray(self.joint / np.maximum(self.joint.sum(axis=1, keepdims=True), _TINY), dtype=np.float32)


def habit_prior(src: WordProfile, tgt: WordProfile) -> Floats32:
    """(n, m) float32 log-odds of each two words being translations, by their frequency and their sentences."""
    out = np.zeros((len(src.count), len(tgt.count)), dtype=np.float32)
    for column, (_, usual) in enumerate(HABITS):
        away = (src.habits[:, column, None] - tgt.habits[None, :, column]) / usual
        out -= (HABIT_WEIGHT * away**2).astype(np.float32)
    return out


def couple(src: WordProfile, tgt: WordProfile, prior: Floats32) -> Coupling:
    """Couple two vocabularies, either of which may be empty; 2 n m (n + m) products a round.

        coupling = couple(src, tgt, habit_prior(src, tgt))
        coupling.forward.argmax(axis=1)  # the likeliest translation of each source word

    Args:
        src, tgt: n and m words.
        prior: (n, m) float32 log-odds of each two words being translations: habits, known translations, like spelling.
    """
    if not prior.size:
        return Coupling(np.zeros_like(prior))
    p, q = (_mass(side.count) for side in (src, tgt))
    even = np.asarray(1 / np.sqrt(np.outer(p, q)), dtype=np.float32)
    theirs = unit_length(tgt.together).T
    joint = _sinkhorn(prior / np.float32(START_SOFTNESS), p, q)
    for part in np.linspace(0, 1, ROUNDS, dtype=np.float32):
        alike = unit_length(src.together @ (joint * even)) @ theirs
        firm, weight = (a + (b - a) * part for a, b in (FIRM, PRIOR))
        joint = _sinkhorn(firm * alike + weight * prior, p, q)
    return Coupling(joint)


def _mass(count: Floats64) -> Floats32:
    mass = count**MASS
    return np.asarray(mass / mass.sum(), dtype=np.float32)


def _sinkhorn(log_odds: Floats32, p: Floats32, q: Floats32) -> Floats32:
    """The coupling with marginals p and q nearest to exp(log_odds)."""
    kernel = np.exp(log_odds - log_odds.max(axis=1, keepdims=True)) + _TINY
    v = np.ones(len(q), dtype=np.float32)
    for _ in range(SINKHORN_ROUNDS):
        u = p / np.maximum(kernel @ v, _TINY)
        v = q / np.maximum(kernel.T @ u, _TINY)
    return np.asarray(u[:, None] * kernel * v, dtype=np.float32)
