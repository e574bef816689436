"""Parallel sentences inside documents that are written in several languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

import numpy as np
import numpy.typing as npt
import polars as pl
from pydantic import Field

from xlcorpus.arrays import Floats32
from xlcorpus.mining.select.within import background_cosines, pairs_within
from xlcorpus.rehearsing import rehearsing
from xlcorpus.step import CorpusEnv, CorpusStep, Port, Table
from xlcorpus.steps.mine.in_order import pairs_in_order
from xlcorpus.steps.provenance import provenance_of_sides

PLACE = ("start", "end", "before", "after")
SEGMENT = tuple(f"segment_language_spans_{c}" for c in PLACE)
_SIDE = ("id", "text", "lang", "source", "license", "group_id", "document_id", *SEGMENT)


class MineWithinDocuments(CorpusStep):
    """Finds translations that stand in one document (Briakou, Cherry & Foster 2023, arXiv 2305.10266).

    The sentences of a document's languages are compared with each other and with nothing else, so that even a weak
    encoder has few ways to err. The margin is that of Artetxe & Schwenk 2019; since a document has too few sentences
    for a neighbourhood, a background sample of other documents' sentences completes it. One to one for each pair of
    languages; sentences that found no partner are rejected as `unpaired`.

    Columns (places in characters of the document): `mine_within_documents_cosine`, `_document`, `_src_start`,
    `_src_end`, `_tgt_start`, `_tgt_end`, and the text `_before` the first of the two sides, `_between` them (null
    where they stand far apart) and `_after` the second.
    """

    k: int = Field(default=4, ge=1)
    """neighbours per sentence in the margin's denominator"""
    threshold: float = 1.1
    """least ratio margin of a pair"""
    min_cosine: float = 0.2
    """least cosine of a pair"""
    background_sample: int = Field(default=512, ge=1)
    """sentences of each language drawn from the corpus as the background of the margin"""

    produces = "pair"

    def ports(self) -> dict[str, Port]:
        """`rows`: sentences of `segment_language_spans`, with an embedding, documents in one piece."""
        return {"rows": Port(("sentence",), columns=("embedding", *SEGMENT))}

    def adds(self, kind: str) -> tuple[str, ...]:
        """`mine_within_documents_*`."""
        places = [f"{side}_{edge}" for side in ("src", "tgt") for edge in ("start", "end")]
        return tuple(
            f"mine_within_documents_{c}" for c in ("cosine", "document", *places, "before", "between", "after")
        )

    def run(self, inputs: Mapping[str, Table], env: CorpusEnv) -> Iterator[pl.DataFrame]:
        """One frame of pairs per shard, best first. Holds a shard and the background sample in memory."""
        table = inputs["rows"]
        backgrounds = _backgrounds(table, self.background_sample, env.seed)
        found = sentences = documents = 0
        for frame in _whole_documents(table):
            pairs = self._pairs(frame, backgrounds)
            found += pairs.height
            sentences += frame.height
            documents += frame["document_id"].n_unique()
            paired = pl.concat([pairs["src_id"], pairs["tgt_id"]]).unique()
            rest = frame.filter(~pl.col("id").is_in(paired.implode()))
            if rest.height:
                env.reject(rest.drop("embedding"), "unpaired", pl.lit(None))
            yield pairs
        env.say(f"{found:,} pairs among {sentences:,} sentences of {documents:,} documents in several languages", False)

    def _pairs(self, frame: pl.DataFrame, backgrounds: Mapping[str, _Background]) -> pl.DataFrame:
        """The pairs of all languages in some whole documents."""
        number = frame["document_id"].rank("dense").cast(pl.Int64).to_numpy() - 1
        rows = frame.with_columns(_document=pl.Series(number)).sort("_document", maintain_order=True)
        out = [_pair_rows(rows[:0], rows[:0], np.zeros(0), np.zeros(0))]
        sides = {str(lang): side for (lang,), side in rows.group_by("lang", maintain_order=True)}
        for src_lang, tgt_lang in combinations(sorted(sides), 2):
            src, tgt = sides[src_lang], sides[tgt_lang]
            if rehearsing():
                of = src["_document"].is_in(tgt["_document"].implode())
                src, tgt = src.filter(of), tgt.filter(tgt["_document"].is_in(src["_document"].implode()))
                found = pairs_in_order(src.height, tgt.height)
                same = (src[found.src]["_document"] == tgt[found.tgt]["_document"]).to_numpy()
                src, tgt = src[found.src[same]], tgt[found.tgt[same]]
                out.append(_pair_rows(src, tgt, found.score[same], found.cosine[same]))
                continue
            x, y = _vectors(src), _vectors(tgt)
            found = pairs_within(
                x,
                y,
                src["_document"].to_numpy(),
                tgt["_document"].to_numpy(),
                backgrounds[tgt_lang].nearest(src, x, self.k),
                backgrounds[src_lang].nearest(tgt, y, self.k),
                self.threshold,
                self.min_cosine,
            )
            out.append(_pair_rows(src[found.src], tgt[found.tgt], found.score, found.cosine))
        return pl.concat(out).sort("score", descending=True, maintain_order=True)


