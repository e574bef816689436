"""Limits and stop words of `quality` from reference text, language by language.

A proposal is tested on text it was not made from, and refused unless it does better than the hand-set defaults: limits
that were tuned automatically have lost to hand-set ones (mozilla/translations #814).
"""

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
from xlcorpus.steps.filter.policy import QUANTILES, LanguagePolicy, Policy, Reference
from xlcorpus.steps.filter.quality import DOCUMENT_RULES, Quality
from xlcorpus.text.words import segmenter

LEAST_DOCUMENTS = 60
"""Documents of a language, at least, for a proposal."""
NOISED = 150
"""Documents of a language in each half from which noise is made, at most."""
TAILS = (0.0, 0.001, 0.002, 0.005, 0.01)
"""Shares of the reference that a single limit cuts; each is tried."""
MARGIN = 0.15
"""Distance of a limit from the reference's value at a tail, as a share of that value's distance from the median."""
LEAST_GAIN = 0.003
"""Share of the noise, in the mean of its kinds, that a further limit must reject in addition."""
HELD_OUT_SLACK = 0.02
"""A proposal may cut twice `lose` of the held-out clean documents, and this share more."""


@dataclass(frozen=True)
class Trial:
    """What a proposal and the hand-set defaults do to held-out text of one language.

    The defaults are moved towards the medians of the proposing half until they keep as much of it as the proposal.
    Figures are pairs: of the proposal, of the defaults.
    """

    lang: str
    documents: int
    """documents of the reference, both halves"""
    clean: tuple[float, float]
    """shares of the held-out clean documents that are kept"""
    rejected: tuple[float, float]
    """shares of the held-out noise that are rejected"""
    by_kind: Mapping[str, tuple[float, float]]
    """shares of the held-out noise that are rejected, by kind of noise"""
    refused: str | None
    """why the proposal is refused; None: it is taken"""


