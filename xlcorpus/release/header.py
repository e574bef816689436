"""The YAML header of the card, as the Hub and `datasets` read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml

from xlcorpus import languages
from xlcorpus.errors import UserError, XlcorpusError
from xlcorpus.release.licences import hub_license, license_header
from xlcorpus.release.measure import Measured
from xlcorpus.release_spec import ReleaseSpec

CARD = "README.md"

_TASKS = {
    "document": ("text-generation",),
    "sentence": ("text-generation",),
    "variant": ("text-generation",),
    "instruction": ("text-generation",),
    "preference": ("text-generation",),
    "feedback": ("text-generation",),
    "item": ("question-answering",),
    "pair": ("translation", "sentence-similarity"),
    "group": ("translation", "sentence-similarity"),
    "lexicon": ("translation",),
}
"""Task categories of the Hub by record kind."""

_TAGS = {"pair": ("parallel",), "group": ("parallel",)}


def card_header(spec: ReleaseSpec, name: str, configs: Sequence[Measured], notes: Mapping[str, Any]) -> dict[str, Any]:
    """The header as plain data, in the order in which it is written.

    Args:
        spec: what was to be released.
        name: name of the pipeline.
        configs: what was.
        notes: further facts for xlcorpus itself, under the key `xlcorpus`.
    """
    kinds = sorted({c.written.kind for c in configs})
    tags = hub_languages(t for c in configs for t in c.languages)
    more = [
        *(["multilingual"] if len(tags) > 1 else []),
        *(t for k in kinds for t in _TAGS.get(k, ())),
        *kinds,
    ]
    header: dict[str, Any] = {
        "pretty_name": spec.title or name,
        "language": tags,
        **license_header(spec.license, rows_by_license(configs)),
        "task_categories": sorted({task for k in kinds for task in _TASKS.get(k, ())}),
        "size_categories": [size_category(sum(c.written.rows for c in configs))],
        "tags": list(dict.fromkeys(["xlcorpus", *more, *spec.tags])),
        "configs": [_config(c, first=i == 0) for i, c in enumerate(configs)],
        "dataset_info": [_dataset_info(c) for c in configs],
        "xlcorpus": dict(notes),
    }
    return {key: value for key, value in header.items() if value not in ([], None)}


def dump_header(header: Mapping[str, Any]) -> str:
    """The header between its two lines of dashes."""
    body = yaml.safe_dump(dict(header), sort_keys=False, allow_unicode=True, width=1000)
    return f"---\n{body}---\n"


def read_header(folder: Path) -> dict[str, Any]:
    """The header of a release's card.

    Raises:
        XlcorpusError: no card, no header, or not YAML; says what is wrong.
    """
    try:
        text = (folder / CARD).read_text("utf8")
    except FileNotFoundError:
        raise XlcorpusError(f"{folder} holds no {CARD}: not a release") from None
    except UnicodeDecodeError as problem:
        raise XlcorpusError(f"{folder / CARD} is not UTF-8: {problem}") from None
    if not text.startswith("---\n") or "\n---\n" not in text[4:]:
        raise XlcorpusError(f"{folder / CARD} does not begin with a YAML header between two lines of ---")
    try:
        header = yaml.safe_load(text[4 : text.index("\n---\n", 4) + 1])
    except yaml.YAMLError as problem:
        raise XlcorpusError(f"the header of {folder / CARD} is not YAML: {problem}") from None
    if not isinstance(header, dict):
        raise XlcorpusError(f"the header of {folder / CARD} is not a mapping of keys to values")
    return header


def hub_languages(tags: Any) -> list[str]:
    """The Hub's tags of languages, sorted; unknown ones are left out (`validate` finds them)."""
    found = set()
    for tag in sorted(set(tags)):
        try:
            if languages.parse(tag) != languages.UNKNOWN:
                found.add(languages.hub_tag(tag))
        except UserError:
            continue  # no language: the card shows the tag as it is, and `xlcorpus validate` names the row
    return sorted(found)


def rows_by_license(configs: Sequence[Measured]) -> dict[str | None, int]:
    """Rows by licence over all configs, the most frequent first; None is unknown."""
    counts: dict[str | None, int] = {}
    for source in (s for c in configs for s in c.sources):
        name = hub_license(source.license) or source.license if source.license else None
        counts[name] = counts.get(name, 0) + source.rows
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0] or "~")))


def size_category(rows: int) -> str:
    """The Hub's bucket for a number of rows: `n<1K`, `1K<n<10K`, ..., `n>1T`."""
    marks = ["1K", "10K", "100K", "1M", "10M", "100M", "1B", "10B", "100B", "1T"]
    if rows < 1000:
        return "n<1K"
    for place, (low, high) in enumerate(pairwise(marks)):
        if rows < 10 ** (place + 4):
            return f"{low}<n<{high}"
    return "n>1T"


def _config(measured: Measured, first: bool) -> dict[str, Any]:
    name = measured.written.config
    config: dict[str, Any] = {"config_name": name}
    if first:
        config["default"] = True
    splits = [split.name for split in measured.written.splits]
    return config | {"data_files": [{"split": s, "path": f"data/{name}/{s}-*.parquet"} for s in splits]}


def _dataset_info(measured: Measured) -> dict[str, Any]:
    written = measured.written
    return {
        "config_name": written.config,
        "features": features(written.schema),
        "splits": [{"name": s.name, "num_bytes": s.arrow_bytes, "num_examples": s.rows} for s in written.splits],
        "download_size": written.bytes,
        "dataset_size": written.arrow_bytes,
    }


def features(schema: pa.Schema) -> list[dict[str, Any]]:
    """An Arrow schema as `datasets` writes features in a card.

    That package is imported only for types that are none of ours, since its import takes a second.
    """
    named = [_named(column) for column in schema]
    if b"huggingface" not in (schema.metadata or {}) and None not in named:
        return [feature for feature in named if feature is not None]
    from datasets import Features

    found: list[dict[str, Any]] = Features.from_arrow_schema(schema)._to_yaml_list()
    return found


def _named(column: pa.Field) -> dict[str, Any] | None:
    feature = _feature(column.type)
    return None if feature is None else {"name": column.name, **feature}


def _feature(of: pa.DataType) -> dict[str, Any] | None:
    """A type as a feature; None if it is none of ours."""
    if of in _VALUES:
        return {"dtype": _VALUES[of]}
    if pa.types.is_struct(of):
        fields = [_named(column) for column in of]
        return None if None in fields else {"struct": fields}
    if pa.types.is_list(of):
        inner = _feature(of.value_type)
        # What a list alone holds stands without its name.
        return None if inner is None else {"list": inner.get("dtype") or inner.get("struct") or inner}
    return None


_VALUES = {
    pa.string(): "string", pa.bool_(): "bool", pa.int8(): "int8", pa.int16(): "int16", pa.int32(): "int32",
    pa.int64(): "int64", pa.uint32(): "uint32", pa.uint64(): "uint64", pa.float32(): "float32",
    pa.float64(): "float64",
}  # fmt: skip
