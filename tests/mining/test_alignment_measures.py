"""Strict and lax agreement as Vecalign counts them, and the files that hold gold alignments."""

import pytest

from xlcorpus.errors import UserError
from xlcorpus.mining.evaluate.alignment_measures import agreement, read_beads

GOLD = [([0], [0]), ([1], [1, 2]), ([2], []), ([], [3]), ([3, 4], [4])]


def test_the_gold_agrees_with_itself() -> None:
    strict, lax = agreement([GOLD], [GOLD])
    assert (strict.precision, strict.recall, strict.f1, lax.f1) == (1, 1, 1, 1)


def test_strict_asks_for_the_same_sentences_lax_for_an_overlap() -> None:
    found = [([0], [0]), ([1], [1]), ([2], [2]), ([], [3]), ([3], [4]), ([4], [])]
    strict, lax = agreement([GOLD], [found])
    # Right strictly: 0-0 and the deletion of target 3. Laxly also 1-1 and 3-4. Recall asks for three links.
    assert (strict.precision, strict.recall) == (pytest.approx(2 / 6), pytest.approx(1 / 3))
    assert (lax.precision, lax.recall) == (pytest.approx(4 / 6), 1)


def test_f1_is_the_harmonic_mean() -> None:
    strict, _ = agreement([GOLD], [[([0], [0]), ([1], [1])]])
    assert strict.f1 == pytest.approx(2 * 0.5 * (1 / 3) / (0.5 + 1 / 3))


def test_documents_are_counted_together() -> None:
    one, other = [([0], [0])], [([0], [0]), ([1], [1]), ([2], [2])]
    strict, _ = agreement([one, other], [one, [([0], [1])]])
    assert (strict.precision, strict.recall) == (0.5, 0.25)


def test_an_alignment_in_another_document_is_no_overlap() -> None:
    _, lax = agreement([[([0], [0])], [([1], [1])]], [[([1], [1])], [([0], [0])]])
    assert lax.f1 == 0


def test_nothing_found_is_zero() -> None:
    strict, lax = agreement([GOLD], [[]])
    assert (strict.f1, lax.f1) == (0, 0)


def test_as_many_documents_as_gold() -> None:
    with pytest.raises(ValueError, match="shorter"):
        agreement([GOLD, GOLD], [GOLD])


def test_gold_files_are_read() -> None:
    assert read_beads("[0]:[0]\n[1, 2]:[]\n\n[]:[3,4]:0.25\n") == [([0], [0]), ([1, 2], []), ([], [3, 4])]


def test_a_line_of_another_form_is_named() -> None:
    with pytest.raises(UserError, match=r"dev\.defr, line 2: not \[source sentences\]:\[target sentences\], but '0-0'"):
        read_beads("[0]:[0]\n0-0\n", "dev.defr")
