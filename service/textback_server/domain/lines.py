"""Lines with named placeholders, such as `Text back {code} and your answer.`: prompts and notices are such lines."""

import string
from collections.abc import Mapping, Set
from dataclasses import dataclass

MAX_LENGTH = 320
"""Characters of a line: two segments are long enough to be told what to do."""


class LineError(ValueError):
    """A line that cannot be used; the text is the rest of a sentence that begins with the field's name."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line that was checked. `names` are the placeholders that it uses."""

    template: str
    names: frozenset[str]

    def fill(self, values: Mapping[str, str]) -> str:
        """The line with its placeholders filled. `values` has every name."""
        return self.template.format_map(values)


def parse_line(template: str, known: Set[str]) -> Line:
    """Check a line. Raises LineError for a placeholder that is unknown or has more than a name."""
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
    return Line(template, frozenset(names))


def _listed(names: Set[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names))
