"""The steps that come with xlcorpus, one file per family."""

from xlcorpus.steps.ablate import AblateBilingualism
from xlcorpus.steps.align_documents import AlignDocuments
from xlcorpus.steps.clean import Normalise, Segment
from xlcorpus.steps.code_switch import CodeSwitch
from xlcorpus.steps.criss import Criss
from xlcorpus.steps.dedup import Deduplicate
from xlcorpus.steps.embed import Embed
from xlcorpus.steps.filter import Quality
from xlcorpus.steps.group_texts import GroupDocuments, GroupPairs
from xlcorpus.steps.groups import JoinGroups
from xlcorpus.steps.identify import Identify
from xlcorpus.steps.incidental import SegmentLanguageSpans, TagLanguageSpans
from xlcorpus.steps.instruct import TranslationInstructions
from xlcorpus.steps.lexicon import InduceLexicon
from xlcorpus.steps.measure import MeasureAlignment
from xlcorpus.steps.mine import Mine
from xlcorpus.steps.mine_translation_prompts import MineTranslationPrompts
from xlcorpus.steps.mine_within_documents import MineWithinDocuments
from xlcorpus.steps.prefer import PreferNative
from xlcorpus.steps.read import Read
from xlcorpus.steps.translate import Translate
from xlcorpus.steps.transliterate import Transliterate

__all__ = [
    "AblateBilingualism",
    "AlignDocuments",
    "CodeSwitch",
    "Criss",
    "Deduplicate",
    "Embed",
    "GroupDocuments",
    "GroupPairs",
    "Identify",
    "InduceLexicon",
    "JoinGroups",
    "MeasureAlignment",
    "Mine",
    "MineTranslationPrompts",
    "MineWithinDocuments",
    "Normalise",
    "PreferNative",
    "Quality",
    "Read",
    "Segment",
    "SegmentLanguageSpans",
    "TagLanguageSpans",
    "Translate",
    "TranslationInstructions",
    "Transliterate",
]
