"""Twilio's v2010 list envelope and its page tokens.

A token names the item that the page starts after (``PA<sid>``) or ends before (``PB<sid>``), so that items which
arrive between two pages neither repeat nor hide others.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar
from urllib.parse import urlencode

from aiohttp import web

from twilio_emulator.rules import TwilioError

DEFAULT_PAGE_SIZE = 50
MAX_PAGE_SIZE = 1_000
_LONGEST_NUMBER = 9
_PAGING = ("PageSize", "Page", "PageToken")

Item = TypeVar("Item")


def page(
    request: web.Request,
    name: str,
    items: Sequence[Item],
    *,
    sid: Callable[[Item], str],
    render: Callable[[Item], Mapping[str, object]],
) -> web.Response:
    """Answer with one page of `items`, which are already filtered and in order."""
    size = _number(request, "PageSize", DEFAULT_PAGE_SIZE, least=1)
    if size > MAX_PAGE_SIZE:
        raise TwilioError(20007, f"Page size must be {MAX_PAGE_SIZE} or less")
    index = _number(request, "Page", 0, least=0)
    begin = _begin(request, [sid(item) for item in items], size, index)
    shown = items[begin : begin + size]
    more = begin + size < len(items)
    body = {
        "end": index * size + max(len(shown) - 1, 0),
        "first_page_uri": _uri(request, size, 0),
        "next_page_uri": _uri(request, size, index + 1, f"PA{sid(shown[-1])}") if more and shown else None,
        "page": index,
        "page_size": size,
        "previous_page_uri": _uri(request, size, index - 1, f"PB{sid(shown[0])}") if index and shown else None,
        "start": index * size,
        "uri": request.raw_path,
        name: [render(item) for item in shown],
    }
    return web.json_response(body)


def _begin(request: web.Request, sids: Sequence[str], size: int, index: int) -> int:
    token = request.query.get("PageToken", "")
    if not token:
        return index * size
    if token[:2] not in {"PA", "PB"} or token[2:] not in sids:
        raise TwilioError(20001, "Invalid PageToken")
    at = sids.index(token[2:])
    return at + 1 if token.startswith("PA") else max(at - size, 0)


def _number(request: web.Request, name: str, default: int, *, least: int) -> int:
    given = request.query.get(name, "")
    if not given:
        return default
    if not (given.isascii() and given.isdecimal() and len(given) <= _LONGEST_NUMBER and int(given) >= least):
        raise TwilioError(20001, f"Invalid {name}")
    return int(given)


def _uri(request: web.Request, size: int, index: int, token: str | None = None) -> str:
    kept = [(key, value) for key, value in request.query.items() if key not in _PAGING]
    paging = [("PageSize", str(size)), ("Page", str(index)), *([("PageToken", token)] if token else [])]
    return f"{request.path}?{urlencode([*kept, *paging])}"
