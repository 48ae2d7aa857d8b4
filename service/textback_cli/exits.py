"""What the command's exit codes mean."""

from __future__ import annotations

from enum import IntEnum

import grpc

from textback.v1 import sms_message_pb2 as pb
from textback_client import TextbackError


class ExitCode(IntEnum):
    """Exit codes, for scripts to rely on."""

    OK = 0
    """Answered, delivered, done."""
    OTHER = 1
    """Anything not named below."""
    USAGE = 2
    """The command or the request was wrong."""
    TIMED_OUT = 3
    """Nobody answered in time, whatever the timeout stands for."""
    FAILED = 4
    """The SMS cannot arrive, or the person opted out."""
    CANCELLED = 5
    """The question was cancelled."""
    ANOTHER_ANSWER = 6
    """A person answered, but not what `--expect` names."""
    INTERRUPTED = 130
    """Ctrl-C; the question stays open."""


_BY_OUTCOME = {
    pb.OUTCOME_REPLIED: ExitCode.OK,
    pb.OUTCOME_DELIVERED: ExitCode.OK,
    pb.OUTCOME_SETTLED: ExitCode.OK,
    pb.OUTCOME_TIMED_OUT: ExitCode.TIMED_OUT,
    pb.OUTCOME_FAILED: ExitCode.FAILED,
    pb.OUTCOME_OPTED_OUT: ExitCode.FAILED,
    pb.OUTCOME_CANCELLED: ExitCode.CANCELLED,
}


def of_result(result: pb.Result, expect: str = "") -> ExitCode:
    """Return the exit code for how a message ended; `expect` is the choice that a person must have made for 0."""
    code = _BY_OUTCOME.get(result.outcome, ExitCode.OTHER)
    if code is ExitCode.OK and expect and result.choice.casefold() != expect.casefold():
        return ExitCode.ANOTHER_ANSWER
    return code


def of_error(error: TextbackError) -> ExitCode:
    """Return the exit code for a call that failed."""
    usage = error.code in {grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.OUT_OF_RANGE}
    return ExitCode.USAGE if usage else ExitCode.OTHER
