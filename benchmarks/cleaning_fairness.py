"""Clean pages lost in each language, and noise rejected, by the cleaning steps with their defaults or with a policy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import cleaning_corpora as corpora
import polars as pl
from cleaning_noise import KINDS, noise
from targets import Figure

from xlcorpus import languages
from xlcorpus.in_memory import frame_outcomes
from xlcorpus.outcomes import Outcome
from xlcorpus.pipeline import Pipeline
from xlcorpus.policies.calibrate import calibrate
from xlcorpus.steps import Identify, Normalise, Quality, Read

ENGLISH = "eng_Latn"
MOST_ENGLISH, MOST_MORE, MOST = 0.10, 0.10, 0.20
"""Share of pages lost: of English at most; of another language at most so much more than English; at most in all."""
MENTIONED = 0.005
"""Share of a language's clean pages from which a rule is named."""
LEAST_NOISE = 0.90
"""Share of each kind of noise that is rejected in each language, at least."""


def tagged(pages: pl.DataFrame) -> pl.DataFrame:
    """The pages with tags for codes."""
    tags = {lang: languages.parse(lang) for lang in pages["lang"].unique()}
    return pages.with_columns(lang=pages["lang"].replace_strict(tags))


def halves(pages: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One to calibrate on, one to measure on: a page is in the same half in all languages."""
    first = pl.col("id").hash(7) % 2 == 0
    return pages.filter(first), pages.filter(~first)


def fairness(data: Path, policy: Path | None, documents: int, work: Path) -> Iterator[Figure]:
    """The figures, and the tables behind them on the screen: of all pages with the defaults, and of the second half of
    the pages with a policy.

    Human-written pages all count as clean. Duplicates are not looked for: noise is compared with nothing.

    Args:
        data: folder with `tldr`.
        policy: limits that did not see the second half; None: they are calibrated on the first.
        documents: of noise, of each kind in each language.
        work: folder for the policy.
    """
    pages = tagged(corpora.tldr(data / "tldr"))
    yield from _clean(pages, None, "defaults")
    yield from _noise(pages, None, "defaults", documents)
    first, second = halves(pages)
    if policy is None:
        policy = work / "calibrated.yaml"
        found, trials = calibrate(first.select("text", "lang"))
        found.save(policy)
        for trial in trials:
            if trial.refused:
                print(f"no limits for {trial.lang}: {trial.refused}")
    yield from _clean(second, policy, "policy")
    yield from _noise(second, policy, "policy", documents)


def _clean(pages: pl.DataFrame, policy: Path | None, name: str) -> Iterator[Figure]:
    kept, rules = _cleaned(pages.select("text", "lang"), policy)
    lost = pages.with_columns(kept.select(lost=pl.col("kept").not_()))
    english = lost.filter(pl.col("lang") == ENGLISH)
    yield Figure(f"{name}: English pages lost", english["lost"].mean(), MOST_ENGLISH, at_least=False)
    for (tag,), group in lost.filter(pl.col("lang") != ENGLISH).group_by("lang", maintain_order=True):
        share = group["lost"].mean()
        same = english.join(group.select("id"), on="id", how="semi")["lost"].mean()
        yield Figure(f"{name}: {tag} lost ({len(group):,} pages)", share, MOST, at_least=False)
        more = f"{name}: {tag} lost, above English pages of the same ids"
        yield Figure(more, share - (same or 0.0), MOST_MORE, at_least=False)
    for tag, rule, share in rules.filter(pl.col("share") >= MENTIONED).iter_rows():
        print(f"{name}: {rule} takes {share:.1%} of {tag}")


def _noise(pages: pl.DataFrame, policy: Path | None, name: str, documents: int) -> Iterator[Figure]:
    made = noise(pages, documents)
    kept, _ = _cleaned(made.select("text", "lang"), policy)
    # Mojibake that is repaired is a clean page again.
    pages_again = made.select(text=pl.col("clean").fill_null("-"), lang="lang")
    clean = Normalise().outcome(pages_again, kind="document").kept["text"]
    repaired = (kept["text"] == clean) & (made["kind"] == "mojibake") & kept["kept"]
    found = made.select("kind", "lang").with_columns(rejected=~kept["kept"] | repaired, repaired=repaired)
    shares = found.group_by("lang", "kind").agg(pl.col("rejected").mean())
    print(_table(shares))
    of_mojibake = found.filter(pl.col("kind") == "mojibake")["repaired"].mean()
    yield Figure(f"{name}: mojibake repaired (counted as rejected)", of_mojibake)
    for kind in KINDS:
        worst = shares.filter(pl.col("kind") == kind).sort("rejected", "lang").row(0, named=True)
        yield Figure(f"{name}: {kind} rejected, worst language ({worst['lang']})", worst["rejected"], LEAST_NOISE)
    least = (shares["rejected"] >= LEAST_NOISE).mean()
    yield Figure(f"{name}: cells of kind and language with 90 % or more rejected", least, 1.0)


def _cleaned(rows: pl.DataFrame, policy: Path | None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(rows) `kept` and the `text` that the steps left, null of what was rejected; (lang, rule, share) of rows lost."""
    steps = [Normalise(), Identify(), Quality(policy=str(policy) if policy else None)]
    pipeline = Pipeline("cleaning").then(Read(kind="document", paths="benchmark.jsonl"))
    for step in steps:
        pipeline = pipeline.then(step)
    numbered = rows.with_columns(source_id=pl.int_range(rows.height).cast(pl.String))
    outcomes = list(frame_outcomes(pipeline, numbered).values())
    kept = outcomes[-1].kept.select("source_id", "text", kept=True)
    found = numbered.select("source_id").join(kept, on="source_id", how="left", maintain_order="left")
    return found.with_columns(pl.col("kept").fill_null(False)), _rules(outcomes, rows)


def _rules(outcomes: Sequence[Outcome], rows: pl.DataFrame) -> pl.DataFrame:
    lost = pl.concat(outcome.refused for outcome in outcomes).group_by("lang", "rule").len("rows")
    of = rows.group_by("lang").len("of")
    return lost.join(of, on="lang").select("lang", "rule", share=pl.col("rows") / pl.col("of")).sort("lang", "rule")


def _table(shares: pl.DataFrame) -> str:
    """Share rejected by language and kind."""
    wide = shares.sort("lang").pivot(on="kind", index="lang", values="rejected", maintain_order=True)
    lines = ["".join(f"{title:>17}" for title in ("rejected", *KINDS))]
    for row in wide.select("lang", *KINDS).iter_rows():
        lines.append(f"{row[0]:>17}" + "".join(f"{share:>17.1%}" for share in row[1:]))
    return "\n".join(lines)
