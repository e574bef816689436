"""Translation instructions in the language of the text to translate: templates, and filling them."""

from __future__ import annotations

import re
from functools import lru_cache

import polars as pl

from xlcorpus import languages
from xlcorpus.row_random import draws
from xlcorpus.steps.instruct.script_names import SCRIPTS

FALLBACK = "eng_Latn"
"""Language of the instruction where there are no templates in the language of the text."""

# Language names come in the nominative; each sentence is built so that it needs no other form of them.
TEMPLATES: dict[str, tuple[str, ...]] = {
    "eng_Latn": (
        "Translate the following text from {source} into {target}.\n\n{text}",
        "What is this in {target}?\n\n{text}",
        "{text}\n\nPlease put the {source} text above into {target}.",
        "How would you say this in {target}: {text}",
        "Give me a {target} translation of this {source} sentence:\n{text}",
        "I need this in {target}, and it should sound natural.\n\n{text}",
    ),
    "deu_Latn": (
        "Übersetze den folgenden Text. Ausgangssprache: {source}, Zielsprache: {target}.\n\n{text}",
        "Wie heißt das auf {target}?\n\n{text}",
        "{text}\n\nBitte gib diesen Text auf {target} wieder.",
        "Wie würde man das auf {target} sagen: {text}",
        "Ich brauche den folgenden Text auf {target}, und er soll natürlich klingen:\n{text}",
    ),
    "spa_Latn": (
        "Traduce el siguiente texto del {source} al {target}.\n\n{text}",
        "¿Cómo se dice esto en {target}?\n\n{text}",
        "{text}\n\nPor favor, pasa el texto anterior al {target}.",
        "Necesito esta frase en {target} y que suene natural:\n{text}",
        "Escribe en {target} lo que dice aquí: {text}",
    ),
    "fra_Latn": (
        "Traduis le texte suivant en {target}.\n\n{text}",
        "Comment dit-on cela en {target} ?\n\n{text}",
        "{text}\n\nPeux-tu me donner ce texte en {target} ?",
        "Langue du texte : {source}. Langue souhaitée : {target}. Traduis :\n{text}",
        "J'ai besoin de cette phrase en {target}, dans un style naturel : {text}",
    ),
    "rus_Cyrl": (
        "Переведи этот текст на {target}.\n\n{text}",
        "Как это будет на другом языке? Нужен {target}.\n\n{text}",
        "{text}\n\nПожалуйста, переведи текст выше. Язык перевода: {target}.",
        "Исходный язык: {source}. Язык перевода: {target}. Текст:\n{text}",
        "Сделай, пожалуйста, естественный перевод на {target}: {text}",
    ),
    "hin_Deva": (
        "नीचे दिए गए पाठ का {target} में अनुवाद कीजिए।\n\n{text}",
        "इसे {target} में कैसे कहेंगे?\n\n{text}",
        "{text}\n\nकृपया ऊपर लिखी बात {target} में लिखिए।",
        "मुझे यह वाक्य {target} में चाहिए, और वह स्वाभाविक लगे:\n{text}",
        "मूल भाषा: {source}। अनुवाद की भाषा: {target}। वाक्य: {text}",
    ),
    "zho_Hans": (
        "请把下面这段{source}翻译成{target}。\n\n{text}",
        "这句话用{target}怎么说？\n\n{text}",
        "{text}\n\n请将上面的内容译成{target}。",
        "我需要这句话的{target}版本，要读起来自然：\n{text}",
        "用{target}写出下面的意思：{text}",
    ),
    "por_Latn": (
        "Traduza o texto a seguir do {source} para o {target}.\n\n{text}",
        "Como se diz isto em {target}?\n\n{text}",
        "{text}\n\nPor favor, passe o texto acima para o {target}.",
        "Preciso desta frase em {target}, e ela deve soar natural:\n{text}",
        "Escreva em {target} o que está aqui: {text}",
    ),
    "ita_Latn": (
        "Traduci il testo seguente in {target}.\n\n{text}",
        "Come si dice questo in {target}?\n\n{text}",
        "{text}\n\nPer favore, riscrivi il testo qui sopra in {target}.",
        "Lingua di partenza: {source}. Lingua di arrivo: {target}. Testo:\n{text}",
        "Mi serve questa frase in {target}, e deve suonare naturale: {text}",
    ),
    "arb_Arab": (
        "ترجم النص التالي من {source} إلى {target}.\n\n{text}",
        "كيف نقول هذا ب{target}؟\n\n{text}",
        "{text}\n\nمن فضلك انقل النص أعلاه إلى {target}.",
        "أحتاج إلى ترجمة هذه الجملة إلى {target} بأسلوب طبيعي:\n{text}",
        "اللغة الأصلية: {source}. لغة الترجمة: {target}. النص: {text}",
    ),
    "jpn_Jpan": (
        "次の{source}の文を{target}に翻訳してください。\n\n{text}",
        "これは{target}で何と言いますか。\n\n{text}",
        "{text}\n\n上の文を{target}に訳してください。",
        "この文を自然な{target}にしてください。\n{text}",
        "次の内容を{target}で書いてください：{text}",
    ),
}
"""Our own wording. Each begins or ends with `{text}` and names `{target}` once, `{source}` at most once."""


