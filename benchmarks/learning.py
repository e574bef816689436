"""Learning from what was mined: every target of this part, the figure, and the time.

    python benchmarks/learning.py --data ../shared/data                 # everything, about half an hour on 2 cores
    python benchmarks/learning.py --data ../shared/data --only criss    # one or several of its parts

The loop gets the two sides of Multi30k's training captions as separate corpora, the target shuffled, and nothing else;
the pairing serves the figures alone. `cipher` is German with its letters exchanged by a fixed key: no word looks like
its translation. `--captions NAME` measures another language for which `train.NAME.gz` and `test_2016_flickr.NAME.gz`
are there.
"""

from __future__ import annotations

import argparse
import gzip
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import document_alignment
import encoders
import groups
import incidental
import numpy as np
import polars as pl
import training
from targets import Figure

from xlcorpus.mining.evaluate.measures import translation_ranks
from xlcorpus.mining.lexicon.induction import induce_lexicon
from xlcorpus.models.encoders.loading import Encoder, load_encoder
from xlcorpus.models.encoders.word_features import bag_of_words
from xlcorpus.training.self_training.learners import StaticLearner
from xlcorpus.training.self_training.loop import Loop, SelfTrainingResult
from xlcorpus.training.self_training.seeds import NOTHING_KNOWN, KnownTranslations
from xlcorpus.training.trainers.static import StaticTrainer

ALPHABET = "abcdefghijklmnopqrstuvwxyzäöüß"
SEED_WORDS = 300
PAIR = ("src", "tgt")


def cipher(lines: Sequence[str], seed: int = 7) -> list[str]:
    """German in which every letter stands for another, the same everywhere; capitals are written small."""
    key = str.maketrans(ALPHABET, "".join(np.random.default_rng(seed).permutation(list(ALPHABET))))
    return [line.lower().translate(key) for line in lines]


def captions(data: Path, split: str, lang: str) -> list[str]:
    """Captions of Multi30k; `cipher` is made of the German ones."""
    with gzip.open(
        data / "multi30k" / f"{split}.{'de' if lang == 'cipher' else lang}.gz", "rt", encoding="utf8"
    ) as file:
        lines = [line.rstrip("\n") for line in file]
    return cipher(lines) if lang == "cipher" else lines


def loop(
    src: Sequence[str], tgt: Sequence[str], known: KnownTranslations = NOTHING_KNOWN, show: bool = True
) -> tuple[SelfTrainingResult, StaticLearner]:
    """The loop with its default options on two corpora."""
    corpora = {"src": list(dict.fromkeys(src)), "tgt": list(dict.fromkeys(tgt))}
    learns = StaticLearner(corpora, StaticTrainer())

    def say(text: str, warning: bool) -> None:
        if show:
            print(f"    {text}", file=sys.stderr)

    return Loop(corpora, [PAIR], learns, known={PAIR: known}, say=say).run(), learns


def p_at_1(encoder: Encoder, src: Sequence[str], tgt: Sequence[str]) -> float:
    """Mean of both directions; a copy of the right sentence is right."""
    ranks = translation_ranks(encoder.encode(src), encoder.encode(tgt), src, tgt)
    return float(np.mean(ranks.p_at_1))


def measured_loop(
    data: Path, lang: str, known: KnownTranslations = NOTHING_KNOWN, name: str = "", target: float = 0.88
) -> Iterator[Figure]:
    """P@1 on held-out captions, precision and recall of the released pairs, and how far the estimate is off."""
    src, right = captions(data, "train", lang), captions(data, "train", "en")
    tgt = [right[i] for i in np.random.default_rng(0).permutation(len(right))]
    began = time.perf_counter()
    result, learns = loop(src, tgt, known)
    assert result.training_set is not None, "the loop refused"
    with tempfile.TemporaryDirectory() as folder:
        learns.keep(result.training_set, Path(folder) / "model")
        took = time.perf_counter() - began
        test = (captions(data, "test_2016_flickr", side) for side in (lang, "en"))
        found_at_1 = p_at_1(load_encoder(str(Path(folder) / "model")), *test)
    name = f"{name or lang}-en"
    yield Figure(f"{name}: P@1 on 1,000 held-out captions", found_at_1, target, seconds=took)
    found = result.found[PAIR]
    one, two = list(dict.fromkeys(src)), list(dict.fromkeys(tgt))
    gold = set(zip(src, right, strict=True))
    hits = [(one[i], two[j]) in gold for i, j in zip(found.pairs.src, found.pairs.tgt, strict=True)]
    yield Figure(f"{name}: precision of the {len(hits):,} mined pairs", float(np.mean(hits)), 0.95)
    yield Figure(f"{name}: their recall", sum(hits) / len(gold), 0.65)
    yield Figure(f"{name}: precision by the estimate, made without gold", found.precision)
    yield Figure(f"{name}: minutes", took / 60, 10, at_least=False)


def seed_lexicon(data: Path, lang: str) -> KnownTranslations:
    """The most frequent words with their likeliest translations: the 300 words that a user might write down."""
    sides = []
    for side in (lang, "en"):
        bag = bag_of_words(captions(data, "val", side))
        flat = bag.words.gather(bag.word).to_list()
        sides.append([flat[a:b] for a, b in pairwise(bag.starts)])
    found = induce_lexicon(*sides, top_n=1).sort("count", descending=True).head(SEED_WORDS)
    return KnownTranslations(found.select("src_word", "tgt_word"), NOTHING_KNOWN.pairs)


