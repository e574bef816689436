"""Words by which the parts of a chat model's answer are told apart: labels, prefaces, notes.

Lower case; matched as `xlcorpus.text.answer_labels` says. A language that is missing here loses no translation: its
answers are cleaned by their form (code fences, quotation marks, the source repeated) and by the English words alone.
"""

from __future__ import annotations

TRANSLATION = (
    "translation", "translated text", "translates to", "translates as", "translated", "translate",
    "übersetzung", "übersetzt", "traduction", "traduit", "traducción", "traduccion", "tradução", "traducao",
    "traduzione", "tradotto", "traducció", "tradución", "traducere", "traducerea", "vertaling", "vertaald",
    "översättning",
    "översättningen", "oversættelse", "oversættelsen", "oversettelse", "oversettelsen", "þýðing", "käännös", "tõlge",
    "tulkojums", "vertimas", "fordítás", "fordítása", "tłumaczenie", "překlad", "preklad", "prijevod", "prevod",
    "превод", "перевод", "переклад", "пераклад", "μετάφραση", "çeviri", "çevirisi", "tərcümə", "tarjima", "аударма",
    "terjemahan", "terjemahannya", "bản dịch", "salin", "pagsasalin", "tafsiri", "fassara", "itzulpena", "përkthimi",
    "cyfieithiad", "aistriúchán", "traduko", "vertaling", "թարգմանություն", "თარგმანი", "תרגום", "התרגום", "ترجمة",
    "الترجمة", "ترجمه", "ترجمہ", "अनुवाद", "भाषांतर", "অনুবাদ", "ਅਨੁਵਾਦ", "અનુવાદ", "மொழிபெயர்ப்பு", "అనువాదం",
    "ಅನುವಾದ", "വിവർത്തനം", "පරිවර්තනය", "คำแปล", "การแปล", "翻译", "翻譯", "译文", "譯文", "翻訳", "訳文", "日本語訳",
    "번역", "번역문", "ትርጉም",
)  # fmt: skip
"""How languages say "translation", as a label does."""

ENGLISH_OPENERS = (
    "here is", "here's", "here’s", "here are", "here you go", "sure", "certainly", "of course", "absolutely", "okay",
    "below is", "the following", "the translation",
)  # fmt: skip
OPENERS = (
    *ENGLISH_OPENERS,
    "hier ist", "hier sind", "hier die", "natürlich", "gerne", "gern",
    "selbstverständlich", "klar", "voici", "voilà", "bien sûr", "certainement", "d'accord", "aquí", "aqui", "he aquí",
    "esta es", "claro", "por supuesto", "desde luego", "esta é", "com certeza", "segue", "ecco", "certo", "certamente",
    "hier is", "natuurlijk", "här är", "självklart", "her er", "selvfølgelig", "tässä", "toki", "itt van", "íme",
    "természetesen", "oto", "oczywiście", "zde je", "tady je", "samozřejmě", "iată", "desigur", "вот", "конечно",
    "ось", "звичайно", "ето", "ορίστε", "φυσικά", "εδώ είναι", "işte", "tabii", "elbette", "berikut", "tentu",
    "đây là", "dưới đây", "tất nhiên", "hii hapa", "hii ni", "bila shaka", "إليك", "فيما يلي", "بالطبع", "هنا", "הנה",
    "בטח", "כמובן", "در اینجا", "البته", "यहाँ", "यह रहा", "बिल्कुल", "ज़रूर", "এখানে", "இதோ", "นี่คือ", "ได้เลย",
    "以下是", "当然", "當然", "好的", "这是", "這是", "以下", "はい", "もちろん", "こちら", "다음은", "물론", "여기",
)  # fmt: skip
"""How an answer begins that has a preface."""

