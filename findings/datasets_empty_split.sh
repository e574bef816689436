#!/usr/bin/env bash
# datasets 5.2.0: a folder with train.parquet and a test.parquet without rows cannot be loaded at all: the rows of train are
# out of reach too, unless data_files leaves the empty file out. So with CSV and JSON Lines. A pipeline that cuts a split per
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
import pyarrow as pa
import pyarrow.parquet as pq

print("datasets", datasets.__version__)
folder = Path(sys.argv[1])
(folder / "data").mkdir()
rows = pa.table({"text": ["Habari?", "Nzuri."]})
pq.write_table(rows, folder / "data" / "train.parquet")
pq.write_table(rows.slice(0, 0), folder / "data" / "test.parquet")
try:
    found = str({k: v.num_rows for k, v in datasets.load_dataset(str(folder / "data"), cache_dir=str(folder / "c")).items()})
except ValueError as problem:
    found = f"ValueError: {problem}"
print("a folder with an empty test.parquet ->", found)
alone = datasets.load_dataset(
    str(folder / "data"), data_files={"train": "train.parquet"}, cache_dir=str(folder / "c2")
)["train"].num_rows
print("train alone, by data_files ->", alone, "rows")
assert found == 'ValueError: Instruction "test" corresponds to no data!', found
assert alone == 2
PY
HF_HUB_OFFLINE=1 HF_HOME="$folder/home" "$folder/venv/bin/python" "$folder/try.py" "$folder" 2>/dev/null
