"""Twilio's two list envelopes and their page tokens.

A token names the item that the page starts after (``PA<sid>``) or ends before (``PB<sid>``), so that items which
arrive between two pages neither repeat nor hide others.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

from aiohttp import web

from twilio_emulator.refusals import TwilioError

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
    found = _cut(request, [sid(item) for item in items])
    shown = items[found.begin : found.begin + found.size]
    body = {
        "end": found.index * found.size + max(len(shown) - 1, 0),
        "first_page_uri": found.first,
        "next_page_uri": found.next,
        "page": found.index,
        "page_size": found.size,
        "previous_page_uri": found.previous,
        "start": found.index * found.size,
        "uri": request.raw_path,
        name: [render(item) for item in shown],
    }
    return web.json_response(body)


def meta_page(
    request: web.Request,
    name: str,
    items: Sequence[Item],
    *,
    sid: Callable[[Item], str],
    render: Callable[[Item], Mapping[str, object]],
) -> web.Response:
    """Answer as `page` does in the form of Twilio's newer resources: a `meta` object with whole URLs."""
    found = _cut(request, [sid(item) for item in items])
    root = f"{request.scheme}://{request.host}"
    meta = {
        "first_page_url": root + found.first,
        "key": name,
        "next_page_url": root + found.next if found.next else None,
        "page": found.index,
        "page_size": found.size,
        "previous_page_url": root + found.previous if found.previous else None,
        "url": root + request.raw_path,
    }
    return web.json_response(
        {"meta": meta, name: [render(item) for item in items[found.begin : found.begin + found.size]]}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    index: int
    size: int
    begin: int
    first: str
    next: str | None
    previous: str | None


def _cut(request: web.Request, sids: Sequence[str]) -> _Cut:
    """Find the page that is asked for, and the paths of its neighbours."""
    size = _number(request, "PageSize", DEFAULT_PAGE_SIZE, least=1)
    if size > MAX_PAGE_SIZE:
        raise TwilioError(20007, f"Page size must be {MAX_PAGE_SIZE} or less")
    index = _number(request, "Page", 0, least=0)
    begin = _begin(request, sids, size, index)
    shown = sids[begin : begin + size]
    more = begin + size < len(sids)
    return _Cut(
        index=index,
        size=size,
        begin=begin,
        first=_uri(request, size, 0),
        next=_uri(request, size, index + 1, f"PA{shown[-1]}") if more and shown else None,
        previous=_uri(request, size, index - 1, f"PB{shown[0]}") if index and shown else None,
    )


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
