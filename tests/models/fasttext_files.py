"""Small fastText classifiers, written as fastText writes its files (version 12): for labels of published models."""

import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np

MAGIC, VERSION = 793712314, 12
SUPERVISED, SOFTMAX = 3, 3
SURE = 10.0


def write_classifier(path: Path, words: Mapping[str, str], model: int = SUPERVISED) -> Path:
    """A model that gives a text the label of its words.

    Args:
        words: label of each word. Words that stand for no label are not known.
        model: 3 is a classifier, 1 are word vectors (CBOW).
    """
    labels = list(dict.fromkeys(words.values()))
    entries = [("</s>", 0), *((word, 0) for word in words), *((label, 1) for label in labels)]
    n_words = len(words) + 1
    inputs = np.zeros((n_words, len(labels)), dtype="<f4")
    for i, label in enumerate(words.values(), 1):
        inputs[i, labels.index(label)] = SURE
    outputs = np.eye(len(labels), dtype="<f4") * SURE
    with path.open("wb") as file:
        file.write(struct.pack("<ii", MAGIC, VERSION))
        # dim, ws, epoch, minCount, neg, wordNgrams, loss, model, bucket, minn, maxn, lrUpdateRate, t
        file.write(struct.pack("<12id", len(labels), 5, 5, 1, 5, 1, SOFTMAX, model, 0, 0, 0, 100, 1e-4))
        file.write(struct.pack("<iiiqq", len(entries), n_words, len(labels), len(entries), -1))
        for text, kind in entries:
            file.write(text.encode() + b"\0" + struct.pack("<qb", 1, kind))
        for matrix in (inputs, outputs):
            file.write(b"\0" + struct.pack("<qq", *matrix.shape) + matrix.tobytes())
    return path
