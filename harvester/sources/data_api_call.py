"""How is one method of YouTube's Data API called, and what may come back?

googleapiclient builds the requests; they travel through the polite session, so that time limits,
size limits and proxies are those of everything else. The key travels in a header: an address ends
up in error messages and logs (``str(HttpError)`` shows it), a header does not.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable, Mapping
from typing import Any

import httplib2
import requests
from googleapiclient.discovery import build
from googleapiclient.errors import Error, HttpError

from harvester.http import PoliteSession, trouble
from library.errors import ChannelNotFound, KeyRefused, RateLimited, SourceChanged, SourceError
from library.text import one_line

Answer = dict[str, Any]

# It warns of every refusal before raising it; the refusal is told once, in our words.
logging.getLogger("googleapiclient.http").setLevel(logging.ERROR)

_RETRIES = 2
_QUOTA_GONE = {"quotaExceeded", "dailyLimitExceeded"}
_TOO_FAST = {"rateLimitExceeded", "userRateLimitExceeded", "servingLimitExceeded", "RATE_LIMIT_EXCEEDED"}
_API_OFF = {"accessNotConfigured", "SERVICE_DISABLED"}
_BAD_KEY = {"keyInvalid", "keyExpired", "ipRefererBlocked", "authError", "required"}
# Parameters that say what was asked for.
_SUBJECTS = ("id", "forHandle", "forUsername", "playlistId")
_KEY_HINT = "Look at the key on https://console.cloud.google.com/apis/credentials"


class DataApiCall:
    """Calls methods of the Data API, one after the other (not for several threads).

    ``spend("units", cost)`` is asked before every request and may raise RateLimited.
    """

    def __init__(
        self,
        api_key: str,
        spend: Callable[[str, int], None],
        session: PoliteSession,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._api_key = api_key
        self._spend = spend
        self._session = session
        self._sleep = sleep
        self._service: Any = None

    def list(self, resource: str, *, etag: str = "", **parameters: str | int | None) -> Answer | None:
        """``resource``.list with its parameters, for one unit; None where nothing changed since ``etag``.

        Passing failures are tried again twice. Raises KeyRefused, RateLimited, ChannelNotFound for
        something that is not there, SourceChanged for an answer nobody can read, else SourceError.
        """
        for pause_s in (*(2.0**n for n in range(_RETRIES)), None):
            answer, passing = self._once(resource, etag, parameters)
            if not isinstance(answer, SourceError):
                return answer
            if pause_s is None or not passing:
                raise answer
            self._sleep(pause_s)
        raise AssertionError("unreachable")

    def _once(
        self, resource: str, etag: str, parameters: Mapping[str, str | int | None]
    ) -> tuple[Answer | SourceError | None, bool]:
        """The answer, or the error to raise and whether it may pass.

        Errors are returned so that they are raised with no foreign exception attached.
        """
        request = getattr(self._built(), resource)().list(**parameters)
        if etag:
            request.headers["If-None-Match"] = etag
        self._spend("units", 1)
        try:
            answer = request.execute()
        except HttpError as exc:
            if exc.status_code == 304:
                return None, False
            # A server that names a time is not asked again sooner.
            passing = exc.status_code >= 500 and self._session.retry_after_s is None
            return self._refusal(exc, parameters), passing
        except requests.RequestException as exc:
            return SourceError(trouble(exc)), True
        except (Error, UnicodeError) as exc:
            return SourceChanged(f"YouTube's Data API gave an unreadable answer ({type(exc).__name__})"), False
        if not isinstance(answer, dict) or "kind" not in answer:
            return SourceChanged("YouTube's Data API answered with something nobody can read"), False
        return answer, False

    def _built(self) -> Any:
        if self._service is None:
            if not re.fullmatch("[!-~]+", self._api_key):
                raise KeyRefused("The API key is empty or holds characters that no key has", hint=_KEY_HINT)
            http = _Transport(self._session, self._api_key)
            self._service = build("youtube", "v3", http=http, static_discovery=True, cache_discovery=False)
        return self._service

    def _refusal(self, error: HttpError, parameters: Mapping[str, str | int | None]) -> SourceError:
        """What an error answer means, by the reasons in its JSON: error_details changes its shape."""
        status, reasons, domain, message = error.status_code, *_read_error(error.content)
        message = message.replace(self._api_key, "…")
        if reasons & _QUOTA_GONE:
            return RateLimited(
                "The API key's quota for today is used up; it is renewed at midnight Pacific time",
                hint="Feeds go on without quota. Other programs that use the same key share its quota.",
            )
        if status == 429 or reasons & _TOO_FAST:
            return RateLimited(
                f"YouTube's Data API asks for patience: {message or 'too many requests'}",
                retry_after_s=self._session.retry_after_s,
            )
        if reasons & _API_OFF:
            return KeyRefused(
                "The YouTube Data API v3 is not switched on for the project of this API key",
                hint="Enable it at https://console.cloud.google.com/apis/library/youtube.googleapis.com",
            )
        if status == 401 or reasons & _BAD_KEY or "api key" in message.lower() or any(map(_about_key, reasons)):
            return KeyRefused(f"YouTube does not accept the API key: {message}", hint=_KEY_HINT)
        if status == 403 and domain in ("global", "usageLimits", ""):
            return KeyRefused(f"YouTube does not let this API key in: {message}", hint=_KEY_HINT)
        if status in (403, 404):
            asked = ", ".join(str(parameters[name]) for name in _SUBJECTS if name in parameters)
            return ChannelNotFound(f"YouTube has no {asked}: {message or 'not found'}")
        if status >= 500:
            return SourceError(f"YouTube did not answer: its Data API has trouble (status {status})")
        return SourceChanged(f"YouTube's Data API refused a request (status {status}): {message}")


class _Transport:
    """What googleapiclient calls in place of httplib2.Http: one method, over the polite session."""

    def __init__(self, session: PoliteSession, api_key: str) -> None:
        self._session = session
        self._api_key = api_key

    def request(
        self, uri: str, method: str = "GET", body: str | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[httplib2.Response, bytes]:
        """Send a request. Raises requests.RequestException."""
        told = {**(headers or {}), "X-Goog-Api-Key": self._api_key}
        answer = self._session.request(method, uri, data=body, headers=told, allow_redirects=False)
        response = httplib2.Response({**answer.headers, "status": str(answer.status_code)})
        response.reason = answer.reason
        return response, answer.content

    def close(self) -> None:
        """The session is closed by whoever made it."""


def _about_key(reason: str) -> bool:
    return reason.startswith("API_KEY_")


def _read_error(content: bytes) -> tuple[set[str], str, str]:
    """Reasons, domain and message of Google's error JSON; all empty for anything else."""
    try:
        error = json.loads(content)["error"]
        entries = [*error.get("errors", ()), *error.get("details", ())]
        reasons = {str(entry["reason"]) for entry in entries if "reason" in entry}
        domain = next((str(entry["domain"]) for entry in entries if "domain" in entry), "")
        message = one_line(re.sub(r"<[^>]*>", "", str(error.get("message", ""))))
    except (ValueError, LookupError, TypeError, AttributeError):
        return set(), "", ""
    return reasons, domain, message[:300]
