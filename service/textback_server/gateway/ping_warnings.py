"""What Ping warns of: the account can send, but something will surprise its owner."""

from textback_server.domain.events import Warning

TEST_CREDENTIALS = Warning(
    reason="TEST_CREDENTIALS",
    message="These are Twilio test credentials: Twilio checks messages and delivers none.",
    fix="Use the account's live Account SID and auth token.",
)
TRIAL_ACCOUNT = Warning(
    reason="TRIAL_ACCOUNT",
    message="A Twilio trial account texts only verified numbers, and puts words of its own before each SMS.",
    fix="Upgrade the account in the Twilio console.",
)
NO_PUBLIC_URL = Warning(
    reason="NO_PUBLIC_URL",
    message="Twilio is not told any address of this service, so no reply and no receipt can arrive by webhook.",
    fix="Set TEXTBACK_PUBLIC_URL to the https address under which Twilio reaches this service.",
)
SENDER_SHARED = Warning(
    reason="SENDER_SHARED",
    message="SMS that this service did not send go out from the default sender: replies to one may be taken for the "
    "other's, so people get no hints now.",
    fix="Give this service a sender of its own, or set TEXTBACK_SHARED_SENDERS to accept.",
)
SENDER_NOT_OURS = Warning(
    reason="SENDER_NOT_OURS",
    message="The default sender is not among the account's phone numbers, so Twilio will probably refuse it.",
    fix="Set TEXTBACK_SENDERS to a number of this account.",
)
SENDER_NOT_READABLE = Warning(
    reason="SENDER_NOT_READABLE",
    message="These credentials may not read the account's senders, so the default sender could not be checked.",
    fix="Use a key that may read phone numbers and Messaging Services, or check the sender in the Twilio console.",
)
ONE_WAY_SENDER = Warning(
    reason="ONE_WAY_SENDER",
    message="The default sender is alphanumeric: nobody can text back to it.",
    fix="Use a phone number or a Messaging Service for questions.",
)
WEBHOOK_UNSET = Warning(
    reason="WEBHOOK_UNSET",
    message="Twilio calls no address when an SMS reaches the default sender, so replies do not arrive.",
    fix="Set the number's 'A message comes in' webhook to this service's inbound address, method POST.",
)
WEBHOOK_ELSEWHERE = Warning(
    reason="WEBHOOK_ELSEWHERE",
    message="When an SMS reaches the default sender, Twilio calls another address than this service's.",
    fix="Set the sender's inbound webhook to this service's inbound address, method POST.",
)
WEBHOOK_METHOD = Warning(
    reason="WEBHOOK_METHOD",
    message="Twilio calls this service's inbound address by GET, which it refuses.",
    fix="Set the method of the sender's inbound webhook to POST.",
)
INBOUND_DROPPED = Warning(
    reason="INBOUND_DROPPED",
    message="The Messaging Service has no inbound request URL: Twilio drops replies to it and does not even list them.",
    fix="Set the service's inbound request URL to this service's inbound address, or let it defer to its senders.",
)
