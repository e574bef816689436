"""The translation alone, out of a chat model's answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlcorpus.text.answers import cleaned, read_answer

ENG, DEU = "eng_Latn", "deu_Latn"
SOURCE = "My sister plays the violin very well."
GERMAN = "Meine Schwester spielt sehr gut Geige."

IN = {
    "deu_Latn": GERMAN,
    "fra_Latn": "Ma sœur joue très bien du violon.",
    "spa_Latn": "Mi hermana toca muy bien el violín.",
    "por_Latn": "Minha irmã toca violino muito bem.",
    "ita_Latn": "Mia sorella suona molto bene il violino.",
    "rus_Cyrl": "Моя сестра очень хорошо играет на скрипке.",
    "zho_Hans": "我姐姐小提琴拉得很好。",
    "jpn_Jpan": "私の姉はバイオリンがとても上手です。",
    "kor_Hang": "제 언니는 바이올린을 아주 잘 켭니다.",
    "arb_Arab": "أختي تعزف على الكمان بشكل جيد جدا.",
    "hin_Deva": "मेरी बहन बहुत अच्छा वायलिन बजाती है।",
    "tur_Latn": "Kız kardeşim çok iyi keman çalıyor.",
    "vie_Latn": "Chị tôi chơi vĩ cầm rất hay.",
    "tha_Thai": "พี่สาวของฉันเล่นไวโอลินเก่งมาก",
    "pol_Latn": "Moja siostra bardzo dobrze gra na skrzypcach.",
    "heb_Hebr": "אחותי מנגנת בכינור היטב.",
    "ell_Grek": "Η αδερφή μου παίζει πολύ καλά βιολί.",
    "swh_Latn": "Dada yangu anapiga fidla vizuri sana.",
    "eus_Latn": "Nire arrebak oso ondo jotzen du biolina.",
}
"""`SOURCE` in many languages."""

PREFACES = {
    "deu_Latn": [
        "Hier ist die Übersetzung:\n\n",
        "Übersetzung: ",
        "Deutsch: ",
        "Auf Deutsch: ",
        "Deutsche Übersetzung:\n",
    ],
    "fra_Latn": ["Voici la traduction :\n\n", "Traduction : ", "Français : ", "En français : ", "Bien sûr !\n\n"],
    "spa_Latn": [
        "Aquí tienes la traducción:\n\n",
        "Traducción: ",
        "Español: ",
        "Claro, esta es la traducción al español: ",
    ],
    "por_Latn": ["Aqui está a tradução:\n", "Tradução: ", "Português: ", "Tradução para o português:\n"],
    "ita_Latn": ["Ecco la traduzione:\n", "Traduzione: ", "Italiano: ", "In italiano: "],
    "rus_Cyrl": ["Вот перевод:\n\n", "Перевод: ", "Русский: ", "Перевод на русский: ", "По-русски: "],
    "zho_Hans": ["以下是翻译：\n\n", "翻译：", "中文：", "译文：", "【译文】", "好的，以下是中文翻译：\n"],
    "jpn_Jpan": ["以下が翻訳です：\n\n", "翻訳：", "日本語：", "日本語訳：\n"],
    "kor_Hang": ["다음은 번역입니다:\n\n", "번역: ", "한국어: "],
    "arb_Arab": ["إليك الترجمة:\n\n", "الترجمة: ", "العربية: "],
    "hin_Deva": ["यहाँ अनुवाद है:\n\n", "अनुवाद: ", "हिन्दी: "],
    "tur_Latn": ["İşte çeviri:\n\n", "Çeviri: ", "Türkçe: "],
    "vie_Latn": ["Đây là bản dịch:\n\n", "Bản dịch: ", "Tiếng Việt: "],
    "tha_Thai": ["นี่คือคำแปล:\n\n", "คำแปล: ", "ไทย: "],
    "pol_Latn": ["Oto tłumaczenie:\n\n", "Tłumaczenie: ", "Polski: ", "Po polsku: "],
    "heb_Hebr": ["הנה התרגום:\n\n", "תרגום: ", "עברית: "],
    "ell_Grek": ["Ορίστε η μετάφραση:\n\n", "Μετάφραση: ", "Ελληνικά: "],
    "swh_Latn": ["Hii hapa tafsiri:\n\n", "Tafsiri: ", "Kiswahili: "],
    "eus_Latn": ["Itzulpena: ", "Euskara: "],
}

NOTES = {
    "deu_Latn": ["\n\nHinweis: Wörtlich.", "\n\n(Anmerkung: frei übersetzt)", "\n\n**Erklärung:**\nGeige: violin."],
    "fra_Latn": ["\n\nRemarque : traduction libre.", "\n\n*Note :* mot à mot."],
    "spa_Latn": ["\n\nNota: es literal.", " (Nota: es literal)"],
    "por_Latn": ["\n\nObservação: é literal."],
    "ita_Latn": ["\n\nNota: è letterale."],
    "rus_Cyrl": ["\n\nПримечание: дословно.", "\n\nПояснение:\n- скрипка: violin"],
    "zho_Hans": ["\n\n注：直译。", "（注：直译）", "\n\n说明：直译。", " (Wǒ jiějie xiǎotíqín lā de hěn hǎo.)"],
    "jpn_Jpan": ["\n\n注：直訳です。", "（Watashi no ane wa baiorin ga totemo jōzu desu.）"],
    "kor_Hang": ["\n\n참고: 직역입니다."],
    "arb_Arab": ["\n\nملاحظة: ترجمة حرفية."],
    "hin_Deva": ["\n\nनोट: शाब्दिक।"],
    "tur_Latn": ["\n\nNot: birebir."],
    "vie_Latn": ["\n\nLưu ý: dịch sát nghĩa."],
    "tha_Thai": ["\n\nหมายเหตุ: แปลตรงตัว"],
    "pol_Latn": ["\n\nUwaga: dosłownie."],
    "heb_Hebr": ["\n\nהערה: מילולי."],
    "ell_Grek": ["\n\nΣημείωση: κυριολεκτικά."],
    "swh_Latn": ["\n\nKumbuka: neno kwa neno."],
}  # fmt: skip

EVERYWHERE = [
    "Here is the translation:\n\n{}",
    "Here's the translation: {}",
    "Sure! Here is the translation of the text into the target language:\n\n**{}**",
    "Translation: {}",
    "**Translation:** {}",
    "### Translation\n\n{}",
    "Translated text:\n{}",
    '"{}"',
    "“{}”",
    "„{}“",
    "«{}»",
    "« {} »",
    "```\n{}\n```",
    "Here is the translation:\n```text\n{}\n```",
    "<translation>{}</translation>",
    '{{"translation": "{}"}}',
    "<think>The user wants a translation.</think>\n\n{}",
    "{}\n\nNote: I kept the tone.",
    "{}\n\n**Note:** I kept the tone.",
    "{} (Note: I kept the tone.)",
    "{}\n\n---\nNote: I kept the tone.",
    "{}\n\nExplanation:\n* one\n* two",
    "{}\n\nLet me know if you need anything else!",
    f"{{}} ({SOURCE})",
    f"{{}}\n({SOURCE})",
    f"{SOURCE} ({{}})",
    f"{SOURCE}\n{{}}",
    f"{SOURCE}\n\n{{}}",
    f"{{}}\n\n{SOURCE}",
    f"{SOURCE} → {{}}",
    f"English: {SOURCE}\nTranslation: {{}}",
    f"Original: {SOURCE}\nTranslation: {{}}",
    f'The translation of "{SOURCE}" is "{{}}"',
    "1. {}\n2. Another one.",
    "- {}\n- Another one.",
    "Option 1: {}\nOption 2: Another one.",
    "{}\n\nOr: Another one.",
    "{}\n\nAlternatively, more formally: Another one.",
]  # fmt: skip


@pytest.mark.parametrize("tgt", IN)
@pytest.mark.parametrize("form", EVERYWHERE)
def test_what_models_add_goes_in_every_language(form: str, tgt: str) -> None:
    assert read_answer(form.format(IN[tgt]), SOURCE, ENG, tgt) == (IN[tgt], None)


@pytest.mark.parametrize(("tgt", "preface"), [(tgt, p) for tgt, found in PREFACES.items() for p in found])
def test_prefaces_and_labels_in_the_target_language_go(tgt: str, preface: str) -> None:
    assert read_answer(preface + IN[tgt], SOURCE, ENG, tgt) == (IN[tgt], None)


@pytest.mark.parametrize(("tgt", "note"), [(tgt, n) for tgt, found in NOTES.items() for n in found])
def test_notes_in_the_target_language_go(tgt: str, note: str) -> None:
    assert read_answer(IN[tgt] + note, SOURCE, ENG, tgt) == (IN[tgt], None)


@pytest.mark.parametrize(
    ("answer", "source", "translation"),
    [
        ("Here is the translation:\n\nMeine Schwester spielt sehr gut Geige.", SOURCE, GERMAN),
        ("German: Sie wohnt im dritten Stock.", "She lives on the third floor.", "Sie wohnt im dritten Stock."),
        ('"Sie wohnt hier."', "She lives here.", "Sie wohnt hier."),
        ("»Sie wohnt hier.«", "She lives here.", "Sie wohnt hier."),
        ("„Sie wohnt hier“.", "She lives here.", "Sie wohnt hier."),
        ("'Sie wohnt hier.'", "She lives here.", "Sie wohnt hier."),
        ('"Er sagte "nein"."', 'He said "no".', 'Er sagte "nein".'),
        ("„Er sagte ‚nein‘.“", "He said 'no'.", "Er sagte ‚nein‘."),
        ("Translation: Achtung: bissiger Hund", "Beware: dog", "Achtung: bissiger Hund"),
        ("Here is the translation: Er sagte, nein.", "He said: no.", "Er sagte, nein."),
        ("Here is the translation:\n\nEr sagte, nein.", "He said: no.", "Er sagte, nein."),
        ("Translation: Hinweis: Der Laden ist zu.", "Note: The shop is closed.", "Hinweis: Der Laden ist zu."),
        ("„Nein.“\n\nHinweis: kurz.", "“No.”", "„Nein.“"),
    ],
)
def test_what_is_taken_away(answer: str, source: str, translation: str) -> None:
    assert read_answer(answer, source, ENG, DEU) == (translation, None)


@pytest.mark.parametrize(
    ("source", "translation"),
    [
        ("Note: The shop is closed.", "Hinweis: Der Laden ist geschlossen."),
        ("The shop is closed.\nNote: it opens at nine.", "Der Laden ist zu.\nHinweis: er öffnet um neun."),
        ("The door is shut. Please note that we open at nine.", "Die Tür ist zu. Hinweis: wir öffnen um neun."),
        ("Here is the translation: hello", "Hier ist die Übersetzung: hallo"),
        ("Here is the plan: we go home.", "Hier ist der Plan: wir gehen nach Hause."),
        ("Translation: a hard job", "Übersetzung: eine harte Arbeit"),
        ("German: a language with three genders", "Deutsch: eine Sprache mit drei Genera"),
        ("The translator said go.", "Der Übersetzer sagte: Geh."),
        ("The translation is wrong, it must be new.", "Die Übersetzung ist falsch: sie muss neu sein."),
        ("He said no.", "Er sagte: Nein."),
        ("“Hello”", "„Hallo“"),
        ('"No," he said, "never."', "„Nein“, sagte er, „nie.“"),
        ("The book “Faust” and the film “Metropolis”", "„Faust“ als Buch und als Film „Metropolis“"),
        ("The cat (a tomcat)", "Die Katze (ein Kater)"),
        ("The shop (note: closed)", "Der Laden (Hinweis: geschlossen)"),
        ("May 1st is a holiday.", "1. Mai ist Feiertag."),
        ("1. Milk\n2. Bread", "1. Milch\n2. Brot"),
        ("The train leaves at 12:30.", "Der Zug fährt um 12:30 ab."),
        ("See https://example.org", "Siehe https://example.org"),
        ("Sure, I will come.", "Klar, ich komme."),
        ("**Stop**", "**Halt**"),
        ("Use `ls` here", "Hier `ls` benutzen"),
        ("tea or coffee", "Tee oder Kaffee"),
        ("12 + 30", "12 + 30"),
        ("First line.\n\nSecond line.", "Erste Zeile.\n\nZweite Zeile."),
        ("Berlin", "Berlin"),
        ("Angela Merkel", "Angela Merkel"),
        ("iPhone 15 Pro", "iPhone 15 Pro"),
        ("Hotel", "Hotel"),
    ],
)
def test_what_the_source_has_too_stays(source: str, translation: str) -> None:
    assert read_answer(translation, source, ENG, DEU) == (translation, None)


@pytest.mark.parametrize(
    ("source", "translation", "tgt"),
    [
        ("War and Peace", "《战争与和平》", "zho_Hans"),
        ("It is called HTTP (a protocol).", "它叫 HTTP（协议）。", "zho_Hans"),
        ("Sajnálom, de nem tudok holnap jönni.", "I'm sorry, but I can't come tomorrow.", ENG),
        ("Bakarrik ezin dut.", "I'm sorry, but I can't do it alone.", ENG),
    ],
)
def test_what_is_right_in_other_languages_stays(source: str, translation: str, tgt: str) -> None:
    src = {"S": "hun_Latn", "B": "eus_Latn"}.get(source[0], ENG)
    assert read_answer(translation, source, src, tgt) == (translation, None)


FURTHER = [
    "{}\n\n*Note: literal*",
    "{}\n\n[Note: literal]",
    "{}\n(literal: my sister plays)",
    "{} (wörtlich: my sister plays)",
    "{} (lit. My sister plays)",
    "{} (formal)",
    "{} [formal]",
    "{} (This keeps the tone.)",
    "{} — Note: literal",
    "{}\n\nVocabulary:\n- Geige: violin",
    "{}\n\nGrammar notes: none",
    '{}\n\nThe word "Geige" means violin.',
    "{}\n\n(Translated by a model)",
    "{}\n{}",
    "{} / Meine Schwester geigt sehr gut.",
    "A) {}\nB) Meine Schwester geigt.",
    "Translation into German: {}",
    "In German, this would be: {}",
    "The sentence in German is: {}",
    "Auf Deutsch heißt das: {}",
    "Die deutsche Übersetzung lautet: {}",
    "Here's the German version: {}",
    "This translates to: {}",
    'It translates to "{}" in German.',
    '"{}" is the German translation.',
    "German translation - {}",
    "Deutsch – {}",
    "(German) {}",
    "[DE] {}",
    "de: {}",
    "Output: {}",
    "Assistant: {}",
    f"Source: {SOURCE}\nTarget: {{}}",
    "Sure, here you go: {}",
    "Certainly! {}",
    "Sure thing! The translation is as follows:\n\n{}",
    "Hier:\n{}",
    "{}<|im_end|>",
    "<s>{}</s>",
    "<de>{}</de>",
    "<translation>\n{}\n</translation>\nDone.",
    "`{}`",
    "[{}]",
    "({})",
    "> {}",
    "- {}",
    "# {}",
    "***{}***",
    "\u200b{}",
    "{} 😊",
    "{}\\n",
]


@pytest.mark.parametrize("form", FURTHER)
def test_further_forms_that_models_give_a_translation(form: str) -> None:
    assert read_answer(form.replace("{}", GERMAN), SOURCE, ENG, DEU) == (GERMAN, None)


@pytest.mark.parametrize(
    ("source", "translation", "tgt"),
    [
        ("- Hello", "- Hallo", DEU),
        ("English is a language.", "Англійська — мова.", "ukr_Cyrl"),
        ("Well done 😊", "Gut gemacht 😊", DEU),
        ("He stays (maybe).", "Er bleibt (vielleicht).", DEU),
        ("One. Two.", "Eins.\n\nZwei.", DEU),
        ("The output is four.", "Die Ausgabe: vier.", DEU),
        ("Yes and/or no", "Ja und/oder nein", DEU),
        ("I speak German.", "Ich spreche Deutsch.", DEU),
        ('He calls it "German".', "Er nennt es „Deutsch“.", DEU),
        ("</s> is a token", "</s> ist ein Zeichen", DEU),
        ("English language course for beginners", "Englisch: Sprachkurs für Anfänger", DEU),
        ("None.", "None", "fra_Latn"),
    ],
)
def test_what_looks_like_it_and_is_translation_stays(source: str, translation: str, tgt: str) -> None:
    assert read_answer(translation, source, ENG, tgt) == (translation, None)


REFUSALS = {
    "eng_Latn": ["I'm sorry, but I can't translate that.", "I’m sorry, but I can’t assist with that.",
        "I cannot translate this text.", "As an AI language model, I cannot do that."],
    "deu_Latn": ["Es tut mir leid, aber ich kann dabei nicht helfen.", "Als KI-Sprachmodell kann ich das nicht.",
        "Ich kann diesen Text nicht übersetzen."],
    "fra_Latn": ["Je suis désolé, mais je ne peux pas vous aider.", "En tant qu'IA, je refuse."],
    "spa_Latn": ["Lo siento, pero no puedo ayudarte con eso.", "Como modelo de lenguaje, no opino."],
    "por_Latn": ["Desculpe, mas não posso ajudar com isso."],
    "ita_Latn": ["Mi dispiace, ma non posso aiutarti."],
    "nld_Latn": ["Sorry, maar ik kan je daar niet mee helpen."],
    "swe_Latn": ["Jag är ledsen, men jag kan inte hjälpa till."],
    "pol_Latn": ["Przepraszam, ale nie mogę w tym pomóc."],
    "ces_Latn": ["Omlouvám se, ale nemohu pomoci."],
    "rus_Cyrl": ["Извините, но я не могу помочь с этим.", "К сожалению, я не могу перевести этот текст."],
    "ukr_Cyrl": ["Вибачте, але я не можу допомогти."],
    "ell_Grek": ["Λυπάμαι, αλλά δεν μπορώ να βοηθήσω."],
    "tur_Latn": ["Üzgünüm, ancak bu metni çeviremem."],
    "vie_Latn": ["Xin lỗi, tôi không thể giúp việc này."],
    "ind_Latn": ["Maaf, saya tidak dapat membantu."],
    "arb_Arab": ["عذراً، لا أستطيع المساعدة في ذلك."],
    "hin_Deva": ["क्षमा करें, मैं इसमें मदद नहीं कर सकता।"],
    "tha_Thai": ["ขออภัย ฉันไม่สามารถช่วยได้"],
    "zho_Hans": ["抱歉，我无法翻译这段文字。", "很抱歉，我不能提供帮助。", "作为AI语言模型，我不能这样做。"],
    "jpn_Jpan": ["申し訳ありませんが、お手伝いできません。"],
    "kor_Hang": ["죄송하지만 도와드릴 수 없습니다."],
}  # fmt: skip


@pytest.mark.parametrize(("tag", "answer"), [(tag, a) for tag, found in REFUSALS.items() for a in found])
def test_refusals_in_the_target_language_and_in_another(tag: str, answer: str) -> None:
    source, src = ("Mi hermana toca el piano.", "spa_Latn") if tag == ENG else (SOURCE, ENG)
    assert read_answer(answer, source, src, tag).problem == "refusal"
    other = "fin_Latn" if tag != "fin_Latn" else DEU
    assert read_answer(answer, source, src, other).problem == "refusal"


@pytest.mark.parametrize(
    ("source", "src", "answer", "tgt"),
    [
        ("I'm sorry, but I can't come.", ENG, "Es tut mir leid, aber ich kann nicht kommen.", DEU),
        ("I'm sorry, but I can't translate that.", ENG, "Leider kann ich das nicht übersetzen.", DEU),
        ("Es tut mir leid, ich kann nicht helfen.", DEU, "I'm sorry, I can't help.", ENG),
        ("As an AI, I have no hands.", ENG, "Als KI habe ich keine Hände.", DEU),
        ("Je suis désolé, je ne peux pas venir.", "fra_Latn", "Lo siento, no puedo venir.", "spa_Latn"),
        ("对不起，我不能来。", "zho_Hans", "すみません、行くことができません。", "jpn_Jpan"),
        ("I cannot see it.", ENG, "Ich kann es nicht sehen.", DEU),
        ("I don't know how to swim.", ENG, "Ich kann nicht schwimmen.", DEU),
    ],
)
def test_a_source_that_declines_itself_is_translated(source: str, src: str, answer: str, tgt: str) -> None:
    assert read_answer(answer, source, src, tgt) == (answer, None)


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (SOURCE, "untranslated"),
        (f'Translation: "{SOURCE}"', "untranslated"),
        (SOURCE.upper(), "untranslated"),
        ("", "no_translation"),
        ("...", "no_translation"),
        ('""', "no_translation"),
        ("N/A", "no_translation"),
        ("[blank]", "no_translation"),
        ("(no translation)", "no_translation"),
        ("None", "no_translation"),
        ("Here is the translation:", "no_translation"),
        ("<think>I must translate.</think>", "no_translation"),
        ("Nun gut.\n\n" + "Dann folgt noch sehr viel Gerede. " * 5, "not_alone"),
        (f"| English | German |\n|---|---|\n| {SOURCE} | {GERMAN} |", "not_alone"),
    ],
)
def test_what_is_no_translation(answer: str, problem: str) -> None:
    assert read_answer(answer, SOURCE, ENG, DEU).problem == problem


def test_a_text_left_in_a_script_that_the_target_is_not_written_in_is_untranslated() -> None:
    assert read_answer("我们走", "我们走", "zho_Hans", ENG).problem == "untranslated"
    assert read_answer("Добар дан", "Добар дан", "srp_Cyrl", "srp_Latn").problem == "untranslated"
    assert read_answer("大学", "大学", "zho_Hans", "jpn_Jpan") == ("大学", None)


WORDS = st.sampled_from(
    [
        "der",
        "hund",
        "schläft",
        "мой",
        "дом",
        "我们",
        "去",
        "नमस्ते",
        "दुनिया",
        "مرحبا",
        "γεια",
        "12",
        "3,5",
        "Anna's",
        "l’eau",
    ]
)
PLAIN = st.lists(WORDS, min_size=1, max_size=12).map(" ".join)


@given(PLAIN, PLAIN, st.sampled_from([".", "!", "?", "。", "", " …"]))
def test_a_clean_translation_is_never_changed(text: str, source: str, end: str) -> None:
    if text != source:
        assert cleaned(text + end, source + end, ENG, DEU) == (text + end).strip()


PIECES = st.sampled_from(
    ["Here is the translation:", "Übersetzung:", "German:", "Note:", "(Note: x)", "Hinweis:", "```", "\n", "\n\n", '"',
     "„", "“", "«", "»", "**", "1. ", "2. ", "or:", "(", ")", "[", "]", "<think>", "</think>", "{", "}", ":", "：",
     "ja", "nein", "the cat", "die Katze", "我", "---", "'", "Sure!", "→", ". "]
)  # fmt: skip


@given(st.lists(PIECES, max_size=12), st.lists(PIECES, max_size=6))
def test_cleaning_is_idempotent_and_takes_only_away(answer: list[str], source: list[str]) -> None:
    text, given_source = " ".join(answer), " ".join(source)
    once = cleaned(text, given_source, ENG, DEU)
    assert cleaned(once, given_source, ENG, DEU) == once
    assert len(once) <= len(text)


def test_capitals_of_turkish_are_read_as_turkish() -> None:
    source = "My sister plays the violin very well and she sings."
    assert read_answer("ÜZGÜNÜM, BUNU ÇEVİREMEM.", source, ENG, "tur_Latn").problem == "refusal"
    assert read_answer("I AM SORRY, BUT I CANNOT TRANSLATE IT.", source, ENG, "tur_Latn").problem == "refusal"
    assert read_answer("ışık ve gölge oyunu başladı", "IŞIK ve gölge oyunu başladı", "tur_Latn", ENG).problem == (
        "untranslated"
    )
