import pytest

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


def test_a_misspelt_name_gets_the_nearest() -> None:
    with pytest.raises(UserError, match=r"no language 'Germn'; did you mean 'German'\?"):
        languages.parse("Germn")


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
