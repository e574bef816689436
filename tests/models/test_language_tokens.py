"""Which token of a translation model names a language."""

import pytest

from xlcorpus.models.encoders.language_tokens import is_language_token, language_token

NLLB = ["eng_Latn", "deu_Latn", "zho_Hans", "zho_Hant", "hin_Deva"]
MBART = ["en_XX", "de_DE", "zh_CN", "hi_IN", "▁de_DE", "de"]
M2M = ["__en__", "__de__", "__zh__", "__hi__"]
MADLAD = ["<2en>", "<2de>", "<2zh>", "<2hi>", "<s>"]


@pytest.mark.parametrize(
    ("tokens", "german", "chinese"),
    [
        (NLLB, "deu_Latn", "zho_Hans"),
        (MBART, "de_DE", "zh_CN"),
        (M2M, "__de__", "__zh__"),
        (MADLAD, "<2de>", "<2zh>"),
        ([], None, None),
    ],
)
def test_each_family_of_models_writes_it_in_its_own_way(tokens, german, chinese):
    assert language_token("deu_Latn", tokens) == german
    assert language_token("zho_Hans", tokens) == chinese


def test_a_script_the_model_does_not_name_is_not_the_language():
    assert language_token("hin_Latn", MBART) is None
    assert language_token("hin_Latn", NLLB) is None


@pytest.mark.parametrize(("token", "is_one"), [("de_DE", True), ("<s>", False), ("deutsch", False), ("__de__", True)])
def test_tokens_of_languages_are_known_by_their_form(token, is_one):
    assert is_language_token(token) is is_one
