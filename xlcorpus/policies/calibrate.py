"""Limits and stop words of `quality` from reference text, proposed language by language and tested before they are
believed: limits that were tuned automatically have lost to hand-set ones (mozilla/translations #814)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from xlcorpus.arrays import Bools
from xlcorpus.policies.limits import Limits, kept, moved_to_keep, outward, quantile_limits, stricter, widened
from xlcorpus.policies.noise import KINDS, noise
from xlcorpus.policies.stop_words import stop_words
from xlcorpus.step import RowEnv
from xlcorpus.steps.filter.document_limits import Bound
from xlcorpus.steps.filter.policy import QUANTILES, LanguagePolicy, Policy, Reference
from xlcorpus.steps.filter.quality import DOCUMENT_RULES, Quality
from xlcorpus.text.words import segmenter

LEAST_DOCUMENTS = 60
"""Documents of a language without which nothing is proposed."""
NOISED = 150
"""Documents of each half from which noise is made, at most."""
TAILS = (0.0, 0.001, 0.002, 0.005, 0.01)
"""Shares of the reference that single limits may cut."""

MARGIN = 0.15
"""How far limits stand beyond the values of the reference, as a share of the way from its median."""
LEAST_GAIN = 0.003
"""Share of the noise, in the mean of its kinds, that a further limit must reject."""

CALIBRATED: tuple[Bound, ...] = DOCUMENT_RULES


@dataclass(frozen=True)
class Trial:
    """What a proposal and the hand-set defaults do to text that neither has seen, of one language.

    The defaults are moved towards the median of the reference until they keep as much of it as the proposal.
    """

    lang: str
    documents: int
    """of the reference, both halves"""
    clean: tuple[float, float]
    """share of held-out clean documents that are kept: proposal, defaults"""
    rejected: tuple[float, float]
    """share of held-out noise that is rejected"""
    by_kind: Mapping[str, tuple[float, float]]
    """the same by kind of noise"""
    refused: str | None
    """why the proposal is not taken; None: it is"""


def calibrate(reference: pl.DataFrame, lose: float = 0.02, seed: int = 0) -> tuple[Policy, list[Trial]]:
    """A policy from clean documents, and what it was tested on.

    Half of the documents of a language propose limits and stop words, the other half tests them. A proposal is refused
    unless it rejects more held-out noise than the defaults that keep as much; its language then has the defaults.

    Args:
        reference: `text` and `lang` of documents that people would want to keep.
        lose: share of the reference that a proposal may cut.
        seed: of halves and noise.

    Returns:
        The policy, and a trial for each language with enough documents.
    """
    documents = reference.select("text", "lang").unique(maintain_order=True)
    documents = documents.with_columns(half=pl.struct("text", "lang").hash(seed) % 2)
    counts = dict(documents.group_by("lang").len().sort("lang").iter_rows())
    enough = [lang for lang, n in counts.items() if n >= LEAST_DOCUMENTS]
    notes = [
        f"{lang}: {n} reference documents are too few, the default judges"
        for lang, n in counts.items()
        if n < LEAST_DOCUMENTS
    ]
    halves = [documents.filter(pl.col("half") == half, pl.col("lang").is_in(enough)) for half in (0, 1)]
    spoilt = [noise(_some(half, seed), seed + number) for number, half in enumerate(halves)]
    proposals, trials = {}, []
    for lang in enough:
        own = [half.filter(pl.col("lang") == lang) for half in halves]
        noises = [frame.filter(pl.col("lang") == lang) for frame in spoilt]
        proposal, trial = _of_language(lang, own, noises, lose)
        trials.append(trial)
        if trial.refused is None:
            proposals[lang] = proposal
        else:
            proposals[lang] = LanguagePolicy(reference=proposal.reference)
            notes.append(f"{lang}: the proposal is refused, {trial.refused}")
    return Policy(segmenter=segmenter(), notes=notes, languages=proposals), trials


def _of_language(
    lang: str, halves: list[pl.DataFrame], noises: list[pl.DataFrame], lose: float
) -> tuple[LanguagePolicy, Trial]:
    words = stop_words(halves[0]["text"], lang)
    step = Quality(stop_words={lang: words})
    defaults = {bound.option: getattr(step, bound.option) for bound in CALIBRATED}
    clean, held_out = (_measured(step, half) for half in halves)
    noisy, spoilt = (_measured(step, half) for half in noises)
    limits = _proposal(clean, noisy, defaults, lose)
    share = kept(clean, CALIBRATED, limits).mean()
    assert isinstance(share, float)
    moved = moved_to_keep(defaults, clean, CALIBRATED, share)
    rejected = [spoilt.select("noise", rejected=~kept(spoilt, CALIBRATED, own)) for own in (limits, moved)]
    kinds = [dict(frame.group_by("noise").agg(pl.col("rejected").mean()).iter_rows()) for frame in rejected]
    totals = tuple(float(frame["rejected"].mean()) for frame in rejected)  # type: ignore[arg-type]
    keeps = tuple(float(kept(held_out, CALIBRATED, own).mean()) for own in (limits, moved))  # type: ignore[arg-type]
    refused = None
    if totals[0] <= totals[1]:
        refused = f"it rejects {totals[0]:.1%} of the held-out noise, the defaults {totals[1]:.1%} at equal retention"
    elif keeps[0] < 1 - 2 * lose - 0.02:
        refused = f"it keeps only {keeps[0]:.1%} of the held-out clean documents"
    every = pl.concat([clean, held_out])
    quantiles = {
        bound.measure: [float(every[f"quality_{bound.measure}"].quantile(q) or 0) for q in QUANTILES]
        for bound in CALIBRATED
        if every[f"quality_{bound.measure}"].null_count() < every.height
    }
    counted = Reference(documents=every.height, words=int(every["quality_words"].sum()), quantiles=_rounded(quantiles))
    changed = {name: limit for name, limit in limits.items() if limit != defaults[name]}
    proposal = LanguagePolicy(limits=changed, stop_words=words, reference=counted)
    by_kind = {kind: (kinds[0][kind], kinds[1][kind]) for kind in sorted(kinds[0])}
    return proposal, Trial(lang, every.height, (keeps[0], keeps[1]), (totals[0], totals[1]), by_kind, refused)


def _proposal(clean: pl.DataFrame, noisy: pl.DataFrame, defaults: Limits, lose: float) -> dict[str, float | None]:
    """The defaults with those limits of the reference that see most noise, one after the other, while each sees more.

    Few limits are left: each costs some text that the reference has not shown. Of several tails the one that rejects
    most noise is taken, among those that lose no more than allowed.
    """
    best, most = dict(defaults), _mean_by_kind(noisy["noise"], ~kept(noisy, CALIBRATED, defaults).to_numpy())
    for tail in TAILS:
        found = widened(quantile_limits(clean, CALIBRATED, tail), clean, CALIBRATED, MARGIN)
        candidates = {name: outward(name, limit) for name, limit in found.items()}
        limits, rejection = _chosen(stricter(candidates, defaults), noisy, defaults)
        share = kept(clean, CALIBRATED, limits).mean()
        if isinstance(share, float) and 1 - share <= lose and rejection > most:
            best, most = limits, rejection
    return best


def _chosen(
    candidates: Mapping[str, float], noisy: pl.DataFrame, defaults: Limits
) -> tuple[dict[str, float | None], float]:
    """The defaults with some stricter limits in their place, and the share of the noise that they reject."""
    limits = dict(defaults)
    broken = ~kept(noisy, CALIBRATED, defaults).to_numpy()
    waiting = {name: ~kept(noisy, CALIBRATED, {name: limit}).to_numpy() for name, limit in candidates.items()}
    rejection = _mean_by_kind(noisy["noise"], broken)
    while waiting:
        gains = {name: _mean_by_kind(noisy["noise"], broken | more) for name, more in waiting.items()}
        name = max(gains, key=gains.__getitem__)
        if gains[name] < rejection + LEAST_GAIN:
            break
        limits[name], rejection = candidates[name], gains[name]
        broken |= waiting.pop(name)
    return limits, rejection


def _mean_by_kind(kinds: pl.Series, rejected: Bools) -> float:
    """Mean over the kinds of noise of the share that is rejected."""
    codes = kinds.cast(pl.Enum(KINDS)).to_physical().to_numpy()
    sizes = np.bincount(codes, minlength=len(KINDS))
    shares = np.bincount(codes, weights=rejected, minlength=len(KINDS)) / np.maximum(sizes, 1)
    return float(shares[sizes > 0].mean())


def _measured(step: Quality, documents: pl.DataFrame) -> pl.DataFrame:
    return step.scoring().apply(documents, RowEnv(kind="document"))


def _some(documents: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Some documents of each language."""
    order = documents.with_columns(order=pl.col("text").hash(seed + 1)).sort("lang", "order")
    return order.group_by("lang", maintain_order=True).head(NOISED).drop("order")


def _short(limit: float) -> float:
    """Three digits, as a person would write it."""
    return float(f"{limit:.3g}")


def _rounded(quantiles: Mapping[str, list[float]]) -> dict[str, list[float]]:
    return {name: [_short(value) for value in values] for name, values in quantiles.items()}
