"""How does somebody elsewhere know that the nightly harvest still runs?

By pings to an address that raises the alarm when they stay away: at the start, and at the end with
the summary as body. Paths and signals as Healthchecks has them (https://healthchecks.io/docs/http_api/),
which others understand, too. A ping that fails never fails a harvest.
"""

from __future__ import annotations

import uuid
from urllib.parse import urlencode, urlsplit, urlunsplit

import requests

from harvester.http import Limits, PoliteSession

#: How much of a body Healthchecks keeps.
_MAX_BODY_BYTES = 100_000

_LIMITS = Limits(connect_s=5.0, read_s=5.0, total_s=10.0, max_bytes=100_000)


class Heartbeat:
    """Pings for one run. Each method returns what went wrong in a sentence without the address, "" when nothing did.

    ``ping_url`` is the address of a check, http or https; with "" nothing is ever sent. The pings of a
    run carry its id (``rid``), by which its duration is measured.
    """

    def __init__(self, ping_url: str, session: requests.Session | None = None) -> None:
        self._parts = urlsplit(ping_url) if _is_address(ping_url) else None
        self._wanted = bool(ping_url)
        self._session = session or PoliteSession(limits=_LIMITS)
        self._run = str(uuid.uuid4())

    def started(self) -> str:
        """Tell that a run begins."""
        return self._ping("/start", "")

    def ended(self, summary: str, *, failed: bool) -> str:
        """Tell how a run ended, in words."""
        return self._ping("/fail" if failed else "", summary)

    def _ping(self, signal: str, body: str) -> str:
        if not self._wanted:
            return ""
        if self._parts is None:
            return "no ping was sent: its address must begin with http:// or https://"
        query = "&".join(filter(None, (self._parts.query, urlencode({"rid": self._run}))))
        address = urlunsplit(self._parts._replace(path=self._parts.path.rstrip("/") + signal, query=query, fragment=""))
        try:
            answer = self._session.post(
                address,
                data=body.encode()[:_MAX_BODY_BYTES],
                headers={"Content-Type": "text/plain; charset=utf-8"},
            )
        except (requests.RequestException, OSError, ValueError) as error:
            return f"the ping did not arrive: {_trouble(error)}"
        return "" if answer.ok else f"the ping was answered with status {answer.status_code}"


def _is_address(ping_url: str) -> bool:
    try:
        parts = urlsplit(ping_url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _trouble(error: Exception) -> str:
    """What went wrong, in words of ours: requests' own repeat the address, which is a secret."""
    if isinstance(error, requests.Timeout):
        return "no answer within the time limit"
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    return "the request failed"
