"""datatrove's side of the cleaning benchmark: language, Gopher quality and repetition, MinHash, Parquet.

`cleaning.py` runs it, by an interpreter that has datatrove:

    python -m venv peer
    peer/bin/pip install "datatrove[io,processing]==0.10.1" spacy
    peer/bin/python benchmarks/cleaning_peer.py job DOCUMENTS WORK lid.176.ftz shipped|lenient
    peer/bin/python benchmarks/cleaning_peer.py gopher SPEED.jsonl ENGLISH.jsonl OUT

Words are cut by datatrove's tokenizer for English: a pipeline over several languages has to choose one.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

TASKS = 2
NO_LIMIT = 1e9


def job(documents: Path, work: Path, model: Path, limits: str) -> None:
    """The full job; the corpus without near duplicates lies in WORK/out.

    The signatures are taken in the pass that filters: the documents are read once less than in datatrove's own example.
    """
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.dedup import MinhashDedupBuckets, MinhashDedupCluster, MinhashDedupFilter
    from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupSignature
    from datatrove.pipeline.readers import JsonlReader, ParquetReader
    from datatrove.pipeline.writers import ParquetWriter

    config = MinhashConfig(n_grams=5, num_buckets=14, hashes_per_bucket=8)
    kept, signatures, buckets, removed = (str(work / name) for name in ("kept", "signatures", "buckets", "removed"))

    def run(stage: str, tasks: int, *steps: object) -> None:
        LocalPipelineExecutor(
            pipeline=list(steps), tasks=tasks, workers=TASKS, logging_dir=str(work / "logs" / stage)
        ).run()

    run(
        "filter",
        TASKS,
        JsonlReader(str(documents)),
        language_filter(model, limits),
        *gopher_filters(limits),
        ParquetWriter(kept, output_filename="${rank}.parquet"),
        MinhashDedupSignature(signatures, config=config, language="eng"),
    )
    run("buckets", config.num_buckets, MinhashDedupBuckets(signatures, buckets, config=config))
    run("cluster", 1, MinhashDedupCluster(buckets, removed, config=config))
    run("keep", TASKS, ParquetReader(kept), MinhashDedupFilter(removed), ParquetWriter(str(work / "out")))


def language_filter(model: Path, limits: str):
    """The filter by language, with the model at that path."""
    from datatrove.pipeline.filters import LanguageFilter

    found = LanguageFilter() if limits == "shipped" else LanguageFilter(language_threshold=0.0)
    found.model._model = LocalModel(str(model))
    return found


def gopher_filters(limits: str):
    """Gopher quality and Gopher repetition.

    With limits that let everything pass, each measure is still taken: datatrove leaves out what has no limit, and what
    comes after the first limit that is not met.
    """
    from datatrove.pipeline.filters import GopherQualityFilter, GopherRepetitionFilter

    if limits == "shipped":
        quality, repetition = GopherQualityFilter(), GopherRepetitionFilter()
    else:
        quality = GopherQualityFilter(
            min_doc_words=-1,
            max_doc_words=10**9,
            min_avg_word_length=-1,
            max_avg_word_length=10**9,
            max_symbol_word_ratio=NO_LIMIT,
            max_bullet_lines_ratio=NO_LIMIT,
            max_ellipsis_lines_ratio=NO_LIMIT,
            max_non_alpha_words_ratio=-1,
            min_stop_words=-1,
        )
        repetition = GopherRepetitionFilter(
            dup_line_frac=NO_LIMIT,
            dup_para_frac=NO_LIMIT,
            dup_line_char_frac=NO_LIMIT,
            dup_para_char_frac=NO_LIMIT,
            top_n_grams=tuple((n, NO_LIMIT) for n in (2, 3, 4)),
            dup_n_grams=tuple((n, NO_LIMIT) for n in (5, 6, 7, 8, 9, 10)),
        )
    return quality, repetition


class LocalModel:
    """A fastText model on this disk, loaded in the process that first asks it: datatrove's filter downloads one from a
    fixed address, and fastText's own object cannot be sent to a worker."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.model = None

    def predict(self, text: str, k: int) -> object:
        """Labels and probabilities, as fastText's own method."""
        if self.model is None:
            from fasttext.FastText import _FastText

            self.model = _FastText(self.path)
        return self.model.predict(text, k=k)

    def __getstate__(self) -> dict[str, object]:
        return {"path": self.path, "model": None}


