"""Comparing encoders on small parallel sets."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl

from xlcorpus.arrays import Floats32
from xlcorpus.device import Device
from xlcorpus.errors import UserError
from xlcorpus.mining.evaluate.encoder_measures import Measures, measure_encoder
from xlcorpus.mining.evaluate.hard_negatives import HardNegatives, hard_negatives
from xlcorpus.mining.evaluate.resampling import interval, resampled_means
from xlcorpus.models.encoders.e5_small import E5_SMALL
from xlcorpus.models.encoders.loading import BOOTSTRAP, Encoder, encoder_identity, load_encoder

CHUNKS, LEAST_CHUNK = 5, 64
"""A side is encoded in so many timed parts, of that many sentences at least; its speed is their median."""
WARM_UP = 16
"""Sentences encoded before the timing, which load what is loaded on first use."""
SAMPLES = 1000
"""Resamples behind every interval."""
JUDGED_BY = "p_at_1"
"""The measure that ranks encoders."""


@dataclass(frozen=True)
class ParallelSet:
    """Sentences and their translations."""

    src_lang: str
    tgt_lang: str
    src: list[str]
    tgt: list[str]

    @property
    def pair(self) -> str:
        """`deu_Latn-eng_Latn`."""
        return f"{self.src_lang}-{self.tgt_lang}"


@dataclass(frozen=True)
class Comparison:
    """Every encoder on every set."""

    table: pl.DataFrame
    """one row an encoder and set: `encoder` (of a folder its name), `identity`, `pair`, `n`, the measures of `Measures`
    with `<measure>_low` and `_high` where they have intervals, `dim`, `src_per_s` and `tgt_per_s` (sentences a second),
    `memory_mb` (resident memory that loading and a first encoding added, in MiB; approximate)"""
    differences: pl.DataFrame
    """one row a set and encoder but the best: `pair`, `best`, `encoder`, `difference` in P@1 (best minus encoder),
    `low` and `high` of its 95 % interval over the same resampled pairs, `real`: whether 0 is outside of it. `best` has
    the highest mean P@1 over all sets"""
    failures: dict[str, str]
    """encoders that could not be loaded or used, and why"""


def compare_encoders(
    names: Sequence[str],
    sets: Sequence[ParallelSet],
    device: Device = "auto",
    with_negatives: bool = True,
    seed: int = 0,
    say: Callable[[str], None] = lambda text: None,
) -> Comparison:
    """Measure encoders on sets.

        compare_encoders(["bootstrap", "models/mine"], [ParallelSet("deu_Latn", "eng_Latn", german, english)]).table

    Args:
        names: as `load_encoder` takes them.
        sets: at least 10 pairs each.
        device: where models run.
        with_negatives: measure xSIM++ too, which encodes up to four times as many target sentences.
        seed: of hard negatives and resampling.
        say: takes what is being done.

    Raises:
        UserError: no encoder or set, one encoder twice, an unknown encoder, fewer than 10 pairs; none could be loaded.
    """
    if not names or not sets:
        raise UserError("comparing needs an encoder and a set of pairs")
    _check_distinct(names)
    short = _short_names(names)
    negatives = [_negatives(one.tgt, seed) if with_negatives else None for one in sets]
    rows: list[dict[str, object]] = []
    measured: dict[str, list[Measures]] = {}
    failures: dict[str, str] = {}
    for name in names:
        try:
            found = [*_measured(name, sets, negatives, device, say)]
        except UserError as problem:
            # One damaged model must not lose the measurements of the others.
            failures[name] = str(problem)
            continue
        label = short[name]
        measured[label] = [measures for measures, _ in found]
        for one, (measures, facts) in zip(sets, found, strict=True):
            ends = measures.intervals(SAMPLES, seed)
            bounds = {f"{m}_{end}": v for m, both in ends.items() for end, v in zip(("low", "high"), both, strict=True)}
            head = {"encoder": label, "pair": one.pair, "n": measures.n}
            rows.append({**head, **measures.values, **bounds, **facts})
    if not rows:
        raise UserError("; ".join(failures.values()))
    table = pl.DataFrame(rows, infer_schema_length=None)
    return Comparison(table, _differences(table, measured, sets, seed), failures)


def verdict(comparison: Comparison) -> list[str]:
    """A line for each encoder but the best: where the best is better, and where the difference is noise."""
    lines = []
    for encoder in comparison.differences["encoder"].unique(maintain_order=True):
        rows = comparison.differences.filter(encoder=encoder)
        best, n = rows["best"][0], rows.height
        better = rows.filter(pl.col("real") & (pl.col("difference") > 0))
        worse = rows.filter(pl.col("real") & (pl.col("difference") < 0))
        noise = rows.filter(~pl.col("real"))
        line = f"{best} is better than {encoder} on {better.height} of {n} pair{'s' if n > 1 else ''} (P@1)"
        if worse.height:
            line += f"; worse on {', '.join(worse['pair'])}"
        if noise.height:
            line += f"; difference within noise on {', '.join(noise['pair'])}"
        lines.append(line)
    return lines


def _check_distinct(names: Sequence[str]) -> None:
    """Before anything is loaded, all must be there, and each once."""
    seen: dict[str, str] = {}
    for name in names:
        identity = encoder_identity(name)
        # Of a folder the hash of its files counts, whatever it is called.
        content = identity.rsplit("@", 1)[-1]
        if content in seen:
            same = "is named twice" if seen[content] == name else f"is the same encoder as {seen[content]!r}"
            raise UserError(f"encoder {name!r} {same}: to compare takes different ones")
        seen[content] = name


def _short_names(names: Sequence[str]) -> dict[str, str]:
    """Folders by their last part, where that is unique."""
    short = {name: Path(name).name if Path(name).expanduser().is_dir() else name for name in names}
    return short if len(set(short.values())) == len(names) else {name: name for name in names}


def _loaded(name: str, device: Device, texts: Sequence[str]) -> tuple[Encoder, float]:
    """The encoder, and the MiB it added to the process."""
    import psutil

    if name not in (BOOTSTRAP, E5_SMALL):
        # Imported first, so that the libraries do not count as the model's memory.
        import sentence_transformers  # noqa: F401
    process = psutil.Process()
    before = process.memory_info().rss
    encoder = load_encoder(name, device)
    encoder.encode(texts)
    return encoder, max(0.0, (process.memory_info().rss - before) / 2**20)


def _measured(
    name: str,
    sets: Sequence[ParallelSet],
    negatives: Sequence[HardNegatives | None],
    device: Device,
    say: Callable[[str], None],
) -> Iterator[tuple[Measures, dict[str, object]]]:
    """The measures of one encoder on each set, and what else is to be said in its row."""
    say(f"{name}: loading")
    encoder, memory = _loaded(name, device, sets[0].src[:WARM_UP])
    for one, made in zip(sets, negatives, strict=True):
        say(f"{name}: {one.pair}, {len(one.src):,} pairs")
        x, src_speed = _timed(encoder, one.src)
        y, tgt_speed = _timed(encoder, one.tgt)
        hard = None if made is None else (encoder.encode(made.texts), made)
        facts: dict[str, object] = {"identity": encoder.identity, "dim": encoder.dim, "memory_mb": memory}
        facts |= {"src_per_s": src_speed, "tgt_per_s": tgt_speed}
        yield measure_encoder(x, y, one.src, one.tgt, hard), facts


def _negatives(tgt: list[str], seed: int) -> HardNegatives:
    """Hard negatives of the distinct targets, by the first row of each."""
    row = {text: i for i, text in reversed(list(enumerate(tgt)))}
    made = hard_negatives(list(row), seed=seed)
    return HardNegatives(made.texts, np.array(list(row.values()))[made.made_of], made.kinds)


def _timed(encoder: Encoder, texts: Sequence[str]) -> tuple[Floats32, float]:
    """Vectors, and sentences a second. No sentence is timed twice, because some encoders cache words."""
    parts = int(np.clip(len(texts) // LEAST_CHUNK, 1, CHUNKS))
    bounds = np.linspace(0, len(texts), parts + 1).astype(int)
    encoder.encode(texts[:WARM_UP])
    vectors, speeds = [], []
    for start, end in pairwise(bounds):
        begun = time.perf_counter()
        vectors.append(encoder.encode(texts[start:end]))
        speeds.append((end - start) / (time.perf_counter() - begun))
    return np.concatenate(vectors), float(np.median(speeds))


def _differences(
    table: pl.DataFrame, measured: dict[str, list[Measures]], sets: Sequence[ParallelSet], seed: int
) -> pl.DataFrame:
    means = table.group_by("encoder", maintain_order=True).agg(pl.col(JUDGED_BY).mean())
    best = means.sort(JUDGED_BY, descending=True, maintain_order=True)["encoder"][0]
    rows = []
    for name in measured:
        for place, one in enumerate(sets if name != best else ()):
            values = [measured[n][place].by_sentence[JUDGED_BY] for n in (best, name)]
            away = (values[0] - values[1])[:, None]
            low, high = (float(end[0]) for end in interval(resampled_means(away, SAMPLES, seed)))
            real = low > 0 or high < 0
            rows.append((one.pair, best, name, float(away.mean()), low, high, real))
    schema = {"pair": pl.String, "best": pl.String, "encoder": pl.String}
    numbers = dict.fromkeys(("difference", "low", "high"), pl.Float64)
    return pl.DataFrame(rows, schema={**schema, **numbers, "real": pl.Boolean}, orient="row")
