"""Hypothesis strategies that fill every field of a domain value, also those with a default."""

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NewType, TypeVar, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

T = TypeVar("T")

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
_PLAIN: Mapping[object, st.SearchStrategy[Any]] = {
    str: TEXT,
    int: st.integers(0, 2**31 - 1),
    datetime: st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds the zone
    timedelta: st.timedeltas(timedelta(0), timedelta(days=7)),
}


def whole(kind: type[T], **given: st.SearchStrategy[Any]) -> st.SearchStrategy[T]:
    """Values of a dataclass; each field that is not given takes any value of its type."""
    if not is_dataclass(kind):
        raise TypeError(f"{kind} is not a dataclass")
    hints = get_type_hints(kind)
    anything = {field.name: _any(hints[field.name]) for field in fields(kind) if field.name not in given}
    return st.builds(kind, **anything, **given)


def _any(hint: object) -> st.SearchStrategy[Any]:
    if isinstance(hint, NewType):
        return _any(hint.__supertype__)
    if get_origin(hint) in {Union, types.UnionType}:
        return st.one_of([_any(part) for part in get_args(hint)])
    if get_origin(hint) is tuple:
        return st.lists(_any(get_args(hint)[0]), max_size=3).map(tuple)
    if get_origin(hint) is Mapping:
        return st.dictionaries(TEXT, TEXT, max_size=3).map(types.MappingProxyType)  # not every Mapping is a dict
    if is_dataclass(hint) and isinstance(hint, type):
        return whole(hint)
    if hint in _PLAIN:
        return _PLAIN[hint]
    if not isinstance(hint, type):
        raise TypeError(f"no strategy for {hint}")
    return st.from_type(hint)
