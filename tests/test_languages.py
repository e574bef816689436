import contextlib
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from langcodes.data_dicts import LANGUAGE_ALPHA3, LIKELY_SUBTAGS

from xlcorpus import languages
from xlcorpus.errors import UserError

FLORES_200 = """
ace_Arab ace_Latn acm_Arab acq_Arab aeb_Arab afr_Latn ajp_Arab aka_Latn amh_Ethi apc_Arab arb_Arab ars_Arab
ary_Arab arz_Arab asm_Beng ast_Latn awa_Deva ayr_Latn azb_Arab azj_Latn bak_Cyrl bam_Latn ban_Latn bel_Cyrl
bem_Latn ben_Beng bho_Deva bjn_Arab bjn_Latn bod_Tibt bos_Latn bug_Latn bul_Cyrl cat_Latn ceb_Latn ces_Latn
cjk_Latn ckb_Arab crh_Latn cym_Latn dan_Latn deu_Latn dik_Latn dyu_Latn dzo_Tibt ell_Grek eng_Latn epo_Latn
est_Latn eus_Latn ewe_Latn fao_Latn pes_Arab fij_Latn fin_Latn fon_Latn fra_Latn fur_Latn fuv_Latn gla_Latn
gle_Latn glg_Latn grn_Latn guj_Gujr hat_Latn hau_Latn heb_Hebr hin_Deva hne_Deva hrv_Latn hun_Latn hye_Armn
ibo_Latn ilo_Latn ind_Latn isl_Latn ita_Latn jav_Latn jpn_Jpan kab_Latn kac_Latn kam_Latn kan_Knda kas_Arab
kas_Deva kat_Geor knc_Arab knc_Latn kaz_Cyrl kbp_Latn kea_Latn khm_Khmr kik_Latn kin_Latn kir_Cyrl kmb_Latn
kon_Latn kor_Hang kmr_Latn lao_Laoo lvs_Latn lij_Latn lim_Latn lin_Latn lit_Latn lmo_Latn ltg_Latn ltz_Latn
lua_Latn lug_Latn luo_Latn lus_Latn mag_Deva mai_Deva mal_Mlym mar_Deva min_Latn mkd_Cyrl plt_Latn mlt_Latn
mni_Beng khk_Cyrl mos_Latn mri_Latn zsm_Latn mya_Mymr nld_Latn nno_Latn nob_Latn npi_Deva nso_Latn nus_Latn
nya_Latn oci_Latn gaz_Latn ory_Orya pag_Latn pan_Guru pap_Latn pol_Latn por_Latn prs_Arab pbt_Arab quy_Latn
ron_Latn run_Latn rus_Cyrl sag_Latn san_Deva sat_Beng scn_Latn shn_Mymr sin_Sinh slk_Latn slv_Latn smo_Latn
sna_Latn snd_Arab som_Latn sot_Latn spa_Latn als_Latn srd_Latn srp_Cyrl ssw_Latn sun_Latn swe_Latn swh_Latn
szl_Latn tam_Taml tat_Cyrl tel_Telu tgk_Cyrl tgl_Latn tha_Thai tir_Ethi taq_Latn taq_Tfng tpi_Latn tsn_Latn
tso_Latn tuk_Latn tum_Latn tur_Latn twi_Latn tzm_Tfng uig_Arab ukr_Cyrl umb_Latn urd_Arab uzn_Latn vec_Latn
vie_Latn war_Latn wol_Latn xho_Latn ydd_Hebr yor_Latn yue_Hant zho_Hans zho_Hant zul_Latn
"""  # NLLB Team et al. 2022, arXiv:2207.04672

SECOND_SCRIPT = {
    "ace_Arab",
    "bjn_Arab",
    "kas_Deva",
    "knc_Arab",
    "sat_Beng",
    "taq_Tfng",
    "tzm_Tfng",
    "zho_Hant",
}
"""FLORES-200 tags whose script is not the one CLDR names first."""


@pytest.mark.parametrize("tag", FLORES_200.split())
def test_flores_tags_parse_to_themselves(tag: str) -> None:
    assert languages.parse(tag) == tag


