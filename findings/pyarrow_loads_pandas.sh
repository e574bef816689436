#!/usr/bin/env bash
# pyarrow 26.0.1 loads pandas, where it is installed, with the first array that it makes of Python values, and with an empty
# table of a schema: 400 modules and a fifth of a second for a program that never uses pandas. A schema alone does not load
# it, nor does polars when it reads one (`pl.Schema`), which `pl.from_arrow(schema.empty_table())` stands for often.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pyarrow==26.0.1 pandas==3.1.1 polars==2.1.0 2>/dev/null
cat > "$folder/try.py" <<'PY'
import subprocess
import sys
from importlib.metadata import version

TRIED = {
    "import pyarrow": "import pyarrow as pa",
    "pa.schema": "import pyarrow as pa; pa.schema([('a', pa.string())])",
    "pl.Schema(pa.schema)": "import polars as pl, pyarrow as pa; pl.Schema(pa.schema([('a', pa.string())]))",
    "schema.empty_table()": "import pyarrow as pa; pa.schema([('a', pa.string())]).empty_table()",
    "pa.array([1])": "import pyarrow as pa; pa.array([1])",
}
print(*(f"{name} {version(name)}" for name in ("pyarrow", "pandas", "polars")))
loaded = {}
for name, code in TRIED.items():
    told = subprocess.run(
        [sys.executable, "-c", f"{code}; import sys; print('pandas' in sys.modules, len(sys.modules))"],
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    loaded[name] = told[0] == "True"
    print(f"{name}: pandas {'is' if loaded[name] else 'is not'} loaded, {told[1]} modules")
assert list(loaded.values()) == [False, False, False, True, True], loaded
PY
"$folder/venv/bin/python" "$folder/try.py"
