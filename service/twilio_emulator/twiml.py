"""Reading what an application answers to an inbound webhook: TwiML or plain text."""

from xml.etree import ElementTree

_TWIML_TYPES = frozenset({"text/xml", "application/xml", "text/html"})


def texts(content_type: str, body: str) -> list[str]:
    """Return the texts that the answer sends to the person, in order; raise ValueError if it is not TwiML.

    `text/plain` is itself the text; TwiML sends one per <Message>, whose text is its own or that of its <Body>.
    """
    if not body.strip():
        return []
    if content_type == "text/plain":
        return [body.strip()]
    if content_type not in _TWIML_TYPES:
        raise ValueError(f"12300 Invalid Content-Type: {content_type or 'none'}")
    if "<!DOCTYPE" in body:
        raise ValueError("12100 Document parse failure: a document type is not allowed in TwiML")
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 - no document type, so no entities; 64 KB at most
    except ElementTree.ParseError as error:
        raise ValueError("12100 Document parse failure: the answer is not XML") from error
    if root.tag != "Response":
        raise ValueError("12100 Document parse failure: the root element must be <Response>")
    found = (_text_of(message) for message in root.iter("Message"))
    return [text for text in found if text]


def _text_of(message: ElementTree.Element) -> str:
    return "".join([message.text or "", *(body.text or "" for body in message.iter("Body"))]).strip()