@pytest.mark.parametrize("tag", [t for t in FLORES_200.split() if t not in SECOND_SCRIPT])
def test_a_bare_code_gets_the_script_of_flores(tag: str) -> None:
    assert languages.parse(tag.split("_")[0]) == tag


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("de", "deu_Latn"),
        ("ger", "deu_Latn"),
        ("de-CH", "deu_Latn"),
        ("German", "deu_Latn"),
        (" hindi ", "hin_Deva"),
        ("zh", "zho_Hans"),
        ("cmn", "zho_Hans"),
        ("zh-TW", "zho_Hant"),
        ("Thai", "tha_Thai"),
        ("Zulu", "zul_Latn"),
        ("Urdu", "urd_Arab"),
        ("ar", "arb_Arab"),
        ("Arabic", "arb_Arab"),
        ("fa", "pes_Arab"),
        ("fa-AF", "prs_Arab"),
        ("et", "est_Latn"),
        ("ekk", "est_Latn"),
        ("ms", "zsm_Latn"),
        ("no", "nob_Latn"),
        ("tl", "tgl_Latn"),
        ("lv", "lvs_Latn"),
        ("uz", "uzn_Latn"),
        ("az", "azj_Latn"),
        ("sq", "als_Latn"),
        ("als", "als_Latn"),
        ("sw", "swh_Latn"),
        ("pa-PK", "pan_Arab"),
        ("sr-Latn", "srp_Latn"),
        ("sh", "srp_Latn"),
        ("kor_Kore", "kor_Hang"),
        ("und", "und"),
    ],
)
def test_names_codes_and_tags_are_read(written: str, tag: str) -> None:
    assert languages.parse(written) == tag


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("Ladino", "lad_Hebr"),
        ("Fala", "fax_Latn"),
        ("Turka", "tuz_Latn"),
        ("Bassa", "bsq_Bass"),
        ("Ha", "haq_Latn"),
        ("ha", "hau_Latn"),
        ("HA", "hau_Latn"),
        ("Pulaar", "fuc_Latn"),
        ("Ojibwa", "oji_Cans"),
        ("Mon", "mnw_Mymr"),
        ("mon", "khk_Cyrl"),
        ("Ga", "gaa_Latn"),
        ("ga", "gle_Latn"),
        ("En", "eng_Latn"),
        ("Farsi", "pes_Arab"),
        ("Dari", "prs_Arab"),
        ("Mandarin", "zho_Hans"),
        ("Cantonese", "yue_Hant"),
        ("Flemish", "nld_Latn"),
        ("Castilian", "spa_Latn"),
        ("Moldovan", "ron_Latn"),
        ("Odia", "ory_Orya"),
        ("Panjabi", "pan_Guru"),
        ("Filipino", "tgl_Latn"),
        ("Hinglish", "hin_Latn"),
        ("Brazilian Portuguese", "por_Latn"),
    ],
)
def test_english_names_go_before_those_of_other_languages(written: str, tag: str) -> None:
    assert languages.parse(written) == tag


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("Serbian (Latin)", "srp_Latn"),
        ("Serbian (Cyrillic)", "srp_Cyrl"),
        ("serbian latin", "srp_Latn"),
        ("Serbian (Latin script)", "srp_Latn"),
        ("Serbian - Latin", "srp_Latn"),
        ("Serbian, Latn", "srp_Latn"),
        ("srpski (latinica)", "srp_Latn"),
        ("Chinese (Traditional)", "zho_Hant"),
        ("Chinese, Simplified", "zho_Hans"),
        ("Traditional Chinese", "zho_Hant"),
        ("Chinese (Taiwan)", "zho_Hant"),
        ("Chinese (Mandarin)", "zho_Hans"),
        ("Chinese (Pinyin)", "zho_Latn"),
        ("中文（繁體）", "zho_Hant"),
        ("Hindi (Latin)", "hin_Latn"),
        ("Romanised Hindi", "hin_Latn"),
        ("Japanese (Romaji)", "jpn_Latn"),
        ("Norwegian (Nynorsk)", "nno_Latn"),
        ("Norwegian (Bokmål)", "nob_Latn"),
        ("Arabic (Egyptian)", "arz_Arab"),
        ("Kurdish (Sorani)", "ckb_Arab"),
        ("Kashmiri (Devanagari)", "kas_Deva"),
        ("Santali (Bangla)", "sat_Beng"),
        ("Punjabi (Pakistan)", "pan_Arab"),
        ("Persian (Afghanistan)", "prs_Arab"),
        ("Uzbek (Cyrillic)", "uzn_Cyrl"),
        ("Mongolian (Traditional)", "khk_Mong"),
        ("Greek (Modern)", "ell_Grek"),
        ("Swahili (macrolanguage)", "swh_Latn"),
        ("English (UK)", "eng_Latn"),
    ],
)
def test_a_name_may_hold_a_script_a_territory_or_a_variety(written: str, tag: str) -> None:
    assert languages.parse(written) == tag


