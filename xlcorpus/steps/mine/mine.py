"""Mining parallel pairs from embedded sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from xlcorpus.device import Device
from xlcorpus.errors import UserError
from xlcorpus.mining.search.ann import RECALL
from xlcorpus.mining.search.faiss_backend import faiss_module
from xlcorpus.mining.search.neighbours import Neighbours
from xlcorpus.mining.select.calibration import SPARE_NEIGHBOURS, Calibration, calibrate
from xlcorpus.mining.select.margin import Margin, margins
from xlcorpus.mining.select.selection import Pairs, Retrieval, select
from xlcorpus.rehearsing import rehearsing
from xlcorpus.step import CorpusEnv, CorpusStep, Port, Table
from xlcorpus.steps.language_pairs import LanguagePairs, language_pairs, named_pairs
from xlcorpus.steps.mine.in_order import pairs_in_order
from xlcorpus.steps.mine.pair_rows import pair_rows, reject_unpaired, without_copies
from xlcorpus.steps.mine.parts import EmbeddedLanguage, embedded_language, search, search_index

CURVE_POINTS = 8
"""Points of the precision curve in the report."""


class TargetPrecision(BaseModel):
    """A precision to reach instead of a threshold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    precision: float = Field(gt=0, lt=1)


class Mine(CorpusStep):
    """Finds sentences of two languages that translate each other (Artetxe & Schwenk 2019, arXiv 1811.01136).

    For each pair of languages: the `k` nearest neighbours of every sentence in both directions, a margin for each
    candidate, and the best pairs above the threshold. The exact search is shared out over the cluster in parts of
    `part_rows` x `part_rows` sentences; the pairs are the same for any number of parts. Of sentences with equal
    vectors the first stands for all. Sentences that found no partner are rejected as `unpaired`, those that found a
    copy of themselves as `copied`.

    With `threshold: {precision: 0.95}` the threshold is set for each language pair, without gold, by the pairs that
    sentences get after their partner is removed. Where no threshold reaches that precision, nothing is mined, and a
    warning says why.
    """

    pairs: LanguagePairs = "all"
    """which languages to mine against each other: all, {pivots: [en, es]}, or a list such as [de-en, fr-en]"""
    k: int = Field(default=4, ge=1)
    """neighbours per sentence, for candidates and for the margin's denominator"""
    margin: Margin = "ratio"
    """cosine over, minus, or without the mean cosine to the neighbours"""
    retrieval: Retrieval = "max"
    """forward: best target per source; backward: best source per target; max: both, one to one by score; optimal: the
    best one-to-one assignment; intersect: where both directions agree; n_best: several targets per source"""
    threshold: float | TargetPrecision = 1.06
    """least margin of a pair (1.06 is for `ratio`), or {precision: 0.95}: the least that reaches this precision"""
    min_cosine: float = 0.0
    """least cosine of a pair: the ratio margin alone is high for a sentence that is similar to no other"""
    min_count: int = Field(default=0, ge=0)
    """pairs to keep at least per language pair, the best of those below the threshold (CRISS keeps 50,000)"""
    n_best: int = Field(default=4, ge=1)
    """targets per source with `retrieval: n_best`"""
    keep_copies: bool = False
    """keep pairs whose sides are the same text but for case, punctuation or a word: seldom a translation"""
    device: Device = "auto"
    """where to search; cuda needs the extra `gpu`"""
    index: str = "exact"
    """exact; auto: exact or approximate by size and memory; shared; or a FAISS factory string (IVF4096,SQ8). What an
    index proposes is re-scored exactly, and its recall measured on a sample"""
    recall: float = Field(default=RECALL, gt=0, le=1)
    """share of the neighbours that an approximate index is to find"""
    part_rows: int = Field(default=250_000, ge=1)
    """sentences per side in one task"""
    memory_mb: int = Field(default=1024, ge=16)
    """working memory of a task in MiB, beside the vectors of its part"""

    produces = "pair"
    spreads = True

    def idle(self) -> dict[str, str]:
        """Options of the exact search beside an index, of an index beside the exact search, and of `n_best`."""
        exact = {"recall": "index: exact finds all neighbours"}
        indexed = dict.fromkeys(("part_rows", "memory_mb"), "it is for index: exact")
        n_best = {} if self.retrieval == "n_best" else {"n_best": "it is for retrieval: n_best"}
        return n_best | (exact if self.index == "exact" else indexed)

    def ports(self) -> dict[str, Port]:
        """`rows`: sentences with an embedding."""
        return {"rows": Port(("sentence", "document"), columns=("embedding",))}

    def adds(self, kind: str) -> tuple[str, ...]:
        """`mine_cosine`."""
        return ("mine_cosine",)

    def num_gpus(self) -> float:
        """One for `device: cuda`."""
        return 1.0 if self.device == "cuda" else 0.0

    def preflight(self) -> None:
        """The languages must be known, the threshold fit the margin, FAISS be there for a GPU."""
        if self.device == "cuda" or self.index != "exact":
            faiss_module()
        if self.margin != "ratio" and not isinstance(self.threshold, TargetPrecision) and self.threshold >= 1:
            raise UserError(
                f"threshold {self.threshold:g} is for margin: ratio; {self.margin} margins are below 1 (cosines and "
                "differences of cosines)"
            )
        named_pairs(self.pairs)

    def run(self, inputs: Mapping[str, Table], env: CorpusEnv) -> Iterator[pl.DataFrame]:
        """One frame of pairs per language pair, best score first."""
        table = inputs["rows"]
        have = table.scan().select(pl.col("lang").unique()).collect()["lang"].sort().to_list()
        sides: dict[str, EmbeddedLanguage] = {}
        paired: list[pl.Series] = []
        copied: list[pl.Series] = []
        for tags in language_pairs(self.pairs, have, "mining"):
            for tag in tags:
                if tag not in sides:
                    sides[tag] = embedded_language(table, tag, env.scratch)
            src, tgt = (sides[tag] for tag in tags)
            if rehearsing():
                found = pairs_in_order(src.rows().height, tgt.rows().height)
            else:
                found = self._select(self._search(src, tgt, env), "-".join(tags), env)
            frame = pair_rows(src.rows(), tgt.rows(), found, "mine")
            if not self.keep_copies:
                frame, copies = without_copies(frame, env)
                copied.append(copies)
            paired += [frame["src_id"], frame["tgt_id"]]
            yield frame
        reject_unpaired(table, paired, env, copied)

    def _search(self, src: EmbeddedLanguage, tgt: EmbeddedLanguage, env: CorpusEnv) -> Neighbours:
        """k neighbours of each row, and for a target precision the best remaining ones after its partner is removed."""
        k = self.k + (SPARE_NEIGHBOURS if isinstance(self.threshold, TargetPrecision) else 0)
        if self.index == "exact":
            return search(src, tgt, k, self.device, self.memory_mb, self.part_rows, env)
        neighbours, report = search_index(src, tgt, k, self.index, self.recall, self.device, env)
        env.say(f"{src.tag}-{tgt.tag}: {report}", False)
        return neighbours

    def _select(self, neighbours: Neighbours, pair: str, env: CorpusEnv) -> Pairs:
        """The pairs above the threshold, which may have to be found first."""
        if isinstance(self.threshold, TargetPrecision):
            found = calibrate(
                neighbours,
                self.threshold.precision,
                self.k,
                self.margin,
                self.retrieval,
                self.min_cosine,
                seed=env.seed,
            )
            threshold = found.threshold
            env.say(_curve_report(pair, found), False)
            if found.refusal is not None:
                env.say(f"{pair}: {found.refusal}", True)
            neighbours = neighbours.nearest(self.k)
        else:
            threshold = self.threshold
        scores = margins(neighbours, self.margin)
        return select(neighbours, scores, self.retrieval, threshold, self.min_cosine, self.min_count, self.n_best)


def _curve_report(pair: str, found: Calibration) -> str:
    """The estimate in a line: the threshold chosen, and the precision at some thresholds."""
    curve = found.curve
    if not len(curve.threshold):
        return f"{pair}: too few pairs to estimate a precision"
    at = np.unique(np.linspace(0, len(curve.threshold) - 1, CURVE_POINTS).astype(int))
    points = ", ".join(f"{curve.threshold[i]:.3f}: {curve.precision[i]:.3f} of {curve.pairs[i]:,}" for i in at)
    kept = "none does" if found.refusal else f"{found.threshold:.4f}, {found.precision:.3f} of {found.pairs:,} pairs"
    target = f"threshold for a precision of {found.target_precision:g}: {kept}"
    return f"{pair}: {target}. Estimated precision by threshold: {points}"
