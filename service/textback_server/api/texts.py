"""The text of an SMS: literal or from a template, short enough or cut, and what is worth a warning about it."""

from dataclasses import dataclass

from textback.v1 import sms_message_pb2 as message_pb
from textback_server.api.checks import Checks
from textback_server.domain.codes import MAX_LENGTH
from textback_server.domain.events import Warning
from textback_server.domain.graphemes import truncate
from textback_server.domain.messages import Code, Encoding, Terms
from textback_server.domain.prompts import MAX_UNITS, compose
from textback_server.domain.segments import measure, utf16_units
from textback_server.domain.templating import TemplateError, parse_data, render

MAX_SEGMENTS = 24
"""Segments of 1,600 UCS-2 characters (67 each)."""

_ON_TOO_LONG = frozenset(message_pb.OnTooLong.values())
_LONGEST_CODE = Code("9" * MAX_LENGTH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What goes round a body: Twilio's own words for a trial account, and the prompt of a wait."""

    prefix: str
    terms: Terms | None

    def whole(self, body: str) -> str:
        """The text as the person gets it, with the longest code that there is."""
        return self.prefix + (body if self.terms is None else compose(body, self.terms, _LONGEST_CODE))


def body_of(checks: Checks, sms: message_pb.Sms, frame: Frame, anon_seed: str) -> tuple[str, tuple[Warning, ...]]:
    """The body to send, and the warnings about it; notes violations where there is none."""
    body = _rendered(checks, sms, anon_seed) if sms.template or sms.data else sms.body
    if sms.max_segments > MAX_SEGMENTS:
        checks.fail("sms.max_segments", f"is {sms.max_segments}; it may be 1 to {MAX_SEGMENTS}")
    if sms.on_too_long not in _ON_TOO_LONG:
        checks.fail("sms.on_too_long", f"{sms.on_too_long} is none of {', '.join(message_pb.OnTooLong.keys()[1:])}")
    if body is None:
        return "", ()
    if not body.strip():
        if sms.template:
            checks.fail("sms.template", "makes an SMS without text of these data")
        else:
            checks.fail("sms.body", "is required: the text that the person reads")
        return "", ()
    most = sms.max_segments or MAX_SEGMENTS
    problem = _too_long(body, frame, most)
    if not problem:
        return body, _prompt_warnings(body, frame)
    if sms.on_too_long != message_pb.ON_TOO_LONG_TRUNCATE:
        checks.fail("sms.template" if sms.template else "sms.body", problem)
        return body, ()
    cut = truncate(body, max_units=MAX_UNITS, max_segments=most, whole=frame.whole)
    if not cut:
        checks.fail("sms.max_segments", "leaves no room for the text beside its prompt")
    note = Warning(
        reason="TEXT_TRUNCATED",
        message=f"The text was cut from {len(body):,} to {len(cut):,} characters: it {problem}.",
        fix="Send less, or raise sms.max_segments.",
    )
    return cut, (note, *_prompt_warnings(cut, frame))


def _rendered(checks: Checks, sms: message_pb.Sms, anon_seed: str) -> str | None:
    """The template over its data; None where that failed."""
    if not sms.template:
        checks.fail("sms.data", "is only for sms.template, which is empty")
        return None
    if sms.body:
        checks.fail("sms.template", "and sms.body exclude each other; give one of them")
        return None
    try:
        data = parse_data(sms.data) if sms.data else {}
    except TemplateError as error:
        checks.fail("sms.data", str(error))
        return None
    try:
        return render(sms.template, data, anon_seed=anon_seed)
    except TemplateError as error:
        checks.fail("sms.template", str(error))
        return None


def _too_long(body: str, frame: Frame, most: int) -> str:
    """What is too much, as the rest of a sentence; empty if nothing is."""
    text = frame.whole(body)
    units, segments = utf16_units(text), measure(text).segments
    added = f", {units - utf16_units(body)} of them for {_name(frame)}" if text != body else ""
    if units > MAX_UNITS:
        return f"makes a text of {units:,} characters{added}; it may have {MAX_UNITS:,}"
    if segments > most:
        return f"makes a text of {segments} segments ({units:,} characters{added}); it may have {most}"
    return ""


def _name(frame: Frame) -> str:
    parts = (frame.terms and "the prompt", frame.prefix and "Twilio's trial prefix")
    return " and ".join(part for part in parts if part)


def _prompt_warnings(body: str, frame: Frame) -> tuple[Warning, ...]:
    """Whether asking makes the text dearer than saying."""
    if frame.terms is None:
        return ()
    bare, whole = measure(frame.prefix + body), measure(frame.whole(body))
    found = []
    if bare.encoding is Encoding.GSM7 and whole.encoding is Encoding.UCS2:
        found.append(
            Warning(
                reason="PROMPT_FLIPS_ENCODING",
                message="The prompt has characters outside GSM-7, so the whole text is sent as UCS-2.",
                fix="Use plain letters in wait.prompt and in the choices.",
            )
        )
    if whole.segments > bare.segments:
        found.append(
            Warning(
                reason="PROMPT_COSTS_SEGMENTS",
                message=f"With the prompt the text takes {whole.segments} segments instead of {bare.segments}.",
                fix="Shorten the text or wait.prompt.",
            )
        )
    return tuple(found)
