"""Tables without rows keep the columns that later steps read."""

from __future__ import annotations

from pathlib import Path

import pytest

from xlcorpus.engine import run
from xlcorpus.yaml_file import from_yaml

PIPELINE = """
name: emptied
steps:
  read: {{kind: sentence, paths: {{eng_Latn: {texts}}}, source: s, license: CC0-1.0}}
  fan_out: {{over: {{level: [easy]}}}}
  hard: {{step: select, keep: "{keep}"}}
  longest:
    step: reshape
    kind: sentence
    tables: {{r: hard}}
    sql: SELECT r.text, r.lang, length(r.text) AS size FROM r
    parents: [r.id]
  beside:
    step: reshape
    kind: sentence
    tables: {{r: read, h: hard, n: longest}}
    sql: >-
      SELECT r.text, r.lang, any_value(h.level) AS level, max(n.size) AS size
      FROM r LEFT JOIN h ON h.text = r.text LEFT JOIN n ON n.text = r.text GROUP BY r.id, r.text, r.lang
    parents: [r.id]
release: {{title: Beside, tables: {{sentence: beside}}}}
"""


@pytest.mark.parametrize(("level", "size"), [("hard", None), ("easy", 16)])
def test_a_query_reads_columns_of_a_table_of_which_nothing_is_left(
    level: str, size: int | None, tmp_path: Path
) -> None:
    (tmp_path / "en.txt").write_text("The sky is blue.\n")
    text = PIPELINE.format(texts=tmp_path / "en.txt", keep=f"level = '{level}'")
    made = run(from_yaml(text), tmp_path / "runs").tables["beside"].frame()
    assert made.select("text", "level", "size").rows() == [("The sky is blue.", None if size is None else level, size)]
