"""Lines with named placeholders, such as `Text back {code} and your answer.`: prompts and notices are such lines."""

import string
from collections.abc import Set

MAX_LENGTH = 320
"""Characters of a line: two segments are long enough to be told what to do."""


class LineError(ValueError):
    """A line that cannot be used; the text is the rest of a sentence that begins with the field's name."""


def placeholders(template: str, known: Set[str]) -> frozenset[str]:
    """The placeholders that a line uses. Raises LineError for a placeholder that is unknown or has more than a name."""
    if len(template) > MAX_LENGTH:
        raise LineError(f"has {len(template)} characters; it may have at most {MAX_LENGTH}")
    names: set[str] = set()
    try:
        for _, name, spec, conversion in string.Formatter().parse(template):
            if name is None:
                continue
            if name not in known or spec or conversion:
                raise LineError(f"has {{{name}}}; the placeholders are {_listed(known)}, and {{{{ for a brace")
            names.add(name)
    except ValueError as error:
        if isinstance(error, LineError):
            raise
        raise LineError("has a single brace; write {{ or }} for a brace that is meant") from None
    return frozenset(names)


def _listed(names: Set[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names))
