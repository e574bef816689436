"""Measures of texts of any length, and those of documents against a plain count."""

import random
import re
import unicodedata
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlcorpus.text.code_points import small_letters
from xlcorpus.text.measures.texts import DOCUMENT_MEASURES, MeasuredTexts
from xlcorpus.text.words import words


def texts(*found: str, lang: str = "eng_Latn") -> MeasuredTexts:
    return MeasuredTexts(pl.Series(found, dtype=pl.String), pl.Series([lang] * len(found), dtype=pl.String))


def measure(name: str, text: str, lang: str = "eng_Latn") -> float | None:
    value: float | None = texts(text, lang=lang).document_measures({})[name].item()
    return value


@pytest.mark.parametrize(
    ("text", "share"),
    [("हिन्दी है", 1.0), ("a!", 0.5), ("»«", 0.0), ("٣٤", 1.0), ("می‌خواهم", 1.0), (" ", None)],
)
def test_letters_are_letters_marks_and_digits(text: str, share: float | None) -> None:
    assert measure("letters", text) == share


@pytest.mark.parametrize(("text", "share"), [("abc", 0.0), ("a1", 0.5), ("٣٤", 1.0), ("!?", None)])
def test_digits_of_every_script(text: str, share: float | None) -> None:
    assert measure("digits", text) == share


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("buy now buy now buy now", "eng_Latn"),
        ("no no no no", "eng_Latn"),
        ("aaaaaaaaaa", "eng_Latn"),
        ("हाँ हाँ हाँ हाँ", "hin_Deva"),
        ("买吧买吧买吧买吧", "zho_Hans"),
        ("ไปไปไปไปไป", "tha_Thai"),
        ("-----------------", "eng_Latn"),
    ],
)
def test_repetition_is_found_in_words_and_characters(text: str, lang: str) -> None:
    repetition = measure("repetition", text, lang)

    assert repetition is not None
    assert repetition > 0.5


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("It is very, very good.", "eng_Latn"),
        ("anak-anak bermain", "ind_Latn"),
        ("धीरे धीरे चलो", "hin_Deva"),
        ("人人都知道", "zho_Hans"),
        ("한 잔 더 주세요", "kor_Hang"),
    ],
)
def test_reduplication_is_no_repetition(text: str, lang: str) -> None:
    repetition = measure("repetition", text, lang)

    assert repetition is not None
    assert repetition < 0.3


def small(text: str) -> str:
    return "".join(chr(small_letters()[ord(c)]) for c in text)


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_repetition_agrees_with_counting(text: str) -> None:
    bigrams = list(pairwise(small(word) for word in words(text, "eng_Latn")))
    of_words = 1 - len(set(bigrams)) / len(bigrams) if bigrams else None
    letters = sum(a == b for a, b in pairwise(text)) / (len(text) - 1) if len(text) > 1 else None
    expected = max((share for share in (of_words, letters) if share is not None), default=None)

    assert measure("repetition", text) == (None if expected is None else pytest.approx(expected))


def top(tokens: list[str], n: int) -> int:
    grams = [" ".join(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]
    counts = {gram: grams.count(gram) for gram in grams}
    most = max(counts.values(), default=0)
    return next((len(gram) * most for gram, count in counts.items() if count == most), 0)


def repeated(tokens: list[str], n: int) -> int:
    seen, characters, at = set(), 0, 0
    while at + n <= len(tokens):
        gram = tuple(tokens[at : at + n])
        characters += sum(map(len, gram)) if gram in seen else 0
        at += n if gram in seen else 1
        seen.add(gram)
    return characters


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["a", "bb", "ab", "ของ", "का", "x1", "!", "\n\n"]), max_size=60))
def test_n_grams_agree_with_counting(tokens: list[str]) -> None:
    text = " ".join(tokens)
    lists = pl.Series([tokens], dtype=pl.List(pl.String))
    found = MeasuredTexts(pl.Series([text]), pl.Series(["eng_Latn"]), words=lists).document_measures({})

    for n in (2, 3, 4):
        expected = top(tokens, n) / len(text) if text else None
        assert found[f"top_{n}_grams"].item() == (None if expected is None else pytest.approx(expected))
    for n in (5, 6, 7, 8, 9, 10):
        expected = repeated(tokens, n) / len(text) if text else None
        assert found[f"repeated_{n}_grams"].item() == (None if expected is None else pytest.approx(expected))


