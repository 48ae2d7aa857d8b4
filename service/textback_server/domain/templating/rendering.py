"""Print a template with its data."""

from typing import cast

from textback_server.domain.templating.data import Json
from textback_server.domain.templating.errors import TemplateError, UnfitError
from textback_server.domain.templating.functions import FUNCTIONS, Run, field
from textback_server.domain.templating.parser import Call, Literal, Node, parse

MAX_OUTPUT = 10_000


def render(template: str, data: object, *, anon_seed: str | None = None) -> str:
    """The text of a template for data as `parse_data` returns them.

    `anon_seed` is the secret that `anon` hides values behind; without one a template that uses `anon` is refused.

    Raises:
        TemplateError: Bad syntax, a key that the data do not have, a value that does not fit, or over a bound.
    """
    run = Run(anon_seed)
    printed: list[str] = []
    room = MAX_OUTPUT
    for part in parse(template):
        text = part if isinstance(part, str) else _print(run, part, cast("Json", data), template)
        room -= len(text)
        if room < 0:
            position = None if isinstance(part, str) else part.at
            sentence = f"the text is longer than {MAX_OUTPUT:,} characters"
            raise TemplateError(sentence, source=template, position=position)
        printed.append(text)
    return "".join(printed)


def _print(run: Run, node: Node, data: Json, template: str) -> str:
    value = _value(run, node, data, template)
    try:
        return run.text(value)
    except UnfitError as error:
        raise TemplateError(str(error), source=template, position=node.at) from None


def _value(run: Run, node: Node, data: Json, template: str) -> Json:
    """Evaluate; the parser has bounded how deep this goes."""
    if isinstance(node, Literal):
        return node.value
    try:
        if isinstance(node, Call):
            arguments = [_value(run, each, data, template) for each in node.arguments]
            return FUNCTIONS[node.name].call(run, arguments)
        value = data if node.of is None else _value(run, node.of, data, template)
        for name in node.names:
            value = field(value, name)
    except UnfitError as error:
        raise TemplateError(str(error), source=template, position=node.at) from None
    return value
