"""Templates of translation prompts: slots, families, filling."""

import pytest

from xlcorpus.text.prompt_templates import fill, is_general, template


@pytest.mark.parametrize(
    ("before", "between", "after", "text", "family"),
    [
        (
            "Foo.\nGerman: ",
            "\nEnglish: ",
            "\nGerman: ",
            "{source_english}: {S}\n{target_english}: {T}",
            "english_names",
        ),
        ("Deutsch: ", " Englisch: ", "", "{source_native}: {S} {target_other}: {T}", "native_names"),
        ("Deutsch: ", "\nEnglish: ", "", "{source_native}: {S}\n{target_native}: {T}", "native_names"),
        ("[DE] ", "  [EN] ", "", "[{source_code}] {S} [{target_code}] {T}", "codes"),
        ("", " (translation: ", ")", "{S} (translation: {T})", "translation_words"),
        ("Auf Seite 7 steht: „", "“, also ", ".", "Auf Seite {number} steht: „{S}“, also {T}.", "words"),
        ("12) ", " – ", "\n13) ", "{number}) {S} – {T}", "marks"),
    ],
)
def test_what_stands_around_becomes_a_template(before: str, between: str, after: str, text: str, family: str) -> None:
    found = template(before, between, after, "deu_Latn", "eng_Latn")

    assert found is not None
    assert found.text.replace("{source_text}", "{S}").replace("{target_text}", "{T}") == text
    assert found.family == family


def test_names_of_languages_are_known_in_any_script() -> None:
    found = template("हिन्दी: ", "\nरूसी: ", "", "hin_Deva", "rus_Cyrl")

    assert found == ("{source_native}: {source_text}\n{target_other}: {target_text}", "native_names")


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("nob_Latn", "Norwegian"),
        ("nob_Latn", "Bokmål"),
        ("nob_Latn", "Norsk"),
        ("nob_Latn", "NO"),
        ("nno_Latn", "Nynorsk"),
        ("pes_Arab", "Farsi"),
        ("pes_Arab", "Persian"),
        ("pes_Arab", "PER"),
        ("prs_Arab", "Dari"),
        ("uzn_Latn", "o'zbek"),
        ("uzn_Latn", "O‘zbek"),
        ("uzn_Latn", "oʻzbek"),
        ("uzn_Latn", "O`zbekcha"),
        ("zho_Hans", "Mandarin"),
        ("zho_Hans", "Simplified Chinese"),
        ("zho_Hant", "Chinese (Traditional)"),
        ("zsm_Latn", "Malay"),
        ("zsm_Latn", "Bahasa Melayu"),
        ("tgl_Latn", "Filipino"),
        ("tgl_Latn", "Tagalog"),
        ("kmr_Latn", "Kurdish"),
        ("kmr_Latn", "Kurmanji"),
        ("ckb_Arab", "Sorani"),
        ("swh_Latn", "Swahili"),
        ("swh_Latn", "Kiswahili"),
        ("als_Latn", "Albanian"),
        ("pan_Guru", "Panjabi"),
        ("pan_Guru", "Punjabi"),
        ("ory_Orya", "Oriya"),
        ("ory_Orya", "Odia"),
        ("nld_Latn", "Flemish"),
        ("spa_Latn", "Castilian"),
        ("spa_Latn", "Castellano"),
        ("ron_Latn", "Moldovan"),
        ("srp_Latn", "Serbian (Latin)"),
        ("hrv_Latn", "Serbo-Croatian"),
        ("khk_Cyrl", "Mongolian"),
        ("azj_Latn", "Azeri"),
        ("uig_Arab", "Uighur"),
        ("mya_Mymr", "Myanmar"),
        ("deu_Latn", "GER"),
    ],
)
def test_a_language_has_the_names_that_people_give_it(tag: str, name: str) -> None:
    found = template(f"{name}: ", "\nEnglish: ", "", tag, "eng_Latn")

    assert found is not None
    assert found.text.startswith("{source_")
    assert "{target_" in found.text.partition("{source_text}")[2]


def test_a_name_of_both_languages_says_nothing() -> None:
    found = template("Norwegian: ", "\nBokmål: ", "", "nno_Latn", "nob_Latn")

    assert found is not None
    assert found.text.startswith("Norwegian: ")


def test_a_code_of_a_macrolanguage_is_written_in_capitals() -> None:
    found = template("Ingen håp: ", "\nThere is no hope: ", "", "nob_Latn", "eng_Latn")

    assert found is not None
    assert "There is no hope: " in found.text


@pytest.mark.parametrize("between", [None, " one two three four five six seven eight nine ", "\n\n\n\n"])
def test_sides_that_stand_apart_make_no_template(between: str | None) -> None:
    assert template("", between, "", "deu_Latn", "eng_Latn") is None


def test_a_code_inside_a_word_is_no_code() -> None:
    found = template("Rede: ", "\nEnde: ", "", "deu_Latn", "eng_Latn")

    assert found is not None
    assert found.text.startswith("Rede: ")


def test_a_template_is_filled_up_to_where_the_translation_goes() -> None:
    text = "{source_native}: {source_text}\n{target_other}: „{target_text}“"

    assert fill(text, "fra_Latn", "deu_Latn", "Il pleut.") == "français: Il pleut.\nallemand: „"


def test_filled_with_its_own_languages_a_template_gives_the_text_back() -> None:
    found = template("[DE] ", " [EN] ", "", "deu_Latn", "eng_Latn")

    assert found is not None
    assert fill(found.text, "deu_Latn", "eng_Latn", "Es regnet.") == "[DE] Es regnet. [EN]"


def test_a_template_without_words_serves_all_languages() -> None:
    assert is_general("{source_english}: {source_text}\n{target_english}: {target_text}")
    assert not is_general("{source_text} heißt auf {target_other} {target_text}")
