import re

import pytest

from xlcorpus.text.answers import _NOTE_LINE
from xlcorpus.text.word_borders import whole_word


@pytest.mark.parametrize(
    ("word", "within", "beside"),
    [
        ("कल", "कला", "कल, आज"),
        ("मतलब", "मतलबी", "मतलब: हाँ"),
        ("টাকা", "টাকাঃ", "(টাকা)"),
        ("โต", "โต้", "โต 2"),
        ("كتب", "كتبَ", "«كتب»"),
        ("می", "می\u200cخواهم", "می رود"),
        ("cafe", "cafe\u0301", "a cafe."),
        ("टिप्पणी", "टिप्पणीकार", "टिप्पणी: अच्छा"),
    ],
)
def test_a_word_is_found_beside_what_is_no_letter_mark_or_digit(word: str, within: str, beside: str) -> None:
    assert re.search(whole_word(word), within) is None
    assert re.search(whole_word(word), beside) is not None
    assert re.search(whole_word(f"x|{word}"), within) is None


def test_a_note_whose_label_ends_in_a_vowel_sign_is_found() -> None:
    assert _NOTE_LINE.search("अनुवाद\n(टिप्पणी 1) और")
    assert not _NOTE_LINE.search("अनुवाद\n(टिप्पणीकार) और")
