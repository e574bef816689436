"""Sentences with their places, without labels and marks."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlcorpus.text.document_sentences import document_sentences


@pytest.mark.parametrize(
    ("text", "lang", "sentences"),
    [
        ("Es regnet. Dr. Meier kommt um 10:30 Uhr.", "deu_Latn", ["Es regnet.", "Dr. Meier kommt um 10:30 Uhr."]),
        ("English: Good morning!\nDeutsch: Guten Morgen!", "deu_Latn", ["Good morning!", "Guten Morgen!"]),
        ("| Ein Hund läuft. | A dog runs. |", "deu_Latn", ["Ein Hund läuft.", "A dog runs."]),
        ("- „Wo ist er?“\n(Im Garten.)", "deu_Latn", ["Wo ist er?", "Im Garten."]),
        ("中文：我爱你。你好吗？", "zho_Hans", ["我爱你。", "你好吗？"]),
        ("Das ist mir klar: wir gehen.", "deu_Latn", ["Das ist mir klar: wir gehen."]),
        ("Zwei   Wörter\thier", "deu_Latn", ["Zwei Wörter", "hier"]),
        ("Deutsch:", "deu_Latn", []),
        ("... 12 –", "deu_Latn", []),
    ],
)
def test_sentences_come_without_labels_and_marks(text: str, lang: str, sentences: list[str]) -> None:
    assert [s.text for s in document_sentences(text, 0, len(text), lang)] == sentences


def test_only_the_span_is_split() -> None:
    text = "Guten Tag. Good day. Auf Wiedersehen."

    assert document_sentences(text, 11, 20, "eng_Latn") == [(11, 20, "Good day.")]


@given(st.text(alphabet="aB é.!?:|\n\t„“(-) ", max_size=60))
def test_a_sentence_is_the_text_at_its_place(text: str) -> None:
    found = document_sentences(text, 0, len(text), "deu_Latn")

    assert all(" ".join(text[s.start : s.end].split()) == s.text for s in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