@settings(deadline=None)
@given(st.lists(st.sampled_from(["", "a", "b", "lang genug", "ก"]), max_size=12))
def test_lines_and_paragraphs_agree_with_counting(lines: list[str]) -> None:
    text = "\n".join(lines)
    found = texts(text).document_measures({})
    if not text:
        assert found["repeated_lines"].item() is None
        return
    for name, pieces in (("line", split(text, 1)), ("paragraph", split(text.strip(), 2))):
        again = [piece for i, piece in enumerate(pieces) if piece in pieces[:i]]
        assert found[f"repeated_{name}s"].item() == pytest.approx(len(again) / len(pieces))
        assert found[f"repeated_{name}_characters"].item() == pytest.approx(sum(map(len, again)) / len(text))


def split(text: str, breaks: int) -> list[str]:
    return re.split(rf"\n{{{breaks},}}", text)


def test_stop_words_are_those_of_the_language_whatever_their_case() -> None:
    stop_words = {"deu_Latn": ["der", "die", "und"], "hin_Deva": ["है", "का"]}
    rows = pl.DataFrame(
        {
            "text": ["Der Hund und DER Herr", "राम का घर है", "der Hund", "der Hund"],
            "lang": ["deu_Latn", "hin_Deva", "hin_Deva", "eng_Latn"],
        }
    )

    found = MeasuredTexts(rows["text"], rows["lang"]).document_measures(stop_words)["stop_words"]

    assert found.to_list() == [2, 2, 0, None]


def test_stop_words_are_expected_in_fifteen_words() -> None:
    stop_words = {"deu_Latn": ["und", "o"]}
    long, short = "und o " + "Wort " * 18, "und Wort"

    found = texts(long, short, lang="deu_Latn").document_measures(stop_words)["stop_word_share"]

    assert found.to_list() == [pytest.approx(1 / 20), None]


def test_lines_that_end_a_sentence_in_any_script() -> None:
    assert measure("line_ends", "Ja.\nयह है।\n是的。\nنعم؟\nእሺ።\nབོད་ཡིག།\nNein") == pytest.approx(6 / 7)


def test_lines_begin_with_bullets_and_end_with_dots() -> None:
    assert measure("bullets", "- a\n • b\n・ c\nd") == 0.75
    assert measure("ellipsis_lines", "mehr...\nmehr …\nEnde.\n\n") == 0.5


@pytest.mark.parametrize(
    "menu",
    [
        "Startseite\nÜber uns\nKontakt\nImpressum\nDatenschutz",
        "Home | About us | Contact | Imprint | Login",
        "首页\n关于我们\n联系方式\n登录\n注册",
        "[Start](/) [Hilfe](/help)\n[Preise](/prices)\n[Blog](/blog)\n[Login](/login)",
        "หน้าแรก » สินค้า » ติดต่อเรา » เกี่ยวกับ » เข้าสู่ระบบ",
    ],
)
def test_a_menu_is_one_in_every_script(menu: str) -> None:
    assert measure("menus", menu) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Wer reitet so spät durch Nacht und Wind?\nIch sah ihn gestern auf dem Feld.\nEs war kalt.\nEr kam nicht.",
        "我们明天去市场买菜，\n因为家里没有菜了。\n你去吗？\n好的。",
        "ฉันชอบไปตลาดตอนเช้าเพราะอากาศดีและคนไม่มาก",
    ],
)
def test_lines_of_sentences_are_no_menu(text: str) -> None:
    menus = measure("menus", text)

    assert menus is not None
    assert menus < 0.5


