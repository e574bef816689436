"""The forms: what each holds, what makes its rows, what reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from xlcorpus import records
from xlcorpus.release.exports import llama_factory, parallel, role_content
from xlcorpus.release.exports.files import Csv, JsonLines, Moses, OpenFiles, ParquetFile, Tmx
from xlcorpus.release.exports.flat import flat
from xlcorpus.release.exports.made import Maker
from xlcorpus.release.exports.tmx import tmx

CHATS = ("instruction", "preference", "feedback")
PARALLEL = ("pair", "group")


@dataclass(frozen=True)
class Form:
    """One form."""

    makers: Mapping[str, Maker]
    """what makes its rows, by record kind"""
    files: OpenFiles
    reader: str
    """what reads it"""
    entry: Callable[[str, str, Mapping[str, str]], str] | None = None
    """text of a file dataset_info.json (record kind, config, name of the file by split)"""
    shows_reasoning: bool = True
    """reasoning may stand in the text, or be left out; False: it is a column as it is"""


FORMS: dict[str, Form] = {
    "trl": Form(
        {kind: partial(role_content.trl, kind) for kind in (*CHATS, "item")} | {"pair": parallel.trl_texts},
        ParquetFile,
        "TRL, Axolotl",
    ),
    "openai": Form({"instruction": role_content.openai}, JsonLines, "OpenAI's API and those like it"),
    "sharegpt": Form(
        {kind: partial(llama_factory.sharegpt, kind) for kind in CHATS},
        ParquetFile,
        "LLaMA-Factory",
        partial(llama_factory.dataset_info, "sharegpt"),
    ),
    "alpaca": Form(
        {kind: partial(llama_factory.alpaca, kind) for kind in CHATS},
        ParquetFile,
        "LLaMA-Factory",
        partial(llama_factory.dataset_info, "alpaca"),
    ),
    "moses": Form({kind: partial(parallel.moses, kind) for kind in PARALLEL}, Moses, "Moses, Marian, OpusFilter"),
    "tmx": Form({kind: partial(tmx, kind) for kind in PARALLEL}, Tmx, "translation memories"),
    "sentence-transformers": Form(
        {kind: partial(parallel.anchor_positive, kind) for kind in PARALLEL} | {"preference": parallel.triplets},
        ParquetFile,
        "sentence-transformers",
    ),
    "csv": Form(dict.fromkeys(records.kinds(), flat), Csv, "spreadsheets, pandas", shows_reasoning=False),
}
"""Every form by its name."""
