"""What a recipe still needs before it can run, in one message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xlcorpus.recipe.params import Param
from xlcorpus.recipe.roles import EXAMPLE, Role, told


def told_missing(name: str, params: Mapping[str, Param], roles: Mapping[str, Role], inputs: Sequence[str]) -> str:
    """The message; empty if nothing is missing.

    Args:
        name: of the recipe.
        params: its parameters.
        roles: its roles; where one has no player, all are listed.
        inputs: what is said of input that is not there.
    """
    open_params = {n: p for n, p in params.items() if not p.given}
    open_roles = {n: r for n, r in roles.items() if r.played_by is None}
    if not open_params and not open_roles and not inputs:
        return ""
    lines = [f"{name} cannot run yet"]
    if open_params:
        lines.append("parameters without a value (give --param NAME=VALUE):")
        lines += [f"  {n}: {p.about} ({p.types})" for n, p in open_params.items()]
    if open_roles:
        first = next(iter(open_roles))
        lines.append(f"roles that nobody plays: {', '.join(open_roles)}. The recipe needs")
        for role_name, role in roles.items():
            player = f" (played by {told(role.played_by)})" if role.played_by is not None else ""
            lines.append(f"  {role_name}: {role.about}{player}")
        lines.append(f"give each a model: --model {first}={EXAMPLE}, or in models.yaml")
        lines.append(f"  {first}: {{base_url: http://localhost:8000/v1, model: NAME}}")
        lines.append("or the name of a built-in model, a path or a Hub id, where the step takes one")
    if inputs:
        lines += ["input that is not there:", *(f"  {text}" for text in inputs)]
    return "\n".join(lines)
