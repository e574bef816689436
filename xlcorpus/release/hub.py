"""Sending a release to the Hugging Face Hub, in one commit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow.parquet as pq

from xlcorpus.errors import UserError, XlcorpusError
from xlcorpus.rehearsing import REHEARSED
from xlcorpus.release.build import read_release
from xlcorpus.release.header import CARD
from xlcorpus.release.markdown import size
from xlcorpus.release.validate import validate_release

TOKEN_ADVICE = "make a token with write access in your settings on the Hub, then set HF_TOKEN or run `hf auth login`"


@dataclass(frozen=True)
class Publication:
    """What is sent to the Hub: planned (dry run) or done."""

    repo_id: str
    private: bool
    files: tuple[tuple[str, int], ...]
    """path in the repository, bytes"""
    message: str
    """of the commit"""
    url: str | None = None
    """of the commit, once it is made"""

    def __str__(self) -> str:
        total = size(sum(b for _, b in self.files))
        if self.url:
            return f"sent {len(self.files)} files ({total}) to {self.url}"
        kind = "private dataset" if self.private else "dataset"
        lines = [f"would send to the {kind} {self.repo_id}, in one commit:"]
        lines += [f"  {size(b):>9}  {path}" for path, b in self.files]
        return "\n".join([*lines, f"  {total:>9}  in {len(self.files)} files", f"commit message: {self.message}"])


def publish(folder: Path, repo_id: str, *, dry_run: bool = False, private: bool = False) -> Publication:
    """Send a release to a dataset repository, which is made if it is not there.

    The access token is HF_TOKEN or what `hf auth login` stored; HF_ENDPOINT names another Hub than the public one.
    Data files of an older release that the new one does not have are deleted in the same commit.

    Args:
        folder: the release.
        repo_id: `user/name`.
        dry_run: only say what would be sent.
        private: make a new repository private; one that is there stays as it is.

    Raises:
        UserError: no valid release, a wrong `repo_id`, no token.
        XlcorpusError: a condition of the recipe does not hold; the Hub refuses or does not answer.
    """
    _check_repo_id(repo_id)
    problems = validate_release(folder)
    if problems:
        more = f" (and {len(problems) - 1} more; see xlcorpus validate)" if len(problems) > 1 else ""
        raise UserError(f"{folder} is no valid release: {problems[0]}{more}")
    release = read_release(folder)
    if not_held := [h for h in release.held if not h.ok]:
        more = f" (and {len(not_held) - 1} more; see the card)" if len(not_held) > 1 else ""
        raise XlcorpusError(
            f"{folder} is not what its recipe promises: {not_held[0].what}: {not_held[0].found}{more}; it is not sent"
        )
    paths = [folder / CARD, *sorted((folder / "data").rglob("*.parquet"))]
    if any(REHEARSED in pq.read_schema(path).names for path in paths[1:]):
        raise UserError(f"{folder} holds rows of a rehearsal, which no model has seen; they are not sent")
    files = tuple((p.relative_to(folder).as_posix(), p.stat().st_size) for p in paths)
    rows = release.rows
    message = f"Release of {sum(rows.values()):,} rows: " + ", ".join(f"{c} {n:,}" for c, n in rows.items())
    planned = Publication(repo_id, private, files, message)
    return planned if dry_run else _send(folder, planned)


def _check_repo_id(repo_id: str) -> None:
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]

    reason = "the user is missing"
    try:
        validate_repo_id(repo_id)
        if "/" in repo_id:
            return
    except HFValidationError as problem:
        reason = str(problem).rstrip(".")
    raise UserError(
        f"{repo_id!r} cannot be the name of a dataset on the Hub ({reason}); write user/name "
        "with letters, digits, '-', '_' and '.'"
    )


def _send(folder: Path, planned: Publication) -> Publication:
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, get_token
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    token = get_token()
    if not token:
        raise UserError(f"no access token for the Hub: {TOKEN_ADVICE}")
    if not (token.isascii() and token.isprintable()):
        raise UserError(f"the access token holds characters that no token has (HF_TOKEN?): {TOKEN_ADVICE}")
    api = HfApi(token=token)
    # Errors of the HTTP library that huggingface_hub stands on: it has changed twice between its versions.
    no_answer: tuple[type[Exception], ...] = tuple(b for b in HfHubHTTPError.__bases__ if issubclass(b, Exception))
    try:
        api.create_repo(planned.repo_id, repo_type="dataset", private=planned.private, exist_ok=True)
        there = api.list_repo_files(planned.repo_id, repo_type="dataset")
        new = [path for path, _ in planned.files]
        old = [p for p in there if p.startswith("data/") and p.endswith(".parquet") and p not in new]
        # Not upload_folder: that may make several commits, and a reader in between would see half a release.
        commit = api.create_commit(
            planned.repo_id,
            [*(CommitOperationAdd(p, folder / p) for p in new), *(CommitOperationDelete(p) for p in old)],
            commit_message=planned.message,
            repo_type="dataset",
        )
    except OfflineModeIsEnabled:
        raise UserError("HF_HUB_OFFLINE is set, so nothing is sent to the Hub; unset it to publish") from None
    except HfHubHTTPError as problem:
        raise _refused(planned.repo_id, problem) from problem
    except ValueError as problem:
        raise XlcorpusError(f"the Hub does not take {planned.repo_id}: {problem}") from problem
    except no_answer as problem:
        raise XlcorpusError(
            f"the Hub at {api.endpoint} does not answer: {problem}; no file was changed there"
        ) from problem
    return replace(planned, url=str(commit.commit_url))


def _refused(repo_id: str, problem: Exception) -> XlcorpusError:
    """An answer of the Hub in plain words."""
    response = getattr(problem, "response", None)
    status = getattr(response, "status_code", None)
    said = getattr(problem, "server_message", None) or str(problem).splitlines()[0]
    if status == 401:
        return UserError(f"the Hub does not know the access token: {TOKEN_ADVICE}")
    if status == 403:
        return UserError(f"the access token may not write to {repo_id}: {said}; {TOKEN_ADVICE}")
    if status == 404:
        return UserError(f"the Hub finds no {repo_id} that this token may write to")
    if status in (429, 500, 502, 503, 504):
        return XlcorpusError(f"the Hub is busy or broken (status {status}): {said}; try again later")
    return XlcorpusError(f"the Hub refuses {repo_id} (status {status}): {said}")
