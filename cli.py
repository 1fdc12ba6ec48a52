"""What can a person or a nightly job tell the program to do?

Here is the list of verbs, and the one place where errors become words and exit codes; the verbs are in
``verbs/``, each imported when it is called for, so that the program starts at once. Results go to
standard output, everything else to standard error.
"""

from __future__ import annotations

import errno
import gc
import io
import os
import sys
from importlib import import_module
from typing import Any

import click

#: Verbs as the help shows them, each with the module it is in.
SECTIONS = {
    "Learn": {
        "search": "learn",
        "show": "learn",
        "topic": "topics",
        "correction": "corrections",
        "digest": "topics",
        "session": "topics",
    },
    "People": {"follow": "people", "unfollow": "people", "people": "people"},
    "Keep up": {"harvest": "keep_up", "schedule": "keep_up", "status": "keep_up"},
    "Take out": {"export": "learn"},
    "Look after": {
        "demo": "care",
        "index": "care",
        "config": "care",
        "doctor": "care",
        "backup": "care",
        "completion": "care",
    },
}
MODULES = {name: module for section in SECTIONS.values() for name, module in section.items()}
EPILOG = "Exit codes, files and variables: docs/cli.md"


class Verbs(click.Group):
    """The command: its verbs by what they are for, and the one place where errors become words and codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(MODULES)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        module = MODULES.get(name)
        return getattr(import_module(f"verbs.{module}"), name) if module else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in MODULES and args[0][:1] != "-":
            from difflib import get_close_matches

            if near := get_close_matches(args[0], MODULES, 1):
                ctx.fail(f"No such command {args[0]!r}. Did you mean {near[0]!r}?")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, verbs in SECTIONS.items():
            commands = [(name, self.get_command(ctx, name)) for name in verbs]
            with formatter.section(title):
                rows = [(name, command.get_short_help_str(66)) for name, command in commands if command]
                formatter.write_dl(rows, col_max=12)

    def invoke(self, ctx: click.Context) -> Any:
        from library.errors import ExitCode, MentorError, QuerySyntaxError
        from verbs.common import pointed, say

        try:
            return super().invoke(ctx)
        except MentorError as error:
            say(f"mentor: {error.message}")
            if isinstance(error, QuerySyntaxError) and error.query:
                say(pointed(error.query, error.position))
            if error.hint:
                say(f"  {error.hint}")
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            say("mentor: interrupted; nothing saved so far is lost")
            ctx.exit(ExitCode.INTERRUPTED)
        except BrokenPipeError:
            _hush()
            ctx.exit(ExitCode.DONE)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if os.environ.get("MENTOR_DEBUG"):
                raise
            if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EIO, errno.EDQUOT):
                say(f"mentor: the output cannot be written: {error.strerror}")
                _hush()
                ctx.exit(ExitCode.CANNOT_WRITE)
            if isinstance(error, UnicodeEncodeError) and any(map(_is_no_text, sys.argv)):
                say("mentor: what was typed holds bytes that are no text")
                ctx.exit(ExitCode.USAGE)
            say(f"mentor: an unexpected error, which is a fault of the program: {type(error).__name__}")
            say("  see where with MENTOR_DEBUG=1 before the command, and please report it")
            ctx.exit(ExitCode.FAULT)


def _is_no_text(word: str) -> bool:
    """Whether an argument holds bytes that are no letters (PEP 383)."""
    return any("\ud800" <= letter <= "\udfff" for letter in word)


def _hush() -> None:
    """The reader of our output is gone: do not complain at exit either."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _prepare_streams() -> None:
    """Files and pipes get the same bytes everywhere, in UTF-8; a terminal a ``?`` for what it cannot show.

    A scheduler may start a process without streams; then no file of ours must get their numbers.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode))
        elif isinstance(stream, io.TextIOWrapper) and stream.isatty():
            stream.reconfigure(errors="replace")
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace", newline="" if mode == "w" else None)


@click.group(cls=Verbs, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="passive-mentor", prog_name="mentor")
def cli() -> None:
    """Keep the people you learn from within reach: follow, harvest, search, jump.

    \b
    mentor demo                          try it now, no key, no network
    mentor follow @handle --as career    or: --import subscriptions.csv | feeds.opml
    mentor harvest                       fetch what is new, every night
    mentor search "negotiate salary" --since 2025
    """


def main() -> None:
    """The console script.

    A command that answers at once makes little garbage: to look for it less often, and not at all among what the
    process takes with it at its end, saves an eighth of the time.
    """
    _prepare_streams()
    gc.set_threshold(50_000, 20, 100)
    try:
        cli(prog_name="mentor")
    finally:
        gc.freeze()


if __name__ == "__main__":
    main()
