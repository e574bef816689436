"""Limits and stop words of `quality` from reference text, language by language.

A proposal is tested on text it was not made from, and refused unless it does better than the hand-set defaults: limits
that were tuned automatically have lost to hand-set ones (mozilla/translations #814).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from xlcorpus.policies.limits import Limits, kept, moved_to_keep
from xlcorpus.policies.noise import noise
from xlcorpus.policies.proposal import proposal
from xlcorpus.policies.stop_words import stop_words
from xlcorpus.step import RowEnv
from xlcorpus.steps.filter.policy import QUANTILES, LanguagePolicy, Policy, Reference
from xlcorpus.steps.filter.quality import DOCUMENT_RULES, Quality
from xlcorpus.text.words import segmenter

LEAST_DOCUMENTS = 60
"""Documents of a language, at least, for a proposal."""
NOISED = 150
"""Documents of a language in each half from which noise is made, at most."""
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
    entries, trials = {}, []
    for lang in enough:
        own = [half.filter(pl.col("lang") == lang) for half in halves]
        own_noises = [frame.filter(pl.col("lang") == lang) for frame in noises]
        entry, trial = _of_language(lang, own, own_noises, lose)
        trials.append(trial)
        if trial.refused is None:
            entries[lang] = entry
        else:
            entries[lang] = LanguagePolicy(reference=entry.reference)
            notes.append(f"{lang}: the proposal is refused, {trial.refused}")
    return Policy(segmenter=segmenter(), notes=notes, languages=entries), trials


def _of_language(
    lang: str, halves: list[pl.DataFrame], noises: list[pl.DataFrame], lose: float
) -> tuple[LanguagePolicy, Trial]:
    words = stop_words(halves[0]["text"], lang)
    step = Quality(stop_words={lang: words})
    defaults = {bound.option: getattr(step, bound.option) for bound in DOCUMENT_RULES}
    clean, held_out = (_measured(step, half) for half in halves)
    noisy, held_out_noise = (_measured(step, half) for half in noises)
    limits = proposal(clean, noisy, defaults, lose)
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


def _measured(step: Quality, documents: pl.DataFrame) -> pl.DataFrame:
    return step.scoring().apply(documents, RowEnv(kind="document"))


def _some(documents: pl.DataFrame, seed: int) -> pl.DataFrame:
    """At most `NOISED` documents of each language, drawn at random."""
    order = documents.with_columns(order=pl.col("text").hash(seed + 1)).sort("lang", "order")
    return order.group_by("lang", maintain_order=True).head(NOISED).drop("order")


def _short(limit: float) -> float:
    """Rounded to three digits."""
    return float(f"{limit:.3g}")
