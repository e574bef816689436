"""The steps that come with xlcorpus, one file per family."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xlcorpus.steps.again.attempts import GatherAttempts, TryAgain
    from xlcorpus.steps.again.mark_round import MarkRound
    from xlcorpus.steps.again.open_round import OpenRound
    from xlcorpus.steps.align.align_documents import AlignDocuments
    from xlcorpus.steps.align.induce_lexicon import InduceLexicon
    from xlcorpus.steps.ask.converse import Converse
    from xlcorpus.steps.ask.generate import Generate
    from xlcorpus.steps.ask.judge import Judge
    from xlcorpus.steps.choose.ablate_bilingualism import AblateBilingualism
    from xlcorpus.steps.choose.keep_novel import KeepNovel
    from xlcorpus.steps.choose.pair_preferences import PairPreferences
    from xlcorpus.steps.choose.select import Select
    from xlcorpus.steps.choose.vote import Vote
    from xlcorpus.steps.clean.normalise import Normalise, Segment
    from xlcorpus.steps.dedup.deduplicate import Deduplicate
    from xlcorpus.steps.embed.embed import Embed
    from xlcorpus.steps.embed.train_encoder import TrainEncoder
    from xlcorpus.steps.filter.quality import Quality
    from xlcorpus.steps.group.join_groups import JoinGroups
    from xlcorpus.steps.group.texts import GroupDocuments, GroupPairs
    from xlcorpus.steps.identify.identify import Identify
    from xlcorpus.steps.identify.language_spans import SegmentLanguageSpans, TagLanguageSpans
    from xlcorpus.steps.instruct.mine_translation_prompts import MineTranslationPrompts
    from xlcorpus.steps.instruct.translation_instructions import TranslationInstructions
    from xlcorpus.steps.measure.check_answer import CheckAnswer
    from xlcorpus.steps.measure.evaluate_pairs import EvaluatePairs
    from xlcorpus.steps.measure.likelihood import Likelihood
    from xlcorpus.steps.measure.measure_alignment import MeasureAlignment
    from xlcorpus.steps.measure.measure_text import MeasureText
    from xlcorpus.steps.measure.reward import Reward
    from xlcorpus.steps.measure.similarity import Similarity
    from xlcorpus.steps.mine.criss import Criss
    from xlcorpus.steps.mine.mine import Mine
    from xlcorpus.steps.mine.within_documents import MineWithinDocuments
    from xlcorpus.steps.mix.mix import Mix
    from xlcorpus.steps.mix.sample import Sample
    from xlcorpus.steps.prefer.prefer_native import PreferNative
    from xlcorpus.steps.read.read import Read
    from xlcorpus.steps.shape.attach import Attach
    from xlcorpus.steps.shape.fan_out import FanOut
    from xlcorpus.steps.shape.passages import Passages
    from xlcorpus.steps.shape.reshape import Reshape
    from xlcorpus.steps.shape.template import Template
    from xlcorpus.steps.translate.translate import Translate
    from xlcorpus.steps.vary.code_switch import CodeSwitch
    from xlcorpus.steps.vary.transliterate import Transliterate

__all__ = [
    "AblateBilingualism",
    "AlignDocuments",
    "Attach",
    "CheckAnswer",
    "CodeSwitch",
    "Converse",
    "Criss",
    "Deduplicate",
    "Embed",
    "EvaluatePairs",
    "FanOut",
    "GatherAttempts",
    "Generate",
    "GroupDocuments",
    "GroupPairs",
    "Identify",
    "InduceLexicon",
    "JoinGroups",
    "Judge",
    "KeepNovel",
    "Likelihood",
    "MarkRound",
    "MeasureAlignment",
    "MeasureText",
    "Mine",
    "MineTranslationPrompts",
    "MineWithinDocuments",
    "Mix",
    "Normalise",
    "OpenRound",
    "PairPreferences",
    "Passages",
    "PreferNative",
    "Quality",
    "Read",
    "Reshape",
    "Reward",
    "Sample",
    "Segment",
    "SegmentLanguageSpans",
    "Select",
    "Similarity",
    "TagLanguageSpans",
    "Template",
    "TrainEncoder",
    "Translate",
    "TranslationInstructions",
    "Transliterate",
    "TryAgain",
    "Vote",
]

_MODULES = {
    "AblateBilingualism": "choose.ablate_bilingualism",
    "AlignDocuments": "align.align_documents",
    "Attach": "shape.attach",
    "CheckAnswer": "measure.check_answer",
    "CodeSwitch": "vary.code_switch",
    "Converse": "ask.converse",
    "Criss": "mine.criss",
    "Deduplicate": "dedup.deduplicate",
    "Embed": "embed.embed",
    "EvaluatePairs": "measure.evaluate_pairs",
    "FanOut": "shape.fan_out",
    "GatherAttempts": "again.attempts",
    "Generate": "ask.generate",
    "GroupDocuments": "group.texts",
    "GroupPairs": "group.texts",
    "Identify": "identify.identify",
    "InduceLexicon": "align.induce_lexicon",
    "JoinGroups": "group.join_groups",
    "Judge": "ask.judge",
    "KeepNovel": "choose.keep_novel",
    "Likelihood": "measure.likelihood",
    "MarkRound": "again.mark_round",
    "MeasureAlignment": "measure.measure_alignment",
    "MeasureText": "measure.measure_text",
    "Mine": "mine.mine",
    "MineTranslationPrompts": "instruct.mine_translation_prompts",
    "MineWithinDocuments": "mine.within_documents",
    "Mix": "mix.mix",
    "Normalise": "clean.normalise",
    "OpenRound": "again.open_round",
    "PairPreferences": "choose.pair_preferences",
    "Passages": "shape.passages",
    "PreferNative": "prefer.prefer_native",
    "Quality": "filter.quality",
    "Read": "read.read",
    "Reshape": "shape.reshape",
    "Reward": "measure.reward",
    "Sample": "mix.sample",
    "Segment": "clean.normalise",
    "SegmentLanguageSpans": "identify.language_spans",
    "Select": "choose.select",
    "Similarity": "measure.similarity",
    "TagLanguageSpans": "identify.language_spans",
    "Template": "shape.template",
    "TrainEncoder": "embed.train_encoder",
    "Translate": "translate.translate",
    "TranslationInstructions": "instruct.translation_instructions",
    "Transliterate": "vary.transliterate",
    "TryAgain": "again.attempts",
    "Vote": "choose.vote",
}
"""Where each step is. Loaded when it is asked for: all take seconds, and a pipeline has few."""


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
