"""What is wrong with a template or its data, and where."""


class TemplateError(Exception):
    """A template, or its data, that cannot be rendered. The values of the data are never quoted.

    `position` counts characters from 0, `line` and `column` from 1; all three are None where no one place is to blame.
    """

    def __init__(self, sentence: str, *, source: str = "", position: int | None = None) -> None:
        """`source` is the text in which `position` counts."""
        self.sentence = sentence
        self.position = position
        self.line: int | None = None
        self.column: int | None = None
        if position is not None:
            before = source[:position]
            self.line = before.count("\n") + 1
            self.column = position - before.rfind("\n")
            sentence = f"line {self.line}, column {self.column}: {sentence}"
        super().__init__(sentence)


class UnfitError(Exception):
    """A value that does not fit a function; whoever knows the place makes it a TemplateError."""
