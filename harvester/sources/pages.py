"""Which channel does a page of YouTube belong to, when there is no key to ask with?

The id stands in several places of a page. They are tried one after the other, since any of them may
go at the next redesign.
"""

from __future__ import annotations

import html
import re

import requests

from harvester.http import PoliteSession, trouble
from harvester.references import Reference
from library.errors import ChannelNotFound, RateLimited, SourceChanged, SourceError

_ID = r"(UC[A-Za-z0-9_-]{22})"
_PLACES = tuple(
    re.compile(pattern)
    for pattern in (
        rf'<link rel="canonical" href="https://www\.youtube\.com/channel/{_ID}"',
        rf'<meta itemprop="(?:identifier|channelId)" content="{_ID}"',
        rf'href="https://www\.youtube\.com/feeds/videos\.xml\?channel_id={_ID}"',
        rf'"externalId":\s*"{_ID}"',
        # On a watch page other channels are named as well; the video's own stands in its details.
        rf'"videoDetails":\s*\{{.{{0,20000}}?"channelId":\s*"{_ID}"',
    )
)
_CONSENT = 'action="https://consent.youtube.com/s"'
_CONSENT_VALUE = re.compile(r'name="v" value="([^"]+)"')
_CAPTCHA = 'class="g-recaptcha"'
_UNPLAYABLE = re.compile(r'"playabilityStatus":\s*\{\s*"status":\s*"(?:ERROR|LOGIN_REQUIRED)"')


def read(session: PoliteSession, address: str, what: str) -> bytes:
    """The body at ``address``; ``what`` names it in messages.

    Raises ChannelNotFound where there is nothing, RateLimited, or SourceError.
    """
    try:
        response = session.get(address)
    except requests.RequestException as exc:
        raise SourceError(f"{trouble(exc)} ({what})") from exc
    status = response.status_code
    if status in (404, 410):
        raise ChannelNotFound(f"YouTube does not have {what}")
    if status == 429:
        raise RateLimited(f"YouTube asks for patience before it shows {what}", retry_after_s=session.retry_after_s)
    if status != 200:
        raise SourceError(f"YouTube did not answer: it cannot show {what} now (status {status})")
    return response.content


def channel_of_page(session: PoliteSession, meant: Reference) -> str:
    """The id of the channel that a handle, an old name or a video belongs to, by its page.

    The consent page is answered once, as youtube-transcript-api does: its form's value, in a cookie.
    Raises ChannelNotFound, RateLimited, SourceChanged where the page says no id, or SourceError.
    """
    text = _page(session, meant)
    if _CONSENT in text:
        value = _CONSENT_VALUE.search(text)
        if value is None:
            raise SourceChanged("YouTube asks for consent in a way nobody knows")
        session.cookies.set("CONSENT", "YES+" + html.unescape(value[1]), domain=".youtube.com")
        text = _page(session, meant)
        if _CONSENT in text:
            raise SourceError("YouTube did not answer: it asks for consent again and again")
    if _CAPTCHA in text:
        raise RateLimited("YouTube takes this computer for a robot and asks for patience")
    for place in _PLACES:
        if found := place.search(text):
            return found[1]
    if _UNPLAYABLE.search(text):
        raise ChannelNotFound(f"YouTube does not say who published {meant.value}")
    raise SourceChanged(f"The page of {meant.value} does not say which channel it belongs to")


def _page(session: PoliteSession, meant: Reference) -> str:
    return read(session, meant.page, f"the page of {meant.value}").decode("utf-8", "replace")
