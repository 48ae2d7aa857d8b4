"""The functions of LimaCharlie's template strings, and Go's `index` (LimaCharlie, Template Strings and Transforms).

Their page names the functions and shows `token`, `anon`, `json`, `prettyjson`, `parsetime` and `join` in use. The value
is the last argument, so that it can be piped in. What the page leaves open is said at each function.
"""

import hashlib
import json as jsonlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textback_server.domain.templating.data import Json, shown, text_of
from textback_server.domain.templating.errors import UnfitError
from textback_server.domain.templating.times import convert

MAX_TEXT = 64 * 1024
MAX_WORK = 200_000
"""Characters that the functions of one rendering may read and write together."""

_EACH = 8  # even an empty text takes its time
_PRETTY = jsonlib.JSONEncoder(ensure_ascii=False, indent=2)


class Run:
    """One rendering: what it may still do, and the secret of `anon`."""

    def __init__(self, seed: str | None) -> None:
        """`seed` None: `anon` is refused, because without a secret it would be no more than `token`."""
        self.seed = seed
        self.work = 0

    def spend(self, characters: int) -> None:
        """Refuse before a text is made that is too long, or one too many."""
        self.work += characters
        if characters > MAX_TEXT:
            raise UnfitError(f"the text would be longer than {MAX_TEXT:,} characters")
        if self.work > MAX_WORK:
            raise UnfitError(f"all functions together work on more than {MAX_WORK:,} characters")

    def text(self, value: Json) -> str:
        """A value as it would be printed."""
        text = text_of(value)
        self.spend(len(text) + _EACH)
        return text


@dataclass(frozen=True, slots=True)
class Function:
    """`usage` is how to write it; the words after the name are its arguments, `...` any more."""

    usage: str
    call: Callable[[Run, Sequence[Json]], Json]

    def takes(self, count: int) -> bool:
        """Whether this is a right number of arguments."""
        words = self.usage.split()[1:]
        return count >= len(words) - 1 if words[-1] == "..." else count == len(words)


def json(run: Run, arguments: Sequence[Json]) -> Json:
    """Compact JSON, also of a string. Unlike Go's encoder `<`, `>` and `&` stay as they are: this is no web page."""
    (value,) = arguments
    return run.text(value) if not isinstance(value, str) else run.text(jsonlib.dumps(value, ensure_ascii=False))


def prettyjson(run: Run, arguments: Sequence[Json]) -> Json:
    """JSON on several lines, indented by two spaces."""
    pieces: list[str] = []
    for piece in _PRETTY.iterencode(arguments[0]):
        run.spend(len(piece))
        pieces.append(piece)
    return "".join(pieces)


def join(run: Run, arguments: Sequence[Json]) -> Json:
    """The elements of a list as one text; what is not a string is printed as `{{ }}` prints it."""
    separator, elements = _string("join", "separator", arguments[0]), arguments[1]
    if not isinstance(elements, list):
        raise UnfitError(f"join joins a list, not {_kind(elements)}")
    texts = [run.text(each) for each in elements]
    run.spend(sum(map(len, texts)) + len(separator) * len(texts))
    return separator.join(texts)


def split(run: Run, arguments: Sequence[Json]) -> Json:
    """A text as a list; by an empty separator into characters, as Go's strings.Split does."""
    separator, text = _string("split", "separator", arguments[0]), _string("split", "text", arguments[1])
    run.spend(len(text))
    return [*text.split(separator)] if separator else [*text]


def replace(run: Run, arguments: Sequence[Json]) -> Json:
    """Every `old` by `new`; an empty `old` is found around each character, as in Go's strings.ReplaceAll."""
    old, new, text = (_string("replace", what, each) for what, each in zip(_REPLACE, arguments, strict=True))
    run.spend(len(text))
    run.spend(len(text) + text.count(old) * max(0, len(new) - len(old)))
    return text.replace(old, new)


def base(run: Run, arguments: Sequence[Json]) -> Json:
    r"""The last name of a path.

    In a path with a drive, a `\\server` or no `/` the `\` separates too, because events come from Windows as well.
    As Go's path.Base: separators at the end do not count, an empty path is `.`, a path of separators is one separator.
    """
    path = _path(run, "base", arguments[0])
    separators = _separators(path)
    bare = path.rstrip(separators)
    if not bare:
        return path[:1] or "."
    return bare[_after_last(bare, separators) :]


