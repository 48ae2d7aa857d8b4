"""What came out, for people and as JSON."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

FOOTER = (
    "Floor, service, Twilio stub and client share this machine's processors, with whatever else runs on it:\n"
    "compare the two columns of one run, not figures of two runs or of two machines."
)
_HEADINGS = ("", "unit", "floor", "textback", "ratio", "target", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure. `met` is None where there is no target."""

    name: str
    unit: str
    floor: float | None
    ours: float
    target: str = ""
    met: bool | None = None

    @property
    def ratio(self) -> float | None:
        """Ours to the floor's."""
        return self.ours / self.floor if self.floor else None


def as_table(rows: Sequence[Row]) -> str:
    """Aligned columns, and how to read them."""
    cells = [_HEADINGS, *(_cells(row) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(
            cell.rjust(width) if column in {2, 3, 4} else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in cells
    ]
    return "\n".join([*lines, "", FOOTER])


def as_json(rows: Sequence[Row]) -> str:
    """The same as an object."""
    figures = [
        {
            "name": row.name,
            "unit": row.unit,
            "floor": row.floor,
            "textback": row.ours,
            "ratio": row.ratio,
            "target": row.target or None,
            "met": row.met,
        }
        for row in rows
    ]
    return json.dumps({"figures": figures, "note": FOOTER.replace("\n", " ")}, indent=2)


def _cells(row: Row) -> tuple[str, ...]:
    verdict = {True: "PASS", False: "MISS", None: ""}[row.met]
    numbers = (_number(row.floor), _number(row.ours), _number(row.ratio))
    return row.name, row.unit, *numbers, row.target, verdict


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
