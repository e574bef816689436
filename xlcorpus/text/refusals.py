"""Answers of a chat model that are no translation: it declines, or gives the source back."""

from __future__ import annotations

import re

import polars as pl

from xlcorpus import languages
from xlcorpus.text.answer_labels import folded, plain
from xlcorpus.text.casing import small
from xlcorpus.text.scripts import UNICODE_SCRIPTS

_SENTENCE_END = re.compile(r"(?<=[.。!！?？…।።])\s*")

_SORRY = {
    ("eng",): (
        r"i(?:'m|’m| am) (?:very |really |so |truly )?sorry|sorry,|i apologi[sz]e|my apologies|unfortunately, i",
        r"i (?:really )?(?:can't|can’t|cannot|can not|won't)|i(?:'m|’m| am) (?:unable|not able|not comfortable)",
        r"sorry|apolog|unfortunate|regret|afraid|pity|alas|pardon|excuse|forgive|\bcan['’]?t\b|can ?not|could ?n|"
        r"unable|not able|won['’]?t|impossible|incapable",
    ),
    ("deu",): (
        r"(?:es )?tut mir (?:sehr )?leid|entschuldigung|leider|verzeihung",
        r"ich kann (?:\w+ ){0,5}nicht|kann ich (?:\w+ ){0,5}nicht|ich bin nicht in der lage|ich darf "
        r"(?:\w+ ){0,4}nicht",
        r"leid|entschuldig|leider|verzeih|kann\b|können|konnte|unfähig|darf",
    ),
    ("fra",): (
        r"(?:je suis )?(?:sincèrement |vraiment )?désolée?|je m['’]excuse|malheureusement",
        r"je ne (?:peux|puis|suis) pas",
        r"désolé|excus|malheureus|regrett|peux|peut|puis|pouvoir|pouv|incapable",
    ),
    ("spa",): (
        r"lo siento|lamento|disculpa|lamentablemente|perdón",
        r"no puedo|no me es posible|no soy capaz",
        r"siento|lament|disculp|perd[oó]n|pued[oe]|poder|incapaz|pena|desgrac",
    ),
    ("por",): (
        r"desculpe|sinto muito|lamento|peço desculpas?|infelizmente",
        r"(?:eu )?não (?:posso|consigo)",
        r"desculp|sinto|lament|infeliz|posso|pode|consig|perd[aã]o|pena",
    ),
    ("ita",): (
        r"mi dispiace|spiacente|mi scuso|purtroppo",
        r"non (?:posso|riesco|sono in grado)",
        r"dispiac|spiacent|scus|purtroppo|poss|può|riesc|grado",
    ),
    ("nld",): (
        r"(?:het )?spijt me|sorry|helaas",
        r"(?:ik kan|kan ik) (?:\w+ ){0,5}niet",
        r"spijt|sorry|helaas|kan|kunn",
    ),
    ("swe",): (
        r"(?:jag är )?(?:tyvärr|ledsen)|förlåt|beklagar",
        r"jag kan (?:\w+ ){0,2}inte|kan jag (?:\w+ ){0,2}inte",
        r"ledsen|tyvärr|förlåt|beklag|kan\b|kunna",
    ),
    ("dan", "nob", "nno"): (
        r"(?:jeg |eg )?beklager|(?:jeg er )?(?:ked af|lei meg)|desværre|dessverre|undskyld",
        r"(?:jeg|eg) kan (?:\w+ )?ikk(?:e|je)|kan jeg (?:\w+ )?ikke",
        r"beklag|ked af|lei|desv|dess|undskyld|unnskyld|kan|kunne",
    ),
    ("fin",): (
        r"(?:olen )?pahoillani|valitettavasti|anteeksi",
        r"(?:minä )?en (?:voi|pysty)",
        r"pahoill|valitett|anteeksi|en voi|pysty|harmi",
    ),
    ("pol",): (
        r"przepraszam|przykro mi|niestety",
        r"nie mogę|nie jestem w stanie",
        r"przepr|przykro|niestety|mog|stanie|mówić",
    ),
    ("ces", "slk"): (
        r"omlouvám se|je mi líto|bohužel|prepáčte|ospravedlňujem|žiaľ|ľutujem",
        r"nemohu|nemůžu|nemôžem|nedokáž",
        r"omlouv|líto|bohužel|prepáč|ospravedl|žiaľ|ľutuj|nem[oôů]|nedok|promiň",
    ),
    ("hun",): (r"sajnálom|elnézést|sajnos", r"nem tudok|nem tudom|nem fordíthat|nem segíthet", r"sajn|elnéz|bocs|nem"),
    ("ron",): (r"îmi pare rău|ne pare rău|din păcate|scuze", r"nu pot|nu sunt în măsură", r"rău|păcate|scuz|pot|iart"),
    ("rus",): (
        r"извините|простите|к сожалению|прошу прощения|сожалею|мне жаль",
        r"я не (?:могу|в состоянии)|не могу",
        r"извин|прост|прощ|сожал|жаль|могу|может|мочь",
    ),
    ("ukr",): (r"вибачте|на жаль|перепрошую|мені шкода", r"я не можу|не можу", r"вибач|жаль|перепрош|шкода|пробач|мож"),
    ("ell",): (
        r"λυπάμαι|συγγνώμη|δυστυχώς|ζητώ συγγνώμη",
        r"δεν μπορώ|δεν είμαι σε θέση",
        r"λυπ|συγγν|συγν|δυστυχ|μπορ",
    ),
    ("tur",): (
        r"üzgünüm|özür dilerim|maalesef|ne yazık ki",
        r"(?:çevire|yardımcı ola|yapa|yerine getire)m[ei]|mıyorum|miyorum",
        r"üzgün|özür|maalesef|yazık|em[ei]|am[aı]|kusura",
    ),
    ("ind", "zsm"): (r"maaf|mohon maaf|sayangnya", r"saya tidak (?:dapat|bisa|boleh)", r"maaf|sayang|tidak|tak"),
    ("vie",): (r"(?:tôi )?xin lỗi|rất tiếc|tôi rất tiếc", r"tôi không thể", r"xin lỗi|tiếc|không"),
    ("swh",): (r"samahani|pole|naomba radhi", r"siwezi", r"samahani|pole|radhi|siwezi|bahati"),
    ("arb", "arz", "ars", "apc", "ary"): (
        r"عذر[اًا]*|آسف|أعتذر|للأسف|نعتذر|معذرة",
        r"لا (?:أستطيع|يمكنني|أقدر)|لا يمكن",
        r"عذر|آسف|أعتذر|أسف|لا |لن |لم ",
    ),
    ("pes", "prs"): (
        r"متأسفم|ببخشید|متاسفم|متأسفانه|با عرض پوزش",
        r"نمی[\u200c ]?توانم",
        r"متأسف|متاسف|ببخش|پوزش|نمی|معذرت",
    ),
    ("heb",): (
        r"(?:אני )?מצטערת?|סליחה|לצערי|מתנצל",
        r"(?:אני )?לא (?:יכול|יכולה|אוכל)|איני יכול",
        r"מצטער|סליחה|צער|לא |אי",
    ),
    ("hin",): (r"क्षमा करें|मुझे खेद है|माफ़? ?कीजिए|माफ करें|खेद है", r"मैं .{0,60}(?:नहीं|असमर्थ)", r"क्षमा|खेद|माफ|माफ़|नहीं|असमर्थ|दुख"),
    ("ben",): (r"দুঃখিত|আমি দুঃখিত|ক্ষমা করবেন", r"আমি .{0,60}(?:পারি না|পারছি না|পারব না|অক্ষম)", r"দুঃখ|ক্ষমা|না|অক্ষম"),
    ("tha",): (r"ขออภัย|ขอโทษ|เสียใจ", r"ไม่สามารถ", r"ขออภัย|ขอโทษ|เสียใจ|ไม่"),
    ("zho", "yue"): (
        r"(?:非常|很|十分)?(?:抱歉|对不起|對不起|遗憾|遺憾)",
        r"我?(?:无法|不能|無法|没办法|不会)",
        r"抱歉|对不起|對不起|遗憾|遺憾|无法|無法|不|没",
    ),
    ("jpn",): (
        r"(?:大変)?(?:申し訳(?:ありません|ございません)|すみません|ごめんなさい|恐れ入りますが|残念ながら)",
        r"(?:でき|出来)(?:ません|かねます)|いたしかねます",
        r"申し訳|すみません|ごめん|恐れ|残念|ない|ません|ねます",
    ),
    ("kor",): (
        r"죄송(?:합니다|하지만|해요|스럽지만)|미안|유감",
        r"(?:할|번역할|도와드릴|드릴) 수 없|못합니다",
        r"죄송|미안|유감|없|못|않|안 ",
    ),
}
_COMPILED = {isos: tuple(re.compile(p) for p in patterns) for isos, patterns in _SORRY.items()}
SORRY = {iso: patterns for isos, patterns in _COMPILED.items() for iso in isos}
"""By ISO 639-3 code: an apology (at the start), an inability, and what a text that says either has in it. Languages
with the same patterns share the object."""

