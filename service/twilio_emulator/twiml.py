"""Reading what an application answers to an inbound webhook: TwiML or plain text."""

import dataclasses
from dataclasses import dataclass
from xml.etree import ElementTree

_TWIML_TYPES = frozenset({"text/xml", "application/xml", "text/html"})
_METHODS = frozenset({"GET", "POST"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A <Message>: to the person who texted unless it says another phone, with its own callback if it has one."""

    body: str = dataclasses.field(repr=False)
    media_urls: tuple[str, ...] = ()
    to: str | None = None
    sender: str | None = None
    status_callback: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """A <Redirect>: the rest of the TwiML is at another address, which may be relative."""

    url: str
    method: str = "POST"


def verbs(content_type: str, body: str) -> list[Text | Redirect]:
    """Return what the answer asks for, in order; raise ValueError if it is not TwiML.

    `text/plain` is itself the text of one message. Nothing after a <Redirect> is ever reached.
    """
    if not body.strip():
        return []
    if content_type == "text/plain":
        return [Text(body=body.strip())]
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
    found: list[Text | Redirect] = []
    for element in root:
        if element.tag == "Redirect":
            return [*found, _redirect(element)]
        if element.tag == "Message":
            text = _text(element)
            found += [text] if text.body or text.media_urls else []
    return found


def _redirect(element: ElementTree.Element) -> Redirect:
    method = element.get("method", "POST").upper()
    if method not in _METHODS:
        raise ValueError("12200 Schema validation warning: the method of <Redirect> must be GET or POST")
    return Redirect(url=(element.text or "").strip(), method=method)


def _text(message: ElementTree.Element) -> Text:
    return Text(
        body="".join([message.text or "", *(body.text or "" for body in message.iter("Body"))]).strip(),
        media_urls=tuple((media.text or "").strip() for media in message.iter("Media")),
        to=message.get("to"),
        sender=message.get("from"),
        status_callback=message.get("statusCallback"),
    )
