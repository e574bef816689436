"""The command `xlcorpus inspect`: what each rule of a step costs each language, before anything is run."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import polars as pl
import typer

from xlcorpus import records
from xlcorpus.cli.files.corpus import corpus
from xlcorpus.cli.files.named_steps import settings, step_named
from xlcorpus.cli.flags import say
from xlcorpus.cli.inspect_table import show
from xlcorpus.errors import UserError, nearest
from xlcorpus.pipeline import Pipeline
from xlcorpus.policies.compare import changes
from xlcorpus.policies.page import Facts, page
from xlcorpus.policies.report import as_data, report
from xlcorpus.policies.sample import Sample
from xlcorpus.policies.verdicts import Judged, Measured, judge, measure
from xlcorpus.step import MAIN, RowStep, Table
from xlcorpus.steps.read.read import Read
from xlcorpus.whole_files import whole_file

POLICY = "policy"
"""Option of steps that take a file of limits."""


def inspect(
    data: Annotated[
        list[str],
        typer.Argument(help="Files, patterns, folders or releases; de=FILE names a language.", metavar="DATA..."),
    ],
    lang: Annotated[str | None, typer.Option(help="Language of rows that name none (de; de-en for pairs).")] = None,
    kind: Annotated[str, typer.Option(help="Record kind of the rows: document, sentence, pair, ...")] = "document",
    policy: Annotated[Path | None, typer.Option(help="File of limits by language.")] = None,
    against: Annotated[
        Path | None, typer.Option(help="Another one: show the rows that --policy treats differently.")
    ] = None,
    step: Annotated[
        list[str] | None, typer.Option(help="Step whose rules and columns are shown, in order; default: quality.")
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="step.option=value, again for each option; also read.option=value."),
    ] = None,
    sample: Annotated[int, typer.Option(min=1, help="Random rows of each language.")] = 1000,
    seed: Annotated[int, typer.Option(help="Of the sample, and of steps that draw.")] = 0,
    out_file: Annotated[
        Path | None, typer.Option("--out", help="Write a page with curves and examples: .html.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON for machines.")] = False,
) -> None:
    """Show what each rule of a step costs each language: shares, curves and examples.

    xlcorpus inspect corpus/*.jsonl.gz --policy new.yaml --against old.yaml --out report.html
    """
    if out_file is not None and out_file.suffix.lower() not in (".html", ".htm"):
        raise UserError(f"--out {out_file}: give a name that ends in .html")
    if kind not in records.kinds():
        raise UserError(f"--kind {kind}: no such record kind; {nearest(kind, records.kinds())}")
    names = list(dict.fromkeys(step or ["quality"]))
    options = settings(set_ or [], ["read", *names])
    steps = _steps(names, options, policy, "--policy", kind)
    others = _steps(names, options, against, "--against", kind) if against is not None else None

    drawn = Sample(kind, sample, seed)
    for frame in corpus(data, lang, kind, options["read"], say):
        drawn.add(frame)
    rows = drawn.rows()
    if not rows.height:
        raise UserError(f"{', '.join(data)}: no {kind}s to inspect")
    measured = measure(steps, rows, kind, seed)
    judged = judge(measured, steps)
    if not judged.rows.height:
        raise UserError(f"no row came out of {', '.join(names)}: {_refused(measured)}")
    warnings = [*([_refused(measured)] if measured.refused.height else []), *_remarks(steps, rows, measured)]
    for text in warnings:
        say(text, True)
    old: Judged | None = None
    if others is not None:
        same = {name: s.scoring() for name, s in steps.items()} == {name: s.scoring() for name, s in others.items()}
        old = judge(measured if same else measure(others, rows, kind, seed), others)
    found = report(judged, drawn.counts, changes(judged, old) if old is not None else None, old)
    if out_file is not None:
        facts = Facts(tuple(data), sample, seed, tuple(names), _name(policy), _name(against), tuple(warnings))
        out_file.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(out_file) as unfinished:
            unfinished.write_text(page(found, judged, facts), "utf8")
    if as_json:
        sys.stdout.write(json.dumps({"seed": seed, **as_data(found)}, ensure_ascii=False) + "\n")
    else:
        show(found, out_file)


def _steps(
    names: Sequence[str], options: Mapping[str, Mapping[str, Any]], policy: Path | None, flag: str, kind: str
) -> dict[str, RowStep]:
    """The steps, in order; those that take a policy have the given one.

    Raises:
        UserError: a step that is none, takes other rows or further tables; none that takes the policy.
    """
    steps: dict[str, RowStep] = {}
    pipeline = Pipeline("inspect").then(Read.model_construct(kind=kind))
    taken = False
    for name in names:
        one = step_named(name, options[name])
        if policy is not None and POLICY in type(one).model_fields:
            if POLICY in options[name]:
                raise UserError(f"--set {name}.policy: the policy is already given with {flag}")
            one, taken = step_named(name, {**options[name], POLICY: str(policy)}), True
        if not isinstance(one, RowStep):
            raise UserError(f"--step {name}: only steps that judge rows one by one can be inspected, such as quality")
        one.preflight()
        steps[name], pipeline = one, pipeline.then(one)
    if policy is not None and not taken:
        raise UserError(f"{flag} {policy}: none of the steps {', '.join(names)} takes a policy; add --step quality")
    pipeline.resolve()
    return steps


def _remarks(steps: Mapping[str, RowStep], rows: pl.DataFrame, measured: Measured) -> list[str]:
    """What the steps say of their inputs, as at the end of a run: that text is other than the policy's reference."""
    said: list[str] = []
    with TemporaryDirectory(prefix="xlcorpus-") as temporary:
        for name, step in steps.items():
            shard = Path(temporary) / f"{name}.parquet"
            rows.write_parquet(shard)
            said += step.remarks({MAIN: Table(measured.kind, (shard,))})
            rows = measured.frames[name]
    return said


def _refused(measured: Measured) -> str:
    counts = measured.refused.group_by("step", "rule").len().sort("step", "rule")
    listed = ", ".join(f"{rows:,} by {step} ({rule})" for step, rule, rows in counts.iter_rows())
    return f"rows that are in no curve: {listed}"


def _name(path: Path | None) -> str | None:
    return None if path is None else str(path)


@cache
def register(app: typer.Typer) -> None:
    """Add the command `inspect`."""
    app.command("inspect")(inspect)