MACHINE = re.compile(
    r"\bas an? (?:ai\b|artificial|(?:large )?language model)"
    r"|i(?:'m|’m| am) (?:just |only )?an? (?:ai\b|language model)"
    r"|\bals (?:eine? )?(?:ki\b|künstliche|sprachmodell|ai\b|taalmodel)"
    r"|en tant qu['’e] ?(?:une? )?(?:ia\b|intelligence|modèle)"
    r"|como (?:una? |uma? )?(?:ia\b|modelo de (?:lenguaje|linguagem|ia)|inteligencia art|inteligência art)"
    r"|(?:come|in quanto|essendo un) (?:una? )?(?:ia\b|modello|intelligenza art)"
    r"|как (?:ии\b|языковая модель|искусственный)"
    r"|як (?:ші\b|мовна модель|штучний)|jako (?:ai\b|model|sztuczna|jazykový|umělá)"
    r"|som en? (?:ai\b|språkmodell|sprogmodel)"
    r"|(?:bir )?(?:yapay zek[aâ]|dil modeli) olarak"
    r"|(?:là )?một (?:mô hình ngôn ngữ|ai\b|trí tuệ)|sebagai (?:ai\b|model bahasa|kecerdasan)"
    r"|tekoälynä|kielimallina|ως (?:μοντέλο|τεχνητή)"
    r"|nyelvi modellként|mesterséges intelligenciaként|ca (?:ia\b|model)"
    r"|كنموذج|بصفتي نموذج|كذكاء|כמודל שפה|כבינה|به عنوان یک (?:مدل|هوش)|एक (?:एआई|ai\b|भाषा मॉडल)"
    r"|作[为為](?:一[个個名])?(?:ai|人工智[能慧]|(?:大型)?[语語]言模型)"
    r"|aiとして|言語モデルとして|ai ?로서|(?:ai )?언어 ?모델(?:로서|이)|인공지능"
)
"""A model that speaks of itself."""
MACHINE_WORDS = re.compile(
    r"\bai\b|\bki\b|\bia\b|\bии\b|artificial|artific|artifiz|künstlich|language model|modell?e|modelo|модел|искусств|"
    r"штучн|人工智|模型|モデル|知能|모델|인공지능|yapay|mô hình|trí tuệ|kecerdasan|"
    r"model|نموذج|ذكاء|مدل|هوش|מודל|בינה|मॉडल|एआई"
)
"""What a source has in it that speaks of such a machine itself."""
TRANSLATING = re.compile(
    r"translat|übersetz|tradu[cizt]|tradott|vertal|vertaa|översätt|overs[æe]t|käänt|käänn|fordít|tłumacz|přelož|překl|prelož|"
    r"prekl|prev[oe][dj]|перевод|перевес|переклад|перекла|превод|μεταφρ|çevir|terjemah|dịch|tafsir|ترجم|תרג|अनुवाद|অনুবাদ|"
    r"மொழிபெயர்|แปล|翻[译譯訳]|[译譯訳]|번역|itzul|аудар|tarjim|tərcüm|tõlk|tõlg|tulko|versti|vertim"
)
"""Stems of "translate", in an answer and in a source."""


