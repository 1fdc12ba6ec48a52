"""Is a proxy understood, kept secret, and really used?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.http import PoliteSession
from harvester.proxy import Proxy, parse
from library.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "address", "rotates"),
    [
        ("", "", False),
        ("http://host.example:8080", "http://host.example:8080", False),
        ("http://ann:secret@host.example:8080", "http://ann:secret@host.example:8080", False),
        ("http://ann-rotate:secret@host.example:80", "http://ann-rotate:secret@host.example:80", True),
        ("socks5h://127.0.0.1:1080", "socks5h://127.0.0.1:1080", False),
        ("webshare://ann:secret", "http://ann-rotate:secret@p.webshare.io:80", True),
        ("webshare://ann-rotate:secret@de,us", "http://ann-DE-US-rotate:secret@p.webshare.io:80", True),
        ("webshare://ann:se%2Fcret", "http://ann-rotate:se%2Fcret@p.webshare.io:80", True),
    ],
)
def test_addresses_are_understood(text: str, address: str, rotates: bool) -> None:
    assert parse(text) == Proxy(address, rotates)


@given(st.text(), st.text())
def test_anything_else_is_refused_without_repeating_a_password(before: str, after: str) -> None:
    error: ConfigError | None = None
    try:
        assert parse(f"{before}:s3cr3t@{after}").address
    except ConfigError as caught:
        error = caught
    assert error is None or "s3cr3t" not in error.message + error.hint


def test_a_proxy_never_shows_its_password() -> None:
    assert "secret" not in repr(parse("http://ann:secret@host.example:1"))


def test_a_rotating_proxy_opens_a_new_connection_for_each_request() -> None:
    assert PoliteSession(proxy=parse("webshare://ann:secret")).headers["Connection"] == "close"
    assert PoliteSession().headers["Connection"] == "keep-alive"
