"""The one exception family. What a person reads: what was wrong, where, and what would be right."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class XlcorpusError(Exception):
    """A failure of the run (exit code 1): a full disk, a step that fails on too many rows, a dead cluster."""

    exit_code = 1


class UserError(XlcorpusError):
    """A mistake in what the user wrote or gave (exit code 2): an unknown step, a wrong option, a missing file."""

    exit_code = 2


class MissingExtra(UserError):
    """A package or program that an option needs is not installed; the message holds the install command."""

    @classmethod
    def pip(cls, what: str, extra: str) -> MissingExtra:
        """`what` (a sentence start, "translator 'openai'") needs the pip extra `extra`."""
        return cls(f"{what} needs an extra that is not installed: pip install 'xlcorpus[{extra}]'")


def nearest(word: str, valid: Iterable[str]) -> str:
    """The end of an error message: the nearest valid name, or all of them when none is near."""
    names = sorted(valid)
    close = get_close_matches(word, names, n=1, cutoff=0.5)
    if close:
        return f"did you mean {close[0]!r}?"
    return "valid: " + ", ".join(names)
