"""What can go wrong, and what is a person told about it?

::

    MentorError                what is wrong and where; a hint: what to do; an exit code
    ├── UsageError        2    a command that cannot be carried out as written
    ├── ConfigError       78   configuration or key: file, dotted setting, what is allowed
    ├── StoreError        73   the library cannot be opened or written
    ├── InputError        65   a file given by the user cannot be read as what it should be
    ├── SourceError       69   a source did not answer as it should
    │   ├── ChannelNotFound    no such channel, playlist or folder, or it is private
    │   ├── SourceChanged      an answer in a shape nobody knows (please report)
    │   ├── NoTranscript       this video has no text (an outcome, never the end of a run)
    │   ├── RateLimited   75   the source asks for patience
    │   └── KeyRefused    78   YouTube does not accept the API key
    ├── Busy              75   another run holds the lock
    ├── SearchError       65
    │   ├── IndexMissing       there is none, or none that can be read; it can always be built anew
    │   └── QuerySyntaxError   where in the query, and why
    ├── ExportError       73
    └── ScheduleError     73    the nightly job cannot be written, started or removed

Exit codes are listed for users in docs/cli.md.
"""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar

from library.models import State


class ExitCode(IntEnum):
    """The exit codes of the command; sysexits.h where it has a fitting one."""

    DONE = 0
    NOTHING_FOUND = 1
    USAGE = 2
    BAD_INPUT = 65
    UNREACHABLE = 69
    FAULT = 70
    CANNOT_WRITE = 73
    TRY_LATER = 75
    BAD_CONFIG = 78
    INTERRUPTED = 130


class MentorError(Exception):
    """Something a person must be told: one sentence, and in ``hint`` what to do about it."""

    exit_code: ClassVar[ExitCode] = ExitCode.NOTHING_FOUND

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(MentorError):
    exit_code = ExitCode.USAGE


class ConfigError(MentorError):
    exit_code = ExitCode.BAD_CONFIG


class StoreError(MentorError):
    exit_code = ExitCode.CANNOT_WRITE


class InputError(MentorError):
    exit_code = ExitCode.BAD_INPUT


class SourceError(MentorError):
    exit_code = ExitCode.UNREACHABLE


class ChannelNotFound(SourceError):
    exit_code = ExitCode.BAD_INPUT


class SourceChanged(SourceError):
    pass


class NoTranscript(SourceError):
    """A video whose text cannot be had now; ``state`` says why."""

    def __init__(self, state: State, message: str) -> None:
        super().__init__(message)
        self.state = state


class RateLimited(SourceError):
    """A source asks for patience; ``retry_after_s`` is how long, where it says so."""

    exit_code = ExitCode.TRY_LATER

    def __init__(self, message: str, *, retry_after_s: float | None = None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.retry_after_s = retry_after_s


class KeyRefused(SourceError):
    exit_code = ExitCode.BAD_CONFIG


class Busy(MentorError):
    exit_code = ExitCode.TRY_LATER


class SearchError(MentorError):
    exit_code = ExitCode.BAD_INPUT


class IndexMissing(SearchError):
    pass


class QuerySyntaxError(SearchError):
    """A query that cannot be read; ``position`` counts characters from 0 in ``query``, "" where that is not known."""

    def __init__(self, message: str, position: int, *, hint: str = "", query: str = "") -> None:
        super().__init__(message, hint=hint)
        self.position = position
        self.query = query


class ExportError(MentorError):
    exit_code = ExitCode.CANNOT_WRITE


class ScheduleError(MentorError):
    exit_code = ExitCode.CANNOT_WRITE
