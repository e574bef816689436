"""What compiled code writes to stderr past Python's `sys.stderr`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def native_stderr_to(path: Path) -> Iterator[None]:
    """Send it into a file for a while: Ray announces its log level there and warns of errors that it also raises."""
    sys.stderr.flush()
    with path.open("w") as file:
        kept = os.dup(2)
        os.dup2(file.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
