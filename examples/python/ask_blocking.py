"""The same without asyncio, and without looking at the events."""

from textback_client import BlockingTextback, TextbackError

with BlockingTextback("127.0.0.1:50051") as textback:
    try:
        question = textback.ask("+14155550123", "Isolate host web-03?", choices=["yes", "no"], timeout_choice="no")
        print(question.result().choice)
    except TextbackError as error:
        raise SystemExit(str(error)) from error
