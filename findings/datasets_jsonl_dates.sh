#!/usr/bin/env bash
# datasets 5.2.0 reading JSON Lines: where every text of a column looks like a date, the column becomes timestamps, and the
# texts are lost ("2024-03-15" is a datetime). One text among them that is no date keeps all as text. The same rows in
# Parquet stay text. Answers such as "When was it signed?" - "2024-03-15" are data that people have.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check datasets==5.2.0
cat > "$folder/try.py" <<'PY'
import json
import sys
from pathlib import Path

import datasets

folder = Path(sys.argv[1])
print("datasets", datasets.__version__)
ANSWERS = {"dates": ["2024-03-15", "1999-12-31"], "mixed": ["2024-03-15", "today"]}
found = {}
for name, answers in ANSWERS.items():
    (folder / f"{name}.jsonl").write_text("".join(json.dumps({"answer": a}) + "\n" for a in answers))
    rows = datasets.load_dataset("json", data_files=str(folder / f"{name}.jsonl"), cache_dir=str(folder / "cache"))["train"]
    found[name] = (str(rows.features["answer"]), repr(rows[0]["answer"]))
    print(name, answers, "->", *found[name])
datasets.Dataset.from_dict({"answer": ANSWERS["dates"]}).to_parquet(folder / "dates.parquet")
rows = datasets.load_dataset("parquet", data_files=str(folder / "dates.parquet"), cache_dir=str(folder / "cache"))["train"]
print("Parquet ->", rows.features["answer"], repr(rows[0]["answer"]))
assert "timestamp" in found["dates"][0] and "datetime" in found["dates"][1], found
assert "string" in found["mixed"][0], found
assert rows[0]["answer"] == "2024-03-15"
PY
HF_HUB_OFFLINE=1 HF_HOME="$folder/home" "$folder/venv/bin/python" "$folder/try.py" "$folder" 2>/dev/null
