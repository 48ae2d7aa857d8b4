"""Texts that are not an answer: reactions, our own words come back, machines."""

import re
from collections.abc import Iterable

from textback_server.domain.reading.normal import Plain, normal

_ENGLISH = re.compile(
    r"(?:liked|loved|disliked|laughed at|emphasi[sz]ed|questioned|reacted .{1,24} to|removed .{1,24} from|\W{1,8}to)"
    r'\s*(?:"|an? (?:image|photo|picture|movie|video|attachment|message|link|sticker|audio message|voice message)\W*$)',
    re.IGNORECASE,
)
"""How iOS and Google Messages write a reaction to somebody who cannot see it."""
_FORWARD = re.compile(
    r"\W{0,3}(?:fwd?|wg|tr|rv|vb|doorst)\s?:|begin forwarded message"
    r"|-{2,}\s?(?:forwarded|original|weitergeleitet|mensaje reenviado|message transf)",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(
    r"(?:^|\n|\s-{1,3} ?|-{2}\n)(?:sent (?:from|via) (?:my )?(?:i?phone|ipad|galaxy|samsung|android|mobile|pixel|huawei"
    r"|xiaomi|nokia|outlook|mail|yahoo|signal)|get outlook for |von meinem \w{1,20} gesendet|envoyé de(?:puis)? mon "
    r"|enviado desde mi |enviado do meu |inviato da|verzonden vanaf mijn )[^\n]{0,40}\s*$",
    re.IGNORECASE,
)
_EMOJI = re.compile("[\u2190-\u21ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]")
_TAIL = 200
"""Characters at the end of a text among which a signature stands."""
_FRAME = 60
"""Characters round a quoted text that still belong to a reaction."""
_PIECE = 4
"""Words of a quotation, or of a line of ours, that no answer repeats by chance."""
_LINE = 3
"""Words of a text of ours, or of a piece of it with its code, that are enough to know it again."""

_MACHINES = (
    "auto reply", "autoreply", "automatic reply", "automatic response", "automated reply", "automated response",
    "this is an automatic", "this is an automated", "this is an auto", "out of office", "out of the office",
    "automatische antwort", "automatische ruckmeldung", "abwesenheitsnotiz", "abwesenheitsnachricht",
    "reponse automatique", "message dabsence", "respuesta automatica", "resposta automatica", "risposta automatica",
    "automatisch antwoord", "autosvar", "автоответ", "自動返信", "自动回复", "자동 응답",
)  # fmt: skip
_AWAY = (
    "im driving", "i am driving", "im currently driving", "i am currently driving", "driving now", "sorry im driving",
    "im not receiving notifications", "i am not receiving notifications", "do not disturb", "im on vacation",
    "im currently out", "i am currently out", "im currently away", "i am currently away", "im away from",
    "i am away from", "im currently unavailable", "i am currently unavailable", "im out of the office",
    "i am out of the office", "im out of office", "i am out of office", "im on leave", "i am on leave",
    "ich fahre gerade", "ich bin gerade am steuer", "ich sitze gerade am steuer", "ich bin am steuer", "nicht storen",
    "ich bin derzeit nicht", "ich bin zurzeit nicht", "ich bin momentan nicht", "ich bin im urlaub",
    "ich bin nicht im buro", "ich bin abwesend", "je conduis", "je suis au volant", "je suis en train de conduire",
    "je suis absent", "je suis actuellement absent", "je suis en conge", "je suis en vacances", "ne pas deranger",
    "estoy conduciendo", "estoy manejando", "voy conduciendo", "estoy fuera de la oficina", "estoy de vacaciones",
    "no molestar", "sto guidando", "sono fuori ufficio", "estou dirigindo", "estou conduzindo", "estou a conduzir",
    "estou fora do escritorio", "ik ben aan het rijden", "ik rijd", "ik ben niet op kantoor",
)  # fmt: skip
_INSIDE = ("do not disturb while driving", "driving focus", "with focus turned on", "im not receiving notifications")
_LOOK = 400
"""Folded characters of a text in which a machine would have said so."""


def is_machine(words: str, *, has_code: bool) -> bool:
    """Whether an auto-reply says so, in its folded words. Softer signs count only without a code."""
    start = words[:_LOOK]
    if start.startswith(_MACHINES):
        return True
    return not has_code and (start.startswith(_AWAY) or any(phrase in start for phrase in _INSIDE))


def is_forward(text: Plain) -> bool:
    """Whether the text is forwarded, or quotes a line of several words."""
    body = text.text.lstrip()
    if _FORWARD.match(body):
        return True
    lines = body.split("\n") if ">" in body else ()
    return any(line.startswith(">") and len(normal(line).split()) >= _LINE for line in lines)


def reaction(text: Plain, ours: Iterable[str]) -> tuple[int, int] | None:
    """Where in the plain text the quotation of a reaction stands; None: the text is no reaction.

    English ones are known by their verbs, others by an emoji beside the quotation, or because it quotes `ours` from
    the start.
    """
    body = text.text
    first, last = body.find('"'), body.rfind('"')
    english = _ENGLISH.match(body.lstrip())
    if first == last:
        return (0, 0) if english and first < 0 else None
    frame = body[:first] + body[last + 1 :]
    quoted = normal(body[first:last])
    if not frame.strip() or len(frame) > _FRAME:
        return None
    if english and not body[last + 1 :].strip():
        return first, last
    if len(quoted.split()) < _PIECE and len(quoted) < 2 * _PIECE:
        return None
    framed = _EMOJI.search(frame) is not None and len(quoted.split()) >= _LINE
    return (first, last) if framed or any(_begins(quoted, own) for own in ours) else None


def is_echo(words: str, own: str, *, has_code: bool) -> bool:
    """Whether the folded text holds a line of our text or, with its code, is a piece of it."""
    if words.count(" ") < _LINE - 1:
        return False
    heard, whole = f" {words} ", normal(own)
    if whole.count(" ") >= _LINE - 1 and (f" {whole} " in heard or (has_code and heard in f" {whole} ")):
        return True
    lines = map(normal, own.split("\n"))
    return any(line.count(" ") >= _PIECE - 1 and f" {line} " in heard for line in lines)


def without_signature(text: str) -> str:
    """Without the line that a phone adds: `Sent from my …`."""
    end = max(0, len(text) - _TAIL)
    return text[:end] + _SIGNATURE.sub("", text[end:])


def quotes(text: Plain, place: tuple[int, int], own: str) -> bool:
    """Whether the quotation at this place is a piece of our text."""
    return _is_piece(normal(text.text[slice(*place)]), own)


def _begins(words: str, own: str) -> bool:
    return words.count(" ") >= _LINE - 1 and f"{normal(own)} ".startswith(f"{words} ")


def _is_piece(words: str, own: str) -> bool:
    return words.count(" ") >= _LINE - 1 and f" {words} " in f" {normal(own)} "
