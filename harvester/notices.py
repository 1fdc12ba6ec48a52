"""When is a person told about the nightly harvest, and how?

Through Apprise (https://github.com/caronc/apprise), which knows some hundred services by address.
Told is what one would act on: a harvest that failed twice running, and something new on a topic of
theirs. Addresses are secrets: they come from a variable or a file, and no message repeats them.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import Literal

from library.errors import ConfigError
from library.journal import Run
from library.text import one_line

VARIABLE = "MENTOR_NOTIFY_URLS"

When = Literal["never", "failing", "always"]

_MAX_LINES = 20
_PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told: a title, and a body of plain lines."""

    title: str
    body: str


def addresses(urls_file: str, environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Where notices go: the addresses in MENTOR_NOTIFY_URLS, else those in the file; none where neither is there.

    Apart by white space or line; lines that begin with # say nothing. Raises ConfigError for a file
    that cannot be read, or that is an address itself.
    """
    if text := environment.get(VARIABLE, ""):
        return _parted(text)
    if not urls_file:
        return ()
    if "://" in urls_file:
        raise ConfigError(
            "notify.urls_file holds an address itself, where the name of a file belongs",
            hint=f"put it into a file of its own and name that, or set {VARIABLE}",
        )
    try:
        return _parted(Path(urls_file).expanduser().read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RuntimeError) as exc:
        raise ConfigError(
            f"notify.urls_file: {urls_file} cannot be read", hint="the file holds an Apprise address a line"
        ) from exc


def failures_running(runs: Sequence[Run]) -> int:
    """How many of the last runs, newest first, failed one after the other; interrupted ones count neither way."""
    results = [run.result for run in runs if run.result != "interrupted"]
    return next((count for count, result in enumerate(results) if result == "done"), len(results))


def notice(runs: Sequence[Run], summary: str, news: Sequence[str] = (), when: When = "failing") -> Notice | None:
    """What to tell after a run that is the first of ``runs`` (newest first, as from Journal.runs); None for nothing.

    "failing" tells of the 2nd failure running, then of the 4th, 8th and so on, so that a lasting fault
    is not told every night; and of ``news``, lines such as "negotiation: Ines Calder, The first number
    (1 new moment)". "always" tells of every run.
    """
    failed = failures_running(runs)
    worth_telling = failed >= 2 and failed & (failed - 1) == 0
    if when == "never" or not (worth_telling or news or when == "always"):
        return None
    if worth_telling:
        title = f"the harvest failed {failed} times running"
    elif news:
        title = "something new on your topics"
    else:
        title = "the harvest did not end well" if failed else "the harvest is done"
    reason = [runs[0].result] if failed and runs[0].result.startswith("failed") else []
    return Notice(f"Passive Mentor: {title}", "\n".join(map(one_line, [*_some(news), *reason, summary])))


def send(told: Notice, to: Sequence[str], *, patience_s: float = _PATIENCE_S) -> str:
    """Send a notice to every address; what went wrong in a sentence, "" when nothing did.

    Never raises, and gives up after ``patience_s`` seconds.
    """
    if not to:
        return ""
    if not find_spec("apprise"):
        return "no notice was sent: it needs apprise (pip install 'passive-mentor[notify]')"
    logging.getLogger("apprise").disabled = True  # what it logs holds addresses
    taken: list[str] = []
    # In a thread of our own, which ends with the program: nothing of Apprise's limits the whole.
    thread = Thread(target=lambda: taken.extend(one for one in to if _takes(one, told)), daemon=True)
    thread.start()
    thread.join(patience_s)
    if thread.is_alive():
        return f"a notice was not taken within {patience_s:g} s"
    refused = ", ".join(str(number) for number, one in enumerate(to, 1) if one not in taken)
    if not refused:
        return ""
    return f"a notice was not taken by address {refused} of {len(to)} ({VARIABLE} or notify.urls_file)"


def _takes(address: str, told: Notice) -> bool:
    """Whether the service at an address took a notice. Each has exceptions of its own."""
    import apprise

    try:
        service = apprise.Apprise(asset=apprise.AppriseAsset(async_mode=False, app_id="Passive Mentor"))
        return service.add(address) and bool(service.notify(title=told.title, body=told.body, body_format="text"))
    except Exception:
        return False


def _parted(text: str) -> tuple[str, ...]:
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    return tuple(word for line in lines for word in line.split())


def _some(news: Sequence[str]) -> list[str]:
    more = len(news) - _MAX_LINES
    return [*news[:_MAX_LINES], *([f"and {more} more"] if more > 0 else [])]
