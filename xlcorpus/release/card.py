"""The dataset card: every number in it was measured from the files it describes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import pyarrow as pa
from jinja2 import Environment, PackageLoader, StrictUndefined

from xlcorpus import records
from xlcorpus.arms import MEANINGS
from xlcorpus.ledger import LedgerEntry
from xlcorpus.release import kept
from xlcorpus.release.examples import example_table
from xlcorpus.release.head import Head, section
from xlcorpus.release.header import card_header, dump_header, rows_by_license
from xlcorpus.release.lengths import Length
from xlcorpus.release.markdown import code, counted, escape, fence, long_table, number, percent, size, table
from xlcorpus.release.measure import Measured, Score
from xlcorpus.release.splits import SPLIT_LEAK, Cut
from xlcorpus.release_spec import ReleaseSpec

MOST_ROWS = 100
"""Rows of a long table (languages, lengths, sources); what is cut is counted below it."""
_BARS = "▁▂▃▄▅▆▇█"
_MACHINE = ("translated", "localized", "synthetic", "transformed")

ORIGINS = {
    "native": "as it stands in its source",
    "mined": "texts of the sources, brought together by a machine",
    "translated": "machine translation, or a word-by-word gloss",
    "localized": "adapted to another language or place by a machine",
    "synthetic": "written by a machine",
    "transformed": "made from another text by rules (code-switching, transliteration, noise)",
}
"""What the values of `origin` mean to a reader of the card."""


@dataclass(frozen=True)
class Made:
    """How a release was made: what the card says besides what is measured."""

    name: str
    pipeline_yaml: str
    versions: Mapping[str, str]
    models: Mapping[str, str]
    ledger: Sequence[LedgerEntry]
    empty: Sequence[str]
    """configs that were asked for, but have no rows"""
    notes: Sequence[str] = ()
    """what steps measured"""
    kept: Collection[str] = ()
    """columns that were read from source files"""
    cut: Cut = field(default_factory=Cut)
    """how the rows were dealt out to splits"""
    head: Head = field(default_factory=Head)
    """what the recipe says of itself"""


def render_card(spec: ReleaseSpec, configs: Sequence[Measured], made: Made) -> str:
    """The text of README.md."""
    notes = {
        "kinds": {c.written.config: c.written.kind for c in configs},
        "repeated_ids_left_out": {c.written.config: c.written.repeated for c in configs if c.written.repeated},
        "empty": list(made.empty),
    }
    if made.head.held:
        notes["holds"] = [asdict(h) for h in made.head.held]
    if spec.allow:
        notes["allow"] = list(spec.allow)
    if spec.splits:
        notes["splits"] = dict(spec.splits)
    environment = Environment(
        loader=PackageLoader("xlcorpus.release", "."),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters["code"] = code
    body = environment.get_template("card.md.jinja").render(
        spec=spec,
        made=made,
        head=section(made.head),
        title=escape(spec.title or made.name),
        configs=[_section(c, made.kept) for c in configs],
        overview=_overview(configs),
        splits=_splits(configs) if spec.splits else "",
        shares=", ".join(f"{code(name)} {share:g}" for name, share in spec.splits.items()),
        leaks=_leaks(configs),
        remarks=made.cut.remarks,
        common=_columns(configs[0].kind.common, "common"),
        summary=_summary(configs),
        languages=_language_table(configs),
        by_step=kept.by_step(made.ledger),
        by_language=kept.by_language(made.ledger),
        flags=kept.flags(made.ledger),
        costly_rules=kept.costly_rules(made.ledger),
        origins=_origins(configs),
        machine=_machine(configs, made.models),
        pipeline=fence(made.pipeline_yaml, "yaml"),
        models=_pairs(["step and role", "model"], made.models),
        versions=_pairs(["package", "version"], made.versions),
        licences=_licences(spec, configs),
        sources=_sources(configs),
        limits=[*spec.limits, *_measured_limits(configs, made.ledger)],
    )
    return dump_header(card_header(spec, made.name, configs, notes)) + "\n" + body


def _summary(configs: Sequence[Measured]) -> str:
    rows = sum(c.written.rows for c in configs)
    tags = sorted({t for c in configs for t in c.languages})
    names = ", ".join(kept.language_name(t) for t in tags[:12]) + (" and more" if len(tags) > 12 else "")
    parts = [f"**{counted(rows, 'row')}**", f"**{counted(len(tags), 'language')}** ({names})"]
    return " · ".join([*parts, size(sum(c.written.bytes for c in configs))])


def _overview(configs: Sequence[Measured]) -> str:
    rows = [
        [
            code(c.written.config),
            c.kind.description.rstrip("."),
            f"{c.written.rows:,}",
            str(len(c.languages)),
            str(len(c.written.shards)),
            size(c.written.bytes),
        ]
        for c in configs
    ]
    return table(["config", "a row is", "rows", "languages", "files", "size"], rows, "llrrrr")


def _splits(configs: Sequence[Measured]) -> str:
    """Rows by config and split."""
    names = list(dict.fromkeys(split.name for c in configs for split in c.written.splits))
    rows = []
    for config in configs:
        counts = {split.name: split.rows for split in config.written.splits}
        rows.append([code(config.written.config), *(number(counts.get(name)) for name in names)])
    return table(["config", *(code(name) for name in names)], rows, "l" + "r" * len(names))


def _leaks(configs: Sequence[Measured]) -> str:
    """How many rows are left out since they would give away a row of another split."""
    rows = sum(sum(c.written.left_out.get(SPLIT_LEAK, {}).values()) for c in configs)
    return counted(rows, "row") if rows else ""


def _language_table(configs: Sequence[Measured]) -> str:
    """Rows by language or pair, one column a config; languages before pairs, then the largest first."""
    totals: dict[str, int] = {}
    for config in configs:
        for lang, count in config.rows_by_lang.items():
            totals[lang] = totals.get(lang, 0) + count
    order = sorted(totals, key=lambda tag: ("-" in tag, -totals[tag], tag))
    rows = [[kept.language_name(tag), code(tag), *(number(c.rows_by_lang.get(tag)) for c in configs)] for tag in order]
    titles = ["language", "tag", *(code(c.written.config) for c in configs)]
    return long_table(titles, rows, "ll" + "r" * len(configs), MOST_ROWS, "languages and pairs")


def _section(config: Measured, kept_columns: Collection[str]) -> dict[str, Any]:
    written = config.written
    own = [f for f in written.schema if f.name not in config.kind.common.names]
    return {
        "name": written.config,
        "kind": written.kind,
        "description": config.kind.description,
        "rows": counted(written.rows, "row"),
        "repeated": counted(written.repeated, "further row") if written.repeated else "",
        "examples": example_table(config.examples, config.kind) if config.examples else "",
        "lengths": _lengths(config.lengths),
        "scores": _scores(config.scores),
        "columns": _columns(pa.schema(own), written.kind, kept_columns),
    }


def _lengths(lengths: Sequence[Length]) -> str:
    if not lengths:
        return ""
    rows = [
        [
            code(length.field),
            kept.language_name(length.lang),
            *(number(v) for v in (length.texts, length.mean, int(length.p5), int(length.median), int(length.p95))),
        ]
        for length in lengths
    ]
    titles = ["text", "language", "texts", "mean", "5%", "median", "95%"]
    return long_table(titles, rows, "llrrrrr", MOST_ROWS, "lines")


def _scores(scores: Sequence[Score]) -> str:
    rows = []
    for score in (s for s in scores if s.rows):
        quantiles = [score.low, score.p5, score.p25, score.median, score.p75, score.p95, score.high]
        shown = [number(q) for q in quantiles]
        rows.append([code(score.column), number(score.rows), *shown, bars(score.histogram)])
    titles = ["score", "rows", "min", "5%", "25%", "median", "75%", "95%", "max", "distribution, min to max"]
    parts = [table(titles, rows, "lrrrrrrrrl")] if rows else []
    if without := [code(s.column) for s in scores if not s.rows]:
        parts.append(f"Null in every row: {', '.join(without)}.")
    return "\n\n".join(parts)


def bars(histogram: Sequence[int]) -> str:
    """A histogram as a line of block characters; the lowest means none."""
    top = max(histogram, default=0)
    steps = len(_BARS) - 1
    return "".join(_BARS[-(-count * steps // top)] for count in histogram) if top else ""


def _columns(schema: pa.Schema, kind: str, kept_columns: Collection[str] = ()) -> str:
    """Columns with type and meaning, as the schema of the kind (or `common`) says it."""
    known = records.json_schema(kind)["properties"]
    rows = []
    for column in schema:
        measured = MEANINGS.get(column.name, "measured by a step of the pipeline")
        further = "as the source file has it" if column.name in kept_columns else measured
        meaning = known[column.name]["description"] if column.name in known else further
        rows.append([code(column.name), _type(column.type), meaning.replace("|", "\\|")])
    return table(["column", "type", "meaning"], rows)


def _type(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return f"list of {_type(kind.value_type)}"
    if pa.types.is_struct(kind):
        return "{" + ", ".join(field.name for field in kind) + "}"
    return {"double": "float64"}.get(str(kind), str(kind))


def _origins(configs: Sequence[Measured]) -> str:
    rows = [
        [
            code(c.written.config),
            code(o.origin),
            ORIGINS.get(o.origin, ""),
            code(o.step) if o.step else "",
            number(o.rows),
        ]
        for c in configs
        for o in c.origins
    ]
    return table(["config", "origin", "what that means", "made by step", "rows"], rows, "llllr")


def _machine(configs: Sequence[Measured], models: Mapping[str, str]) -> list[str]:
    """One sentence for each step that made text: config, rows, and the models it used."""
    found = []
    for config in configs:
        for origin in config.origins:
            if origin.origin not in _MACHINE:
                continue
            used = [m for role, m in models.items() if role.split(".")[0] == origin.step]
            by = f" with {', '.join(code(m) for m in used)}" if used else ""
            step = f" by the step {code(origin.step)}" if origin.step else ""
            found.append(f"{code(config.written.config)}: {counted(origin.rows, 'row')} {origin.origin}{step}{by}")
    return found


def _licences(spec: ReleaseSpec, configs: Sequence[Measured]) -> str:
    counts = rows_by_license(configs)
    unknown = counts.get(None, 0)
    if spec.license:
        said = f"The dataset as a whole is given under {code(spec.license)}."
    elif len(counts) == 1 and not unknown:
        said = f"Every row is under {code(next(iter(counts)) or '')}."
    elif len(counts) == 1:
        return "**The licence of every row is unknown.** Find out what its sources allow before you pass it on."
    else:
        said = "Rows have different licences; each row's own stands in its column `license`."
    if unknown:
        said += f" **The licence of {counted(unknown, 'row')} is unknown** (null)."
    return said


def _sources(configs: Sequence[Measured]) -> str:
    rows = [
        [
            code(c.written.config),
            escape(s.source) if s.source else "*unknown*",
            escape(s.license) if s.license else "*unknown*",
            number(s.rows),
        ]
        for c in configs
        for s in c.sources
    ]
    return long_table(["config", "source", "licence", "rows"], rows, "lllr", MOST_ROWS, "sources")


def _measured_limits(configs: Sequence[Measured], entries: Sequence[LedgerEntry]) -> list[str]:
    """Limits that follow from what was measured."""
    rows = sum(c.written.rows for c in configs)
    by_origin: dict[str, int] = {}
    for origin in (o for c in configs for o in c.origins):
        by_origin[origin.origin] = by_origin.get(origin.origin, 0) + origin.rows
    machine = sum(by_origin.get(o, 0) for o in _MACHINE)
    failed = sum(e.failed for e in entries)
    unnamed = sum(n for c in configs for tag, n in c.rows_by_lang.items() if "und" in tag.split("-"))
    found = []
    if machine:
        found.append(f"{percent(machine / rows)} of the rows are machine-made text, with the errors of what made them.")
    if by_origin.get("mined"):
        found.append(f"What was mined ({counted(by_origin['mined'], 'row')}) need not mean the same in both languages.")
    if unnamed:
        found.append(f"The language of {counted(unnamed, 'row')} is unknown (`und`).")
    if failed:
        found.append(f"Missing because a step failed on them: {counted(failed, 'row')}.")
    return found


def _pairs(titles: Sequence[str], values: Mapping[str, str]) -> str:
    return table(titles, [[code(k), code(v)] for k, v in sorted(values.items())]) if values else ""
