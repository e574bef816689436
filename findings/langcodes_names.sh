#!/usr/bin/env bash
# langcodes.find: the words behind a language's name are dropped in silence, so a script in brackets is lost;
# codes are looked up among names, so that real codes go to other languages.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check langcodes==3.5.1 language_data==1.4.0
"$work/env/bin/python" - <<'PY'
from importlib.metadata import version

import langcodes

print("langcodes", version("langcodes"), "language_data", version("language_data"))
seen = {name: str(langcodes.find(name)) for name in ("Serbian (Latin)", "Chinese (Traditional)", "ua", "bcs")}
for name, tag in seen.items():
    print(f"find({name!r}) -> {tag} ({langcodes.Language.get(tag).language_name()})")
print("Language.get('bcs') ->", langcodes.Language.get("bcs").language_name())
assert seen["Serbian (Latin)"] == "sr", "the script in brackets was dropped"
assert seen["ua"] == "aah", "ua was taken for Abu' Arapesh"
assert langcodes.Language.get("bcs").language_name() == "Kohumono" and seen["bcs"] != "bcs"
PY
