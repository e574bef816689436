#!/usr/bin/env bash
# sentencex 1.0.32 gives the sentences of a text, and line ends between them as pieces of their own: joined, the pieces are
# the text, so that places in it can be counted. In a text of over about 10,000 characters with empty lines they are not:
# line ends are gone, and every place counted behind the first of them is wrong. Half the text keeps them.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check sentencex==1.0.32 2>/dev/null
cat > "$folder/try.py" <<'PY'
from importlib.metadata import version

import sentencex

PARAGRAPH = "Ninapenda kusoma vitabu. Leo mvua inanyesha sana.\n\n"  # I love to read books. Today it rains hard.
print("sentencex", version("sentencex"))
lost = {}
for characters in (5_000, 50_000):
    text = PARAGRAPH * (characters // len(PARAGRAPH))
    joined = "".join(sentencex.segment("sw", text))
    lost[characters] = len(text) - len(joined)
    print(f"{len(text):,} characters, {text.count(chr(10)):,} line ends: {lost[characters]:,} characters lost")
assert lost[5_000] == 0, lost
assert lost[50_000] > 0, lost
PY
"$folder/venv/bin/python" "$folder/try.py"
