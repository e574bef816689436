"""Mining parallel pairs: sentence embeddings, then nearest neighbours and margins; a lexicon from the pairs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any, Literal

import numpy as np
import polars as pl

from xlcorpus import languages
from xlcorpus.errors import UserError
from xlcorpus.mining.bitext import Pairs, mine_pairs
from xlcorpus.models.encoders import encoder_identity, load_encoder
from xlcorpus.step import CorpusStep, Env, Port, RowStep, Table

Device = Literal["auto", "cpu", "cuda"]


class Embed(RowStep):
    """Adds the column `embedding`: one unit vector (float32) per text.

    `bootstrap` needs no model: hashed character n-grams of the romanised text. It finds cognates, names and
    numbers, and little else; use a sentence-transformers model (LaBSE, multilingual-e5, bge-m3) where you can.
    """

    encoder: str = "bootstrap"
    """`bootstrap`, or a sentence-transformers model by path or Hub id"""
    device: Device = "auto"
    """where the model runs; auto: a GPU if the worker has one"""

    def ports(self) -> dict[str, Port]:
        """`rows`: sentences or documents."""
        return {"rows": Port(("sentence", "document"))}

    def adds(self) -> tuple[str, ...]:
        """`embedding`."""
        return ("embedding",)

    def models(self) -> dict[str, str]:
        """The encoder and the hash of its weights."""
        return {"encoder": encoder_identity(self.encoder)}

    def preflight(self) -> None:
        """The model must be there."""
        encoder_identity(self.encoder)

    def num_gpus(self) -> float:
        """One for `device: cuda`; otherwise what `resources` says."""
        return 1.0 if self.device == "cuda" else 0.0

    def open(self, env: Env) -> Any:
        """The encoder."""
        return load_encoder(self.encoder, device=self.device)

    def apply(self, rows: pl.DataFrame, env: Env) -> pl.DataFrame:
        """One vector per row; shape (rows, dim)."""
        vectors = env.loaded.encode(rows["text"].to_list())
        return rows.with_columns(pl.Series("embedding", vectors, dtype=pl.Array(pl.Float32, vectors.shape[1])))


class Mine(CorpusStep):
    """Finds sentences that say the same in two languages (Artetxe & Schwenk 2019, arXiv 1811.01136).

    For each pair of languages: the `k` nearest neighbours of every sentence in both directions, a margin for each
    candidate, and the best pairs above the threshold. Sentences that found no partner are rejected as `unpaired`.
    """

    pairs: Literal["all"] | list[str] = "all"
    """which languages to mine against each other: all, or a list such as [de-en, fr-en] (source first)"""
    k: int = 4
    """neighbours per sentence, for candidates and for the margin's denominator"""
    margin: Literal["ratio", "distance", "absolute"] = "ratio"
    """cosine over, minus, or without the mean cosine to the neighbours"""
    retrieval: Literal["forward", "backward", "max", "intersect"] = "max"
    """best target per source, best source per target, both one to one by score, or only where both agree"""
    threshold: float = 1.06
    """least margin of a pair"""
    min_cosine: float = 0.0
    """least cosine of a pair: the ratio margin alone is high for sentences that resemble nothing"""
    device: Device = "auto"
    """where FAISS searches; cuda needs the extra `gpu`"""

    produces = "pair"

    def ports(self) -> dict[str, Port]:
        """`rows`: sentences with an embedding."""
        return {"rows": Port(("sentence", "document"), columns=("embedding",))}

    def adds(self) -> tuple[str, ...]:
        """`mine_cosine`."""
        return ("mine_cosine",)

    def preflight(self) -> None:
        """FAISS must be installed, and the pairs be pairs of languages."""
        from xlcorpus.mining.faiss_backend import faiss_module

        faiss_module()
        self._language_pairs(None)

    def run(self, inputs: Mapping[str, Table], env: Env) -> Iterator[pl.DataFrame]:
        """One frame of pairs per language pair, best score first."""
        table = inputs["rows"]
        have = table.scan().select(pl.col("lang").unique()).collect()["lang"].sort().to_list()
        paired: list[pl.Series] = []
        for src_lang, tgt_lang in self._language_pairs(have):
            src, tgt = (self._side(table, tag) for tag in (src_lang, tgt_lang))
            found = mine_pairs(
                _matrix(src),
                _matrix(tgt),
                k=self.k,
                margin=self.margin,
                retrieval=self.retrieval,
                threshold=self.threshold,
                min_cosine=self.min_cosine,
                device=self.device,
            )
            frame = _pair_rows(src, tgt, found)
            paired += [frame["src_id"], frame["tgt_id"]]
            yield frame
        used = pl.concat([pl.Series("id", [], pl.String), *(s.rename("id") for s in paired)]).unique()
        for path in table.shards:
            rest = pl.read_parquet(path).join(used.to_frame(), on="id", how="anti", maintain_order="left")
            if rest.height:
                env.reject(rest.drop("embedding"), "unpaired", pl.lit(None))

    def _language_pairs(self, have: list[str] | None) -> list[tuple[str, str]]:
        """The pairs of tags to mine; `have`: the languages there are (None: not known yet)."""
        if self.pairs == "all":
            if have is not None and len(have) < 2:
                raise UserError(f"mining needs two languages, but the corpus holds only {', '.join(have) or 'none'}")
            return list(combinations(have or (), 2))
        out = []
        for pair in self.pairs:
            sides = pair.split("-")
            if len(sides) != 2:
                raise UserError(f"pairs: write source-target (de-en), not {pair!r}")
            src, tgt = (languages.parse(side) for side in sides)
            if src == tgt:
                raise UserError(f"pairs: {pair!r} names one language twice")
            for tag in (src, tgt):
                if have is not None and tag not in have:
                    raise UserError(f"pairs: {pair!r}, but the corpus holds no {tag}; it holds {', '.join(have)}")
            out.append((src, tgt))
        return out

    @staticmethod
    def _side(table: Table, tag: str) -> pl.DataFrame:
        columns = ["id", "text", "lang", "source", "license", "embedding"]
        return table.scan().filter(pl.col("lang") == tag).select(columns).collect()


def _matrix(frame: pl.DataFrame) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.ascontiguousarray(frame["embedding"].to_numpy(), dtype=np.float32)


def _pair_rows(src: pl.DataFrame, tgt: pl.DataFrame, found: Pairs) -> pl.DataFrame:
    """The pair records of what was found (indices into the two frames)."""
    sides = []
    for frame, index, name in ((src, found.src, "src"), (tgt, found.tgt, "tgt")):
        sides.append(frame.drop("embedding")[index].rename(lambda c, name=name: f"{name}_{c}"))  # type: ignore[misc]
    joined = pl.concat(sides, how="horizontal").with_columns(
        score=pl.Series(found.score, dtype=pl.Float64), mine_cosine=pl.Series(found.cosine, dtype=pl.Float64)
    )
    return joined.with_columns(
        parents=pl.concat_list("src_id", "tgt_id"),
        origin=pl.lit("mined"),
        source=_joined("source", "; "),
        license=_joined("license", " AND "),
    ).drop("src_source", "tgt_source", "src_license", "tgt_license")


def _joined(column: str, separator: str) -> pl.Expr:
    """Both sides' value: one if they are the same, null (unknown) if either is unknown."""
    src, tgt = pl.col(f"src_{column}"), pl.col(f"tgt_{column}")
    return pl.when(src == tgt).then(src).otherwise(pl.concat_str(src, tgt, separator=separator))
