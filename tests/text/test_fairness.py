"""No ordinary sentence of any script may be changed or rejected by what is meant for junk."""

import unicodedata
from pathlib import Path

import polars as pl
import pytest

from xlcorpus import languages
from xlcorpus.steps.clean.normalise import Normalise
from xlcorpus.steps.filter.quality import Quality
from xlcorpus.steps.identify.identify import Identify
from xlcorpus.text.normalise import normalise
from xlcorpus.text.word_units import word_units
from xlcorpus.yaml_file import load

SENTENCES = {
    "amh_Ethi": "ዛሬ ገበያ ሄጄ እንጀራ ገዛሁ።",
    "arb_Arab": "اشتريت الخبز من السوق هذا الصباح.",
    "asm_Beng": "মই আজি পুৱা বজাৰলৈ গৈছিলোঁ।",
    "ben_Beng": "আজ সকালে আমি বাজারে গিয়েছিলাম।",
    "bod_Tibt": "ང་དེ་རིང་ཁྲོམ་ལ་ཕྱིན་པ་ཡིན།",
    "bul_Cyrl": "Днес сутринта купих хляб от пазара.",
    "ces_Latn": "Dnes ráno jsem na trhu koupil čerstvý chléb.",
    "chr_Cher": "ᎣᏏᏲ, ᏙᎯᏧ ᎢᎭ?",
    "deu_Latn": "Heute Morgen habe ich „frisches“ Brot gekauft.",
    "div_Thaa": "މިއަދު އަހަރެން ބާޒާރަށް ދިޔައިން.",
    "ell_Grek": "Σήμερα το πρωί αγόρασα ψωμί από την αγορά.",
    "eng_Latn": "I don't know where the bread is.",
    "fra_Latn": "L'homme a déjà acheté du pain, n'est-ce pas ?",
    "guj_Gujr": "આજે સવારે હું બજારમાં ગયો હતો.",
    "heb_Hebr": "קניתי לחם טרי בשוק הבוקר.",
    "hin_Deva": "आज सुबह मैंने बाज़ार से रोटी ख़रीदी।",
    "hye_Armn": "Այսօր առավոտյան շուկայից հաց գնեցի։",
    "jav_Java": "ꦲꦏꦸꦠꦸꦏꦸꦱꦺꦒ꧉",
    "jpn_Jpan": "今朝、市場でパンを買いました。",
    "kan_Knda": "ಇಂದು ಬೆಳಿಗ್ಗೆ ನಾನು ಮಾರುಕಟ್ಟೆಗೆ ಹೋದೆ.",
    "kat_Geor": "დღეს დილით ბაზარში პური ვიყიდე.",
    "khm_Khmr": "ព្រឹកនេះខ្ញុំបានទិញនំប៉័ងពីផ្សារ។",
    "kor_Hang": "오늘 아침에 시장에서 빵을 샀어요.",
    "lao_Laoo": "ເຊົ້ານີ້ຂ້ອຍຊື້ເຂົ້າຈີ່ຢູ່ຕະຫຼາດ",
    "mal_Mlym": "ഇന്ന് രാവിലെ ഞാൻ ചന്തയിൽ പോയി.",
    "mni_Mtei": "ꯉꯁꯤ ꯑꯌꯨꯛ ꯑꯩ ꯀꯩꯊꯦꯜꯗ ꯆꯠꯈꯤ꯫",
    "mya_Mymr": "ဒီမနက် ဈေးမှာ ပေါင်မုန့် ဝယ်ခဲ့တယ်။",
    "nqo_Nkoo": "ߒ ߕߊ߯ߦߊ߫ ߟߐ߯ߝߍ߫ ߘߊ߫ ߓߌ߬.",
    "ory_Orya": "ଆଜି ସକାଳେ ମୁଁ ବଜାରକୁ ଯାଇଥିଲି।",
    "pan_Guru": "ਅੱਜ ਸਵੇਰੇ ਮੈਂ ਬਾਜ਼ਾਰ ਗਿਆ ਸੀ।",
    "pes_Arab": "امروز صبح می‌خواهم نان بخرم.",
    "rus_Cyrl": "Сегодня утром я купил на рынке хлеб.",
    "sat_Olck": "ᱛᱮᱦᱮᱧ ᱥᱮᱛᱟᱜ ᱤᱧ ᱵᱟᱡᱟᱨ ᱞᱤᱧ ᱪᱟᱞᱟᱣ ᱞᱮᱱᱟ᱾",
    "sin_Sinh": "අද උදේ මම වෙළඳපොළට ගියා. ක්‍රමය හොඳයි.",
    "tam_Taml": "இன்று காலை நான் சந்தையில் ரொட்டி வாங்கினேன்.",
    "tel_Telu": "ఈ ఉదయం నేను మార్కెట్‌లో రొట్టె కొన్నాను.",
    "tha_Thai": "เมื่อเช้าฉันซื้อขนมปังที่ตลาด",
    "tzm_Tfng": "ⵙⵖⵉⵖ ⴰⵖⵔⵓⵎ ⴳ ⵓⴳⴰⴷⴰⵣ ⴰⵙⵙⴰ.",
    "uig_Arab": "بۈگۈن ئەتىگەن بازاردىن نان ئالدىم.",
    "urd_Arab": "آج صبح میں نے بازار سے روٹی خریدی۔",
    "vie_Latn": "Sáng nay tôi đã mua bánh mì ở chợ.",
    "yor_Latn": "Mo ra búrẹ́dì ní ọjà ní òwúrọ̀ yìí.",
    "zho_Hans": "我买了。",
    "zho_Hant": "今天早上我在市場買了麵包。",
    "zul_Latn": "Namhlanje ekuseni ngithenge isinkwa emakethe.",
}
"""One everyday sentence a language ("I bought bread at the market this morning"), in 34 scripts."""


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "text": [unicodedata.normalize("NFC", text) for text in SENTENCES.values()],
            "lang": list(SENTENCES),
            "document_id": ["greetings"] * len(SENTENCES),
            "position": range(len(SENTENCES)),
        }
    )