def is_refusal(answer: str, source: str, src_lang: str, tgt_lang: str) -> bool:
    """Whether the model declines instead of translating.

    An answer that speaks of itself as a machine, or of not being able to translate, is a refusal unless the source
    speaks of such things too. "I'm sorry, but I can't ..." is one in another language than the target's, and in the
    target's if the source has neither an apology nor an inability; of source languages without a list in
    `answer_SORRY` that cannot be known, and the answer counts as a translation.
    """
    # Both may be in another language than they should: they are read with its small letters, and with those of none.
    whole = f"{source.lower()}\n{small(source, src_lang)}"
    answers = dict.fromkeys((plain(answer), plain(small(answer, tgt_lang))))
    return any(_declines(read[:300], whole, src_lang, tgt_lang) for read in answers)


def _declines(start: str, whole: str, src_lang: str, tgt_lang: str) -> bool:
    """`is_refusal` of the beginning of an answer to a source, both in small letters."""
    if MACHINE.search(start) and not MACHINE_WORDS.search(whole):
        return True
    sentences = [s for s in _SENTENCE_END.split(start) if s][:3]
    own, of_source = SORRY.get(languages.iso639_3(tgt_lang)), SORRY.get(languages.iso639_3(src_lang))
    said = of_source is None or of_source[2].search(whole) is not None
    for patterns in SORRY.values():
        apology, inability, _ = patterns
        unable = next((s for s in sentences if inability.search(s)), None)
        if unable is None:
            continue
        apologises = apology.match(start) is not None
        declines = apologises or inability.match(start) is not None
        if declines and TRANSLATING.search(unable) and not TRANSLATING.search(whole):
            return True
        if (declines and patterns is not own) or (apologises and not said):
            return True
    return False