@pytest.mark.parametrize(
    "written", ["Serbian (Gibberish)", "German (Traditional)", "English and German", "English Greek", "Germanish"]
)
def test_what_is_not_understood_in_a_name_is_not_left_out(written: str) -> None:
    with pytest.raises(UserError, match="no language"):
        languages.parse(written)


@pytest.mark.parametrize(
    ("written", "tag"),
    [("Deutsch", "deu_Latn"), ("русский", "rus_Cyrl"), ("русский язык", "rus_Cyrl"), ("日本語", "jpn_Jpan"),
     ("español", "spa_Latn"), ("Bahasa Indonesia", "ind_Latn"), ("العربية", "arb_Arab"), ("हिन्दी", "hin_Deva"),
     ("한국어", "kor_Hang"), ("українська", "ukr_Cyrl")],
)  # fmt: skip
def test_names_in_the_language_itself(written: str, tag: str) -> None:
    assert languages.parse(written) == tag


@pytest.mark.parametrize(
    ("written", "tag"),
    [("zh-pinyin", "zho_Latn"), ("zh_pinyin", "zho_Latn"), ("zh-Latn-pinyin", "zho_Latn"), ("zh-wadegile", "zho_Latn"),
     ("yue-jyutping", "yue_Latn"), ("ja-hepburn", "jpn_Latn"), ("ru-alalc97", "rus_Latn"), ("de-1996", "deu_Latn"),
     ("i-klingon", "tlh_Latn"), ("zh-min-nan", "nan_Hans"), ("art-lojban", "jbo_Latn"), ("urd_Aran", "urd_Arab"),
     ("xal", "xal_Cyrl"), ("kjh", "kjh_Cyrl"), ("nog", "nog_Cyrl"), ("und_Latn", "und")],
)  # fmt: skip
def test_variants_old_tags_and_codes_without_likely_subtags(written: str, tag: str) -> None:
    assert languages.parse(written) == tag


@pytest.mark.parametrize(
    ("code", "country", "right"),
    [
        ("jp", "Japan", "the language Japanese is ja"),
        ("cz", "Czechia", "the language Czech is cs"),
        ("gr", "Greece", "the language Greek is el"),
        ("cn", "China", "the language Chinese is zh"),
        ("dk", "Denmark", "the language Danish is da"),
        ("ua", "Ukraine", "the language Ukrainian is uk"),
        ("UA", "Ukraine", "the language Ukrainian is uk"),
        ("Ua", "Ukraine", "the language Ukrainian is uk"),
        ("ir", "Iran", "the language Persian is fa"),
        ("il", "Israel", "the language Hebrew is he"),
        ("ge", "Georgia", "the language Georgian is ka"),
        ("by", "Belarus", "the language Belarusian is be"),
        ("rs", "Serbia", "the language Serbian is sr"),
        ("vn", "Vietnam", "the language Vietnamese is vi"),
        ("us", "United States", "the language English is en"),
        ("gb", "United Kingdom", "the language English is en"),
        ("mx", "Mexico", "the language Spanish is es"),
        ("at", "Austria", "the language German is de"),
        ("hk", "Hong Kong SAR China", r"the language Chinese \(Traditional\) is zho_Hant"),
        ("esp", "Spain", "the language Spanish is es"),
        ("jp_Jpan", "Japan", "the language Japanese is ja"),
    ],
)
def test_the_code_of_a_country_is_answered_with_its_language(code: str, country: str, right: str) -> None:
    with pytest.raises(UserError, match=rf"^{code} is the code of a country \({country}\); {right}$"):
        languages.parse(code)


