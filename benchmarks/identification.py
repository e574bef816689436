"""What `identify` costs beside one `predict` a text, and whether capitals, addresses and line breaks change its label.

    python benchmarks/identification.py ../shared/data

- CPU seconds of the whole step on the pages of tldr and the sentences of Tatoeba, over those of the installed package's
  `predict(text, k=3)` for each text, in the same run; the best of three each,
- per language: the share of texts whose label stays when the text is put in capitals, when an address is appended, and
  when line breaks replace every third space; and the accuracy on the texts as they stand beside that of the plain
  `predict`. Members of one macrolanguage count as one language.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from headings import capitals
from targets import Figure
from words import tatoeba, tldr

from xlcorpus import languages
from xlcorpus.models.identifiers.labels import tag_of
from xlcorpus.models.identifiers.loading import find_identifier, load_identifier
from xlcorpus.records import finish
from xlcorpus.step import RowEnv
from xlcorpus.steps import Identify

RUNS = 3
ADDRESS = "https://www.example.com/archive/2026/11?page=2&lang=de#top"
STABLE, LOSS, LOSS_OF_FEW, FEW = 0.98, 0.01, 0.03, 500
RATIOS = {"tldr": 1 / 0.8, "Tatoeba": 1 / 0.7}

Predict = Callable[[str], tuple[Any, ...]]


def package() -> Predict:
    """The installed package's `predict` of three labels, as its users call it."""
    import fasttext  # type: ignore[import-untyped]

    model = fasttext.load_model(str(find_identifier()))
    return lambda text: tuple(model.predict(text.replace("\n", " "), k=3)[0])


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds of the fastest of `RUNS` runs."""
    taken = []
    for _ in range(RUNS):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return min(taken)


def costs(name: str, corpus: pl.DataFrame, predict: Predict) -> Iterator[Figure]:
    """CPU seconds of both, and their ratio."""
    rows = finish(corpus.select("text", lang=pl.col("lang").map_elements(languages.parse, pl.String)), "document")
    step, env = Identify(), RowEnv(kind="document", step="identify")
    env.loaded = step.open(env)
    batches = [rows[i : i + step.batch_rows] for i in range(0, rows.height, step.batch_rows)]
    step.apply(rows[:10], env)
    texts = rows["text"].to_list()
    ours = cpu(lambda: [step.apply(batch, env) for batch in batches])
    theirs = cpu(lambda: [predict(text) for text in texts])
    yield Figure(f"identify: CPU on {name}, {rows.height:,} texts", ours, unit="s")
    yield Figure(f"predict(k=3): CPU on {name}", theirs, unit="s")
    yield Figure(f"identify: CPU over predict(k=3), {name}", ours / theirs, RATIOS[name], at_least=False)


def labels(texts: list[str], tag: str) -> list[str]:
    """What the step calls the texts, which carry `tag`; texts of any length."""
    step, env = Identify(min_characters=0, on_conflict="keep"), RowEnv(kind="document", step="identify")
    env.loaded = load_identifier()
    rows = finish(pl.DataFrame({"text": texts}).with_columns(lang=pl.lit(tag)), "document")
    return step.apply(rows, env)["identify_lang"].fill_null(languages.UNKNOWN).to_list()


def broken(text: str) -> str:
    """The text with a line break for every third space."""
    words = text.split(" ")
    return "".join(word + ("\n" if i % 3 == 2 else " ") for i, word in enumerate(words))


def stability(name: str, corpus: pl.DataFrame, predict: Predict) -> Iterator[Figure]:
    """The shares of labels that stay, and the accuracies, language by language."""
    for (lang,), group in corpus.group_by("lang", maintain_order=True):
        tag, texts = languages.parse(str(lang)), group["text"].to_list()
        plain = labels(texts, tag)
        code = languages.iso639_3(tag)
        forms = {
            "capitals": [capitals(text, code) for text in texts],
            "address": [f"{text} {ADDRESS}" for text in texts],
            "line breaks": [broken(text) for text in texts],
        }
        for form, changed in forms.items():
            if form != "capitals" or changed != texts:
                stays = np.mean([a == b for a, b in zip(plain, labels(changed, tag), strict=True)])
                yield Figure(f"{name}, {tag}: same label, {form} ({len(texts):,} texts)", float(stays), STABLE)
        right = np.mean([_is(found, tag) for found in plain])
        before = np.mean([_is(tag_of(predict(text)[0]), tag) for text in texts])
        least = before - (LOSS_OF_FEW if len(texts) < FEW else LOSS)
        yield Figure(f"{name}, {tag}: accuracy (predict: {before:.3f})", float(right), round(float(least), 4))


def _is(found: str, tag: str) -> bool:
    return found not in (languages.UNKNOWN, languages.NO_LANGUAGE) and languages.same_language(found, tag)


def main(data: Path) -> None:
    """Print all figures."""
    predict = package()
    corpora = {"tldr": tldr(data / "tldr"), "Tatoeba": tatoeba(data / "tatoeba")}
    for name, corpus in corpora.items():
        for figure in costs(name, corpus, predict):
            print(figure, flush=True)
    for name, corpus in corpora.items():
        for figure in stability(name, corpus, predict):
            print(figure, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2] / "shared" / "data")
