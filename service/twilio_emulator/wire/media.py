"""The Media subresource of messages: list, fetch, delete, and the content, which is a redirect to the sender's URL."""

from aiohttp import web

from twilio_emulator.context import CONTEXT
from twilio_emulator.wire.common import API_ROOT, authorize, not_found, rfc2822
from twilio_emulator.wire.messages import find
from twilio_emulator.wire.paging import page
from twilio_emulator.world import Media, Message

PATH = API_ROOT + "/Accounts/{account}/Messages/{sid}/Media"


def routes() -> list[web.RouteDef]:
    """Return the resource's routes."""
    return [
        web.get(f"{PATH}.json", list_),
        web.get(PATH + "/{media}.json", fetch),
        web.delete(PATH + "/{media}.json", delete),
        web.get(PATH + r"/{media:ME[0-9a-f]{32}}", content),
    ]


async def list_(request: web.Request) -> web.Response:
    """Answer the media of one message."""
    context = authorize(request)
    message = find(request, context)
    account = context.world.account.sid
    return page(
        request,
        "media_list",
        message.media,
        sid=lambda media: media.sid,
        render=lambda media: as_json(media, message, account),
    )


async def fetch(request: web.Request) -> web.Response:
    """Answer one of a message's media by its SID."""
    context = authorize(request)
    message = find(request, context)
    return web.json_response(as_json(_media(request, message), message, context.world.account.sid))


async def delete(request: web.Request) -> web.Response:
    """Take one of its media from a message."""
    context = authorize(request)
    message = find(request, context)
    gone = _media(request, message)
    context.world.change(message, media=tuple(media for media in message.media if media is not gone))
    return web.Response(status=204)


async def content(request: web.Request) -> web.Response:
    """Redirect to the content. As with Twilio by default, who knows the address needs no credentials."""
    context = request.app[CONTEXT]
    raise web.HTTPTemporaryRedirect(_media(request, find(request, context)).url)


def _media(request: web.Request, message: Message) -> Media:
    sid = request.match_info["media"]
    found = next((media for media in message.media if media.sid == sid), None)
    if found is None:
        raise not_found(request)
    return found


def as_json(media: Media, message: Message, account_sid: str) -> dict[str, object]:
    """Write a media as Twilio does."""
    return {
        "account_sid": account_sid,
        "content_type": media.content_type,
        "date_created": rfc2822(media.created),
        "date_updated": rfc2822(media.created),
        "parent_sid": message.sid,
        "sid": media.sid,
        "uri": f"{API_ROOT}/Accounts/{account_sid}/Messages/{message.sid}/Media/{media.sid}.json",
    }
