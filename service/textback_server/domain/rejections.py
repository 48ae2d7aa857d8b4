"""Why an inbound SMS was no answer."""

from enum import auto

from textback_server.domain.words import Word


class RejectReason(Word):
    """Why an inbound SMS was not the answer.

    NOT_A_CHOICE: the code, but none of the choices. EMPTY: the code alone where an answer is needed. NO_CODE: no code.
    WRONG_CODE: a number that is no code of this person's. SEVERAL_CODES: its digits can be read as different codes.
    SEVERAL_ANSWERS: different answers in one text. TAPBACK: a reaction to a text. ECHO: our own text came back.
    AUTO_REPLY: a machine answered. LATE: the wait had closed. ANSWERED: it had been answered. FOREIGN: the code belongs
    to another phone's wait. OPT_IN, HELP: Twilio's words, alone. NO_QUESTION: nothing is open for this person.
    """

    NOT_A_CHOICE = auto()
    NO_CODE = auto()
    SEVERAL_CODES = auto()
    SEVERAL_ANSWERS = auto()
    WRONG_CODE = auto()
    EMPTY = auto()
    TAPBACK = auto()
    ECHO = auto()
    AUTO_REPLY = auto()
    LATE = auto()
    ANSWERED = auto()
    FOREIGN = auto()
    OPT_IN = auto()
    HELP = auto()
    NO_QUESTION = auto()


INVALID_ANSWERS = frozenset({RejectReason.NOT_A_CHOICE, RejectReason.EMPTY, RejectReason.SEVERAL_ANSWERS})
"""What counts against max_invalid_replies: an answer was meant, and none was given."""
