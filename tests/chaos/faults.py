"""Every fault that the emulator knows, at every stage that the service meets: each once, and then now and then."""

from collections.abc import Iterator, Sequence

from twilio_emulator import Effect, Reset, Rule, Rules

OFTEN = 0.06
"""How probable each fault is."""
NO_ANSWER = 1.5
"""Seconds, longer than the service waits for Twilio here."""
PAGE = Effect(status=502, body="<html>Bad gateway</html>", content_type="text/html")

CREATE = (
    Effect(reset=Reset.BEFORE),
    Effect(reset=Reset.AFTER),
    Effect(latency=NO_ANSWER),
    Effect(latency=0.2),
    Effect(status=500, code=20500),
    Effect(status=500, code=20500, store=True),
    Effect(status=429, code=20429),
    Effect(status=400, code=21211),
    PAGE,
)
LIST = (
    Effect(reset=Reset.BEFORE),
    Effect(reset=Reset.AFTER),
    Effect(latency=NO_ANSWER),
    Effect(status=503, code=20503),
    Effect(status=429, code=20429),
    Effect(stale=20),
    PAGE,
)
CALLS = (
    Effect(drop=True),
    Effect(delay=0.3),
    Effect(duplicate=2),
    Effect(reorder=True),
    Effect(corrupt_signature=True),
)


def rules(seed: int) -> Rules:
    """All of them."""
    return Rules(
        create=tuple(_each(CREATE, seed)),
        list=tuple(_each(LIST, seed)),
        status_callback=tuple(_each(CALLS, seed)),
        inbound_webhook=tuple(_each(CALLS, seed)),
    )


def _each(effects: Sequence[Effect], seed: int) -> Iterator[Rule]:
    yield from (Rule(effect=effect, count=1) for effect in effects)
    for place, effect in enumerate(effects):
        yield Rule(effect=effect, probability=OFTEN, seed=seed * 100 + place)
