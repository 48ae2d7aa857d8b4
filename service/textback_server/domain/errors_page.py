"""The reasons as a page for people: `docs/errors.md` is printed from here."""

from collections.abc import Iterator, Mapping, Sequence

from textback_server.domain.handbook import table
from textback_server.domain.reasons import MEANINGS, Reason
from textback_server.domain.recipes import RECIPES, Become, Call, Elsewhere, Faults, Reply, Serve, Step

Codes = Mapping[Reason, Sequence[tuple[int, str]]]
"""Twilio's codes that are a reason, each with our sentence."""

_HEAD = """# Error reasons

Printed from `service/textback_server/domain/reasons.py`, `domain/recipes.py` and `gateway/errors.py`; do not edit.

The same words stand in `ErrorInfo.reason` (domain `textback`) of a refused call and in `failure.reason` of a message
that cannot arrive. A reason is for ever, its sentence may improve: [compatibility](compatibility.md).

Below each reason is how to see it happen: in a clone where `make run` runs, with
[grpcurl](../README.md#the-eight-calls). No SMS leaves the machine. The last command shows the reason, as its error or
as a `failure.reason` in its answer; Ctrl-C ends a stream that goes on. `.venv/bin/twilio-emulator faults --clear`
takes rules away again. A recipe that begins with `textback serve` takes the place of `make run`; the rest of it goes
into a second terminal. Tests follow every recipe.

To see another of Twilio's codes: with the rule `{"create": [{"effect": {"status": 400, "code": CODE}}]}` Twilio
refuses an SMS; `.venv/bin/twilio-emulator status SID undelivered --code CODE` reports one later, of an SMS to
`+15005550013`.

"""
_KEPT = {
    "$id": "id=$(.venv/bin/textback list --limit 1 | cut -d ' ' -f 1)",
    "$sid": "sid=$(.venv/bin/textback get $id --json | grep -o 'SM[0-9a-f]\\{32\\}')",
    "$code": "code=$(.venv/bin/textback get $id --json | grep -o '\"code\": *\"[0-9]*' | grep -o '[0-9]*$')",
}
"""What a recipe remembers of the message before, and how a shell finds it."""


def errors_page(codes: Codes) -> str:
    """Every reason: when it happens, what helps, which of Twilio's codes it stands for, how to see it."""
    rows = (
        (f"[`{each}`](#{each.lower()})", MEANINGS[each].status, MEANINGS[each].when, MEANINGS[each].fix)
        for each in Reason
    )
    sections = "".join(_section(each, codes.get(each, ())) for each in Reason)
    return f"{_HEAD}{table(('reason', 'gRPC status', 'when', 'what helps'), rows)}\n{sections}".rstrip("\n") + "\n"


def _section(reason: Reason, codes: Sequence[tuple[int, str]]) -> str:
    meaning, recipe = MEANINGS[reason], RECIPES[reason]
    said = f"## {reason}\n\n{meaning.status}. {meaning.when} {meaning.fix}\n\n"
    if codes:
        rows = ((f"[{code}](https://www.twilio.com/docs/api/errors/{code})", sentence) for code, sentence in codes)
        said += table(("Twilio's code", "what we say"), rows) + "\n"
    if isinstance(recipe, Elsewhere):
        return f"{said}Not to be had from the emulator. {recipe.why}\n\n"
    lines = "".join(f"{line}\n" for line in _typed(recipe))
    return f"{said}```sh\n{lines}```\n\n"


def _typed(recipe: Sequence[Step]) -> Iterator[str]:
    """A recipe as lines of a shell; what it needs of a message is kept before it is used."""
    kept = set[str]()
    for step in recipe:
        line = _line(step)
        for name, keeping in _KEPT.items():
            needed = name in line or (name == "$id" and ("$sid" in line or "$code" in line))
            if needed and name not in kept:
                kept.add(name)
                yield keeping
        yield line


def _line(step: Step) -> str:
    match step:
        case Serve():
            return f"{step.setting} .venv/bin/textback serve --emulator"
        case Faults():
            return f"echo '{step.rules}' | .venv/bin/twilio-emulator faults -"
        case Become():
            return f".venv/bin/twilio-emulator status $sid {step.status} --code {step.code}"
        case Reply():
            return f'.venv/bin/twilio-emulator reply --from +14155550123 "{step.text}"'
        case Call():
            request = step.request.replace("$id", "'$id'")
            away = " &" if step.leave else ""
            return f"grpcurl -plaintext -d '{request}' 127.0.0.1:50051 textback.v1.SmsService/{step.method}{away}"
