#!/usr/bin/env bash
# datasets 5.2.0: a folder with train.csv and a test.csv without rows cannot be loaded at all: the rows of train are out of
# reach too, unless data_files leaves the empty file out. So with Parquet and JSON Lines. A pipeline that cuts a split per
# language writes such a file where a language has too few rows.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check datasets==5.2.0 2>/dev/null
cat > "$folder/try.py" <<'PY'
import sys
from pathlib import Path

import datasets

print("datasets", datasets.__version__)
folder = Path(sys.argv[1])
(folder / "data").mkdir()
(folder / "data" / "train.csv").write_text("text\nHabari?\nNzuri.\n")
(folder / "data" / "test.csv").write_text("text\n")
try:
    found = str({k: v.num_rows for k, v in datasets.load_dataset(str(folder / "data"), cache_dir=str(folder / "c")).items()})
except ValueError as problem:
    found = f"ValueError: {problem}"
print("a folder with an empty test.csv ->", found)
alone = datasets.load_dataset(
    str(folder / "data"), data_files={"train": "train.csv"}, cache_dir=str(folder / "c2")
)["train"].num_rows
print("train alone, by data_files ->", alone, "rows")
assert found == 'ValueError: Instruction "test" corresponds to no data!', found
assert alone == 2
PY
HF_HUB_OFFLINE=1 HF_HOME="$folder/home" "$folder/venv/bin/python" "$folder/try.py" "$folder"
