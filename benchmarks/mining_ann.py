"""Pairs found and speed of approximate against exact mining, on embeddings of real sentences.

    python benchmarks/mining_ann.py --data DATA                    # 20,000 a side, about a minute
    python benchmarks/mining_ann.py --data DATA --n 200000 --epochs 10 --save EMBEDDINGS
    python benchmarks/mining_ann.py --embeddings EMBEDDINGS --n 200000 --index auto shared IVF2048,Flat
    python benchmarks/mining_ann.py --embeddings FOLDER            # any x.npy and y.npy, of whatever encoder

Exact and approximate search run one after the other in this process; the second figure of each time is processor
seconds, which other work on the machine disturbs less. Pairs are those of `max` retrieval at ratio margin 1.06.

The sentences. Source: German and French captions (Multi30k), German and French Tatoeba, lines of German and French
tldr pages, the German and French articles of bleualign. Target: the English captions, all English sides of Tatoeba,
lines of English tldr pages. Each distinct sentence once; with --n above their number, parts of them (of six words and
more: first half, second half, middle half, first two thirds, last two thirds, in this order) fill up.

The encoder. A sentence-transformers StaticEmbedding of 256 dimensions over byte-pair tokens, trained on the German-
English and French-English pairs of Multi30k's `train` with in-batch negatives (scale 20, both directions).
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from xlcorpus.arrays import Floats32
from xlcorpus.errors import UserError
from xlcorpus.mining.search.ann import RECALL, ann_knn
from xlcorpus.mining.search.knn import knn
from xlcorpus.mining.search.neighbours import Neighbours
from xlcorpus.mining.search.unit import unit_rows
from xlcorpus.mining.select.margin import margins
from xlcorpus.mining.select.selection import select

BATCH = 1024


def main(argv: Sequence[str] | None = None) -> int:
    """Run from the command line; returns the exit code."""
    args = _arguments(argv)
    try:
        _run(args)
    except UserError as e:
        print(f"error: {e}", file=sys.stderr)
        return e.exit_code
    return 0


def _run(args: argparse.Namespace) -> None:
    x, y = _embeddings(args)
    rng = np.random.default_rng(args.seed)
    x, y = (unit_rows(side[rng.permutation(len(side))[: args.n]], "given") for side in (x, y))
    print(f"{len(x)} x {len(y)} embeddings of {x.shape[1]} dimensions, k {args.k}, seed {args.seed}")
    # Compiles what is compiled at first use.
    ann_knn(x[:2000], y[:2000], args.k, "shared")

    exact, wall, cpu = _timed(lambda: knn(x, y, args.k, "cpu"))
    gold = _pairs(exact, args.threshold, len(y))
    print(f"exact, both directions in one pass: {wall:.1f} s (processor {cpu:.1f} s), {len(gold)} pairs")
    for index in args.index:
        (found, report), wall_ann, cpu_ann = _timed(lambda: ann_knn(x, y, args.k, index, recall=args.recall))  # noqa: B023
        pairs = _pairs(found, args.threshold, len(y))
        both = len(np.intersect1d(gold, pairs))
        near = np.mean([_recall(exact.fwd_index, found.fwd_index), _recall(exact.bwd_index, found.bwd_index)])
        print(f"\n{report}")
        print(
            f"  {wall_ann:.1f} s (processor {cpu_ann:.1f} s): {wall / wall_ann:.1f} times the speed of exact search "
            f"({cpu / cpu_ann:.1f} in processor time)\n"
            f"  {len(pairs)} pairs: {100 * both / max(len(gold), 1):.2f} % of the exact ones found, "
            f"{100 * both / max(len(pairs), 1):.2f} % of those found are exact ones; "
            f"true recall of neighbours {near:.4f}"
        )


def _timed(function: Any) -> tuple[Any, float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    result = function()
    return result, time.perf_counter() - wall, time.process_time() - cpu


def _pairs(neighbours: Neighbours, threshold: float, targets: int) -> Any:
    found = select(neighbours, margins(neighbours), "max", threshold)
    return found.src * targets + found.tgt


def _recall(exact: Any, found: Any) -> float:
    return float(np.mean([(exact[:, [c]] == found).any(axis=1) for c in range(exact.shape[1])]))


def _embeddings(args: argparse.Namespace) -> tuple[Floats32, Floats32]:
    if args.embeddings:
        return np.load(args.embeddings / "x.npy", mmap_mode="r"), np.load(args.embeddings / "y.npy", mmap_mode="r")
    if not (args.data and (args.data / "multi30k").is_dir()):
        raise UserError("--data: a folder with multi30k, tatoeba, tldr and bleualign; or give --embeddings")
    source, whole_source = _filled(_source(args.data), args.n)
    target, whole_target = _filled(_target(args.data), args.n)
    print(f"source {len(source)} sentences ({whole_source} whole), target {len(target)} ({whole_target} whole)")
    model = _encoder(args.data, source + target, args.dim, args.epochs, args.seed)
    x, y = (model.encode(side, batch_size=BATCH, convert_to_numpy=True) for side in (source, target))
    if args.save:
        args.save.mkdir(parents=True, exist_ok=True)
        np.save(args.save / "x.npy", x)
        np.save(args.save / "y.npy", y)
    return x, y


def _source(data: Path) -> list[str]:
    captions = [s for lang in ("de", "fr") for part in ("train", "val", "test_2016_flickr") for s in
                _lines(data / "multi30k" / f"{part}.{lang}.gz")]  # fmt: skip
    tatoeba = [row.split("\t")[0] for lang in ("deu", "fra") for row in _lines(data / "tatoeba" / f"{lang}-eng.tsv")]
    pages = [s for lang in ("de", "fr") for s in _tldr(data / "tldr" / f"{lang}.jsonl.gz")]
    articles = [
        s for lang in ("de", "fr") for path in sorted((data / "bleualign").glob(f"*.{lang}")) for s in _lines(path)
    ]
    return captions + tatoeba + pages + articles


def _target(data: Path) -> list[str]:
    captions = [s for part in ("train", "val", "test_2016_flickr") for s in _lines(data / "multi30k" / f"{part}.en.gz")]
    tatoeba = [row.split("\t")[1] for path in sorted((data / "tatoeba").glob("*.tsv")) for row in _lines(path)]
    return captions + tatoeba + _tldr(data / "tldr" / "en.jsonl.gz")


def _lines(path: Path) -> list[str]:
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")
    return [line for line in text.split("\n") if line.strip()]


def _tldr(path: Path) -> list[str]:
    lines = [line.strip("#>-: `") for page in _lines(path) for line in json.loads(page)["text"].split("\n")]
    return [line for line in lines if len(line.split()) > 1]


def _filled(sentences: list[str], n: int) -> tuple[list[str], int]:
    """n distinct sentences, with parts of sentences where they do not suffice; and how many are whole."""
    whole = list(dict.fromkeys(s.strip() for s in sentences))
    parts = (s for which in range(5) for s in _parts(whole, which)) if len(whole) < n else ()
    return list(dict.fromkeys([*whole, *parts]))[:n], min(len(whole), n)


def _parts(sentences: Iterable[str], which: int) -> Iterable[str]:
    for sentence in sentences:
        words = sentence.split()
        n = len(words)
        if n >= 6:
            half, quarter, most = n // 2, n // 4, 2 * n // 3
            start, stop = ((0, half), (half, n), (quarter, quarter + half), (0, most), (n - most, n))[which]
            yield " ".join(words[start:stop])


def _encoder(data: Path, sentences: list[str], dim: int, epochs: int, seed: int) -> Any:
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
    from torch.nn.functional import cross_entropy, normalize

    started = time.perf_counter()
    torch.manual_seed(seed)
    text = {lang: _lines(data / "multi30k" / f"train.{lang}.gz") for lang in ("de", "fr", "en")}
    tokenizer = Tokenizer(models.BPE(unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizers.Lowercase(), pre_tokenizers.Whitespace()
    trainer = trainers.BpeTrainer(vocab_size=30_000, special_tokens=["[UNK]"], show_progress=False)
    tokenizer.train_from_iterator([s for side in text.values() for s in side] + sentences, trainer)
    ids = {lang: [e.ids for e in tokenizer.encode_batch(side)] for lang, side in text.items()}
    source, target = ids["de"] + ids["fr"], ids["en"] * 2
    table = torch.nn.EmbeddingBag(tokenizer.get_vocab_size(), dim, mode="mean")
    torch.nn.init.normal_(table.weight, std=0.1)
    optimiser = torch.optim.Adam(table.parameters(), lr=0.01)
    right = torch.arange(BATCH)

    def embed(bags: list[list[int]]) -> torch.Tensor:
        offsets = np.cumsum([0, *(len(bag) for bag in bags[:-1])])
        return normalize(table(torch.tensor(np.concatenate(bags), dtype=torch.long), torch.tensor(offsets)))

    for epoch in range(epochs):
        order = np.random.default_rng([seed, epoch]).permutation(len(source))
        for at in range(0, len(order) - BATCH + 1, BATCH):
            batch = order[at : at + BATCH]
            scores = 20 * embed([source[i] for i in batch]) @ embed([target[i] for i in batch]).T
            loss = cross_entropy(scores, right) + cross_entropy(scores.T, right)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    print(f"encoder trained in {time.perf_counter() - started:.0f} s, last loss {loss.item():.3f}")
    module = StaticEmbedding(tokenizer, embedding_weights=table.weight.detach().numpy())
    return SentenceTransformer(modules=[module], device="cpu")


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder with multi30k, tatoeba, tldr, bleualign")
    parser.add_argument("--embeddings", type=Path, help="folder with x.npy and y.npy, used instead of --data")
    parser.add_argument("--save", type=Path, help="folder to keep the embeddings in")
    parser.add_argument("--n", type=int, default=20_000, help="sentences a side")
    parser.add_argument("--dim", type=int, default=256)
    parser.add_argument("--epochs", type=int, default=1, help="of the encoder's training; 10 for the target")
    parser.add_argument("--index", nargs="+", default=["shared"], help="auto, shared, shared2048, or FAISS strings")
    parser.add_argument("--recall", type=float, default=RECALL, help="of neighbours, that the probes are set for")
    parser.add_argument("--k", type=int, default=4)
    parser.add_argument("--threshold", type=float, default=1.06)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
