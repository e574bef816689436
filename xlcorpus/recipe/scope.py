"""What names stand for inside of a block, and outside of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

Nodes = tuple[str, ...]
"""Names of nodes whose rows are joined."""


class Scope:
    """Names of tables in one place of a recipe; those that it does not know are known by the scope around it.

    Args:
        around: the scope around this one.
        passed: what becomes of nodes that are read from outside (see `recipe.unrolled`); None: they are read as they
            are.
    """

    def __init__(self, around: Scope | None = None, passed: Callable[[str, Nodes], Nodes] | None = None) -> None:
        self._around, self._passed = around, passed
        self._own: dict[str, Callable[[], Nodes]] = {}
        self._outside: dict[str, Callable[[], Nodes]] = {}
        self._parts: dict[str, Callable[[str], Nodes | None]] = {}

    def name(self, name: str, nodes: Nodes) -> None:
        """A step of this place."""
        self._own[name] = lambda: nodes

    def carry(self, name: str, nodes: Callable[[], Nodes]) -> None:
        """A table that comes from outside under a name of this place."""
        self._outside[name] = nodes

    def block(self, name: str, nodes: Callable[[], Nodes], parts: Callable[[str], Nodes | None]) -> None:
        """A block of this place: what its name stands for, and `NAME.part`."""
        self._own[name], self._parts[name] = nodes, parts

    def find(self, name: str) -> Nodes:
        """The nodes of a name; itself where nobody knows it."""
        if (own := self._find_own(name)) is not None:
            return own
        if name in self._outside:
            found = self._outside[name]()
        elif self._around is not None:
            found = self._around.find(name)
        else:
            return (name,)
        return found if self._passed is None else self._passed(name, found)

    def all(self, names: Iterable[str]) -> Nodes:
        """The nodes of several names."""
        return tuple(dict.fromkeys(node for name in names for node in self.find(name)))

    def names(self) -> list[str]:
        """Names that are known here."""
        around = [] if self._around is None else self._around.names()
        return list(dict.fromkeys(name for name in (*self._own, *self._outside, *around) if name))

    def _find_own(self, name: str) -> Nodes | None:
        if name in self._own:
            return self._own[name]()
        block, dot, part = name.partition(".")
        return self._parts[block](part) if dot and block in self._parts else None
