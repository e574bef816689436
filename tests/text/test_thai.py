from importlib.util import find_spec

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlcorpus.text.segment import sentences, why_unsplit
from xlcorpus.text.thai import thai_parts, without_cut_abbreviations

needs_thai = pytest.mark.skipif(find_spec("pythainlp") is None, reason="needs the extra `thai`")


@needs_thai
def test_thai_is_split_where_a_mere_space_ends_a_sentence() -> None:
    text = "ฉันไปโรงเรียน เขาไปตลาด วันนี้อากาศดีมาก ฉันเลยออกไปเดินเล่น"

    assert sentences(text, "tha_Thai") == ["ฉันไปโรงเรียน", "เขาไปตลาด", "วันนี้อากาศดีมาก", "ฉันเลยออกไปเดินเล่น"]
    assert why_unsplit("tha_Thai") is None


@pytest.mark.skipif(find_spec("pythainlp") is not None, reason="the extra `thai` is installed")
def test_without_the_model_thai_stays_whole_and_the_extra_is_named() -> None:
    assert sentences("ฉันไปโรงเรียน เขาไปตลาด\nจบ", "tha_Thai") == ["ฉันไปโรงเรียน เขาไปตลาด", "จบ"]
    assert "xlcorpus[thai]" in str(why_unsplit("tha_Thai"))


def test_marks_of_other_scripts_end_sentences_of_thai() -> None:
    assert sentences("จริงหรือ? ไม่จริง! ดีแล้ว", "tha_Thai") == ["จริงหรือ?", "ไม่จริง!", "ดีแล้ว"]


@pytest.mark.parametrize("text", ["ในปี พ.ศ. 2567 อากาศร้อน", "ดร. สมชาย", "เวลา 10.30 น. ที่บ้าน", "ก.พ. และ มี.ค."])
@pytest.mark.parametrize("lang", ["tha_Thai", "nod_Thai", "tts_Thai"])
def test_a_full_stop_behind_a_thai_letter_abbreviates(text: str, lang: str) -> None:
    assert sentences(text, lang) == [text]


def test_lao_stays_whole_but_for_full_stops() -> None:
    assert sentences("ລາວເປັນປະເທດ ຂ້ອຍມັກລາວ. ດີ", "lao_Laoo") == ["ລາວເປັນປະເທດ ຂ້ອຍມັກລາວ.", "ດີ"]
    assert why_unsplit("lao_Laoo") == "a mere space stands between their sentences"
    assert why_unsplit("khm_Khmr") is None
    assert why_unsplit("tha_Latn") is None


@settings(deadline=None, max_examples=60)
@given(st.text(st.sampled_from("กขคงจดตนมรวสหอะาิีุูเแโไ่้ 1a.?!\t\n\u200b\x00"), max_size=80), st.integers(1, 60))
def test_the_parts_of_a_text_join_to_the_text(text: str, times: int) -> None:
    assert "".join(thai_parts(text * times)) == text * times
    assert "".join(without_cut_abbreviations(text)) == text
