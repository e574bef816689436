"""Windows of a few words in one script between two strong breaks: what a language identifier is shown of a text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from xlcorpus.arrays import Floats64, Ints64
from xlcorpus.text.language_spans.word_places import COMMON, HAN, KANA, STRONG, UNSPACED_WORDS, WordPlaces

WORDS = 6
"""Words of a window: an identifier trained on sentences says little about fewer."""
STRIDE = 2
"""Words from one window to the next inside a run."""


@dataclass(frozen=True)
class Windows:
    """Windows over the words of `WordPlaces`, in order."""

    first: Ints64
    """(windows,) first word"""
    last: Ints64
    """(windows,) word after the last"""

    def __len__(self) -> int:
        return len(self.first)

    def sums(self, values: npt.NDArray[np.generic]) -> Floats64:
        """(windows,) sum of a value of every word over the words of each window."""
        ends = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
        return np.asarray(ends[self.last] - ends[self.first])


def language_windows(places: WordPlaces) -> Windows:
    """Windows of `WORDS` words, `STRIDE` apart, that together cover all words with letters.

    None reaches over a strong break or a change of script; a shorter run is one window. Scripts without spaces get
    as many words in more units.
    """
    starts = _run_starts(places)
    lengths = np.diff(np.append(starts, len(places.start)))
    run_sizes = np.add.reduceat(places.size, starts) if len(starts) else places.size
    kept = run_sizes > 0
    starts, lengths, run_sizes = starts[kept], lengths[kept], run_sizes[kept]
    # A run has one script: its first word with letters tells how long its units are.
    per_word = np.where(run_sizes <= lengths * UNSPACED_WORDS, int(1 / UNSPACED_WORDS), 1)
    width, stride = WORDS * per_word, STRIDE * per_word
    count = np.where(lengths <= width, 1, -(-(lengths - width) // stride) + 1)
    run = np.repeat(np.arange(len(starts)), count)
    number = np.arange(len(run)) - np.repeat(np.cumsum(count) - count, count)
    offset = np.minimum(number * stride[run], np.maximum(lengths - width, 0)[run])
    first = starts[run] + offset
    return Windows(first, np.minimum(first + width[run], (starts + lengths)[run]))


def _run_starts(places: WordPlaces) -> Ints64:
    """First words of the runs that no window reaches over."""
    common = places.scripts.index(COMMON) if COMMON in places.scripts else -1
    lettered = np.flatnonzero(places.script != common)
    script = places.script[lettered]
    if KANA in places.scripts and HAN in places.scripts:  # Japanese mixes them word by word
        script = np.where(script == places.scripts.index(KANA), places.scripts.index(HAN), script)
    changes = np.zeros(len(places.script), dtype=np.bool_)
    # Words without letters belong to the script before them.
    changes[lettered[1:]] = np.diff(script) != 0
    return np.flatnonzero((places.before >= STRONG) | changes)
