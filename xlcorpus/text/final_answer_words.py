"""How languages announce an answer: "the answer is", "Antwort:", "答案是". Lower case."""

from __future__ import annotations

ANSWER = (
    "final answer", "answer", "answers", "ans", "result", "endgültige antwort", "antwort", "ergebnis", "lösung",
    "réponse", "résultat", "respuesta", "resultado", "resposta", "risposta", "risultato", "resposta final", "răspuns",
    "răspunsul", "rezultatul", "antwoord", "uitkomst", "svar", "svaret", "resultat", "resultatet", "svarið", "vastaus",
    "tulos", "vastus", "atbilde", "atsakymas", "válasz", "a válasz", "eredmény", "odpowiedź", "odpowiedz", "wynik",
    "odpověď", "výsledek", "odpoveď", "výsledok", "odgovor", "rezultat", "одговор", "отговор", "отговорът", "ответ",
    "результат", "відповідь", "адказ", "απάντηση", "αποτέλεσμα", "cevap", "cevabı", "yanıt", "sonuç", "cavab", "javob",
    "жауап", "жооп", "хариулт", "jawaban", "jawabannya", "jawapan", "hasilnya", "đáp án", "câu trả lời", "kết quả",
    "đáp số", "sagot", "ang sagot", "jibu", "majibu", "amsa", "idahun", "impendulo", "igisubizo", "erantzuna",
    "përgjigja", "ateb", "freagra", "respondo", "պատասխան", "პასუხი", "תשובה", "התשובה", "الجواب", "جواب",
    "الإجابة", "إجابة", "الاجابة", "النتيجة", "پاسخ", "نتیجه", "ځواب", "وەڵام", "उत्तर", "जवाब", "परिणाम", "उत्तर है",
    "जबाफ", "উত্তর", "উত্তরটি", "ਜਵਾਬ", "ਉੱਤਰ", "જવાબ", "ଉତ୍ତର", "பதில்", "விடை", "సమాధానం", "జవాబు", "ಉತ್ತರ", "ഉത്തരം",
    "පිළිතුර", "คำตอบ", "ตอบ", "เฉลย", "ຄຳຕອບ", "ចម្លើយ", "အဖြေ", "མཐར་ལན", "答案", "回答", "答", "結果", "结果",
    "答え", "解答", "正解", "정답", "답", "답변", "መልስ", "መልሱ", "ምላሽ",
)  # fmt: skip
"""How languages say "answer" and "result", as they stand before one."""

COPULAS = (
    "is", "are", "equals", "would be", "will be", "should be", "ist", "lautet", "beträgt", "wäre", "est", "es", "é",
    "è", "este", "e", "is dus", "är", "er", "on", "ole", "ir", "yra", "jest", "to", "je", "е", "это", "—", "є", "είναι",
    "adalah", "ialah", "yaitu", "là", "ay", "ni", "shine", "ni:", "da", "është", "yw", "է", "არის", "הוא", "היא", "هو",
    "هي", "است", "برابر است با", "ہے", "है", "आहे", "हो", "হল", "হলো", "হচ্ছে", "ਹੈ", "છે", "คือ", "เท่ากับ", "ແມ່ນ", "គឺ",
    "は", "が", "是", "为", "為", "即", "等于", "等於", "은", "는", "이", "가", "ነው",
)  # fmt: skip
"""What stands between that word and the answer."""

OPTION = (
    "option", "choice", "opción", "opção", "opzione", "optie", "antwortmöglichkeit", "auswahl", "alternativ",
    "alternative", "alternativa", "вариант", "варіант", "επιλογή", "seçenek", "şık", "pilihan", "phương án", "lựa chọn",
    "chaguo", "الخيار", "خيار", "گزینه", "אפשרות", "विकल्प", "বিকল্প", "ਵਿਕਲਪ", "વિકલ્પ", "விருப்பம்", "ఎంపిక", "ಆಯ್ಕೆ",
    "ഓപ്ഷൻ", "ข้อ", "ตัวเลือก", "ຂໍ້", "ជម្រើស", "选项", "選項", "選択肢", "선택지", "보기", "ምርጫ",
)  # fmt: skip
"""How languages call one of the options."""

ENDINGS = (
    "です", "である", "でした", "だ", "입니다", "이다", "이에요", "예요", " है", " हैं", " हो", " आहे", " ہے", " ہیں",
    " است", " ነው", " ஆகும்", " ఉంది", " ആണ്", " ਹੈ", " છે",
)  # fmt: skip
"""Copulas that stand behind an answer, where the verb comes last."""

CONJUNCTIONS = (
    "and", "because", "since", "not", "but", "und", "weil", "da", "et", "car", "parce", "y", "porque", "e", "perché",
    "и", "потому", "так", "i", "bo", "ve", "çünkü",
)  # fmt: skip
"""What may follow the label of an option, where a noun would make an article of it."""
