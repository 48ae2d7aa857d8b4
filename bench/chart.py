"""The figures as a picture: each a bar of ours beside its floor's, as far as both have one."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

from bench.report import Row

_ROW, _LEFT, _WIDTH = 34, 290, 760
_BAR = 300
_COLOURS = {True: "#1f6f5c", False: "#b3261e", None: "#62676e"}


def as_chart(rows: Sequence[Row]) -> str:
    """An SVG. The floor is the thin line; a longer bar is more of the unit, which may be better or worse."""
    height = _ROW * len(rows) + 50
    size = f'width="{_WIDTH}" height="{height}" viewBox="0 0 {_WIDTH} {height}"'
    legend = "Thin: the floor in the same run. Green: target met. Red: missed. Grey: none."
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="system-ui, sans-serif" font-size="13">',
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',
        *(_row(row, 16 + _ROW * place) for place, row in enumerate(rows)),
        f'<text x="16" y="{height - 14}" fill="#62676e" font-size="12">{legend}</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _row(row: Row, top: int) -> str:
    most = max(row.ours, row.floor or 0.0) or 1.0
    ours, floor = row.ours / most * _BAR, (row.floor or 0.0) / most * _BAR
    said = f"{row.ours:,.2f} {row.unit}" + (f", {row.ratio:.2f} of the floor" if row.ratio else "")
    return (
        f'<text x="16" y="{top + 14}">{escape(row.name)}</text>'
        f'<rect x="{_LEFT}" y="{top + 2}" width="{ours:.0f}" height="12" rx="3" fill="{_COLOURS[row.met]}"/>'
        f'<rect x="{_LEFT}" y="{top + 17}" width="{floor:.0f}" height="3" fill="#a0a6a9"/>'
        f'<text x="{_LEFT + _BAR + 12}" y="{top + 13}" fill="#62676e" font-size="12">{escape(said)}</text>'
    )