class _Background:
    """Sentences of a language drawn from the corpus."""

    def __init__(self, rows: pl.DataFrame) -> None:
        self._vectors = _vectors(rows)
        self._documents = rows["document_id"]

    def nearest(self, rows: pl.DataFrame, vectors: Floats32, k: int) -> Floats32:
        """(rows, k) cosines of some sentences to the nearest background sentences of other documents."""
        number = pl.concat([rows["document_id"], self._documents]).rank("dense").cast(pl.Int64).to_numpy()
        return background_cosines(vectors, self._vectors, number[: rows.height], number[rows.height :], k)


def _backgrounds(table: Table, size: int, seed: int) -> dict[str, _Background]:
    """At most `size` sentences of each language with different texts, drawn at random."""
    draw = np.random.default_rng(seed)
    index = table.scan().select("lang", text=pl.col("text").hash(0)).with_row_index("row").collect()
    chosen: list[pl.Series] = []
    for _, rows in (
        index.unique("text", keep="first", maintain_order=True)
        .sort("lang", maintain_order=True)
        .group_by("lang", maintain_order=True)
    ):
        take = np.sort(draw.permutation(rows.height)[:size])
        chosen.append(rows["row"].gather(take))
    wanted = pl.concat([index["row"].clear(), *chosen]).sort()
    parts: list[pl.DataFrame] = []
    start = 0
    for path in table.shards:
        frame = pl.read_parquet(path, columns=["lang", "document_id", "embedding"]).with_row_index("row", offset=start)
        start += frame.height
        parts.append(frame.filter(pl.col("row").is_in(wanted.implode())))
    if not parts:
        return {}
    return {str(lang): _Background(rows) for (lang,), rows in pl.concat(parts).group_by("lang", maintain_order=True)}


def _whole_documents(table: Table) -> Iterator[pl.DataFrame]:
    """The rows shard by shard, none ending inside a document."""
    rest: pl.DataFrame | None = None
    for path in table.shards:
        frame = pl.read_parquet(path)
        frame = frame if rest is None else pl.concat([rest, frame])
        last = frame["document_id"] == frame["document_id"][-1] if frame.height else frame["document_id"].is_null()
        rest = frame.filter(last)
        if rest.height < frame.height:
            yield frame.filter(~last)
    if rest is not None and rest.height:
        yield rest


def _vectors(rows: pl.DataFrame) -> Floats32:
    """(rows, dim) float32 of unit length; zero rows stay zero."""
    x = np.asarray(rows["embedding"].to_numpy(), dtype=np.float32).reshape(rows.height, -1)
    length = np.linalg.norm(x, axis=1, keepdims=True)
    return np.asarray(x / np.where(length > 0, length, 1), dtype=np.float32)


def _pair_rows(src: pl.DataFrame, tgt: pl.DataFrame, score: npt.ArrayLike, cosine: npt.ArrayLike) -> pl.DataFrame:
    """Pair records of rows that belong together, with places and context."""
    sides = [frame.select(pl.col(_SIDE).name.prefix(side)) for frame, side in ((src, "src_"), (tgt, "tgt_"))]
    joined = pl.concat(sides, how="horizontal").with_columns(
        score=pl.Series(np.asarray(score, dtype=np.float64)), cosine=pl.Series(np.asarray(cosine, dtype=np.float64))
    )
    (s_start, s_end, s_before, s_after), (t_start, t_end, t_before, t_after) = (
        [pl.col(f"{side}_{column}") for column in SEGMENT] for side in ("src", "tgt")
    )
    first = s_start <= t_start
    gap = pl.when(first).then(t_start - s_end).otherwise(s_start - t_end)
    following = pl.when(first).then(s_after).otherwise(t_after)
    near = gap <= following.str.len_chars()
    made = {
        "cosine": pl.col("cosine"),
        "document": pl.col("src_document_id"),
        "src_start": s_start,
        "src_end": s_end,
        "tgt_start": t_start,
        "tgt_end": t_end,
        "before": pl.when(first).then(s_before).otherwise(t_before),
        "between": pl.when(near).then(following.str.slice(0, gap)),
        "after": pl.when(first).then(t_after).otherwise(s_after),
    }
    return joined.select(
        *(pl.col(f"{side}_{c}") for side in ("src", "tgt") for c in ("text", "lang", "id")),
        score="score",
        parents=pl.concat_list("src_id", "tgt_id"),
        origin=pl.lit("mined"),
        **provenance_of_sides(),
        **{f"mine_within_documents_{name}": value for name, value in made.items()},
    )