NOTES = (
    "notes", "note", "please note", "n.b.", "nb", "explanation", "translator's note", "translator’s note", "comment",
    "context",
    "breakdown", "vocabulary", "key vocabulary", "grammar", "grammar notes", "translation notes", "p.s.",
    "word-by-word", "literal translation", "pronunciation", "transliteration", "romanization",
    "romanisation", "pinyin", "romaji", "hinweise", "hinweis", "anmerkungen", "anmerkung", "erklärung", "erläuterung",
    "bemerkung", "aussprache", "umschrift", "remarques", "remarque", "explication", "prononciation", "notas", "nota",
    "explicación", "aclaración", "observación", "pronunciación", "explicação", "observação", "obs", "spiegazione",
    "osservazione", "opmerking", "toelichting", "uitleg", "let op", "anmärkning", "förklaring", "bemærk",
    "bemærkning", "forklaring", "merknad", "merk", "huomautus", "huomio", "huom", "selitys", "märkus", "selgitus",
    "piezīme", "pastaba", "paaiškinimas", "megjegyzés", "magyarázat", "uwaga", "uwagi", "wyjaśnienie", "poznámka",
    "vysvětlení", "vysvetlenie", "napomena", "objašnjenje", "opomba", "забележка", "обяснение", "напомена",
    "примечание", "примечания", "пояснение", "объяснение", "комментарий", "примітка", "пояснення", "заўвага", "notă",
    "explicație", "σημείωση", "εξήγηση", "not", "açıklama", "qeyd", "izoh", "ескерту", "catatan", "penjelasan",
    "nota bene", "lưu ý", "ghi chú", "chú thích", "giải thích", "tandaan", "paliwanag", "kumbuka", "maelezo",
    "oharra", "shënim", "nodyn", "nóta", "ծանոթություն", "შენიშვნა", "הערה", "הסבר", "ملاحظة", "ملاحظات", "شرح",
    "توضيح", "توجه", "توضیح", "یادداشت", "نوٹ", "وضاحت", "नोट", "टिप्पणी", "टीप", "व्याख्या", "নোট", "দ্রষ্টব্য",
    "ব্যাখ্যা", "ਨੋਟ", "નોંધ", "குறிப்பு", "விளக்கம்", "గమనిక", "ಸೂಚನೆ", "കുറിപ്പ്", "සටහන", "หมายเหตุ",
    "คำอธิบาย", "注意", "注释", "注釋", "说明", "說明", "解释", "解釋", "备注", "備註", "拼音", "注", "補足", "説明",
    "解説", "備考", "注記", "読み方", "참고", "설명", "주의", "발음", "주", "ማስታወሻ",
)  # fmt: skip
"""Labels of what stands behind a translation."""

REMARKS = (
    "this translation", "the translation", "in this translation", "i have translated", "i've translated",
    "i translated", "i used", "i hope", "let me know", "please let me know", "feel free", "if you need",
    "if you'd like",
    "if you would like", "would you like", "note that", "please note", "this is a literal", "literally",
    "diese übersetzung", "die übersetzung", "ich hoffe", "ich habe", "bitte beachten", "falls sie", "wenn sie",
    "cette traduction", "j'espère", "n'hésitez", "esta traducción", "espero que", "esta tradução", "questa traduzione",
    "spero che", "этот перевод", "надеюсь", "если вам", "希望", "如果您", "如需", "この翻訳", "이 번역",
)  # fmt: skip
"""How a paragraph begins that talks about the translation before it."""

ALTERNATIVES = (
    "or", "or, ", "alternatively", "alternative", "alternatives", "another option", "other options", "oder",
    "alternativ", "ou", "ou bien", "o bien", "o también", "alternativa", "alternativamente", "oppure", "of",
    "alternatief", "eller", "tai", "vagy", "lub", "albo", "nebo", "ili", "или", "иначе", "або", "sau", "ή", "veya",
    "ya da", "atau", "hoặc", "au", "أو", "או", "یا", "या", "অথবা", "அல்லது", "หรือ", "或者", "或", "または", "또는",
)  # fmt: skip
"""Labels of a further translation offered."""

VERSIONS = (
    "option", "variant", "version", "alternative", "translation", "formal", "informal", "literal", "polite", "casual",
    "neutral", "natural", "möglichkeit", "variante", "übersetzung", "formell", "informell", "höflich", "wörtlich",
    "opción", "opção", "opzione", "formel", "informel", "formale", "informale", "traducción", "traduction", "optie",
    "alternativ", "wariant", "opcja", "možnost", "вариант", "варіант", "официально", "seçenek", "resmi", "opsi",
    "pilihan", "lựa chọn", "خيار", "विकल्प", "选项", "选择", "版本", "選項", "選択肢", "案", "옵션",
)  # fmt: skip
"""Labels of the items where an answer offers several translations as a list."""

NOTHING = frozenset(
    {"na", "blank", "empty", "notranslation", "notranslationavailable", "notapplicable", "untranslatable"}
)
"""Answers that say that there is no translation, in letters alone."""

NOTHING_LONGER = frozenset({"none", "null", "nil", "nan", "undefined", "nothing"})
"""The same, where the source is longer than what these words may translate."""
