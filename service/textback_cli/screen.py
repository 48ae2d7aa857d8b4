"""The live display on a terminal: lines that stay, and one below them that moves."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from textback_cli.story import Line, Mark


class Screen(Protocol):
    """Where progress goes."""

    def show(self, line: Line) -> None:
        """Show a line for good."""


class NoScreen:
    """Nobody watches."""

    def show(self, line: Line) -> None:
        """Show nothing."""


@contextmanager
def live(status: Callable[[], str]) -> Iterator[Screen]:
    """Show progress on the terminal that is stderr, with `status()` beside a spinner below it.

    Colours only here, and none with NO_COLOR.
    """
    from rich.console import Console  # noqa: PLC0415  needed on a terminal only
    from rich.live import Live  # noqa: PLC0415  needed on a terminal only
    from rich.spinner import Spinner  # noqa: PLC0415  needed on a terminal only
    from rich.text import Text  # noqa: PLC0415  needed on a terminal only

    styles = {Mark.GOOD: "green", Mark.BAD: "red", Mark.WARN: "yellow", Mark.NOTE: "cyan", Mark.NONE: ""}
    console = Console(file=sys.stderr, highlight=False)
    spinner = Spinner("dots")

    class Moving:
        def __rich__(self) -> Spinner:
            spinner.update(text=Text(status(), no_wrap=True, overflow="ellipsis"))
            return spinner

    class Terminal:
        def show(self, line: Line) -> None:
            text = Text(str(line))
            text.stylize(styles[line.mark], 0, len(line.mark))
            console.print(text, soft_wrap=True)

    with Live(Moving(), console=console, transient=True, refresh_per_second=8):
        yield Terminal()
