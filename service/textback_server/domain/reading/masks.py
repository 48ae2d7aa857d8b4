"""Digits in a text that belong to something else: links, phone numbers, amounts, times, dates, addresses.

Every pattern is bounded or starts in one place only, so that its cost grows with the text and no faster.
"""

import re

_LINK = re.compile(r"[a-z]\.[a-z]{2,24}/|\w@[^\W\d_]|://", re.IGNORECASE)
_WORD = re.compile(r"\S+")
_MONEY = "$¢£¤¥֏؋৳฿៛\u20a0-\u20cf\ufdfc"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"

_PHONES = (
    re.compile(r"\+\d{8,15}(?!\d)", re.ASCII),
    re.compile(r"\+\d(?:[ ().\-/]{0,2}\d){6,14}(?!\d)", re.ASCII),
    re.compile(r"(?<!\d)\(\d{2,3}\) ?-?\d(?:[ .\-]?\d){4,9}(?!\d)", re.ASCII),
    re.compile(r"(?<!\d)\(0\d{2,5}\) ?-?\d(?:[ .\-]?\d){2,9}(?!\d)", re.ASCII),
)
_AMOUNTS = (
    re.compile(rf"[{_MONEY}]\d[\d.,]*", re.ASCII),
    re.compile(rf"(?<![\d.,])\d[\d.,]*[{_MONEY}%]", re.ASCII),
    re.compile(rf"(?<![\d.,])\d[\d.,]* [{_MONEY}](?! ?\d)", re.ASCII),
    re.compile(rf"[{_MONEY}] \d[\d.,]*", re.ASCII),
)
_TIMES = (
    re.compile(r"(?<![\d:])\d{1,2}:[0-5]\d(?::[0-5]\d)?(?![\d:])", re.ASCII),
    re.compile(r"(?<!\d)(?:19|20)\d\d([-/.])\d{1,2}\1\d{1,2}(?!\d)", re.ASCII),
    re.compile(rf"(?<![\d.]){_DAY}([-/.]){_DAY}\1(?:19|20)?\d\d(?![\d.]\d)(?!\d)", re.ASCII),
    re.compile(rf"(?<![\d.]){_DAY}\.{_DAY}(?![\d.]\d)(?!\d)", re.ASCII),
    re.compile(r"(?<!\d)(?:19|20)\d\d ?[年년]"),
    re.compile(r"(?<![\d.])(?=[\d.]{0,16}\d\d)\d{1,3}(?:\.\d{1,3}){3}(?![\d.])", re.ASCII),
)
_POINTED = re.compile(r"\d[:./年년\-]| [年년]", re.ASCII)
_SIGN = re.compile(rf"[{_MONEY}%]")


def masked(text: str) -> str:
    """The plain text, of the same length, with such digits blotted out."""
    if "/" in text or "@" in text or "www." in text:
        text = _WORD.sub(_link, text)
    if "+" in text or "(" in text:
        text = _blot(text, _PHONES)
    if _SIGN.search(text):
        text = _blot(text, _AMOUNTS)
    return _blot(text, _TIMES) if _POINTED.search(text) else text


def _blot(text: str, patterns: tuple[re.Pattern[str], ...]) -> str:
    for pattern in patterns:
        text = pattern.sub(_blank, text)
    return text


def _link(found: re.Match[str]) -> str:
    word = found[0]
    return _blank(found) if _LINK.search(word) or word[:4].casefold() == "www." else word


def _blank(found: re.Match[str]) -> str:
    return "\0" * len(found[0])
