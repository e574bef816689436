"""Datasets of the Hugging Face Hub, or a folder that `datasets` can load, row by row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import xxhash

from xlcorpus import places
from xlcorpus.errors import UserError, XlcorpusError
from xlcorpus.steps.read.features import plain_columns, with_names
from xlcorpus.steps.read.formats import columnar
from xlcorpus.steps.read.found import Found
from xlcorpus.steps.read.reading import FRAME_ROWS, Reading

_COMMIT = re.compile("[0-9a-f]{40}")


def commit(name: str, revision: str | None) -> str:
    """The commit of a dataset's revision; of a folder, a hash of the files in it.

    A revision that is a whole commit is taken as it is, without asking the Hub.

    Raises:
        UserError: there is no such dataset, or it may not be read.
        XlcorpusError: the Hub cannot be reached.
    """
    if Path(name).is_dir():
        digest = xxhash.xxh3_128()
        for path in sorted(p for p in Path(name).rglob("*") if p.is_file() and not p.name.startswith(".")):
            digest.update(f"{path.relative_to(name)} {places.content_hash(path)}\n".encode())
        return digest.hexdigest()
    if revision is not None and _COMMIT.fullmatch(revision):
        return revision
    from huggingface_hub import HfApi

    with _hub_errors(name, revision):
        return str(HfApi().dataset_info(name, revision=revision).sha)


def rows(
    reading: Reading, name: str, config: str | None, split: str, revision: str, asked: list[str]
) -> Iterator[Found]:
    """The rows of a split, streamed: with a limit only what it needs is fetched.

    Pictures and sound are left out, labels are their names.

    Raises:
        UserError: no such config or split (names those there are); a column that is asked for holds no text.
    """
    import datasets

    local = Path(name).is_dir()
    with _hub_errors(name, revision):
        stream = datasets.load_dataset(name, config, split=split, streaming=True, revision=None if local else revision)
        features = stream.features or stream._resolve_features().features
        stream = stream.select_columns(plain_columns(features, asked))
        if reading.limit is not None:
            stream = stream.take(reading.limit)
        yield from columnar.found(reading, (with_names(table, features) for table in _tables(stream)))


def _tables(stream: Any) -> Iterator[pa.Table]:
    for batch in stream.with_format("arrow").iter(FRAME_ROWS):
        yield batch.replace_schema_metadata(None)


@contextmanager
def _hub_errors(name: str, revision: str | None) -> Iterator[None]:
    """What `datasets` and the Hub's client raise, in one sentence that names the dataset."""
    from datasets.exceptions import DatasetNotFoundError
    from huggingface_hub import errors

    at = f"hub: {name}" + (f" (revision {revision})" if revision else "")
    try:
        yield
    except (UserError, XlcorpusError):
        raise
    except errors.GatedRepoError as problem:
        raise UserError(f"{at} is gated: accept its terms on its page, and set HF_TOKEN") from problem
    except (errors.RepositoryNotFoundError, DatasetNotFoundError) as problem:
        raise UserError(f"{at}: no such dataset, or a private one (then set HF_TOKEN)") from problem
    except errors.RevisionNotFoundError as problem:
        raise UserError(f"{at}: no such revision") from problem
    except errors.OfflineModeIsEnabled as problem:
        raise UserError(f"{at}: HF_HUB_OFFLINE is set; unset it, or name a whole commit as revision") from problem
    except (
        ValueError,
        FileNotFoundError,
    ) as problem:  # no such config or split, no data files: it names those there are
        raise UserError(f"{at}: {str(problem).strip().splitlines()[0]}") from problem
    except (OSError, errors.HfHubHTTPError) as problem:
        raise XlcorpusError(f"{at}: {type(problem).__name__}: {problem}; run again when it can be reached") from problem
    except Exception as problem:
        if type(problem).__module__.split(".")[0] in ("httpx", "aiohttp", "requests", "fsspec", "datasets"):
            raise XlcorpusError(f"{at}: {type(problem).__name__}: {problem}; run again later") from problem
        raise
