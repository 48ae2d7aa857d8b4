"""Words with a meaning of their own, as `normal` folds them."""

from textback_server.domain.reading.normal import normal

OPT_OUT_WORDS = frozenset({"stop", "stopall", "unsubscribe", "end", "quit", "revoke", "optout", "cancel"})
"""Single words, any case, that Twilio takes as an opt-out (Twilio support, "opt-out keywords")."""
OPT_IN_WORDS = frozenset({"start", "yes", "unstop"})
"""Single words that Twilio takes as an opt-in (same page)."""
HELP_WORDS = frozenset({"help", "info"})
"""Single words that Twilio answers with its own help text (same page)."""


def _folded(words: str) -> frozenset[str]:
    return frozenset(normal(word) for word in words.split())


YES_WORDS = _folded(
    "yes y yeah yep yup ok okay sure approve approved accept accepted allow agree agreed confirm confirmed true "
    "ja jawohl genehmigen oui accepter approuver si sì sí claro aprobar aceptar sim aprovar aceitar da да так tak ano "
    "áno igen kyllä joo jah evet olur onay ναι có vâng ya iya oo ndiyo jā taip نعم ايوه أجل بله 是 好 是的 好的 同意 "
    "批准 可以 はい 承認 예 네 응 승인 हाँ ใช่ ตกลง כן"
)
NO_WORDS = _folded(
    "no n nope nah deny denied reject rejected refuse decline declined disallow disagree false never nein ablehnen "
    "non refuser rechazar denegar não recusar nicht nej nei nee nie nem ne ei hayır нет ні не όχι không tidak bukan "
    "hindi hapana nē لا نه 不 否 不是 不行 拒绝 いいえ 却下 아니오 아니요 거부 नहीं ไม่ ไม่ใช่ לא"
)
"""Yes and no, in some languages: what a thumb means, and which short answers are never the beginning of another."""

THUMBS_UP = frozenset("👍👌✅✔☑🆗⭕🙆")
THUMBS_DOWN = frozenset("👎❌🚫✖🙅⛔❎")
FRIENDLY = frozenset("🙏😊🙂😀😃😄😁☺❤♥💯🎉😉🤝👋💪🫡♂♀")
"""Emoji that may stand beside an answer and change nothing."""

GREETINGS = (
    "hi", "hello", "hey", "hi there", "good morning", "good evening", "re", "reply", "sms", "aw", "sv", "answer",
    "my answer is", "the answer is", "my answer", "option", "choice", "hallo", "guten tag", "guten morgen",
    "moin", "antwort", "bonjour", "bonsoir", "salut", "reponse", "hola", "buenos dias", "buenas", "respuesta",
    "ciao", "buongiorno", "risposta", "ola", "bom dia", "resposta", "hej", "hei", "czesc", "ahoj", "привет",
    "здравствуите", "ответ", "merhaba", "cevap", "مرحبا", "السلام عليكم", "नमस्ते", "สวัสดี", "你好",
    "こんにちは", "안녕하세요", "שלום", "γεια", "xin chao",
)  # fmt: skip
THANKS = (
    "please", "pls", "plz", "thanks", "thank you", "thx", "ty", "cheers", "sir", "maam", "many thanks",
    "thanks a lot", "thank you very much", "kind regards", "best regards", "regards", "bitte", "danke",
    "vielen dank", "danke schon", "merci", "merci beaucoup", "sil vous plait", "svp", "stp", "sil te plait",
    "gracias", "muchas gracias", "por favor", "porfa", "grazie", "grazie mille", "per favore", "obrigado",
    "obrigada", "tack", "takk", "tak for det", "dank je", "dank u", "bedankt", "alstublieft", "graag",
    "dziekuje", "dzieki", "prosze", "prosim", "dekuji", "diky", "kiitos", "multumesc", "koszonom", "kerem",
    "спасибо", "пожалуиста", "дякую", "tesekkurler", "lutfen", "شكرا", "من فضلك", "धन्यवाद", "कृपया", "ขอบคุณ",
    "ครับ", "ค่ะ", "谢谢", "請", "谢谢你", "謝謝", "お願いします", "ありがとう", "ありがとうございます", "です",
    "감사합니다", "부탁합니다", "תודה", "בבקשה", "ευχαριστω", "παρακαλω", "cam on", "terima kasih", "tolong",
    "salamat",
)  # fmt: skip
"""Politeness before and after an answer. It is taken off only where the rest is an answer, whole and alone."""

LEADS = ("to", "for", "on", "fur", "zu", "auf", "pour", "a", "para", "per", "voor", "till", "til", "на", "для")
"""What may stand between an answer and the code after it: `yes to 4821`."""

LABELS = _folded(
    "code codes kode kod koodi código codice cod ref reference id pin siemplifyid ticket nummer nr numero число код "
    "κωδικός رمز الرمز कोड รหัส コード 番号 代码 验证码 代碼 코드 קוד mã"
)
"""Words that say that a code follows."""

AND_WORDS = _folded("and und et y e i и és ve en och og ja & + و और 和 と 및 και")
"""Words that only join two codes."""