@pytest.mark.parametrize("tag", SENTENCES)
def test_a_sentence_stays_as_it_is(tag: str) -> None:
    text = unicodedata.normalize("NFC", SENTENCES[tag])

    assert normalise(text) == text


@pytest.mark.parametrize("tag", SENTENCES)
def test_words_hold_every_letter_mark_and_digit(tag: str) -> None:
    text = unicodedata.normalize("NFC", SENTENCES[tag])

    kept = {c for c in "".join(word_units(text)) if unicodedata.category(c)[0] in "LMN"}
    assert kept == {c for c in text if unicodedata.category(c)[0] in "LMN"}
    assert len(word_units(text)) >= 2


def test_normalising_and_quality_keep_every_language(rows: pl.DataFrame) -> None:
    kept = Quality()(Normalise()(rows))

    assert kept["lang"].to_list() == rows["lang"].to_list()
    assert kept["text"].to_list() == rows["text"].to_list()


def test_limits_of_the_recipe_for_web_documents_fit_every_writing(rows: pl.DataFrame) -> None:
    recipe = load(Path(__file__).parents[2] / "pipelines" / "filters" / "fineweb2_cleaning.yaml")
    (quality,) = (node.step for node in recipe.nodes if isinstance(node.step, Quality))
    # One sentence is no document in its length; in its words and line ends it is.
    limits = {name: getattr(quality, name) for name in ("min_word_length", "max_word_length", "min_line_ends")}

    kept = Quality(**limits, by_language=quality.by_language)(rows.select("text", "lang"), kind="document")

    assert kept["lang"].to_list() == rows["lang"].to_list()


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        (
            "rus_Cyrl",
            "Показать список файлов через терминал без подробного вывода, под другим именем, об этом пользователю.",
        ),
        ("ukr_Cyrl", "Показати список файлів через термінал без докладного виводу, під іншим іменем, якщо можна."),
        ("bul_Cyrl", "Показва списък файлове през терминала без подробен изход, при което може да има грешки."),
        ("bel_Cyrl", "Паказаць спіс файлаў праз тэрмінал без падрабязнага вываду, калі толькі можна гэта рабіць."),
    ],
)
def test_instructions_without_words_of_one_letter_have_stop_words(tag: str, text: str) -> None:
    shown = Quality().scoring()(pl.DataFrame({"text": [f"{text} {text}"], "lang": [tag]}), kind="document")

    assert shown["quality_stop_word_share"].item() > 0.1


def test_identification_rejects_none_of_them(rows: pl.DataFrame) -> None:
    assert Identify()(rows)["lang"].to_list() == rows["lang"].to_list()


def test_every_script_of_the_sentences_has_a_script_share(rows: pl.DataFrame) -> None:
    assert Quality()(rows)["quality_script"].min() == 1.0


def test_the_tags_are_tags() -> None:
    assert [languages.parse(tag) for tag in SENTENCES] == list(SENTENCES)
