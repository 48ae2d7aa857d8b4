"""The floor: the same contract by the shortest way. Nothing is checked, nothing survives; a wait is a dict entry."""

import asyncio
import re
import sys
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from itertools import count
from typing import Any

import grpc
from aiohttp import web
from grpc_health.v1 import health_pb2
from grpc_health.v1.health import aio as health
from grpc_health.v1.health_pb2_grpc import add_HealthServicer_to_server
from twilio.rest import Client

from bench import twilio
from bench.child import serve_until_told
from textback.v1 import sms_event_pb2 as event_pb
from textback.v1 import sms_message_pb2 as message_pb
from textback.v1 import sms_service_pb2 as pb
from textback.v1.sms_service_pb2_grpc import SmsServiceServicer, add_SmsServiceServicer_to_server
from textback_server.gateway.http import TwilioHttp

_CODE = re.compile(r"\d{4,}")


class Floor(SmsServiceServicer):
    """Sends, keeps states by message id, and waits by code."""

    def __init__(self, http: TwilioHttp, stub: str) -> None:
        """`stub` is Twilio's URL; `url`, our own, is set once it is known."""
        self.url = ""
        self._clients = {name: _client(account_sid, http, stub) for name, account_sid in twilio.ACCOUNTS.items()}
        self._states: dict[str, str] = {}
        self._waits: dict[str, asyncio.Future[str]] = {}
        self._numbers = count(100_000)

    async def SendSms(self, request: pb.SendSmsRequest, context: Any) -> pb.SendSmsResponse:  # noqa: ARG002, N802
        """POST, and answer with what came back."""
        return pb.SendSmsResponse(message=await self._post(request.account, request.sms, "", ""))

    async def SendSmsAndWait(  # noqa: N802
        self,
        request: pb.SendSmsAndWaitRequest,
        context: Any,  # noqa: ARG002
    ) -> AsyncGenerator[pb.SendSmsAndWaitResponse, None]:
        """POST with a code, and wait for it to come back."""
        code = str(next(self._numbers))
        message = await self._post(request.account, request.sms, f"\nText back {code} and your answer.", code)
        reply = self._waits[code] = asyncio.get_running_loop().create_future()
        try:
            yield pb.SendSmsAndWaitResponse(
                event=event_pb.SmsEvent(sequence=1, created=event_pb.Created(message=message))
            )
            status = event_pb.StatusChanged(state=message.state, twilio_sid=message.twilio_sid)
            yield pb.SendSmsAndWaitResponse(event=event_pb.SmsEvent(sequence=2, status_changed=status))
            received = event_pb.ReplyReceived(reply=message_pb.Reply(text=await reply))
            yield pb.SendSmsAndWaitResponse(event=event_pb.SmsEvent(sequence=3, terminal=True, reply_received=received))
        finally:
            del self._waits[code]

    def webhooks(self) -> web.Application:
        """What Twilio calls."""
        app = web.Application()
        app.router.add_post(twilio.INBOUND, self._inbound)
        app.router.add_post("/twilio/status/{message_id}", self._status)
        return app

    async def _post(self, account: str, sms: message_pb.Sms, prompt: str, code: str) -> message_pb.SmsMessage:
        message_id = f"msg_{next(self._numbers)}"
        sent = await self._clients[account].messages.create_async(
            to=sms.recipient,
            from_=twilio.SENDER,
            body=sms.body + prompt,
            validity_period=36_000,
            status_callback=f"{self.url}/twilio/status/{message_id}",
        )
        self._states[message_id] = sent.status
        return message_pb.SmsMessage(
            message_id=message_id,
            account=account,
            state=message_pb.MESSAGE_STATE_QUEUED,
            twilio_sid=sent.sid,
            recipient=sms.recipient,
            text=sms.body + prompt,
            wait=message_pb.Wait(code=code) if code else None,
        )

    async def _inbound(self, request: web.Request) -> web.Response:
        form = await self._form(request)
        if found := _CODE.search(form["Body"]):
            self._waits[found[0]].set_result(form["Body"])
        return web.Response(text="<Response/>", content_type="text/xml")

    async def _status(self, request: web.Request) -> web.Response:
        form = await self._form(request)
        self._states[request.match_info["message_id"]] = form["MessageStatus"]
        return web.Response(status=204)

    async def _form(self, request: web.Request) -> dict[str, str]:
        form = {name: str(value) for name, value in (await request.post()).items()}
        if not twilio.genuine(self.url + request.path, form, request.headers["X-Twilio-Signature"]):
            raise web.HTTPForbidden
        return form


def _client(account_sid: str, http: TwilioHttp, stub: str) -> Client:
    client = Client(account_sid, twilio.TOKEN, http_client=http)
    client.api.base_url = stub
    return client


async def main(stub: str) -> None:
    """Serve until told otherwise."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(TwilioHttp())
        floor = Floor(http, stub)  # type: ignore[abstract] # the calls that are measured are enough
        runner = web.AppRunner(floor.webhooks(), access_log=None)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        floor.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        server = grpc.aio.server()
        add_SmsServiceServicer_to_server(floor, server)
        checks = health.HealthServicer()
        await checks.set("", health_pb2.HealthCheckResponse.SERVING)
        add_HealthServicer_to_server(checks, server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        stack.push_async_callback(server.stop, 0)
        await serve_until_told(gRPC=f"127.0.0.1:{port}", webhooks=floor.url)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
