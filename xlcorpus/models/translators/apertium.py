"""The program Apertium as a translator: which pairs are installed, and running one over many texts."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from xlcorpus import languages
from xlcorpus.errors import MissingExtra, UserError, XlcorpusError

_RESERVED = re.compile(r"[\\\[\]{}^$/@<>]")
"""Characters that mean something in Apertium's stream format."""
_TILDE = "[~]"
"""A tilde is swallowed by the generator, except inside a superblank."""
_STREAM = re.compile(r"\\(.)|\[|\]", re.DOTALL)
_END = "[]"
"""An empty superblank: without something behind it the last full stop is swallowed."""
_ADDED_STOP = ".[][]"
"""A full stop the tagger sees and the reader does not, as `apertium-destxt` adds it."""
_SPACES = re.compile(" {2,}")
_STOPS = frozenset(".!?")
_CLOSING = " \t\n\"')]»”’"
_DATA_FILE = re.compile(r"'(/[^']+)'")


@cache
def apertium_modes() -> dict[tuple[str, str], str]:
    """Installed translation directions: (source tag, target tag) -> Apertium's name of it ("eng-spa").

    Variants (`spa-eng_US`) are left out.

    Raises:
        MissingExtra: Apertium, or any pair for it, is not installed.
    """
    listed = [line.strip() for line in _run("-l").splitlines()]
    modes: dict[tuple[str, str], str] = {}
    for mode in sorted(listed):
        halves = mode.split("-")
        if len(halves) == 2 and "_" not in mode:
            try:
                modes.setdefault((languages.parse(halves[0]), languages.parse(halves[1])), mode)
            except UserError:  # a mode for developers, not a direction
                continue
    if not modes:
        raise MissingExtra("Apertium has no language pairs; install some: apt-get install apertium-eng-spa")
    return modes


@cache
def apertium_identity() -> str:
    """Version, directions, and a hash of their data: "Apertium 3.8.3, eng-spa spa-eng, 1f0c..."."""
    digest = hashlib.blake2b(digest_size=8)
    modes = sorted(apertium_modes().values())
    for mode in modes:
        rules = _data_folder() / "modes" / f"{mode}.mode"
        text = rules.read_text("utf8")
        for name in _DATA_FILE.findall(text):
            digest.update(Path(name).read_bytes())
    return f"{_run('-V').strip()}, {' '.join(modes)}, {digest.hexdigest()}"


def run_apertium(mode: str, texts: Sequence[str]) -> list[str]:
    """Translate texts in one process; they are kept apart by NUL, after which every stage starts anew.

    Args:
        mode: one of the values of `apertium_modes`.
        texts: any texts; line breaks are kept, NUL becomes a space.

    Raises:
        XlcorpusError: Apertium failed, or gave another number of texts back.
    """
    sent = "".join(f"{_escape(text)}\0" for text in texts)
    came = _run("-z", "-u", "-f", "none", mode, given=sent).split("\0")
    # Stages may add empty flushes at the end.
    if len(came) < len(texts) or any(c.strip() for c in came[len(texts) :]):
        raise XlcorpusError(f"Apertium {mode} gave {len(came) - 1} texts for {len(texts)}")
    return [_unescape(new, "  " in text) for new, text in zip(came, texts, strict=False)]


def _escape(text: str) -> str:
    escaped = _RESERVED.sub(r"\\\g<0>", text.replace("\0", " ")).replace("~", _TILDE)
    return escaped + _END if text.rstrip(_CLOSING)[-1:] in _STOPS else escaped + _ADDED_STOP


def _unescape(stream: str, keep_spaces: bool) -> str:
    text = _STREAM.sub(lambda m: m[1] or "", stream.removesuffix(_ADDED_STOP)).strip()
    # Words that fall away (pronouns) leave their spaces.
    return text if keep_spaces else _SPACES.sub(" ", text)


def _program() -> str:
    found = shutil.which("apertium")
    if found is None:
        raise MissingExtra(
            "translator 'apertium' needs the program Apertium and a language pair: "
            "apt-get install apertium apertium-eng-spa"
        )
    return found


def _data_folder() -> Path:
    """Where the pairs are: as the program finds them."""
    beside = Path(_program()).resolve().parent.parent / "share" / "apertium"
    return Path(os.environ.get("APERTIUM_DATADIR") or beside)


def _run(*arguments: str, given: str = "") -> str:
    command = [_program(), *arguments]
    done = subprocess.run(command, input=given.encode(), capture_output=True, check=False)
    if done.returncode != 0:
        said = (done.stderr or done.stdout).decode(errors="replace").strip()
        raise XlcorpusError(f"`{' '.join(command)}` failed with exit code {done.returncode}: {said}")
    return done.stdout.decode(errors="replace")
