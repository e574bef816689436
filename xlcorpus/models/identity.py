"""What tells one model from another: of a folder its name and content, of the Hub its id and commit."""

from __future__ import annotations

import hashlib
from pathlib import Path

from xlcorpus.errors import UserError


def model_identity(name: str, what: str, choices: str, short: str | None = None) -> str:
    """`name@hash` of a folder, `id@commit` of the Hub: the newest there or, where it does not answer, in the cache.

    Args:
        name: a model's folder or its Hub id.
        what: how messages call it: "encoder 'x'".
        choices: what may be given, for messages.
        short: Hub id of a name without owner; None: the name itself.

    Raises:
        UserError: no such folder, and no such model on the Hub or in the cache.
    """
    if is_folder(name):
        folder = Path(name).expanduser()
        return f"{folder.resolve().name}@{_content_hash(folder)}"
    if name.startswith(("/", ".", "~")) or name.count("/") > 1 or not name:
        raise UserError(f"{what}: no such folder; give {choices}")
    repo = name if "/" in name or short is None else short
    try:
        return f"{repo}@{hub_folder(repo).name}"
    except (OSError, ValueError) as e:
        raise UserError(
            f"{what}: no folder of that name, and neither the Hub nor its local cache gave one "
            f"({_first_line(e)}); give {choices}"
        ) from e


def place_and_revision(name: str, identity: str) -> tuple[str, str | None]:
    """Where transformers finds a model of that identity: its folder, or its Hub id and the commit."""
    if is_folder(name):
        return str(Path(name).expanduser()), None
    repo, _, commit = identity.rpartition("@")
    return repo, commit


def is_folder(name: str) -> bool:
    """Whether a model is named by its folder."""
    return bool(name) and Path(name).expanduser().is_dir()


def _content_hash(folder: Path) -> str:
    """16 hex digits over the names and bytes of all files that are not hidden and no README."""
    digest = hashlib.blake2b(digest_size=8)
    files = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    for relative in sorted(files):
        if any(part.startswith(".") for part in relative.split("/")) or relative.lower() == "readme.md":
            continue
        with files[relative].open("rb") as file:
            digest.update(relative.encode() + b"\0" + hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def hub_folder(repo: str) -> Path:
    """The small files of a model on the Hub; from the local cache when the Hub does not answer."""
    from huggingface_hub import snapshot_download

    return Path(snapshot_download(repo, allow_patterns=["*config*.json", "modules.json"]))


def _first_line(e: Exception) -> str:
    return next(iter(str(e).strip().splitlines()), type(e).__name__)
