"""How Twilio says no: its codes, its sentences, and the HTTP statuses that they travel with."""

from typing import Final

SENTENCES: Final = {
    20001: "Invalid parameter: {name}",
    21211: "The 'To' number {to} is not a valid phone number.",
    21212: "The 'From' number {sender} is not a valid phone number, shortcode, or alphanumeric sender ID.",
    21408: "Permission to send an SMS has not been enabled for the region indicated by the 'To' number: {to}.",
    21602: "Message body is required.",
    21603: "A 'From' phone number is required.",
    21604: "A 'To' phone number is required.",
    21606: "The From phone number {sender} is not a valid, SMS-capable inbound phone number or short code "
    "for your account.",
    21609: "The 'StatusCallback' URL {url} is not a valid URL.",
    21610: "Attempt to send to unsubscribed recipient",
    21611: "This 'From' number has exceeded the maximum number of queued messages",
    21612: "The 'To' phone number: {to}, is not currently reachable using the 'From' phone number: {sender} via SMS.",
    21614: "'To' number is not a valid mobile number",
    21617: "The concatenated message body exceeds the 1600 character limit",
    21620: "Invalid media URL(s)",
    21623: "Number of media files exceeds allowed limit",
    21624: "The validity period provided is invalid: it must be an integer from 1 to 36000 seconds",
    21654: "ContentSid is required when ContentVariables is given.",
    21655: "The ContentSid is invalid.",
    21656: "The ContentVariables parameter is invalid.",
    21701: "The Messaging Service does not exist",
    21704: "The Messaging Service contains no phone numbers.",
    21705: "The Messaging Service Sid {service} is invalid.",
    35111: "The 'SendAt' parameter is required to schedule a message.",
    35114: "The 'SendAt' time must be from 300 seconds to 35 days in the future.",
    35118: "A 'MessagingServiceSid' is required to schedule a message.",
}


class TwilioError(Exception):
    """A refusal: Twilio's code, its sentence, and the HTTP status it travels with."""

    def __init__(self, code: int, message: str, *, status: int = 400) -> None:
        """Keep the parts of the error body."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


def invalid(name: str) -> TwilioError:
    """Make Twilio's answer to a parameter of the wrong form."""
    return TwilioError(20001, SENTENCES[20001].format(name=name))
