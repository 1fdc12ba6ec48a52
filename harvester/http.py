"""How does the program ask the web, politely and never waiting for ever?

requests has a limit for each piece of an answer, but none for the whole: a server that sends a byte
now and then holds it for hours. Here the whole body is read against a clock, up to a size. Pauses
between requests are the pipeline's business; nothing here sleeps.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests
import urllib3.exceptions
from requests.adapters import HTTPAdapter

from harvester.proxy import Proxy

NO_PROXY = Proxy()
_PIECE_BYTES = 65_536
_ASKS_FOR_PATIENCE = (429, 503)


class TooLarge(requests.RequestException):
    """An answer longer than anything we ask for."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one answer may take: ``read_s`` for each piece of it, ``total_s`` until its body is complete.

    Neither ``connect_s`` nor ``read_s`` counts for more than ``total_s``.
    """

    connect_s: float = 10.0
    read_s: float = 20.0
    total_s: float = 60.0
    max_bytes: int = 32_000_000


class PoliteSession(requests.Session):
    """A requests session that keeps to ``limits``; it may be given to youtube-transcript-api.

    ``proxy`` wins over HTTPS_PROXY and its kin, which requests would otherwise prefer
    to a session's own proxies (psf/requests#2018).
    ``retry_after_s`` is how long the last answer asked us to wait, None where it did not.
    """

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        proxy: Proxy = NO_PROXY,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self.retry_after_s: float | None = None
        self.max_redirects = 5
        adapter = _BoundedAdapter(limits or Limits(), clock)
        self.mount("https://", adapter)
        self.mount("http://", adapter)
        self.hooks["response"].append(self._note_patience)
        if proxy.rotates:
            self.headers["Connection"] = "close"
        if proxy.address:
            self.proxies = {"http": proxy.address, "https": proxy.address}
            self.trust_env = False
            # Certificates of the environment still count; trust_env would have brought them.
            self.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True

    def _note_patience(self, response: requests.Response, **_: object) -> None:
        asked = response.status_code in _ASKS_FOR_PATIENCE
        self.retry_after_s = retry_after_s(response.headers) if asked else None


class _BoundedAdapter(HTTPAdapter):
    """Sends one request and reads the whole answer, within limits."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        super().__init__()
        self._limits = limits
        self._clock = clock

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """As HTTPAdapter.send, whose waiting times and streaming are ours to decide."""
        ends_at = self._clock() + self._limits.total_s
        waits = (min(limit, self._limits.total_s) for limit in (self._limits.connect_s, self._limits.read_s))
        kwargs |= {"stream": True, "timeout": tuple(waits)}
        response = super().send(request, *args, **kwargs)
        try:
            response._content = self._body(response.raw, ends_at)
        except BaseException:
            response.close()
            raise
        return response

    def _body(self, raw: urllib3.BaseHTTPResponse, ends_at: float) -> bytes:
        """The decoded body. Raises what requests raises for broken, late or endless answers."""
        body = bytearray()
        raw.decode_content = True
        try:
            while piece := raw.read1(_PIECE_BYTES):
                body += piece
                if len(body) > self._limits.max_bytes:
                    raise TooLarge(f"more than {self._limits.max_bytes} bytes")
                if self._clock() > ends_at:
                    raise requests.ReadTimeout(f"not complete after {self._limits.total_s:g} s")
        except urllib3.exceptions.ReadTimeoutError as exc:
            raise requests.ReadTimeout("the answer stopped coming") from exc
        except urllib3.exceptions.DecodeError as exc:
            raise requests.exceptions.ContentDecodingError("badly compressed") from exc
        except urllib3.exceptions.HTTPError as exc:
            raise requests.exceptions.ChunkedEncodingError("the answer broke off") from exc
        return bytes(body)


def retry_after_s(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds that Retry-After asks for, as a number or a date (RFC 9110, 10.2.3); None without it."""
    text = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())


_TROUBLES: tuple[tuple[type[Exception], str], ...] = (
    (requests.exceptions.ProxyError, "the proxy did not let the request through"),
    (requests.exceptions.SSLError, "no secure connection could be made"),
    (requests.exceptions.ConnectTimeout, "no connection within the time limit"),
    (requests.exceptions.Timeout, "the answer took longer than the time limit"),
    (requests.exceptions.ChunkedEncodingError, "the answer broke off"),
    (requests.exceptions.ContentDecodingError, "the answer was garbled"),
    (requests.exceptions.ConnectionError, "the connection failed"),
    (requests.exceptions.TooManyRedirects, "it sent us round in circles"),
    (TooLarge, "the answer was larger than anything it should send"),
)


def never_arrived(exc: BaseException) -> bool:
    """Whether a request failed on its way, so that YouTube cannot have refused it: no network, proxy or trust."""
    reason = getattr(exc.args[0], "reason", None) if exc.args else None
    unheard = (requests.exceptions.ProxyError, requests.exceptions.SSLError, requests.ConnectTimeout)
    return isinstance(exc, unheard) or isinstance(reason, urllib3.exceptions.NewConnectionError)


def trouble(exc: requests.RequestException) -> str:
    """What went wrong on the way, in a sentence without addresses: requests' own would hold them."""
    what = next((words for kind, words in _TROUBLES if isinstance(exc, kind)), "the request failed")
    return f"YouTube did not answer: {what}"
