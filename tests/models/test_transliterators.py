import pytest

from xlcorpus.errors import UserError
from xlcorpus.models.transliterators.loading import Span, Uroman, load_transliterator


@pytest.fixture(scope="module")
def uroman() -> Uroman:
    return load_transliterator()


def test_hindi_becomes_latin_word_by_word(uroman: Uroman) -> None:
    [(text, spans)] = uroman.transliterate(["मेरा नाम क्या है"], "hin_Deva")

    assert text == "meraa naam kyaa hai"
    assert spans[0] == Span(0, 5, "मेरा", "meraa")


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("hin_Deva", "कल  Berlin में 3 बजे मिलेंगे।"),
        ("rus_Cyrl", "Завтра  мы едем в Париж, да?"),
        ("tha_Thai", "พรุ่งนี้เราจะไปตลาด และซื้อผลไม้"),
        ("zho_Hans", "我们明天去 Berlin 好吗？"),
        ("arb_Arab", " نذهب غدا\nإلى السوق "),
    ],
)
def test_spans_point_at_what_changed(uroman: Uroman, tag: str, text: str) -> None:
    [(made, spans)] = uroman.transliterate([text], tag)

    assert spans
    for span in spans:
        assert made[span.start : span.end] == span.replacement != span.original
    restored, last = "", 0
    for span in spans:
        restored += made[last : span.start] + span.original
        last = span.end
    assert restored + made[last:] == text


def test_the_cache_changes_nothing(uroman: Uroman) -> None:
    import uroman as package

    plain = package.Uroman()
    texts = ["यह घर बड़ा है।", "वह घर छोटा है।", "घर में पानी है, है ना?"] * 2

    made = [text for text, _ in uroman.transliterate(texts, "hin_Deva")]

    assert made == [plain.romanize_string(text, lcode="hin") for text in texts]


def test_rules_of_the_language_are_used(uroman: Uroman) -> None:
    # Persian and Arabic read some letters differently; uroman knows Persian as `fas`, FLORES as `pes`.
    [(persian, _)] = uroman.transliterate(["و"], "pes_Arab")
    [(ukrainian, _)] = uroman.transliterate(["гора"], "ukr_Cyrl")
    [(russian, _)] = uroman.transliterate(["гора"], "rus_Cyrl")

    assert persian == "v"
    assert (ukrainian, russian) == ("hora", "gora")


def test_latin_words_and_empty_texts_have_no_spans(uroman: Uroman) -> None:
    assert uroman.transliterate(["Guten Tag 12!", ""], "deu_Latn") == [("Guten Tag 12!", []), ("", [])]


def test_an_unknown_method_gets_the_nearest() -> None:
    with pytest.raises(UserError, match=r"no transliterator 'uromen'; did you mean 'uroman'\?"):
        load_transliterator("uromen")
