"""Function words of many languages: what nearly every text of a language has, and menus, dumps and random letters lack.

Written from knowledge of the languages, not counted in a corpus. Languages are left out whose function words are parts
of other words (Korean, Tamil, Georgian, Zulu) or that the lists were not tried on: a wrong list would cost a language
all of its text. `xlcorpus calibrate` counts stop words of any language in reference text.
"""

from __future__ import annotations

_WORDS = {
    "afr_Latn": "die en van in is het nie dat om vir met op te word aan by wat sy hy ek as",
    "als_Latn": "dhe të e i në me një për nga që se si është nuk ka do kjo ky por edhe",
    "arb_Arab": (
        "في من على إلى أن هذا هذه التي الذي عن مع ما لا أو و كان كل بعد قبل هو هي ثم إذا لم قد بين غير "
        "عند حتى لكن إن كما"
    ),
    "bel_Cyrl": (
        "і ў на не з што як да па для гэта але ён яна я ты мы за ад так яго "
        "пра без праз гэты гэтай які якія калі таксама толькі можна яшчэ ужо вы яны іх або"
    ),
    "bos_Latn": "i u je da na se za su od koji ne s kao to ili ali sa će što iz nije",
    "bul_Cyrl": (
        "и на в за да се не от с е по че са като до които или този как към "
        "без при през тази това тези който която ако също само може ще си те той тя но"
    ),
    "cat_Latn": "de la i el que en a per un una els les amb no és del es al o com més aquest",
    "ceb_Latn": "sa ang nga ug mga si kay ni og siya ako dili kini niini usa wala",
    "ces_Latn": "a v se na je že s z do to o pro i k ve jako si nebo ale po které by jsem od není",
    "cym_Latn": "y yn a i o ar yr ei mae oedd i'r am gan er ond wedi bod hi fe nid",
    "dan_Latn": "og i at det er en til på med af for den der ikke et som de har fra eller kan om",
    "deu_Latn": (
        "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an "
        "werden aus er hat dass sie nach bei oder wird sind wie einer einen einem"
    ),
    "ell_Grek": "και το να του η της με για από σε την που ο τα στο οι είναι των δεν θα στην ή μια ένα",
    "eng_Latn": (
        "the of and to in a is that for it as was with on by at be this are or from an which not have he "
        "his i you we they but has had were their if can will all"
    ),
    "epo_Latn": "la kaj de en estas al ne por li mi ke per kun kiu sed tio ĝi ili pri aŭ unu",
    "est_Latn": "ja on ei see et ta oli kui ka aga mis ma või ning oma kes selle mille seda",
    "eus_Latn": "eta da ez bat du dira zen bere ere izan baina edo hau hori egin zuen dute den",
    "fas_Arab": "و در به از که این را با است برای آن یک تا بر هم می شود یا خود شده کرد هر اما بود",
    "fin_Latn": "ja on ei se että oli kun hän mutta myös tai joka ovat sen olla ole ne kuin jos tämä niin",
    "fra_Latn": (
        "de la le et les des en un une du que est pour dans qui par sur au pas il plus avec ne ce se "
        "sont ou aux son à elle je vous nous être d'un d'une c'est qu'il"
    ),
    "gle_Latn": "an na agus a i ar go le is tá sé do bhí ag ní ach mar seo sin air nó",
    "glg_Latn": "de a o e que en do da un unha os no na para con se por as non é como máis ou",
    "hau_Latn": "da a na ta ya ne ce su don wannan ba shi ko cikin za wani an kuma sai",
    "heb_Hebr": "של את על לא הוא זה עם היא כי או אם גם כל אני לו יש אל היה מה אבל רק בין אשר",
    "hin_Deva": ("के में की है का से को और पर यह ने एक हैं कि या नहीं था जो लिए इस तो भी कर करें करने हो वह थे साथ अपने किसी"),
    "hrv_Latn": "i u je da na se za su od koji ne s kao to ili ali sa će što iz nije",
    "hun_Latn": "a az és hogy nem is egy ez volt de van meg csak ha vagy mint már el ki még ezt",
    "hye_Armn": "և է որ մեջ են այս համար մի հետ իր նա բայց թե կամ ոչ եմ որը եւ այն",
    "ind_Latn": (
        "yang dan di dari untuk dengan ini itu pada tidak dalam adalah ke akan juga atau sebuah oleh "
        "saya dia mereka bisa ada sebagai anda"
    ),
    "isl_Latn": "og í að á er sem til við um það ekki var en hann fyrir með af hún ég þetta eru",
    "ita_Latn": (
        "di e il la che in a un per è non una del con si da i le dei come al della ma sono più lo gli ha nel o"
    ),
    "jav_Latn": "lan ing sing iku ana karo kang saka ora dadi kanggo marang utawa iki aku wis",
    "jpn_Jpan": (
        "の は に を が と で て も た する し こと から この です ます など れ い な "
        "その または ない ある いる か へ まで"
    ),
    "lav_Latn": "un ir ar ka no uz par tas kas bet nav vai to es viņš tika arī pie",
    "lit_Latn": "ir yra kad su į iš tai ne bet kaip jis ar buvo po aš už dėl jo",
    "ltz_Latn": "an de déi den vun ass op fir net mat eng en ze dat sech hunn dass oder",
    "mar_Deva": "आहे आणि या व हे एक तो ती ते आहेत पण नाही की मी होते होता केले साठी किंवा काही",
    "mkd_Cyrl": "на и во да се од за е со не што ги го како по или но",
    "mlt_Latn": "il li ta u fil hija ma biex minn għal huwa din dan jew",
    "mri_Latn": "te ki o ko i he ngā e a nei me tēnei ka mai kua",
    "nld_Latn": (
        "de van en het een in is dat op te zijn voor met niet die aan er om ook als hij door of naar bij ik uit"
    ),
    "nob_Latn": "og i det er på til at en som for med av ikke den et de har jeg fra eller om kan",
    "nno_Latn": "og i det er på til at ein som for med av ikkje den eit dei har eg frå eller om kan",
    "pan_Guru": "ਦੇ ਹੈ ਵਿੱਚ ਦਾ ਦੀ ਅਤੇ ਨੂੰ ਇਹ ਤੋਂ ਇੱਕ ਨੇ ਹਨ ਲਈ ਕਿ ਨਹੀਂ ਜਾਂ ਸੀ ਉਹ",
    "pol_Latn": "w i na z się nie do to że jest o jak po od za przez ale co czy ma są tym dla lub jego",
    "por_Latn": "de a o que e do da em um para com não uma os no se na por mais as dos como mas ao é ou sua são",
    "ron_Latn": "de și în a la cu pe să o că nu un este din pentru mai care au sau se ce fi",
    "rus_Cyrl": (
        "и в на не что с по как это он она к из для у от за но я то все так или его при был быть о если может "
        "до без под над об обо во со же бы только через этот эта эти эту этого который которые можно ещё уже "
        "мы вы они их нет"
    ),
    "slk_Latn": "a v sa na je že s z do to o pre aj k ako si alebo ale po ktoré by som od nie",
    "slv_Latn": "in je v na se da za so ki z pa po s od ne ali kot tudi bi sem iz",
    "smo_Latn": "le i o e ma ia lea a te ua na se",
    "spa_Latn": (
        "de la que el en y a los se del las un por con no una para es al lo como más o su pero sus le este si ha sin"
    ),
    "srp_Cyrl": "и у је да на се за су од који не с као то или али са ће што из није",
    "srp_Latn": "i u je da na se za su od koji ne s kao to ili ali sa će što iz nije",
    "sun_Latn": "anu jeung nu di ka teu ieu aya ku keur kana dina sareng atawa",
    "swe_Latn": "och i att det är en på som för med av inte den till ett han om har de jag från eller kan",
    "swh_Latn": "ya na wa kwa ni katika la za kuwa yake hii cha hiyo kama ili au lakini hii si yeye",
    "tgl_Latn": "ang ng sa na mga at ay si para ito hindi siya ako kung o may isang niya",
    "tha_Thai": "ที่ และ ใน การ เป็น มี ของ ไม่ ได้ จะ ให้ ว่า จาก ไป กับ นี้ โดย หรือ คน แล้ว มา อยู่ ด้วย ความ",
    "tur_Latn": ("ve bir bu için ile de da olan olarak çok daha gibi o ne var en ya sonra kadar değil ben her veya"),
    "ukr_Cyrl": (
        "і в на не що з у як до та за для це від він вона я але по або його є те так "
        "під про без при через цей ця ці цього який які якщо також тільки бути можна ще вже ми ви вони їх"
    ),
    "urd_Arab": "کے میں کی ہے کا سے کو اور پر یہ نے ایک ہیں کہ یا نہیں تھا جو لیے اس تو بھی کر وہ",
    "vie_Latn": "và là của có không được cho một trong các với người này đã những để khi từ đó tôi về hay ở",
    "zho_Hans": ("的 是 在 了 和 有 不 我 这 他 也 就 一个 人 到 或 与 要 从 中 对 你 为 它 都 说 并 用 将 以"),
    "zho_Hant": ("的 是 在 了 和 有 不 我 這 他 也 就 一個 人 到 或 與 要 從 中 對 你 為 它 都 說 並 用 將 以"),
    "zsm_Latn": (
        "yang dan di untuk dengan ini itu pada tidak dalam adalah ke akan juga atau oleh saya dia mereka boleh ada"
    ),
}

STOP_WORDS: dict[str, list[str]] = {tag: sorted(set(words.split())) for tag, words in _WORDS.items()}
"""By tag."""
