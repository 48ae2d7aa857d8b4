"""A caller as other teams write one; mypy --strict must accept it with nothing but the stubs."""

import grpc
from textback.v1 import sms_event_pb2, sms_message_pb2, sms_service_pb2, sms_service_pb2_grpc


def ask(address: str, recipient: str, question: str) -> sms_message_pb2.Result:
    """Asks, and blocks until the question is closed."""
    request = sms_service_pb2.SendSmsAndWaitRequest(
        sms=sms_message_pb2.Sms(recipient=recipient, body=question),
        wait=sms_message_pb2.WaitOptions(choices=[sms_message_pb2.Choice(value="yes")]),
    )
    with grpc.insecure_channel(address) as channel:
        for response in sms_service_pb2_grpc.SmsServiceStub(channel).SendSmsAndWait(request):
            if response.event.terminal:
                return response.event.result
    raise ConnectionError


async def watch(channel: grpc.aio.Channel, message_id: str) -> list[sms_event_pb2.SmsEvent]:
    """Reads all events of a message."""
    call = sms_service_pb2_grpc.SmsServiceStub(channel).WatchMessage(
        sms_service_pb2.WatchMessageRequest(message_id=message_id)
    )
    return [response.event async for response in call]
