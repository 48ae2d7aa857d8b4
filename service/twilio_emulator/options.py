"""The optional parameters of a message create, and their forms (Twilio page "Messages resource").

`MaxPrice` is obsolete and ignored, as Twilio does. The others that the emulator does nothing with are still checked,
so that a wrong one is found here and not in production.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from twilio_emulator.refusals import SENTENCES, TwilioError, invalid

SOONEST: Final = timedelta(seconds=300)
LATEST: Final = timedelta(days=35)

_BOOLEAN = frozenset({"true", "false"})
_CHOICES: Final = {
    "AddressRetention": frozenset({"retain", "obfuscate"}),
    "ContentRetention": frozenset({"retain", "discard"}),
    "ForceDelivery": _BOOLEAN,
    "MessageIntent": frozenset(
        {
            "otp",
            "notifications",
            "marketing",
            "fraud",
            "security",
            "customercare",
            "delivery",
            "education",
            "polling",
            "announcements",
            "events",
        }
    ),
    "ProvideFeedback": _BOOLEAN,
    "RiskCheck": frozenset({"enable", "disable"}),
    "ScheduleType": frozenset({"fixed"}),
    "SendAsMms": _BOOLEAN,
    "ShortenUrls": _BOOLEAN,
    "SmartEncoded": _BOOLEAN,
    "TrafficType": frozenset({"free"}),
}
_PATTERNS: Final = {"ApplicationSid": r"AP[0-9a-fA-F]{32}", "Attempt": r"\d{1,9}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What of the optional parameters has an effect. `send_at` None: now."""

    send_at: datetime | None = None
    smart_encoded: bool = False


def read(given: Mapping[str, str], *, by_service: bool, now: datetime) -> Options:
    """Check every optional parameter; raise TwilioError for the first one that Twilio would refuse."""
    present = {name: value for name, value in given.items() if value}
    for name, allowed in _CHOICES.items():
        if name in present and present[name].lower() not in allowed:
            raise invalid(name)
    for name, pattern in _PATTERNS.items():
        if name in present and not re.fullmatch(pattern, present[name], re.ASCII):
            raise invalid(name)
    _check_content(present)
    return Options(
        send_at=_send_at(present, by_service=by_service, now=now),
        smart_encoded=present.get("SmartEncoded", "").lower() == "true",
    )


def _check_content(present: Mapping[str, str]) -> None:
    if "ContentSid" in present:
        # There are no templates here, so every template is an unknown one.
        raise TwilioError(21655, SENTENCES[21655])
    if "ContentVariables" not in present:
        return
    try:
        variables = json.loads(present["ContentVariables"])
    except (ValueError, RecursionError):
        variables = None
    code = 21654 if isinstance(variables, dict) else 21656
    raise TwilioError(code, SENTENCES[code])


def _send_at(present: Mapping[str, str], *, by_service: bool, now: datetime) -> datetime | None:
    if "ScheduleType" not in present:
        return None
    if not by_service:
        raise TwilioError(35118, SENTENCES[35118])
    if "SendAt" not in present:
        raise TwilioError(35111, SENTENCES[35111])
    try:
        moment = datetime.fromisoformat(present["SendAt"])
    except ValueError as error:
        raise invalid("SendAt") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    # Dates travel in whole seconds, so half a second early is not too early.
    if not SOONEST - timedelta(seconds=1) <= moment - now <= LATEST:
        raise TwilioError(35114, SENTENCES[35114])
    return moment
