"""How well embeddings align two languages, measured on sentences with known translations.

Row i of `x` is the translation of row i of `y` throughout. Retrieval is harder among more sentences, so compare figures
of the same n only.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from xlcorpus.arrays import Bools, Floats64, Ints64
from xlcorpus.device import Device
from xlcorpus.errors import UserError
from xlcorpus.mining.search.knn import knn
from xlcorpus.mining.search.unit import UnitRows
from xlcorpus.mining.select.margin import Margin, margins
from xlcorpus.mining.select.selection import select

__all__ = ["Ranks", "XsimError", "hubness", "translation_ranks", "xsim", "xsim_plus"]

TIE = 1e-6
"""Cosines that differ by less count as equal: the precision of float32."""

BLOCK_VALUES = 1 << 24
"""Cosines computed at once."""

MISALIGNED = "misaligned"
"""The error of xSIM++ that takes another sentence, or what was made of another sentence."""


@dataclass(frozen=True)
class Ranks:
    """Rank of each sentence's translation among all sentences of the other side, 1 for first."""

    cosine: Floats64
    """(n,) float64: cosine of the sentence and its translation"""
    forward: Ints64
    """(n,) int64: rank of target i for source i; equal cosines rank before it"""
    backward: Ints64
    """(n,) int64: rank of source i for target i"""

    @property
    def p_at_1(self) -> tuple[float, float]:
        """Share of ranks 1, forward and backward."""
        return float((self.forward == 1).mean()), float((self.backward == 1).mean())

    @property
    def mrr(self) -> tuple[float, float]:
        """Mean reciprocal rank, forward and backward."""
        return float((1 / self.forward).mean()), float((1 / self.backward).mean())

    @property
    def mexa(self) -> float:
        """Share of pairs above everything else in their row and their column (Kargaran et al. 2024, MEXA)."""
        return float(((self.forward == 1) & (self.backward == 1)).mean())