SENTENCES = {
    "deu_Latn": "Am Morgen gehe ich gern über den Markt, weil dann noch nicht so viele Leute da sind und die Luft kühl "
    "ist. Die Händler rufen, die Kinder laufen zwischen den Ständen umher, und es riecht nach Brot und nach Äpfeln.",
    "hin_Deva": "सुबह मैं बाज़ार जाना पसंद करता हूँ क्योंकि उस समय वहाँ कम लोग होते हैं और हवा ठंडी होती है। दुकानदार आवाज़ लगाते हैं, "
    "बच्चे दुकानों के बीच दौड़ते हैं और रोटी की महक आती है। "
    "दोपहर को मैं अपने भाई के साथ खेत में काम करता हूँ और शाम को हम सब मिलकर खाना खाते हैं।",
    "zho_Hans": "早上我喜欢去市场，因为那时候市场里的人不多，空气也很凉快。卖菜的人在市场里大声叫卖，"
    "孩子们在摊子中间跑来跑去，市场里有面包的香味，也有苹果的香味。"
    "我每天早上都在市场里买面包和苹果，然后和孩子们一起回家吃早饭。"
    "下午我和我的弟弟一起去学校，晚上我们一起在家里吃饭，一起看电视。",
    "kor_Hang": "아침에 나는 시장에 가는 것을 좋아한다. 그때는 시장에 사람이 많지 않고 공기가 시원하기 때문이다. "
    "상인들은 시장에서 소리를 지르고 아이들은 가게 사이를 뛰어다니며 시장에서는 빵 냄새와 사과 냄새가 난다. "
    "나는 아침마다 시장에서 빵과 사과를 산다.",
    "amh_Ethi": "ጠዋት ወደ ገበያ መሄድ እወዳለሁ ምክንያቱም በዚያን ጊዜ ገበያ ውስጥ ብዙ ሰው የለም። ነጋዴዎች በገበያ ውስጥ ይጮኻሉ ልጆችም በገበያ ውስጥ ይሮጣሉ። "
    "በየጠዋቱ ከገበያ ዳቦ እና ፖም እገዛለሁ ከዚያም ከልጆች ጋር ወደ ቤት እሄዳለሁ።",
}


@pytest.mark.parametrize("lang", SENTENCES)
def test_letters_of_a_text_follow_a_pattern(lang: str) -> None:
    pattern = measure("letter_pattern", SENTENCES[lang], lang)

    assert pattern is not None
    assert pattern > 2.5


@pytest.mark.parametrize("frequent", [False, True])
@pytest.mark.parametrize("lang", SENTENCES)
def test_random_letters_follow_none(lang: str, frequent: bool) -> None:
    sentences = f"{SENTENCES[lang]} {SENTENCES[lang]}"
    letters = re.findall(r"[^\W\d_][\u0300-\u036f\u0900-\u0903\u093a-\u094d]*", sentences)
    choices = letters if frequent else sorted(set(letters))
    patterns = []
    for seed in range(20):
        draws = random.Random(seed)
        text = "".join(
            draws.choice(choices) if c.isalpha() else c for c in sentences if unicodedata.category(c)[0] != "M"
        )
        patterns.append(measure("letter_pattern", text, lang) or 0)

    assert np.mean(patterns) < 1.5  # with one to spare for a text of 200 letters
    assert np.mean([pattern < 2.5 for pattern in patterns]) >= 0.8


@pytest.mark.parametrize("text", ["Guten Morgen!", "Ein Mann in einem roten Hemd sitzt auf einer Bank."])
def test_short_texts_have_no_verdict_on_their_letters(text: str) -> None:
    assert measure("letter_pattern", text) is None


def test_every_measure_is_null_or_zero_for_an_empty_text() -> None:
    found = texts("", "ein Wort").document_measures({})

    assert found.columns == ["letters", "digits", "repetition", *DOCUMENT_MEASURES]
    assert found[0].select(pl.exclude("words")).row(0) == (None,) * (len(found.columns) - 1)
    assert found["words"].to_list() == [0, 2]


def test_texts_do_not_depend_on_their_neighbours() -> None:
    together = texts(*SENTENCES.values(), "", "a\n" * 50).document_measures({})

    for i, text in enumerate([*SENTENCES.values(), "", "a\n" * 50]):
        assert texts(text).document_measures({}).equals(together[i])
