"""Mining on real text: Multi30k, where it stands beside the project or at XLCORPUS_TEST_DATA."""

import os
from pathlib import Path

import polars as pl
import pytest

from xlcorpus.cli.files.mine import TextFile, mine_files
from xlcorpus.steps.embed.embed import Embed
from xlcorpus.steps.mine.mine import Mine
from xlcorpus.steps.read.packed import open_bytes

BESIDE = Path(__file__).parents[2] / "shared" / "data"
DATA = Path(os.environ.get("XLCORPUS_TEST_DATA", BESIDE)) / "multi30k"

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"no {DATA}: set XLCORPUS_TEST_DATA to a folder with multi30k/"
)


@pytest.mark.parametrize("lang", ["de", "fr"])
def test_surest_pairs_of_image_captions_are_right(tmp_path: Path, lang: str) -> None:
    """Both sides of the validation set, the English one sorted, so that no place gives a pair away."""
    sides = {}
    for name in (lang, "en"):
        with open_bytes(DATA / f"val.{name}.gz") as file:
            sides[name] = file.read().decode("utf8").splitlines()
    gold = set(zip(sides[lang], sides["en"], strict=True))
    (tmp_path / "src.txt").write_text("\n".join(sides[lang]) + "\n")
    (tmp_path / "tgt.txt").write_text("\n".join(sorted(sides["en"])) + "\n")
    src, tgt = TextFile(tmp_path / "src.txt", lang), TextFile(tmp_path / "tgt.txt", "en")
    mine_files(src, tgt, tmp_path / "pairs.parquet", "parquet", Mine(threshold=1.2), Embed())
    pairs = pl.read_parquet(tmp_path / "pairs.parquet").select("src_text", "tgt_text").rows()
    right = sum(pair in gold for pair in pairs)
    assert right / len(pairs) > 0.85
    assert right / len(gold) > 0.05
