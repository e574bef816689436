"""What a step's output depends on besides its rows, as a short hash: it names the step's folder of checkpoints.

The fingerprint of a step covers its name, its options, the content of files that these name, the code behind it, the
identity of the models it loads and, if it draws, the seed. What the step reads (files of a corpus, tables) is not in
it: the tasks of a step are named by that, each by the content of its own input (see `store`). Equal fingerprint and
equal input, equal table.
"""

from __future__ import annotations

from collections.abc import Mapping

from xlcorpus.engine.code import code_digest, draws
from xlcorpus.engine.hashes import digest
from xlcorpus.step import RowStep, SourceStep, Step


def fingerprint(step: Step, seed: int, models: Mapping[str, str]) -> str:
    """Fingerprint of a step, 16 hex digits.

    Args:
        step: the step.
        seed: the pipeline's seed.
        models: `step.models()`.
    """
    options = step.model_dump(mode="json")
    if isinstance(step, SourceStep):
        options = {name: value for name, value in options.items() if name not in step.names_files}
    parts = {
        "step": step.step_name(),
        "options": options,
        "seed": seed if draws(type(step)) else None,
        "code": code_digest(type(step)),
        "models": dict(models),
        "files": step.file_contents(),
    }
    return digest(parts)[:16]


def folders(node: str, step: Step, seed: int, models: Mapping[str, str]) -> tuple[str, str | None]:
    """Names of the folder of a node's checkpoints and, if scores are kept apart from rules, of that of its scores."""
    own = f"{node}-{fingerprint(step, seed, models)}"
    if not isinstance(step, RowStep) or not step.accepts():
        return own, None
    return own, f"{node}-scores-{fingerprint(step.scoring(), seed, models)}"