def add_prompts(rows: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Add a translation instruction for every row.

    Args:
        rows: with the columns `id`, `text` (what to translate), `src_lang`, `tgt_lang`.
        seed: of the pipeline; with the row's id and target language it chooses the template.

    Returns:
        the rows with `prompt`, `prompt_lang` and `instruct_template` ("deu_Latn/2"), in their order.
    """
    pairs = rows.select("src_lang", "tgt_lang").unique(maintain_order=True)
    filled = pl.DataFrame(
        [piece for src_lang, tgt_lang in pairs.iter_rows() for piece in _filled(src_lang, tgt_lang)],
        schema=dict.fromkeys(("src_lang", "tgt_lang", "prompt_lang", "_before", "_after"), pl.String)
        | {"_choice": pl.Int64},
        orient="row",
    )
    # One hash per row; see row_random.
    chosen = [
        int(
            draws(row_id, seed, f"translation prompt {tgt_lang}", 1)[0]
            * len(TEMPLATES[prompt_lang(src_lang, tgt_lang)])
        )
        for row_id, src_lang, tgt_lang in rows.select("id", "src_lang", "tgt_lang").iter_rows()
    ]
    return (
        rows.with_columns(pl.Series("_choice", chosen, dtype=pl.Int64))
        .join(filled, on=["src_lang", "tgt_lang", "_choice"], how="left", maintain_order="left")
        .with_columns(
            prompt=pl.concat_str("_before", "text", "_after"),
            instruct_template=pl.format("{}/{}", "prompt_lang", "_choice"),
        )
        .drop("_before", "_after", "_choice")
    )


def prompt_lang(src_lang: str, tgt_lang: str) -> str:
    """Language of the instructions for texts of a language: that language, where it has templates and names for both
    languages; else English."""
    named = src_lang in TEMPLATES and language_name(src_lang, src_lang) and language_name(tgt_lang, src_lang)
    return src_lang if named else FALLBACK


@lru_cache(maxsize=4096)
def language_name(tag: str, in_lang: str) -> str | None:
    """A language's name as `in_lang` calls it, with an unusual script: ("deu_Latn", "fra_Latn") -> "allemand",
    ("srp_Latn", "por_Latn") -> "sérvio (alfabeto latino)".

    None where `in_lang` has no name for the language or no words for the script. English has all.
    """
    if in_lang == FALLBACK:
        return languages.name(tag)
    name = languages.in_language(tag, in_lang)
    if name is None or languages.script(tag) == languages.default_script(tag):
        return name
    written = SCRIPTS.get(in_lang, {}).get(languages.script(tag))
    brackets = "{}（{}）" if in_lang in ("zho_Hans", "jpn_Jpan") else "{} ({})"
    return brackets.format(name, written) if written else None


def _filled(src_lang: str, tgt_lang: str) -> list[tuple[str, str, str, str, str, int]]:
    """Every template with its languages named, cut where the text goes."""
    lang = prompt_lang(src_lang, tgt_lang)
    names = {"source": language_name(src_lang, lang), "target": language_name(tgt_lang, lang)}
    cut = [template.split("{text}") for template in TEMPLATES[lang]]
    return [
        (src_lang, tgt_lang, lang, _inflected(before, names), _inflected(after, names), index)
        for index, (before, after) in enumerate(cut)
    ]


def _inflected(part: str, names: dict[str, str | None]) -> str:
    """A part of a template with the names put in; German has the dative after "auf" ("auf Ägyptischem Arabisch")."""
    if "auf {target}" in part and names["target"]:
        names = names | {"target": re.sub(r"^([\w-]+)es (?=[A-ZÄÖÜ])", r"\1em ", names["target"])}
    return part.format(**names)
