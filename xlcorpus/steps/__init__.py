"""The steps that come with xlcorpus, one file per family."""

from xlcorpus.steps.clean import Normalise, Segment
from xlcorpus.steps.code_switch import CodeSwitch
from xlcorpus.steps.dedup import Deduplicate
from xlcorpus.steps.embed import Embed
from xlcorpus.steps.filter import Quality
from xlcorpus.steps.identify import Identify
from xlcorpus.steps.instruct import TranslationInstructions
from xlcorpus.steps.lexicon import InduceLexicon
from xlcorpus.steps.measure import MeasureAlignment
from xlcorpus.steps.mine import Mine
from xlcorpus.steps.prefer import PreferNative
from xlcorpus.steps.read import Read
from xlcorpus.steps.translate import Translate
from xlcorpus.steps.transliterate import Transliterate

__all__ = [
    "CodeSwitch",
    "Deduplicate",
    "Embed",
    "Identify",
    "InduceLexicon",
    "MeasureAlignment",
    "Mine",
    "Normalise",
    "PreferNative",
    "Quality",
    "Read",
    "Segment",
    "Translate",
    "TranslationInstructions",
    "Transliterate",
]