def translation_ranks(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    src_texts: Sequence[Hashable] | None = None,
    tgt_texts: Sequence[Hashable] | None = None,
) -> Ranks:
    """Rank of every translation by cosine, in both directions.

        ranks = translation_ranks(encoder.encode(german), encoder.encode(english))
        ranks.p_at_1, ranks.mrr, ranks.mexa

    Args:
        x, y: (n, dim) embeddings of n > 0 pairs.
        src_texts, tgt_texts: the n sentences, or keys of them; copies of the right one are then not counted before it.

    Raises:
        UserError: the sides differ in shape or are empty; NaN or infinity; another number of texts.
    """
    src, tgt = _aligned(x, y)
    n = len(src)
    copies = [_copies(texts, n, side) for texts, side in ((src_texts, "source"), (tgt_texts, "target"))]
    cosine = np.empty(n)
    step = max(1, BLOCK_VALUES // n)
    for start in range(0, n, step):
        rows = slice(start, start + step)
        cosine[rows] = np.einsum("nd,nd->n", src.block(start, start + step), tgt.block(start, start + step))
    forward, backward = np.ones((2, n), dtype=np.int64)
    others = tgt.block(0, n)
    for start in range(0, n, step):
        rows = slice(start, start + step)
        found = src.block(start, start + step) @ others.T
        forward[rows] += _rivals(found >= cosine[rows, None] - TIE, copies[1][rows, None] == copies[1])
        backward += _rivals((found >= cosine - TIE).T, (copies[0][rows, None] == copies[0]).T)
    return Ranks(cosine, forward, backward)


@dataclass(frozen=True)
class XsimError:
    """Sentences that did not retrieve their translation (xSIM; Heffernan et al. 2022, arXiv 2205.12654)."""

    wrong: Ints64
    """(e,) int64: those sentences"""
    found: Ints64
    """(e,) int64: the target row each took"""
    n: int
    """number of sentences"""
    kinds: tuple[str, ...] = ()
    """(e,): xSIM++ only: the kind of hard negative each took, or `MISALIGNED`"""

    @property
    def rate(self) -> float:
        """Share of wrong ones, 0 to 1; the papers give it in per cent."""
        return len(self.wrong) / self.n

    @property
    def by_kind(self) -> dict[str, float]:
        """Share of all sentences lost to each kind of error, by name of the kind."""
        return {kind: self.kinds.count(kind) / self.n for kind in sorted(set(self.kinds))}


def xsim(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    k: int = 4,
    margin: Margin = "ratio",
    tgt_texts: Sequence[Hashable] | None = None,
    device: Device = "auto",
) -> XsimError:
    """Error rate of taking the best by margin of each sentence's k nearest targets.

    Args:
        x, y: (n, dim) embeddings of n > 0 pairs.
        k, margin: as in `mine_pairs`; with `absolute` the nearest is taken.
        tgt_texts: the n target sentences; a copy of the right one is then right.

    Raises:
        UserError: the sides differ in shape or are empty; NaN or infinity; another number of texts.
    """
    src, tgt = _aligned(x, y)
    return _xsim(src, tgt, k, margin, _copies(tgt_texts, len(tgt), "target"), device)


def xsim_plus(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    made_of: npt.ArrayLike,
    kinds: Sequence[str],
    k: int = 4,
    margin: Margin = "ratio",
    tgt_texts: Sequence[Hashable] | None = None,
    device: Device = "auto",
) -> XsimError:
    """xSIM with hard negatives among the targets (xSIM++; Chen et al. 2023, arXiv 2306.12907).

        negatives = hard_negatives(english)
        y = encoder.encode(english + negatives.texts)
        xsim_plus(x, y, negatives.made_of, negatives.kinds).by_kind

    Args:
        x: (n, dim) sources.
        y: (n + h, dim): their translations, then h hard negatives.
        made_of: (h,) int64: the translation that each negative was made of.
        kinds: (h,) its kind.
        k, margin: as in `mine_pairs`.
        tgt_texts: the n + h target sentences; a copy of the right one is then right.

    Raises:
        UserError: lengths do not fit; NaN or infinity.
    """
    src, tgt = UnitRows(x, "source"), UnitRows(y, "target")
    origin = np.asarray(made_of, dtype=np.int64)
    n, h = len(src), len(tgt) - len(src)
    if n == 0 or h != len(origin) or h != len(kinds):
        raise UserError(
            f"{n} sources and {len(tgt)} targets leave {h} hard negatives; "
            f"made_of has {len(origin)} and kinds {len(kinds)}"
        )
    error = _xsim(src, tgt, k, margin, _copies(tgt_texts, len(tgt), "target"), device)
    of_own = [
        kinds[t - n] if t >= n and origin[t - n] == s else MISALIGNED
        for s, t in zip(error.wrong, error.found, strict=True)
    ]
    return XsimError(error.wrong, error.found, n, tuple(of_own))


@dataclass(frozen=True)
class Hubness:
    """How unevenly the targets appear in the sources' neighbour lists (Radovanovic et al. 2010, JMLR 11)."""

    skewness: float
    """of the number of lists a target appears in; 0 when all appear equally often, above 1 there are hubs"""
    antihubs: float
    """share of targets that appear in no list"""
    largest: int
    """most lists that one target appears in"""


def hubness(index: npt.ArrayLike, targets: int) -> Hubness:
    """Hubness of neighbour lists.

        hubness(knn(x, y, k=10).fwd_index, len(y))

    Args:
        index: (n, k) neighbours of each row, -1 for none.
        targets: how many rows there are to be neighbours.

    Raises:
        UserError: no targets.
    """
    if targets < 1:
        raise UserError("hubness needs targets")
    found = np.asarray(index, dtype=np.int64)
    times = np.bincount(found[found >= 0], minlength=targets)
    away = times - times.mean()
    spread = times.std()
    skewness = float((away**3).mean() / spread**3) if spread > 0 else 0.0
    return Hubness(skewness, float((times == 0).mean()), int(times.max()))


def _xsim(src: UnitRows, tgt: UnitRows, k: int, margin: Margin, copies: Ints64, device: Device) -> XsimError:
    neighbours = knn(src, tgt, 1 if margin == "absolute" else k, device)
    pairs = select(neighbours, margins(neighbours, margin), "forward")
    taken = np.full(len(src), -1, dtype=np.int64)
    taken[pairs.src] = pairs.tgt
    right = (taken >= 0) & (copies[taken] == copies[: len(src)])
    wrong = np.flatnonzero(~right)
    return XsimError(wrong, taken[wrong], len(src))


def _aligned(x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[UnitRows, UnitRows]:
    src, tgt = UnitRows(x, "source"), UnitRows(y, "target")
    if (len(src), src.dim) != (len(tgt), tgt.dim) or not len(src):
        raise UserError(
            f"row i of both sides must be a pair, but the source is {len(src)} x {src.dim} "
            f"and the target {len(tgt)} x {tgt.dim}"
        )
    return src, tgt


def _copies(texts: Sequence[Hashable] | None, n: int, side: str) -> Ints64:
    """(n,) int64: the first row with the same text, without texts the row itself."""
    if texts is None:
        return np.arange(n)
    if len(texts) != n:
        raise UserError(f"{n} {side} embeddings, but {len(texts)} texts")
    first: dict[Hashable, int] = {}
    return np.fromiter((first.setdefault(t, i) for i, t in enumerate(texts)), dtype=np.int64, count=n)


def _rivals(near: Bools, copy: Bools) -> Ints64:
    return np.asarray((near & ~copy).sum(axis=1), dtype=np.int64)