def criss(data: Path, extra: Sequence[str] = ()) -> Iterator[Figure]:
    """Part 1: the loop from monolingual text alone, and with a small lexicon."""
    for lang in ("de", "fr", *extra):
        yield from measured_loop(data, lang)
    yield from measured_loop(data, "cipher", target=0.60)
    yield from measured_loop(data, "cipher", seed_lexicon(data, "cipher"), f"cipher, {SEED_WORDS} words", 0.80)


def pivot(data: Path) -> Iterator[Figure]:
    """Three languages at once: German and French each against English, and against each other, in one model."""
    langs = ("de", "en", "fr")
    texts = {lang: captions(data, "train", lang) for lang in langs}
    order = {lang: np.random.default_rng(i).permutation(len(texts[lang])) for i, lang in enumerate(langs)}
    corpora = {lang: list(dict.fromkeys(texts[lang][row] for row in order[lang])) for lang in langs}
    graph = [("de", "en"), ("fr", "en"), ("de", "fr")]
    began = time.perf_counter()
    result = Loop(corpora, graph, StaticLearner(corpora, StaticTrainer())).run()
    took = time.perf_counter() - began
    for src, tgt in graph:
        gold = set(zip(texts[src], texts[tgt], strict=True))
        found = result.found[src, tgt].pairs
        hits = [(corpora[src][i], corpora[tgt][j]) in gold for i, j in zip(found.src, found.tgt, strict=True)]
        yield Figure(f"three languages at once, {src}-{tgt}: precision", float(np.mean(hits)), 0.95, seconds=took)
        yield Figure(f"three languages at once, {src}-{tgt}: recall", sum(hits) / len(gold), 0.65)


def partly(data: Path) -> Iterator[Figure]:
    """Half of the sentences have a partner: 19,000 of each side, 9,000 pairs."""
    for lang in ("de", "fr", "cipher"):
        src, right = captions(data, "train", lang), captions(data, "train", "en")
        order = np.random.default_rng(5).permutation(len(src))
        one, two = [src[i] for i in order[:19_000]], [right[i] for i in order[10_000:]]
        began = time.perf_counter()
        result, _ = loop(one, [two[i] for i in np.random.default_rng(0).permutation(len(two))])
        took = time.perf_counter() - began
        gold = {(src[i], right[i]) for i in order[10_000:19_000]}
        sides = (
            list(dict.fromkeys(one)),
            list(dict.fromkeys(two[i] for i in np.random.default_rng(0).permutation(len(two)))),
        )
        found = result.found[PAIR].pairs
        hits = [(sides[0][i], sides[1][j]) in gold for i, j in zip(found.src, found.tgt, strict=True)]
        yield Figure(f"{lang}-en, half of it parallel: precision", float(np.mean(hits)), 0.95, seconds=took)
        yield Figure(f"{lang}-en, half of it parallel: recall", sum(hits) / len(gold))


def refusal(data: Path) -> Iterator[Figure]:
    """Corpora without a single pair: other captions of the same kind, and text of another kind."""
    refused, trials, began = 0, 0, time.perf_counter()
    for lang in ("de", "fr", "cipher"):
        src, right = captions(data, "train", lang), captions(data, "train", "en")
        for size in (1000, 2500, 6000, 14_000):
            order = np.random.default_rng(size).permutation(len(src))
            one, two = [src[i] for i in order[:size]], [right[i] for i in order[size : 2 * size]]
            refused += not loop(one, two, show=False)[0].found
            trials += 1
    tatoeba = [
        line for path in sorted((data / "tatoeba").glob("*.tsv")) for line in path.read_text("utf8").splitlines()
    ]
    english = [line.split("\t")[1] for line in tatoeba]
    for size in (2000, 20_000):
        refused += not loop(captions(data, "train", "de")[:size], english[:size], show=False)[0].found
        trials += 1
    yield Figure(
        f"{trials} corpora without pairs: share refused", refused / trials, 1.0, seconds=time.perf_counter() - began
    )


def bitext(data: Path) -> Iterator[Figure]:
    """Part 2: a static encoder from 29,000 true pairs."""
    for lang in ("de", "fr"):
        sides = [captions(data, "train", side) for side in (lang, "en")]
        pairs = pl.DataFrame({"src_text": sides[0], "tgt_text": sides[1], "src_lang": lang, "tgt_lang": "en"})
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            StaticTrainer().train(pairs, Path(folder) / "model")
            took = time.perf_counter() - began
            test = (captions(data, "test_2016_flickr", side) for side in (lang, "en"))
            value = p_at_1(load_encoder(str(Path(folder) / "model")), *test)
        yield Figure(f"{lang}-en: static, trained on true pairs: P@1", value, 0.95, seconds=took)
        yield Figure(f"{lang}-en: minutes", took / 60, 2, at_least=False)


PARTS: dict[str, Callable[[Path], Iterator[Figure]]] = {
    "criss": criss,
    "pivot": pivot,
    "partly": partly,
    "refusal": refusal,
    "bitext": bitext,
    "training": training.figures,
    "incidental": incidental.figures,
    "document_alignment": document_alignment.figures,
    "groups": groups.figures,
    "encoders": encoders.figures,
}


def main() -> None:
    """Print the figures as they come."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--only", nargs="+", choices=list(PARTS), default=list(PARTS))
    parser.add_argument("--captions", nargs="+", default=[], help="more languages of Multi30k for `criss`")
    args = parser.parse_args()
    for name in args.only:
        print(f"\n{name}", flush=True)
        for figure in criss(args.data, args.captions) if name == "criss" else PARTS[name](args.data):
            print(figure, flush=True)


if __name__ == "__main__":
    main()
