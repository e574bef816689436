"""datatrove's MinHash, for `near_duplicates.py`; runs in an interpreter that has datatrove and spaCy.

    python datatrove_minhash.py FOLDER

Reads `texts.json` and `shingles.npz` (hashes, offsets) from the folder, writes `signatures.npy` (n, 14, 8) of the
shingles, and prints as JSON the texts a second from text to signature and from shingles to signature, on one core.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
from datatrove.pipeline.dedup.minhash import MinhashDedupSignature
from loguru import logger

logger.remove()
folder = Path(sys.argv[1])
texts = json.loads((folder / "texts.json").read_text("utf8"))
held = np.load(folder / "shingles.npz")
step = MinhashDedupSignature(str(folder / "out"))
step.get_signature(step.get_shingles("one two three four five six seven"))  # loads the tokenizer

start = time.perf_counter()
for text in texts:
    shingles = step.get_shingles(text)
    if shingles.size:
        step.get_signature(shingles)
of_text = len(texts) / (time.perf_counter() - start)

parts = [part.reshape(-1, 1) for part in np.split(held["hashes"], held["offsets"][1:-1])]
start = time.perf_counter()
signed = [step.get_signature(part) for part in parts]
of_shingles = len(parts) / (time.perf_counter() - start)
np.save(folder / "signatures.npy", np.array(signed, np.uint64))
print(json.dumps({"text": of_text, "shingles": of_shingles}))
