"""YAML as version 1.2 reads plain words: `no` is a word (the language Norwegian), only `true` and `false` are Booleans.

YAML 1.1, which PyYAML implements, takes `no`, `off`, `yes` and `on` for Booleans and `2026-01-01` for a date. Options
that are Booleans still accept these words: pydantic reads them.
"""

from __future__ import annotations

import re
from typing import Any

import yaml


class Loader(yaml.SafeLoader):
    """PyYAML's safe loader without the Booleans and dates of YAML 1.1."""


_OTHERWISE = ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")
Loader.yaml_implicit_resolvers = {
    first: [(tag, words) for tag, words in resolvers if tag not in _OTHERWISE]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile("(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


def read(text: str) -> Any:
    """The value of a YAML text.

    Raises:
        yaml.YAMLError: it is no YAML.
    """
    return yaml.load(text, Loader)  # a subclass of the safe loader
