#!/usr/bin/env bash
# polars: strict=True does not hold inside nested types. A number inside a struct becomes text, a text becomes a list
# of one text; the same values are refused one level higher.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check polars==2.1.0
"$work/env/bin/python" - <<'PY'
import polars as pl

print("polars", pl.__version__)
try:
    flat = pl.Series([5], dtype=pl.String, strict=True).to_list()
except TypeError as problem:
    flat = f"TypeError: {str(problem).splitlines()[0]}"
turns = pl.Series([[{"text": 5}]], dtype=pl.List(pl.Struct({"text": pl.String})), strict=True).to_list()
lists = pl.Series(["a"], dtype=pl.List(pl.String), strict=True).to_list()
print("Series([5], String, strict) ->", flat)
print("Series([[{'text': 5}]], List(Struct(text: String)), strict) ->", turns)
print("Series(['a'], List(String), strict) ->", lists)
assert isinstance(flat, str), "a number is refused where a text belongs"
assert turns == [[{"text": "5"}]], "inside a struct it becomes text"
assert lists == [["a"]], "a text becomes a list"
PY
