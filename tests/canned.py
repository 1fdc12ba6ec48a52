"""A web that answers what a test has written down, and remembers what it was asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from harvester.http import PoliteSession


@dataclass(frozen=True)
class Answer:
    """What comes back for one request."""

    status: int = 200
    body: str | bytes = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def as_json(data: object, status: int = 200, **headers: str) -> Answer:
    return Answer(status, json.dumps(data), headers)


@dataclass(frozen=True)
class Asked:
    """A request: host and path, parameters, and what else a test may look at."""

    place: str
    query: dict[str, str]
    headers: Mapping[str, str]
    address: str
    body: Any


Reply = Answer | Exception


class CannedWeb(BaseAdapter):
    """Gives the replies one after the other, the last again and again; or asks a function for each."""

    def __init__(self, replies: list[Reply] | Callable[[Asked], Reply]) -> None:
        super().__init__()
        self._replies = replies
        self.asked: list[Asked] = []

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        address = urlsplit(str(request.url))
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        asked = Asked(f"{address.hostname}{address.path}", query, request.headers, str(request.url), request.body)
        self.asked.append(asked)
        reply = self._reply(asked)
        if isinstance(reply, Exception):
            raise reply
        response = requests.Response()
        response.status_code = reply.status
        response.reason = "OK" if reply.status == 200 else "Not OK"
        response.headers = CaseInsensitiveDict(reply.headers)
        response._content = reply.body.encode() if isinstance(reply.body, str) else reply.body
        response.url, response.request = str(request.url), request
        response.encoding = "utf-8"
        return response

    def close(self) -> None:
        """Nothing is open."""

    def _reply(self, asked: Asked) -> Reply:
        if callable(self._replies):
            return self._replies(asked)
        return self._replies[min(len(self.asked), len(self._replies)) - 1]


def canned(*replies: Reply | Callable[[Asked], Reply]) -> tuple[PoliteSession, CannedWeb]:
    """A session in such a web: replies in their order, or one function."""
    first = replies[0]
    web = CannedWeb(first if callable(first) else list(replies))
    session = PoliteSession()
    session.mount("https://", web)
    return session, web
