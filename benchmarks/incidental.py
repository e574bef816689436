"""Bitext inside documents: bilingual documents found, words tagged, pairs mined, on documents with planted pairs.

    python benchmarks/incidental.py ../shared/data [--encoder bootstrap]

The documents are those of `incidental_documents`; the languages on which constants were chosen are left out.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl
from incidental_documents import TUNED_ON, Planted, codes, planted
from targets import Figure

from xlcorpus import languages, records
from xlcorpus.models.encoders.loading import Encoder, load_encoder
from xlcorpus.step import CorpusEnv, Table
from xlcorpus.steps.identify.language_spans import SPANS, SegmentLanguageSpans, TagLanguageSpans
from xlcorpus.steps.mine.within_documents import MineWithinDocuments
from xlcorpus.text.language_spans.word_places import word_places


def figures(data: Path, encoder: str | Encoder = "bootstrap", tuning: bool = False) -> Iterator[Figure]:
    """What was measured; `data` holds tatoeba/. With `tuning`, on the languages that figures leave out."""
    chosen = [code for code in codes(data) if (code in TUNED_ON) == tuning]
    docs = [doc for code in chosen for doc in planted(data, code)]
    rows = pl.DataFrame({"id": [str(i) for i in range(len(docs))], "text": [d.text for d in docs]})
    for known in (True, False):
        step = TagLanguageSpans()
        given = rows.with_columns(lang=pl.Series([d.lang if known else "und" for d in docs]))
        step(given.gather_every(10))  # compiled, and all languages seen, before the clock starts
        started = time.perf_counter()
        tagged = step(given)
        seconds = time.perf_counter() - started
        yield from _detection(docs, tagged, seconds, "language given" if known else "language unknown")
        if known:
            yield from _mining(docs, tagged, encoder)


def _detection(docs: Sequence[Planted], tagged: pl.DataFrame, seconds: float, case: str) -> Iterator[Figure]:
    found = [row > 1 for row in tagged["tag_language_spans_languages"].list.len()]
    truth = [len(doc.languages) > 1 for doc in docs]
    both = sum(f and t for f, t in zip(found, truth, strict=True))
    places = word_places(tagged["text"])
    yield Figure(f"several languages found, {case}: precision", both / max(sum(found), 1))
    yield Figure(f"several languages found, {case}: recall", both / sum(truth))
    right = {"switched": [0, 0], "other": [0, 0]}
    for i, (doc, spans) in enumerate(zip(docs, tagged[SPANS].to_list(), strict=True)):
        count = right["switched" if doc.layout == "switched" else "other"]
        for w in range(places.bounds[i], places.bounds[i + 1]):
            gold = next((lang for a, b, lang in doc.spans if a <= places.start[w] < b), None)
            if gold is not None and places.lettered[w]:
                said = next((s["lang"] for s in spans if s["start"] <= places.start[w] < s["end"]), "und")
                count[0] += languages.same_language(said, gold)
                count[1] += 1
    yield Figure(f"words tagged right, {case}, switched without a mark", right["switched"][0] / right["switched"][1])
    yield Figure(f"words tagged right, {case}, all other documents", right["other"][0] / right["other"][1])
    words = len(places.start)
    yield Figure(f"words tagged per second, {case}", words / seconds, seconds=seconds)
    yield Figure(f"documents tagged per second, {case}", len(docs) / seconds, seconds=seconds)


def _mining(docs: Sequence[Planted], tagged: pl.DataFrame, encoder: str | Encoder) -> Iterator[Figure]:
    sentences = SegmentLanguageSpans()(tagged)
    started = time.perf_counter()
    model = load_encoder(encoder) if isinstance(encoder, str) else encoder
    vectors = model.encode(sentences["text"].to_list())
    sentences = sentences.with_columns(embedding=pl.Series(vectors, dtype=pl.Array(pl.Float32, vectors.shape[1])))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "part.parquet"
        sentences.write_parquet(path)
        env = CorpusEnv(kind="sentence", scratch=Path(folder), keep=Path(folder) / "kept")
        mined = pl.concat(MineWithinDocuments().run({"rows": Table("sentence", (path,))}, env))
    seconds = time.perf_counter() - started
    pairs = records.finish(mined, "pair")
    right, found = _right(docs, pairs)
    planted_pairs = sum(len(doc.pairs) for doc in docs)
    yield Figure(f"pairs mined with {model.identity}: precision", right / max(pairs.height, 1))
    yield Figure(f"pairs mined with {model.identity}: recall", found / planted_pairs, seconds=seconds)
    yield Figure(f"pairs mined with {model.identity}: number", pairs.height)


def _right(docs: Sequence[Planted], pairs: pl.DataFrame) -> tuple[int, int]:
    """How many mined pairs lie inside the two sides of one planted pair, and how many planted pairs that finds.

    Sides of two sentences may be found in two parts.
    """
    columns = [f"mine_within_documents_{c}" for c in ("document", "src_start", "src_end", "tgt_start", "tgt_end")]
    right = 0
    found: set[tuple[int, int]] = set()
    for document, *edges in pairs.select(columns).iter_rows():
        sides = (edges[0], edges[1]), (edges[2], edges[3])
        for number, (a, b, _, _) in enumerate(docs[int(document)].pairs):
            if any(_inside(x, a) and _inside(y, b) for x, y in (sides, sides[::-1])):
                right += 1
                found.add((int(document), number))
                break
    return right, len(found)


def _inside(part: tuple[int, int], whole: tuple[int, int]) -> bool:
    return whole[0] <= part[0] and part[1] <= whole[1]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder that holds tatoeba/")
    parser.add_argument("--encoder", default="bootstrap", help="encoder for the pairs")
    parser.add_argument("--tuning", action="store_true", help="the languages on which constants were chosen instead")
    args = parser.parse_args()
    for figure in figures(args.data, args.encoder, args.tuning):
        print(figure)


if __name__ == "__main__":
    main()
