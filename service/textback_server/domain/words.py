"""The base of our enumerations: a member's value is its own name, in tables, on the wire and in logs."""

import enum


class Word(enum.StrEnum):
    """An enumeration whose values are the members' names."""

    @staticmethod
    def _generate_next_value_(name: str, start: int, count: int, last_values: list[str]) -> str:  # noqa: ARG004 - enum's own signature
        return name