def gopher(speed: Path, english: Path, out: Path) -> None:
    """Rows a second of the two Gopher filters, and the tokens and values of English documents.

    Args:
        speed: JSON Lines, documents to be judged against the clock.
        english: JSON Lines, documents whose values are written.
        out: folder for `values.parquet` (text, words, a column a value) and `symbols.json` (datatrove's punctuation).
    """
    import pyarrow as pa
    import pyarrow.parquet as pq
    from datatrove.data import Document
    from datatrove.utils.text import PUNCTUATION_SET, split_into_words

    quality, repetition = gopher_filters(limits="lenient")
    texts = _texts(speed)
    quality.filter(Document("warm up", "0"))
    start = time.perf_counter()
    for text in texts:
        document = Document(text, "0")
        quality.filter(document)
        repetition.filter(document)
    rate = len(texts) / (time.perf_counter() - start)
    rows = []
    for text in _texts(english):
        words = split_into_words(text, "eng")
        rows.append({"text": text, "tokens": words} | gopher_values(text, words, PUNCTUATION_SET))
    out.mkdir(exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), out / "values.parquet")
    (out / "facts.json").write_text(json.dumps({"rows_per_s": rate, "symbols": sorted(PUNCTUATION_SET)}))


def gopher_values(text: str, words: list[str], symbols: set[str]) -> dict[str, float]:
    """What the two filters compare with their limits, by the names that xlcorpus has for it.

    The functions of repetition are datatrove's; the quality filter has its formulas inside, and they are repeated here.
    """
    from datatrove.pipeline.filters import GopherRepetitionFilter
    from datatrove.pipeline.filters import gopher_repetition_filter as counting
    from datatrove.pipeline.filters.gopher_quality_filter import STOP_WORDS

    worded = [word for word in words if any(c not in symbols for c in word)]
    lines = text.splitlines()
    values = {
        "words": len(worded),
        "word_length": sum(map(len, worded)) / len(worded) if worded else None,
        "hashes": text.count("#") / len(words),
        "ellipses": (text.count("...") + text.count("…")) / len(words),
        "bullets": sum(line.lstrip().startswith(("•", "-")) for line in lines) / len(lines),
        "ellipsis_lines": sum(line.rstrip().endswith(("...", "…")) for line in lines) / len(lines),
        "letter_words": sum(any(c.isalpha() for c in word) for word in words) / len(words),
        "stop_words": len(set(STOP_WORDS).intersection(words)),
    }
    splitter = GopherRepetitionFilter(language="eng")
    for name, pieces in (
        ("paragraph", splitter.paragraph_exp.split(text.strip())),
        ("line", splitter._line_splitter.split(text)),
    ):
        count, characters = counting.find_duplicates(pieces)
        values[f"repeated_{name}s"] = count / len(pieces)
        values[f"repeated_{name}_characters"] = characters / len(text)
    for n in (2, 3, 4):
        grams = counting.get_n_grams(words, n)
        values[f"top_{n}_grams"] = counting.find_top_duplicate(grams) / len(text) if grams else 0.0
    for n in (5, 6, 7, 8, 9, 10):
        values[f"repeated_{n}_grams"] = counting.find_all_duplicate(words, n) / len(text)
    return values


def _texts(path: Path) -> list[str]:
    return [json.loads(line)["text"] for line in path.read_text("utf8").splitlines()]


def main(arguments: list[str]) -> None:
    """Run from the command line."""
    what, *given = arguments
    if what == "job":
        documents, work, model, limits = given
        job(Path(documents), Path(work), Path(model), limits)
    else:
        gopher(*map(Path, given))


if __name__ == "__main__":
    main(sys.argv[1:])