def calibrate(reference: pl.DataFrame, lose: float = 0.02, seed: int = 0) -> tuple[Policy, list[Trial]]:
    """A policy from clean documents, and how each proposal did on held-out text.

    Limits and stop words of a language are proposed from half of its documents and tested on the other half. A proposal
    is refused unless it rejects more held-out noise than defaults that keep as much; its language then has no limits of
    its own.

    Args:
        reference: `text` and `lang` of documents that people would want to keep.
        lose: share of the proposing half that a proposal may cut.
        seed: of halves and noise.

    Returns:
        The policy, and a trial for each language with at least `LEAST_DOCUMENTS` documents.

    Raises:
        UserError: a tag names no language.
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
    noises = [noise(_some(half, seed), seed + number) for number, half in enumerate(halves)]
    proposals, trials = {}, []
    for lang in enough:
        own = [half.filter(pl.col("lang") == lang) for half in halves]
        own_noises = [frame.filter(pl.col("lang") == lang) for frame in noises]
        proposal, trial = _of_language(lang, own, own_noises, lose)
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
    defaults = {bound.option: getattr(step, bound.option) for bound in DOCUMENT_RULES}
    clean, held_out = (_measured(step, half) for half in halves)
    noisy, held_out_noise = (_measured(step, half) for half in noises)
    limits = _proposal(clean, noisy, defaults, lose)
    as_lenient = moved_to_keep(defaults, clean, DOCUMENT_RULES, kept(clean, DOCUMENT_RULES, limits).mean())
    every = pl.concat([clean, held_out])
    trial = _trial(lang, every.height, held_out, held_out_noise, (limits, as_lenient), lose)
    changed = {name: limit for name, limit in limits.items() if limit != defaults[name]}
    return LanguagePolicy(limits=changed, stop_words=words, reference=_described(every)), trial


def _trial(
    lang: str,
    documents: int,
    clean: pl.DataFrame,
    noisy: pl.DataFrame,
    both: tuple[Limits, Limits],
    lose: float,
) -> Trial:
    """What proposal and defaults (`both`) do to held-out documents and to noise made of them."""
    keeps = [float(kept(clean, DOCUMENT_RULES, limits).mean()) for limits in both]
    rejected = [~kept(noisy, DOCUMENT_RULES, limits) for limits in both]
    totals = [float(rows.mean()) for rows in rejected]
    members = {kind: (noisy["noise"] == kind).to_numpy() for kind in sorted(noisy["noise"].unique())}
    refused = None
    if totals[0] <= totals[1]:
        refused = f"it rejects {totals[0]:.1%} of the held-out noise, the defaults {totals[1]:.1%} at equal retention"
    elif keeps[0] < 1 - 2 * lose - HELD_OUT_SLACK:
        refused = f"it keeps only {keeps[0]:.1%} of the held-out clean documents"
    return Trial(
        lang,
        documents,
        clean=(keeps[0], keeps[1]),
        rejected=(totals[0], totals[1]),
        by_kind={kind: (float(rejected[0][m].mean()), float(rejected[1][m].mean())) for kind, m in members.items()},
        refused=refused,
    )


def _described(documents: pl.DataFrame) -> Reference:
    """Size and quantiles of measured documents; measures that are null throughout are left out."""
    quantiles = {
        bound.measure: [_short(float(documents[f"quality_{bound.measure}"].quantile(q) or 0)) for q in QUANTILES]
        for bound in DOCUMENT_RULES
        if documents[f"quality_{bound.measure}"].null_count() < documents.height
    }
    words = int(documents["quality_words"].sum())
    return Reference(documents=documents.height, words=words, quantiles=quantiles)


def _proposal(clean: pl.DataFrame, noisy: pl.DataFrame, defaults: Limits, lose: float) -> dict[str, float | None]:
    """The defaults, with stricter limits from the reference in the place of some.

    Of the tails whose limits cut no more than `lose` of the reference the one that rejects most noise is taken; if none
    rejects more than the defaults, the defaults.
    """
    best, most = dict(defaults), _mean_by_kind(noisy["noise"], ~kept(noisy, DOCUMENT_RULES, defaults))
    for tail in TAILS:
        found = widened(quantile_limits(clean, DOCUMENT_RULES, tail), clean, DOCUMENT_RULES, MARGIN)
        candidates = {name: outward(name, limit) for name, limit in found.items()}
        limits, rejection = _chosen(stricter(candidates, defaults), noisy, defaults)
        if 1 - kept(clean, DOCUMENT_RULES, limits).mean() <= lose and rejection > most:
            best, most = limits, rejection
    return best


def _chosen(
    candidates: Mapping[str, float], noisy: pl.DataFrame, defaults: Limits
) -> tuple[dict[str, float | None], float]:
    """The defaults with some of the candidates in their place, and the share of the noise that they reject.

    The candidate that rejects most further noise is taken first, then the next, while each rejects `LEAST_GAIN` more:
    a limit that rejects little noise may still cost text that the reference does not show.
    """
    limits = dict(defaults)
    broken = ~kept(noisy, DOCUMENT_RULES, defaults)
    waiting = {name: ~kept(noisy, DOCUMENT_RULES, {name: limit}) for name, limit in candidates.items()}
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
    """Share of the noise that is rejected, as the mean over its kinds."""
    codes = kinds.cast(pl.Enum(KINDS)).to_physical().to_numpy()
    sizes = np.bincount(codes, minlength=len(KINDS))
    shares = np.bincount(codes, weights=rejected, minlength=len(KINDS)) / np.maximum(sizes, 1)
    return float(shares[sizes > 0].mean())


def _measured(step: Quality, documents: pl.DataFrame) -> pl.DataFrame:
    return step.scoring().apply(documents, RowEnv(kind="document"))


def _some(documents: pl.DataFrame, seed: int) -> pl.DataFrame:
    """At most `NOISED` documents of each language, drawn at random."""
    order = documents.with_columns(order=pl.col("text").hash(seed + 1)).sort("lang", "order")
    return order.group_by("lang", maintain_order=True).head(NOISED).drop("order")


def _short(limit: float) -> float:
    """Rounded to three digits."""
    return float(f"{limit:.3g}")