def is_untranslated(text: str, source: str, src_lang: str, tgt_lang: str) -> bool:
    """Whether the source came back, case, punctuation and spaces apart, though it should have changed.

    Names, numbers and single words ("Angela Merkel", "iPhone 15", "Taxi") are the same in many languages. What should
    have changed: a text of three words or more that begin with a small letter, and a text with letters in a script that
    the target language is not written in. Not asked of two tags of one (macro-)language in one script.
    """
    same = any(folded(small(text, lang)) == folded(small(source, lang)) for lang in (src_lang, tgt_lang))
    if not same or not folded(source):
        return False
    if languages.script(src_lang) == languages.script(tgt_lang) and languages.same_language(src_lang, tgt_lang):
        return False
    uncapitalised = sum(word[0].islower() for word in re.findall(r"[^\W\d_]+", source))
    return uncapitalised >= 3 or _foreign_script(source, tgt_lang)


def _foreign_script(text: str, tgt_lang: str) -> bool:
    """Whether a text has letters, none of them in a script of the language (or in Latin, as names and units are)."""
    scripts = UNICODE_SCRIPTS.get(languages.script(tgt_lang), ())
    if not scripts:
        return False
    own = "".join(rf"\p{{{s}}}" for s in (*scripts, "Latin"))
    column = pl.lit(text)
    return bool(pl.select(column.str.contains(r"\p{L}") & ~column.str.contains(rf"[{own}]")).item())
