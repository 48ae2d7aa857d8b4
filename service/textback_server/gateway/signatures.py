"""Whether a webhook was signed by Twilio (Twilio, Webhooks security)."""

import hmac
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence

HEADER = "X-Twilio-Signature"


def verify(tokens: Iterable[str], url: str, params: Mapping[str, str], header: str | Sequence[str] | None) -> bool:
    """Whether one of `tokens` signed `params` for exactly this `url`; never raises for what a stranger sent.

    `params` is all decoded form fields, blank and unknown ones too; a multi-dict where keys repeat. `header` is the
    signature, or all values of the header: none and several are both wrong. Not the SDK's `validate`: it also takes a
    wrong port, compares in variable time, and raises for a missing header.
    """
    values = [header] if isinstance(header, str) else list(header or ())
    if len(values) != 1 or not values[0] or not values[0].isascii():
        return False
    try:
        signed = (url + "".join(name + value for name, value in sorted(set(params.items())))).encode()
    except UnicodeEncodeError:  # lone surrogates: no form field of Twilio's
        return False
    given, genuine = values[0].encode(), False
    for token in tokens:
        expected = b64encode(hmac.digest(token.encode(), signed, "sha1"))
        # No early exit: the time taken says nothing about which token it was.
        genuine |= hmac.compare_digest(expected, given)
    return genuine
