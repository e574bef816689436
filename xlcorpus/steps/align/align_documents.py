"""Parallel sentences from documents that are translations of each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import polars as pl
from pydantic import Field

from xlcorpus import languages
from xlcorpus.errors import UserError
from xlcorpus.mining.align.document_matching import Conflict, DocumentMatches
from xlcorpus.mining.align.evidence import FEWEST, needed
from xlcorpus.mining.align.sentence_alignment import MAX_SIZE, Alignment
from xlcorpus.step import CorpusEnv, CorpusStep, Port, Table
from xlcorpus.steps.align.match_tasks import DocumentSide, Evidence, match
from xlcorpus.steps.align.rows import PLACES, aligned_rows, lone_sentences
from xlcorpus.steps.align.tasks import Aligner, Judgement, align_documents
from xlcorpus.steps.embed.encoder_options import EncoderOptions
from xlcorpus.steps.language_pairs import LanguagePairs, language_pairs, named_pairs
from xlcorpus.steps.provenance import provenance_of_sides
from xlcorpus.text.segment import sentences

UNSPACED_SCRIPTS = ("Hans", "Hant", "Hani", "Jpan")
"""Scripts in which no space stands between two sentences."""

REPORTED_CONFLICTS = 3
"""Conflicts that a warning lists."""


class AlignDocuments(EncoderOptions, CorpusStep):
    """Finds documents that are translations, and aligns their sentences m to n (Thompson & Koehn 2019, D19-1136).

    Documents are matched by the evidence of `match`, in that order: an equal id (that of their files, or what
    `id_column` names), an address that differs only in its language (/de/x.html, /en/x.html; de.example.org;
    ?lang=de; x.de.md), or near vectors. Sentences are aligned by the vectors of their runs, then `rounds` times again
    with what the corpus taught: how lengths relate (Gale & Church 1993, J93-1004), and a `lexicon`. The order of the
    sentences must be about the same on both sides.

    `score` is 1 for runs with the same vector and 0 for what chance gives; `align_documents_src_first`, `_src_size`,
    `_tgt_first`, `_tgt_size` say which sentences they are (from 0), `align_documents_match` by what evidence the
    documents were matched, `align_documents_overlap` how much of the two is aligned. Rejected are documents without
    text (`no_text`), without partner (`unpaired`), whose key others share (`ambiguous_id`, `ambiguous_url`) or of which
    too little is aligned (`not_parallel`), sentences aligned with nothing (`unaligned`), and alignments below
    `min_score` (`low_score`). Holds the documents of all languages in memory.
    """

    pairs: LanguagePairs = "all"
    """which languages to align: all, {pivots: [en, es]}, or a list such as [de-en, fr-en]"""
    match: list[Evidence] = Field(default=["id", "url", "embedding"], min_length=1)
    """evidence by which documents are matched, the most reliable first"""
    id_column: str = "source_id"
    """column that `match: id` compares: source_id, title, or one that `read` keeps"""
    threshold: float = 1.06
    """least ratio margin of documents matched by embedding"""
    split: Literal["sentences", "lines"] = "sentences"
    """what is aligned: sentences, as rules for the language find them, or lines"""
    max_size: int = Field(default=MAX_SIZE, ge=2)
    """most sentences of both sides in one alignment"""
    rounds: int = Field(default=3, ge=0)
    """times everything is aligned again: with the lengths, as they were learned, from the second time with a lexicon"""
    lexicon: bool = True
    """learn words from the corpus; it helps weak encoders on corpora of some hundred sentences or more"""
    min_overlap: float = Field(default=0.1, ge=0, le=1)
    """least share of two documents that is aligned, counted by the scores; documents below are no translations, unless
    the order of their sentences says they are: aligned, they cost far less than shuffled ones"""
    min_score: float = Field(default=0.0, ge=0, le=1)
    """least score of an alignment"""
    batch_sentences: int = Field(default=8_000, ge=1)
    """sentences of both sides in one task"""

    produces = "pair"
    spreads = True

    def idle(self) -> dict[str, str]:
        """Options of evidence that `match` does not name."""
        idle = {} if "id" in self.match else {"id_column": "match does not name id"}
        return idle | ({} if "embedding" in self.match else {"threshold": "match does not name embedding"})

    def ports(self) -> dict[str, Port]:
        """`rows`: documents of two or more languages, with the column that `match: id` compares."""
        return {"rows": Port(("document",), (self.id_column,) if "id" in self.match else ())}

    def adds(self, kind: str) -> tuple[str, ...]:
        """`align_documents_*`."""
        return tuple(f"align_documents_{column}" for column in (*PLACES, "match", "overlap"))

    def preflight(self) -> None:
        """The model must be there, the languages known."""
        super().preflight()
        named_pairs(self.pairs)

    def run(self, inputs: Mapping[str, Table], env: CorpusEnv) -> Iterator[pl.DataFrame]:
        """One frame of pairs per language pair, document by document."""
        table = inputs["rows"].frame()
        if "id" in self.match and self.id_column not in table.columns:
            raise UserError(f"id_column: the documents have no column {self.id_column!r}; {', '.join(table.columns)}")
        have = table["lang"].unique().sort().to_list()
        pairs = language_pairs(self.pairs, have, "aligning")
        sides = {tag: self._side(table, tag, env) for tag in sorted({tag for pair in pairs for tag in pair})}
        paired: list[pl.Series] = []
        ambiguous: list[pl.DataFrame] = []
        for src_tag, tgt_tag in pairs:
            src, tgt = sides[src_tag], sides[tgt_tag]
            model = (self.encoder, self.device)
            found = match(src, tgt, self.match, self.id_column, self.threshold, model, env)
            ambiguous += _report(found, src, tgt, f"{src_tag}-{tgt_tag}", env)
            paired += [side.rows[rows]["id"] for side, rows in ((src, found.src), (tgt, found.tgt))]
            if len(found):
                yield self._align(src, tgt, found, (src_tag, tgt_tag), env)
        _reject_documents([side.rows for side in sides.values()], paired, ambiguous, env)

    def _side(self, table: pl.DataFrame, tag: str, env: CorpusEnv) -> DocumentSide:
        """The documents of one language that have text, and their sentences."""
        rows = table.filter(pl.col("lang") == tag)
        split = [
            sentences(text, tag)
            if self.split == "sentences"
            else [s for line in text.split("\n") if (s := line.strip())]
            for text in rows["text"]
        ]
        there = pl.Series([bool(found) for found in split], dtype=pl.Boolean)
        if not there.all():
            env.reject(rows.filter(~there), "no_text", pl.lit(None))
        return DocumentSide(rows.filter(there), [found for found in split if found])

    def _align(
        self, src: DocumentSide, tgt: DocumentSide, found: DocumentMatches, tags: tuple[str, str], env: CorpusEnv
    ) -> pl.DataFrame:
        """The pairs of all matched documents of two languages."""
        folder = env.scratch / "-".join(tags)
        folder.mkdir(exist_ok=True)
        joiners = tuple("" if languages.script(tag) in UNSPACED_SCRIPTS else " " for tag in tags)
        aligner = Aligner(
            self.encoder,
            self.device,
            self.max_size,
            self.rounds,
            self.lexicon,
            tags,
            (joiners[0], joiners[1]),
            self.min_overlap,
            self.batch_sentences,
            folder,
        )
        texts = [[side.sentences[i] for i in rows.tolist()] for side, rows in ((src, found.src), (tgt, found.tgt))]
        alignments, judged, report = align_documents(aligner, texts[0], texts[1], env)
        env.say(f"{tags[0]}-{tags[1]}: {report}", False)
        documents = [side.rows[rows] for side, rows in ((src, found.src), (tgt, found.tgt))]
        ids = list(zip(documents[0]["id"], documents[1]["id"], strict=True))
        parallel = [one.overlap >= self.min_overlap or bool(one.evidence.parallel) for one in judged]
        frames = []
        for number, (alignment, one, two) in enumerate(zip(alignments, *texts, strict=True)):
            rows = aligned_rows(alignment, one, two, aligner.joiners, ids[number])
            overlap = pl.lit(judged[number].overlap)
            frames.append(rows.with_columns(align_documents_overlap=overlap, _pair=pl.lit(number, dtype=pl.Int64)))
            if not parallel[number]:
                env.reject(pl.concat(side[number] for side in documents), "not_parallel", overlap)
                if len(found) == 1:
                    env.say(f"{tags[0]}-{tags[1]}: no translations: {_why(judged[number])}", True)
        for side in (0, 1):
            _reject_sentences(alignments, parallel, side, texts[side], documents[side], tags[side], env)
        kept = pl.concat([frames[0][:0], *(rows for rows, good in zip(frames, parallel, strict=True) if good)])
        kept = kept.with_columns(src_lang=pl.lit(tags[0]), tgt_lang=pl.lit(tags[1]), origin=pl.lit("mined"))
        kept = kept.join(_provenance(documents, found), on="_pair", maintain_order="left").drop("_pair")
        poor = kept["score"] < self.min_score
        if poor.any():
            env.reject(kept.filter(poor), "low_score", pl.col("score"))
        return kept.filter(~poor)


def _why(judgement: Judgement) -> str:
    """What speaks against two documents being translations."""
    found = judgement.evidence
    aligned = f"{judgement.overlap:.1%} of the text is aligned"
    if found.parallel is None:
        return f"{aligned}, and {FEWEST} sentences a side are the fewest whose order says more"
    return (
        f"{aligned}, and its order is {found.deviations:.1f} standard deviations better than that of shuffled "
        f"sentences ({needed(found.sentences):.1f} are evidence)"
    )


def _provenance(documents: list[pl.DataFrame], found: DocumentMatches) -> pl.DataFrame:
    """Source, licence and evidence of each document pair."""
    sides = [
        rows.select(pl.col("id", "source", "license", "group_id").name.prefix(name))
        for rows, name in zip(documents, ("src_", "tgt_"), strict=True)
    ]
    return pl.concat(sides, how="horizontal").select(
        _pair=pl.int_range(pl.len(), dtype=pl.Int64),
        **provenance_of_sides(),
        align_documents_match=pl.Series(found.evidence, dtype=pl.String),
    )


def _report(
    found: DocumentMatches, src: DocumentSide, tgt: DocumentSide, pair: str, env: CorpusEnv
) -> list[pl.DataFrame]:
    """Say what was matched and what was not; id, key and rule of the documents that conflicts hold."""
    by = ", ".join(f"{found.evidence.count(kind):,} by {kind}" for kind in dict.fromkeys(found.evidence))
    env.say(
        f"{pair}: matched documents: {len(found):,} of {len(src):,} and {len(tgt):,}" + (f" ({by})" if by else ""),
        False,
    )
    if not len(found):
        env.say(f"{pair}: no document found its partner, so nothing is aligned; see `match`", True)
    if found.conflicts:
        shown = "; ".join(
            f"{c.evidence} {c.key!r} has {len(c.src)} and {len(c.tgt)}" for c in found.conflicts[:REPORTED_CONFLICTS]
        )
        more = (
            f" and {len(found.conflicts) - REPORTED_CONFLICTS:,} more"
            if len(found.conflicts) > REPORTED_CONFLICTS
            else ""
        )
        env.say(f"{pair}: keys that several documents of one language share are no evidence: {shown}{more}", True)
    return [_in_conflict(conflict, src, tgt) for conflict in found.conflicts]


def _in_conflict(conflict: Conflict, src: DocumentSide, tgt: DocumentSide) -> pl.DataFrame:
    names = [side.rows[list(rows)].select("id") for side, rows in ((src, conflict.src), (tgt, conflict.tgt))]
    return pl.concat(names).with_columns(key=pl.lit(conflict.key), rule=pl.lit(f"ambiguous_{conflict.evidence}"))


def _reject_sentences(
    alignments: list[Alignment],
    parallel: list[bool],
    side: int,
    texts: list[list[str]],
    documents: pl.DataFrame,
    tag: str,
    env: CorpusEnv,
) -> None:
    """Reject what is aligned with nothing in documents that are parallel."""
    lone = [
        lone_sentences(alignment, side, text, document)
        for alignment, good, text, document in zip(alignments, parallel, texts, documents["id"], strict=True)
        if good
    ]
    if sum(rows.height for rows in lone):
        env.reject(pl.concat(lone).with_columns(lang=pl.lit(tag)), "unaligned", pl.lit(None))


def _reject_documents(
    sides: list[pl.DataFrame], paired: list[pl.Series], ambiguous: list[pl.DataFrame], env: CorpusEnv
) -> None:
    """Reject the documents without partner in any language."""
    rest = pl.concat(sides)
    for ids in paired:
        rest = rest.filter(~pl.col("id").is_in(ids.implode()))
    none = rest.select("id", key=pl.lit(None, pl.String), rule=pl.lit("unpaired"))
    doubtful = pl.concat([*ambiguous, none]).unique("id", keep="first", maintain_order=True)
    rest = rest.join(doubtful, on="id", how="left", maintain_order="left")
    for (rule,), rows in rest.group_by("rule", maintain_order=True):
        env.reject(rows.drop("rule"), str(rule), pl.col("key"))