@pytest.mark.parametrize(
    "code", ["mul", "mis", "art", "cel", "ber", "nah", "bh", "sla", "zxx", "unk", "qaa", "qtz", "mul_Latn", "Nahuatl"]
)
def test_what_stands_for_no_single_language_is_refused(code: str) -> None:
    with pytest.raises(UserError, match=rf"no language '{code}': it stands for .*; give the code of one language"):
        languages.parse(code)


@pytest.mark.parametrize("code", ["x-klingon", "x-unk", "x", "vy", "od", "none", "unknown", "xxx", "-", "a-b", "de-"])
def test_what_is_no_code_is_one_plain_sentence(code: str) -> None:
    with pytest.raises(UserError, match="no language"):
        languages.parse(code)


def assert_tag_or_refused(text: str) -> None:
    try:
        tag = languages.parse(text)
    except UserError:
        return
    assert languages.parse(tag) == tag
    assert tag == languages.UNKNOWN or [len(part) for part in tag.split("_")] == [3, 4]


@example("\x00")
@example("\ud800")
@given(
    st.text() | st.text(st.characters()) | st.from_regex(r"[a-zA-Z]{1,4}([-_ ][a-zA-Z0-9]{1,8}){0,3}", fullmatch=True)
)
def test_any_text_is_a_tag_or_refused(text: str) -> None:
    assert_tag_or_refused(text)


@pytest.mark.parametrize("codes", [sorted(LANGUAGE_ALPHA3), sorted(c for c in LIKELY_SUBTAGS if len(c) == 3)])
def test_every_code_is_a_tag_or_refused(codes: list[str]) -> None:
    for code in codes:
        assert_tag_or_refused(code)


@pytest.mark.parametrize("tag", FLORES_200.split())
def test_the_name_of_a_tag_is_read_back(tag: str) -> None:
    assert languages.parse(languages.name(tag)) == tag


@pytest.mark.parametrize(
    ("wrong", "right"), [("Germn", "German"), ("jap", "Japanese"), ("sp", "Spanish"), ("Japan", "Japanese")]
)
def test_a_misspelt_name_gets_the_nearest(wrong: str, right: str) -> None:
    with pytest.raises(UserError, match=rf"no language '{wrong}'; did you mean '{right}'\?"):
        languages.parse(wrong)


@pytest.mark.parametrize(
    ("name", "script", "right"),
    [
        ("kr", "Hang", "Korean is ko"),
        ("am", "Armn", "Armenian is hy"),
        ("la", "Laoo", "Lao is lo"),
        ("tw", "Hani", "Chinese is zh"),
        ("my", "Latn", "Malay is ms"),
        ("be", "Latn", "Dutch is nl"),
        ("et", "Ethi", "Amharic is am"),
        ("cy", "Grek", "Greek is el"),
        ("sa", "Arab", "Arabic is ar"),
        ("tn", "Arab", "Arabic is ar"),
        ("ar", "Latn", "Spanish is es"),
        ("uk", "Latn", "English is en"),
        ("in", "Taml", "Tamil is ta"),
        ("ind", "Deva", "Hindi is hi"),
        ("chn", "Hani", "Chinese is zh"),
        ("bcs", "Cyrl", "Bosnian is bs"),
    ],
)
def test_a_code_over_the_script_of_its_country_is_refused(name: str, script: str, right: str) -> None:
    found = languages.doubt(name, script)

    assert found is not None
    assert found.refuse
    assert right in found.sentence


@pytest.mark.parametrize(
    ("name", "script", "told"),
    [
        ("se", "Latn", "the language Swedish is sv"),
        ("ee", "Latn", "the language Estonian is et"),
        ("bcs", "Latn", r"is it Bosnian (bs) or Croatian (hr) or Serbian (sr)?"),
        ("sr", "Latn", "write srp_Latn"),
        ("hi", "Latn", "write hin_Latn"),
        ("Ukrainian", "Latn", "which Ukrainian is not written in"),
        ("ru", "Latn", "which Russian is not written in"),
        ("hi-Latn", "Deva", "Devanagari script"),
        ("knc_Latn", "Hang", "Hangul script"),
        ("aah", "Cyrl", "Cyrillic script"),
    ],
)
def test_what_is_odd_alone_is_a_warning(name: str, script: str, told: str) -> None:
    found = languages.doubt(name, script)

    assert found is not None
    assert not found.refuse
    assert told in found.sentence