def directory(run: Run, arguments: Sequence[Json]) -> Json:
    r"""All but the last name of a path, with the separators of `base`.

    As Go's path.Dir: `.` when there is no separator, `/` for a name in the root, and `/a/b` for `/a/b/`. The root of a
    drive keeps its `\`. Nothing is tidied up: `..` and double separators stay.
    """
    path = _path(run, "dir", arguments[0])
    separators = _separators(path)
    head = path[: _after_last(path, separators)]
    bare = head.rstrip(separators)
    root = not bare or (bare.endswith(":") and len(bare) == len("C:"))
    return (bare + head[len(bare) :][:1] if root else bare) or "."


def parsetime(run: Run, arguments: Sequence[Json]) -> Json:
    r"""A time in another form: `parsetime "{\"from\": …, \"to\": …}" value`, both Go layouts (see `times`)."""
    spec = _string("parsetime", "layouts", arguments[0])
    run.spend(len(spec) + _PARSETIME)
    value = arguments[1]
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise UnfitError(f"parsetime reads a text or a number, not {_kind(value)}")
    try:
        layouts = jsonlib.loads(spec)
    except (ValueError, RecursionError):
        layouts = None
    match layouts:
        case {"from": str(read), "to": str(write), **rest} if not rest:
            return convert(value, read, write)
    raise UnfitError('parsetime needs its layouts as JSON text, {"from": "2006-01-02", "to": "02.01.2006"}')


def token(run: Run, arguments: Sequence[Json]) -> Json:
    """MD5 in hex of a value as it would be printed: the same for the same, and no secret to who can guess it."""
    return _md5(run.text(arguments[0]))


def anon(run: Run, arguments: Sequence[Json]) -> Json:
    """MD5 in hex of the secret seed followed by the value as it would be printed."""
    if run.seed is None:
        raise UnfitError("anon needs a secret seed, and this server has none")
    return _md5(run.seed + run.text(arguments[0]))


def index(run: Run, arguments: Sequence[Json]) -> Json:
    """An element of a list by number from 0, of an object by key, and so on inwards. Unlike Go, no key: refused."""
    value = arguments[0]
    for key in arguments[1:]:
        run.spend(1)
        match value, key:
            case (_, bool()):
                raise UnfitError("index takes numbers and texts, not a boolean")
            case list(), int():
                if not 0 <= key < len(value):
                    raise UnfitError(f"index {key} is outside a list of {len(value)} elements")
                value = value[key]
            case dict(), str():
                value = field(value, key)
            case _:
                raise UnfitError(f"index cannot take {_kind(key)} of {_kind(value)}")
    return value


def field(value: Json, name: str) -> Json:
    """One field of an object.

    Raises:
        UnfitError: It is not an object, or has no such field.
    """
    if not isinstance(value, dict):
        raise UnfitError(f"{shown(name)} is asked of {_kind(value)}, which has no fields")
    if name not in value:
        raise UnfitError(f"the data have no field {shown(name)} here")
    return value[name]


FUNCTIONS = {
    "json": Function("json value", json),
    "prettyjson": Function("prettyjson value", prettyjson),
    "join": Function("join separator list", join),
    "split": Function("split separator text", split),
    "replace": Function("replace old new text", replace),
    "base": Function("base path", base),
    "dir": Function("dir path", directory),
    "parsetime": Function("parsetime layouts time", parsetime),
    "token": Function("token value", token),
    "anon": Function("anon value", anon),
    "index": Function("index value key ...", index),
}
_PARSETIME = 1_000  # reading and writing a time takes as long as some thousand characters elsewhere
_REPLACE = ("old text", "new text", "text")
_KINDS = {bool: "a boolean", int: "a number", float: "a number", str: "a text", list: "a list", dict: "an object"}


def _kind(value: Json) -> str:
    return _KINDS.get(type(value), "null")


def _string(function: str, what: str, value: Json) -> str:
    if not isinstance(value, str):
        raise UnfitError(f"the {what} of {function} is a text, not {_kind(value)}")
    return value


def _path(run: Run, function: str, value: Json) -> str:
    path = _string(function, "path", value)
    run.spend(len(path))
    return path


def _separators(path: str) -> str:
    windows = path[1:2] == ":" or path.startswith("\\\\") or "/" not in path
    return "/\\" if windows else "/"


def _after_last(path: str, separators: str) -> int:
    return 1 + max(path.rfind(each) for each in separators)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
