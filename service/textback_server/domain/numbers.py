"""Recipients: E.164, as Twilio and ITU-T write it."""

import re
from functools import lru_cache

import phonenumbers

_E164 = re.compile(r"\+[1-9]\d{2,14}", re.ASCII)
_EXAMPLE = "+14155550123"


@lru_cache(maxsize=16_384)  # people are texted again and again, and the parser is slow
def problem_with(number: str) -> str:
    """What is wrong with a recipient, as a sentence; empty if nothing is.

    Only `is_possible_number`: numbering plans change faster than libraries, and Twilio has the last word.
    """
    if not number:
        return f"is required; write + and the country code, e.g. {_EXAMPLE}"
    shown = quoted(number)
    if not _E164.fullmatch(number):
        return f"{shown} is not E.164; write + and the country code, e.g. {_suggested(number) or _EXAMPLE}"
    if _has_possible_length(number) or _is_possible(number):
        return ""
    return f"{shown} cannot be a number of its country; check the digits, e.g. {_EXAMPLE}"


def _has_possible_length(number: str) -> bool:
    """Whether its digits are as many as its country has, as they stand: then the parser, which is slow, says so too."""
    for digits in range(2, 5):
        code = int(number[1:digits])
        if code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            national = number[digits:]
            return national[:1] not in {"", "0"} and _is_length_in(code, len(national))
    return False


@lru_cache(maxsize=4_096)
def _is_length_in(country_code: int, digits: int) -> bool:
    """Whether a calling code has national numbers of so many digits."""
    any_such = phonenumbers.PhoneNumber(country_code=country_code, national_number=10 ** (digits - 1))
    return phonenumbers.is_possible_number(any_such)


def _is_possible(number: str) -> bool:
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return False


def is_country(code: str) -> bool:
    """Whether phone numbers are known of a country, by its ISO 3166-1 code of two capital letters."""
    return code in phonenumbers.SUPPORTED_REGIONS


def may_be_in(number: str, countries: frozenset[str]) -> bool:
    """Whether a valid recipient's country is one of these. One calling code may serve several: +1 does."""
    parsed = phonenumbers.parse(number)
    found = phonenumbers.region_code_for_number(parsed)
    shared = phonenumbers.region_codes_for_country_code(parsed.country_code or 0)
    return found in countries if found else not countries.isdisjoint(shared)


def quoted(text: str, limit: int = 40) -> str:
    """A caller's own value in a sentence, cut short."""
    return f'"{text}"' if len(text) <= limit else f'"{text[:limit]}…"'


def _suggested(number: str) -> str:
    """The E.164 form that was probably meant; empty if none suggests itself."""
    digits = re.sub(r"\D", "", number)
    written = f"+{digits[2:]}" if digits.startswith("00") else number
    if number.lstrip().startswith("+"):
        written = f"+{digits}"
    try:
        meant = phonenumbers.parse(written, "US")
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(meant):
        return ""
    return phonenumbers.format_number(meant, phonenumbers.PhoneNumberFormat.E164)
