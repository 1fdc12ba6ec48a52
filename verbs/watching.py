"""Who hears how a harvest goes when nobody watches?

The log does, line by line; whoever is pinged at its start and end; and a person, by a notice, where
that is worth one. None of them can make a harvest fail.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from verbs import common

if TYPE_CHECKING:
    from harvester.report import Event, Report
    from library.config import Config, Notify
    from library.store import Store


@dataclass(slots=True)
class Ending:
    """How a harvest ended, for those who were not there; unless somebody says otherwise, it crashed."""

    summary: str = "the harvest crashed: see the log"
    failed: bool = True


@contextmanager
def watched(config: Config, store: Store, report: Report, log_level: str) -> Iterator[Ending]:
    """Keep a log of a harvest, ping whoever watches it, and send a notice where one is wanted.

    The harvest says in the Ending how it ended, before it leaves. Raises ConfigError.
    """
    from harvester import notices
    from harvester.heartbeat import Heartbeat
    from library import logs
    from library.errors import MentorError
    from library.secrets import api_key, proxy

    chosen, youtube = config.notify, config.youtube
    to = notices.addresses(chosen.urls_file)
    secrets = (api_key(youtube.api_key_file)[0], proxy(youtube.proxy_file), chosen.ping_url, *to)
    heart, ending, began = Heartbeat(chosen.ping_url), Ending(), common.now()
    with logs.writing_to(common.places().log, log_level, secrets=secrets):
        _warn(heart.started())
        try:
            with logs.summed_up("harvest", lambda: {**report.as_dict(), "line": ending.summary}):
                yield ending
        except MentorError as error:
            ending.summary = f"failed: {error.message}"
            raise
        finally:
            _warn(heart.ended(ending.summary, failed=ending.failed))
            news = _news(chosen, store, began, told=bool(to)) if report.transcripts else []
            told = notices.notice(store.journal.runs(64), ending.summary, news, chosen.when)
            _warn(notices.send(told, to) if told else "")


def _news(chosen: Notify, store: Store, began: datetime, *, told: bool) -> list[str]:
    """Write the digest where one is wanted, and return what is to be ``told`` of a person's topics."""
    from library.errors import MentorError
    from verbs.news import news_lines, write_digest

    try:
        if chosen.digest_file:
            write_digest(store, Path(chosen.digest_file), common.now())
        return news_lines(store, began) if told and chosen.when != "never" else []
    except MentorError as error:
        _warn(error.message)
        return []


def logged(events: Iterable[Event]) -> Iterator[Event]:
    """The events of a harvest, each on its way into the log."""
    from harvester.report import Fetching, ListingFailed, Looking, Stopped, Waiting
    from library import logs

    for event in events:
        match event:
            case ListingFailed() | Stopped():
                logs.note_event(event, "warning")
            case Looking() | Waiting() | Fetching():
                logs.note_event(event, "debug")
            case _:
                logs.note_event(event)
        yield event


def _warn(trouble: str) -> None:
    """Say what went wrong beside the harvest, if anything did."""
    from library import logs

    if trouble:
        logs.note("not_told", "warning", reason=trouble)
        common.say(trouble)
