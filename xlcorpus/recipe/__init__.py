"""A recipe: a pipeline file with a head that says what a person needs to know and what a program can check.

>>> from xlcorpus.recipe import Recipe
>>> Recipe.load("mine_and_build").with_models(encoder="e5-small").pipeline()
"""

from __future__ import annotations

from xlcorpus.recipe.recipe import Recipe

__all__ = ["Recipe"]
