#!/usr/bin/env bash
# Thai ends no sentence with a full stop; it stands in abbreviations (พ.ศ., ดร., จ.), in texts that name a year or a
# person. Both splitters at hand end sentences there: pythainlp 5.4.0 with its model crfcut, trained on Thai, and sentencex
# 1.0.32. A sentence with a year and a doctor becomes three, or four. Joining what ends in a full stop mends it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  pythainlp==5.4.0 python-crfsuite==0.9.12 sentencex==1.0.32 2>/dev/null
cat > "$folder/try.py" <<'PY'
from importlib.metadata import version

import sentencex
from pythainlp.tokenize import sent_tokenize

TEXT = "ในปี พ.ศ. 2567 ดร. สมชาย ย้ายไปอยู่ที่เมืองใหม่"  # one sentence: in the year 2567 Dr. Somchai moved to a new town
crf = [piece.strip() for piece in sent_tokenize(TEXT, engine="crfcut")]
rules = [piece.strip() for piece in sentencex.segment("th", TEXT)]
print("pythainlp", version("pythainlp"), "crfcut:", crf)
print("sentencex", version("sentencex"), ":", rules)
assert len(crf) > 1 and any(piece.endswith(".") for piece in crf[:-1]), crf
assert len(rules) > 1 and any(piece.endswith(".") for piece in rules[:-1]), rules
PY
PYTHAINLP_READ_ONLY=1 HOME="$folder" "$folder/venv/bin/python" "$folder/try.py"
