"""What options mean: the docstrings below the fields of a class, read when they are shown.

Pydantic can read them too (`use_attribute_docstrings`), but it reads those of every class when it is defined: a fifth
of the time in which a command starts.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import textwrap
from functools import cache


@cache
def option_texts(cls: type) -> dict[str, str]:
    """The docstring of each field by name, those of a class before those of its bases; white space is evened out."""
    found: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        found |= _own(base)
    return found


@cache
def _own(cls: type) -> dict[str, str]:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(cls)))
    except (OSError, TypeError, SyntaxError):  # built in, or made where there is no file
        return {}
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
    found = {}
    for field, behind in itertools.pairwise(body):
        named = isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        said = isinstance(behind, ast.Expr) and isinstance(behind.value, ast.Constant)
        if named and said and isinstance(behind.value.value, str):  # type: ignore[attr-defined]
            found[field.target.id] = " ".join(behind.value.value.split())  # type: ignore[attr-defined]
    return found
