"""The recipes that come with xlcorpus, as their heads describe them; no step is imported for that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xlcorpus import shipped
from xlcorpus.errors import UserError, nearest
from xlcorpus.head_spec import Paper
from xlcorpus.recipe.blocks import bodies
from xlcorpus.recipe.built import kind_of, validated
from xlcorpus.recipe.recipe import Recipe

READ = "read"
"""The step whose record kind is what goes into a recipe."""
READ_KIND = "sentence"
"""Its default."""


@dataclass(frozen=True)
class Shelved:
    """A recipe on the shelf."""

    name: str
    family: str
    """folder that its file stands in; empty at the top"""
    about: str
    paper: Paper | None
    reads: tuple[str, ...]
    """record kinds of its input"""
    makes: tuple[str, ...]
    """configs of its release"""
    roles: tuple[str, ...]
    params: tuple[str, ...]

    def as_data(self) -> dict[str, Any]:
        """For machines."""
        paper = None if self.paper is None else self.paper.model_dump(mode="json", exclude_none=True)
        return {
            "name": self.name, "family": self.family, "about": self.about, "paper": paper, "reads": list(self.reads),
            "makes": list(self.makes), "roles": list(self.roles), "params": list(self.params),
        }  # fmt: skip

    def words(self) -> str:
        """Everything said of it, in lower case."""
        paper = "" if self.paper is None else " ".join(str(v) for v in self.paper.model_dump().values() if v)
        parts = (self.name, self.family, self.about, paper, *self.reads, *self.makes, *self.roles, *self.params)
        return " ".join(parts).casefold()


def shelf(family: str | None = None, search: str | None = None) -> list[Shelved]:
    """The recipes, those at the top first, then by family and name.

    Args:
        family: those of one family.
        search: those whose head holds all of these words.

    Raises:
        UserError: no such family; names the nearest.
    """
    found = sorted((_shelved(path) for path in shipped.pipelines().values()), key=lambda r: (r.family, r.name))
    families = {recipe.family for recipe in found if recipe.family}
    if family is not None and family not in families:
        raise UserError(f"no family {family!r}; {nearest(family, families)}")
    wanted = (search or "").casefold().split()
    return [r for r in found if family in (None, r.family) and all(word in r.words() for word in wanted)]


def markdown(recipes: Iterable[Shelved]) -> str:
    """The table of `docs/recipes.md`, a section for each family."""
    parts: list[str] = []
    family: str | None = None
    for recipe in recipes:
        if recipe.family != family:
            family = recipe.family
            parts += ["", f"### {family.replace('_', ' ').capitalize() if family else 'To begin with'}", ""]
            parts += ["| name | what it makes | in | out | roles |", "| --- | --- | --- | --- | --- |"]
        about = " ".join(recipe.about.split())
        if recipe.paper is not None:
            title = str(recipe.paper)
            about += f" After {f'[{title}]({recipe.paper.address})' if recipe.paper.address else title}."
        cells = (f"`{recipe.name}`", about, *(", ".join(p) for p in (recipe.reads, recipe.makes, recipe.roles)))
        parts.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(parts[1:]) + "\n"


def _shelved(path: Path) -> Shelved:
    recipe = Recipe.load(path)
    data = recipe.data
    paper = None
    if data.get("paper") is not None:
        paper = validated(Paper, data["paper"], "paper", recipe.lines, recipe.source)
    return Shelved(
        name=recipe.name,
        family="" if path.parent == shipped.folder("pipelines") else path.parent.name,
        about=str(data.get("about", "")).strip(),
        paper=paper,
        reads=tuple(dict.fromkeys(_kinds(data["steps"]))),
        makes=tuple((data.get("release") or {}).get("tables") or {}),
        roles=tuple(recipe.roles),
        params=tuple(recipe.params),
    )


def _kinds(steps: dict[str, Any]) -> Iterator[str]:
    for _, name, body in bodies(steps):
        if kind_of(name, body) == READ:
            yield str((body or {}).get("kind", READ_KIND))
