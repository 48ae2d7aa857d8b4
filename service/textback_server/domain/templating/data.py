"""The data of a template: JSON, read within bounds, and printed as the person sees it."""

import json
from decimal import Decimal
from typing import NoReturn, TypeAlias

from textback_server.domain.templating.errors import TemplateError, UnfitError

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

MAX_BYTES = 64 * 1024
MAX_DEPTH = 50
MAX_DIGITS = 1_000
_PLAIN = 1e21  # from here on Go prints a float64 with an exponent
_SHOWN = 40
_TOO_DEEP = f"the data are nested deeper than {MAX_DEPTH} levels"


def parse_data(text: str) -> object:
    """Read the JSON that a template may see.

    Integers stay exact; a decimal without a fraction (`1.0`, `1e3`) becomes the integer that Go prints for it.
    Half of a surrogate pair becomes U+FFFD, as in Go's encoding/json.

    Raises:
        TemplateError: Not JSON, a key twice in one object, NaN or Infinity, or over a bound.
    """
    size = len(text.encode(errors="surrogatepass"))
    if size > MAX_BYTES:
        raise TemplateError(f"the data are {size:,} bytes of JSON; at most {MAX_BYTES:,} are taken")
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_constant=_constant, parse_int=integer, parse_float=decimal
        )
        return _sound(value, depth=0)
    except json.JSONDecodeError as error:
        raise TemplateError(f"the data are not JSON: {error.msg}", source=text, position=error.pos) from None
    except RecursionError:
        raise TemplateError(_TOO_DEEP) from None
    except UnfitError as error:
        raise TemplateError(f"the data cannot be used: {error}") from None


def text_of(value: Json) -> str:
    """A value as `{{ }}` prints it: strings as they are, everything else as compact JSON, keys in the data's order.

    So null prints `null`. Go prints `<no value>` for it, and for an unknown key as well. An unknown key is refused
    here, because it is a mistake in the template; a null is what the data say, and an alert is not withheld for it.
    """
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def integer(text: str) -> int:
    """An integer as written in JSON or in a template."""
    if len(text) > MAX_DIGITS:
        raise UnfitError(f"a number has more than {MAX_DIGITS:,} digits")
    return int(text)


def decimal(text: str) -> int | float:
    """A number with a fraction or exponent; an int where Go prints it like one."""
    if len(text) > MAX_DIGITS:
        raise UnfitError(f"a number has more than {MAX_DIGITS:,} digits")
    number = float(text)
    if abs(number) == float("inf"):
        raise UnfitError("a number is too large for 64 bits of floating point")
    if number.is_integer() and abs(number) < _PLAIN:
        return int(Decimal(repr(number)))  # the shortest digits, like Go, not all digits of the binary fraction
    return number


def shown(name: str) -> str:
    """A name in quotes for a sentence, cut when it is long."""
    return json.dumps(name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…", ensure_ascii=False)


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise UnfitError(f"the key {shown(_whole(twice))} is there twice in one object")
    return found


def _constant(name: str) -> NoReturn:
    raise UnfitError(f"{name} is not a JSON number")


def _sound(value: Json, depth: int) -> Json:
    match value:
        case str():
            return _whole(value)
        case list() | dict() if depth == MAX_DEPTH:
            raise TemplateError(_TOO_DEEP)
        case list():
            return [_sound(each, depth + 1) for each in value]
        case dict():
            return {_whole(key): _sound(each, depth + 1) for key, each in value.items()}
    return value


def _whole(text: str) -> str:
    """Without halves of surrogate pairs, which no UTF-8 can carry."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", errors="surrogatepass").decode("utf-16-le", errors="replace")