@pytest.mark.parametrize(
    ("name", "script"),
    [("sv", "Latn"), ("ca", "Latn"), ("be", "Cyrl"), ("et", "Latn"), ("my", "Mymr"), ("ga", "Latn"), ("sl", "Latn"),
     ("kr", "Latn"), ("ja", "Hani"), ("ja", "Jpan"), ("ko", "Hang"), ("zh", "Hani"), ("zh-TW", "Hani"), ("ne", "Deva"),
     ("Hindi (Latin)", "Latn"), ("hin_Latn", "Latn"), ("ur", "Arab"), ("und", "Latn"), ("de", None)],
)  # fmt: skip
def test_nothing_is_said_of_the_usual(name: str, script: str | None) -> None:
    assert languages.doubt(name, script) is None


@pytest.mark.parametrize(
    ("tag", "other", "name"),
    [
        ("deu_Latn", "fra_Latn", "allemand"),
        ("arz_Arab", "deu_Latn", "Ägyptisches Arabisch"),
        ("hin_Deva", "deu_Latn", "Hindi"),
        ("urd_Arab", "deu_Latn", "Urdu"),
        ("swh_Latn", "deu_Latn", "Suaheli"),
        ("als_Latn", "spa_Latn", "albanés"),
        ("arz_Arab", "spa_Latn", None),
        ("acm_Arab", "deu_Latn", None),
    ],
)
def test_a_name_is_of_that_language_or_none(tag: str, other: str, name: str | None) -> None:
    assert languages.in_language(tag, other) == name


@pytest.mark.parametrize("nothing", ["", "xx", "qwertzuiop", "deu_Blah", "de Latn 12345 ?"])
def test_nonsense_is_the_users_mistake(nothing: str) -> None:
    with pytest.raises(UserError, match="no language"):
        languages.parse(nothing)


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("deu_Latn", "German"),
        ("hin_Latn", "Hindi (Latin)"),
        ("arb_Arab", "Arabic"),
        ("zho_Hans", "Chinese"),
        ("zho_Hant", "Chinese (Traditional)"),
        ("nob_Latn", "Norwegian Bokmål"),
        ("und", "unknown language"),
    ],
)
def test_names_are_english_and_name_an_unusual_script(tag: str, name: str) -> None:
    assert languages.name(tag) == name


@pytest.mark.parametrize(
    ("tag", "hub"),
    [
        ("deu_Latn", "de"),
        ("arb_Arab", "ar"),
        ("arz_Arab", "arz"),
        ("zho_Hant", "zh"),
        ("nob_Latn", "nb"),
        ("prs_Arab", "prs"),
        ("tgl_Latn", "tl"),
        ("kmr_Latn", "ku"),
        ("als_Latn", "sq"),
        ("wol_Latn", "wo"),
        ("ceb_Latn", "ceb"),
        ("und", "und"),
    ],
)
def test_hub_tags_are_iso_639_1_where_it_exists(tag: str, hub: str) -> None:
    assert languages.hub_tag(tag) == hub


def test_script_and_default_script() -> None:
    assert languages.script("hin_Latn") == "Latn"
    assert languages.default_script("hin_Latn") == "Deva"
    assert languages.script("und") == "Zyyy"
    assert languages.iso639_3("de-AT") == "deu"


@pytest.mark.parametrize(
    ("a", "b"),
    [("arb_Arab", "arz_Arab"), ("hrv_Latn", "srp_Cyrl"), ("hin_Deva", "hin_Latn"), ("zho_Hans", "yue_Hant")],
)
def test_members_of_a_macrolanguage_are_one_language(a: str, b: str) -> None:
    assert languages.same_language(a, b)


@pytest.mark.parametrize(("a", "b"), [("deu_Latn", "nld_Latn"), ("hin_Deva", "urd_Arab"), ("als_Latn", "gsw_Latn")])
def test_other_languages_are_not(a: str, b: str) -> None:
    assert not languages.same_language(a, b)


@pytest.mark.parametrize("several", ["en--US", "de en", "de,en", "en_US_", "-en", "en-", "de/en", "yo ha ig"])
def test_several_codes_or_half_a_tag_are_no_name(several: str) -> None:
    with pytest.raises(UserError, match="no language"):
        languages.parse(several)


