"""How a language's script is told beside its name in prompts: "sérvio (alfabeto latino)"."""

from __future__ import annotations

# Words that fit in brackets after a language's name. CLDR has names of scripts alone, with the gender of a noun that is
# left out ("традиционная"), or like those of languages ("latim").
SCRIPTS: dict[str, dict[str, str]] = {
    "deu_Latn": {
        "Arab": "arabische Schrift", "Beng": "bengalische Schrift", "Cyrl": "kyrillische Schrift",
        "Deva": "Devanagari-Schrift", "Grek": "griechische Schrift", "Guru": "Gurmukhi-Schrift", "Hans": "Vereinfacht",
        "Hant": "Traditionell", "Hebr": "hebräische Schrift", "Latn": "lateinische Schrift",
        "Mong": "mongolische Schrift", "Mtei": "Meitei-Schrift", "Olck": "Ol-Chiki-Schrift", "Tfng": "Tifinagh-Schrift",
    },
    "spa_Latn": {
        "Arab": "alfabeto árabe", "Beng": "escritura bengalí", "Cyrl": "alfabeto cirílico",
        "Deva": "escritura devanagari", "Grek": "alfabeto griego", "Guru": "escritura gurmukhi",
        "Hans": "simplificado", "Hant": "tradicional", "Hebr": "alfabeto hebreo", "Latn": "alfabeto latino",
        "Mong": "escritura mongola", "Mtei": "escritura meitei", "Olck": "escritura ol chiki",
        "Tfng": "alfabeto tifinagh",
    },
    "fra_Latn": {
        "Arab": "alphabet arabe", "Beng": "écriture bengalie", "Cyrl": "alphabet cyrillique",
        "Deva": "écriture devanagari", "Grek": "alphabet grec", "Guru": "écriture gurmukhi", "Hans": "simplifié",
        "Hant": "traditionnel", "Hebr": "alphabet hébreu", "Latn": "alphabet latin", "Mong": "écriture mongole",
        "Mtei": "écriture meitei", "Olck": "écriture ol chiki", "Tfng": "alphabet tifinagh",
    },
    "por_Latn": {
        "Arab": "alfabeto árabe", "Beng": "escrita bengali", "Cyrl": "alfabeto cirílico", "Deva": "escrita devanágari",
        "Grek": "alfabeto grego", "Guru": "escrita gurmukhi", "Hans": "simplificado", "Hant": "tradicional",
        "Hebr": "alfabeto hebraico", "Latn": "alfabeto latino", "Mong": "escrita mongol", "Mtei": "escrita meitei",
        "Olck": "escrita ol chiki", "Tfng": "alfabeto tifinague",
    },
    "ita_Latn": {
        "Arab": "alfabeto arabo", "Beng": "scrittura bengalese", "Cyrl": "alfabeto cirillico",
        "Deva": "scrittura devanagari", "Grek": "alfabeto greco", "Guru": "scrittura gurmukhi",
        "Hans": "semplificato", "Hant": "tradizionale", "Hebr": "alfabeto ebraico", "Latn": "alfabeto latino",
        "Mong": "scrittura mongola", "Mtei": "scrittura meitei", "Olck": "scrittura ol chiki",
        "Tfng": "alfabeto tifinagh",
    },
    "rus_Cyrl": {
        "Arab": "арабское письмо", "Beng": "бенгальское письмо", "Cyrl": "кириллица", "Deva": "деванагари",
        "Grek": "греческий алфавит", "Guru": "гурмукхи", "Hans": "упрощённый", "Hant": "традиционный",
        "Hebr": "еврейское письмо", "Latn": "латиница", "Mong": "старомонгольское письмо", "Mtei": "манипурское письмо",
        "Olck": "ол-чики", "Tfng": "тифинаг",
    },
    "hin_Deva": {
        "Arab": "अरबी लिपि", "Beng": "बंगाली लिपि", "Cyrl": "सिरिलिक लिपि", "Deva": "देवनागरी लिपि", "Grek": "यूनानी लिपि",
        "Guru": "गुरमुखी लिपि", "Hans": "सरलीकृत", "Hant": "पारंपरिक", "Hebr": "हिब्रू लिपि", "Latn": "रोमन लिपि",
        "Mong": "मंगोलियाई लिपि", "Mtei": "मैतेई लिपि", "Olck": "ओल चिकी लिपि", "Tfng": "तिफ़िनाघ लिपि",
    },
    "zho_Hans": {
        "Arab": "阿拉伯字母", "Beng": "孟加拉文字", "Cyrl": "西里尔字母", "Deva": "天城文", "Grek": "希腊字母",
        "Guru": "古木基文", "Hans": "简体", "Hant": "繁体", "Hebr": "希伯来字母", "Latn": "拉丁字母",
        "Mong": "传统蒙古文", "Mtei": "曼尼普尔文", "Olck": "桑塔利文", "Tfng": "提非纳文",
    },
    "jpn_Jpan": {
        "Arab": "アラビア文字", "Beng": "ベンガル文字", "Cyrl": "キリル文字", "Deva": "デーバナーガリー文字",
        "Grek": "ギリシャ文字", "Guru": "グルムキー文字", "Hans": "簡体字", "Hant": "繁体字", "Hebr": "ヘブライ文字",
        "Latn": "ローマ字", "Mong": "モンゴル文字", "Mtei": "マニプリ文字", "Olck": "オルチキ文字",
        "Tfng": "ティフナグ文字",
    },
    "arb_Arab": {
        "Arab": "بالحروف العربية", "Beng": "بالحروف البنغالية", "Cyrl": "بالحروف السيريلية",
        "Deva": "بحروف الديفاناغاري", "Grek": "بالحروف اليونانية", "Guru": "بحروف الغورموخي", "Hans": "المبسطة",
        "Hant": "التقليدية", "Hebr": "بالحروف العبرية", "Latn": "بالحروف اللاتينية", "Mong": "بالحروف المنغولية",
        "Mtei": "بحروف الميتي", "Olck": "بحروف أول تشيكي", "Tfng": "بحروف التيفيناغ",
    },
}  # fmt: skip
