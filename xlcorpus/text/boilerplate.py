"""Stock phrases of web pages that are no content: cookie notices, sign-up prompts, copyright, navigation.

Phrases are long enough not to occur in ordinary sentences by chance.
"""

from __future__ import annotations

import re

_BY_LANGUAGE = {
    "eng_Latn": (
        "read more »", "continue reading »", "subscribe to our free newsletter",
        "to improve your experience", "manage settings", "manage preferences", "print this page",
        "we use cookies", "this website uses cookies", "this site uses cookies",
        "by continuing to browse", "by continuing to use this site", "accept all cookies",
        "cookie policy", "cookie settings", "all rights reserved", "privacy policy", "terms of use",
        "terms of service", "terms and conditions apply", "subscribe to our newsletter",
        "sign up for our newsletter", "subscribe to our channel", "click here to", "skip to content",
        "skip to main content", "back to top", "powered by wordpress", "share on facebook",
        "share on twitter", "follow us on", "leave a comment", "log in to your account", "add to cart",
        "enable javascript", "your browser does not support", "page not found",
    ),
    "deu_Latn": (
        "weiterlesen »", "mehr lesen »", "kostenlosen newsletter", "startseite | über uns",
        "einstellungen verwalten", "artikel drucken", "nach oben scrollen",
        "diese website verwendet cookies", "diese seite verwendet cookies", "wir verwenden cookies",
        "wir nutzen cookies", "alle cookies akzeptieren", "cookie-einstellungen",
        "alle rechte vorbehalten", "datenschutzerklärung", "allgemeine geschäftsbedingungen",
        "newsletter abonnieren", "abonnieren sie unseren newsletter",
        "melden sie sich für unseren newsletter an", "zum inhalt springen", "zum hauptinhalt springen",
        "klicken sie hier", "in den warenkorb", "kommentar hinterlassen", "folgen sie uns auf",
        "auf facebook teilen", "seite nicht gefunden",
    ),
    "spa_Latn": (
        "leer más »", "seguir leyendo »", "suscribirte a nuestro boletín",
        "suscribirse a nuestro boletín", "gestionar preferencias", "este sitio web utiliza cookies",
        "este sitio utiliza cookies", "utilizamos cookies", "usamos cookies",
        "aceptar todas las cookies", "política de cookies", "todos los derechos reservados",
        "política de privacidad", "términos y condiciones", "aviso legal",
        "suscríbete a nuestro boletín", "suscríbase a nuestro boletín",
        "suscríbete a nuestra newsletter", "haga clic aquí", "haz clic aquí", "saltar al contenido",
        "ir al contenido", "volver arriba", "añadir al carrito", "deja un comentario", "síguenos en",
        "compartir en facebook", "página no encontrada",
    ),
    "fra_Latn": (
        "lire la suite »", "en savoir plus »", "s'abonner à notre newsletter", "gérer les préférences",
        "ce site utilise des cookies", "nous utilisons des cookies", "accepter tous les cookies",
        "en poursuivant votre navigation", "politique de confidentialité", "tous droits réservés",
        "mentions légales", "conditions générales", "abonnez-vous à notre newsletter",
        "inscrivez-vous à notre newsletter", "cliquez ici", "aller au contenu", "retour en haut",
        "ajouter au panier", "laisser un commentaire", "suivez-nous sur", "partager sur facebook",
        "page non trouvée",
    ),
    "por_Latn": (
        "este site utiliza cookies", "utilizamos cookies", "usamos cookies", "aceitar todos os cookies",
        "política de privacidade", "todos os direitos reservados", "termos de uso", "clique aqui",
        "assine nossa newsletter", "assinar a nossa newsletter", "subscreva a nossa newsletter",
        "newsletter gratuita", "ir para o conteúdo", "saltar para o conteúdo", "voltar ao topo",
        "adicionar ao carrinho", "leia mais »", "ler mais »", "saiba mais »", "continuar lendo",
        "melhorar a sua experiência", "melhorar sua experiência", "aceitar todos |", "política de cookies",
        "termos e condições", "aviso legal", "compartilhar no facebook", "partilhar no facebook",
        "deixe um comentário", "siga-nos", "gerir preferências", "gerenciar preferências",
        "página não encontrada",
    ),
    "rus_Cyrl": (
        "читать далее »", "подробнее »", "подписаться на нашу", "бесплатную рассылку",
        "поделиться распечатать", "сайт использует файлы cookie", "мы используем файлы cookie",
        "мы используем cookie", "принять все cookie", "все права защищены",
        "политика конфиденциальности", "пользовательское соглашение", "подпишитесь на нашу рассылку",
        "подписаться на рассылку", "нажмите здесь", "перейти к содержимому", "перейти к содержанию",
        "вернуться наверх", "добавить в корзину", "оставить комментарий", "поделиться в facebook",
        "следите за нами в", "страница не найдена",
    ),
    "hin_Deva": (
        "और पढ़ें »", "न्यूज़लेटर की सदस्यता", "फ़ेसबुक पर साझा करें", "फेसबुक पर साझा करें", "कुकीज़ का उपयोग करती है",
        "कुकीज़ का उपयोग करते हैं", "कुकी का उपयोग करती है", "सर्वाधिकार सुरक्षित", "गोपनीयता नीति",
        "नियम और शर्तें", "उपयोग की शर्तें", "यहाँ क्लिक करें", "यहां क्लिक करें", "सामग्री पर जाएं", "सामग्री पर जाएँ",
        "हमें फ़ॉलो करें", "टिप्पणी करें", "कार्ट में जोड़ें",
    ),
    "zho_Hans": (
        "阅读全文 »", "阅读更多 »", "打印本页", "本网站使用cookie", "本网站使用 cookie",
        "我们使用cookie", "我们使用 cookie", "接受所有cookie", "版权所有", "保留所有权利", "隐私政策",
        "使用条款", "服务条款", "用户协议", "订阅我们的", "点击这里", "点击此处", "跳至内容",
        "跳到主要内容", "返回顶部", "加入购物车", "发表评论", "关注我们", "页面未找到",
    ),
    "zho_Hant": (
        "本網站使用cookie", "本網站使用 cookie", "我們使用cookie", "版權所有", "保留所有權利",
        "隱私權政策", "使用條款", "服務條款", "訂閱我們的", "點擊這裡", "點擊此處", "跳至內容",
        "返回頂部", "加入購物車",
    ),
    "jpn_Jpan": (
        "クッキーを使用しています", "cookieを使用しています", "プライバシーポリシー", "利用規約",
        "無断転載を禁じます", "メールマガジンに登録", "こちらをクリック", "コンテンツへスキップ",
        "ページの先頭へ", "カートに入れる",
    ),
    "arb_Arab": (
        "يستخدم هذا الموقع ملفات تعريف الارتباط", "نستخدم ملفات تعريف الارتباط", "جميع الحقوق محفوظة",
        "سياسة الخصوصية", "شروط الاستخدام", "الشروط والأحكام", "اشترك في نشرتنا", "انقر هنا",
        "اضغط هنا", "تخطي إلى المحتوى", "أضف إلى السلة", "تابعنا على",
    ),
}  # fmt: skip
"""By language, for the reader; all are looked for in every text, since notices often stand in another."""

PHRASES = "(?i)" + "|".join(
    re.escape(phrase).replace(r"\ ", " ").replace(r"\-", "-") for phrases in _BY_LANGUAGE.values() for phrase in phrases
)
"""Regular expression (Rust) that matches any of the phrases, whatever the case."""