@pytest.mark.parametrize(
    ("code", "script"),
    [
        ("uzs", "Arab"), ("mvf", "Mong"), ("kjh", "Cyrl"), ("xal", "Cyrl"), ("nog", "Cyrl"), ("tab", "Cyrl"),
        ("dng", "Cyrl"), ("kca", "Cyrl"), ("mns", "Cyrl"), ("ksw", "Mymr"), ("jpr", "Hebr"), ("adx", "Tibt"),
        ("blk", "Mymr"), ("ctg", "Beng"), ("hyw", "Armn"), ("niv", "Cyrl"), ("gru", "Ethi"), ("ajp", "Arab"),
        ("dik", "Latn"), ("btd", "Latn"), ("gml", "Latn"), ("zyg", "Latn"), ("abs", "Latn"),
    ],
)  # fmt: skip
def test_a_rare_language_has_the_script_it_is_written_in(code: str, script: str) -> None:
    assert languages.parse(code) == f"{code}_{script}"


@pytest.mark.parametrize("name", ["mlm", "Mulam", "gio", "French Sign Language"])
def test_a_script_that_is_not_known_is_not_invented(name: str) -> None:
    with pytest.raises(UserError, match=r"no script is known for .+; give that of the text too, as in \w{3}_Latn"):
        languages.parse(name)


def test_a_language_of_which_no_script_is_known_has_a_tag_with_one() -> None:
    assert languages.parse("mlm-Latn") == languages.parse("mlm_Latn") == "mlm_Latn"
    assert languages.name("mlm_Latn") == "Mulam (Latin)"
    assert languages.bcp47("mlm_Latn") == "mlm-Latn"
    assert languages.default_script("mlm_Latn") == "Zyyy"
    assert languages.doubt("mlm_Latn", "Latn") is None


@pytest.mark.parametrize("script", ["Zxxx", "Zyyy", "Zinh", "Zzzz", "Zsym"])
def test_what_is_not_written_has_no_tag(script: str) -> None:
    with pytest.raises(UserError, match=f"{script} is no script"):
        languages.parse(f"de-{script}")


@pytest.mark.parametrize("value", [None, 5, 1.0, b"de"])
def test_a_language_is_named_by_a_text(value: Any) -> None:
    with pytest.raises(UserError, match="named by a text"):
        languages.parse(value)


@pytest.mark.parametrize(
    ("written", "tag"),
    [("Ancient Greek", "grc_Grek"), ("Old Norse", "non_Latn"), ("sga", "sga_Latn"), ("got", "got_Goth")],
)
def test_an_old_language_has_the_script_of_its_texts(written: str, tag: str) -> None:
    assert languages.parse(written) == tag


@pytest.mark.parametrize(
    ("written", "tag"), [("zh (Hant)", "zho_Hant"), ("de (AT)", "deu_Latn"), ("sr (Latn)", "srp_Latn")]
)
def test_a_code_may_have_brackets(written: str, tag: str) -> None:
    assert languages.parse(written) == tag


@pytest.mark.parametrize(
    ("tag", "written"),
    [
        ("deu_Latn", "de"),
        ("zho_Hans", "zh-Hans"),
        ("zho_Hant", "zh-Hant"),
        ("srp_Cyrl", "sr-Cyrl"),
        ("hin_Deva", "hi"),
        ("hin_Latn", "hi-Latn"),
        ("arb_Arab", "ar"),
        ("arz_Arab", "arz"),
        ("kor_Hang", "ko"),
        ("khk_Cyrl", "mn-Cyrl"),
        ("prs_Arab", "prs"),
        ("nob_Latn", "nb"),
        ("sat_Olck", "sat-Olck"),
        ("und", "und"),
    ],
)
def test_bcp_47_has_the_script_where_it_says_something(tag: str, written: str) -> None:
    assert languages.bcp47(tag) == written


def test_every_language_is_read_back_from_its_bcp_47_tag() -> None:
    tags = set(FLORES_200.split())
    for code in (c for c in LIKELY_SUBTAGS if "-" not in c):
        with contextlib.suppress(UserError):
            tags.add(languages.parse(code))
    assert len(tags) > 500
    assert [tag for tag in tags if languages.parse(languages.bcp47(tag)) != tag] == []
