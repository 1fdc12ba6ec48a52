"""How is the text of a video on YouTube read?

youtube-transcript-api asks as YouTube's own player does; its many ways to fail become a state for
the video, or a RateLimited that ends the asking for all. A refusal can look like a fault of one
video: an empty caption file, a page without what every page has, no answer at all. Such an answer
says nothing about the video: it is a failure, to be tried another night, and when three videos in a
row get one it is taken for a block, unless YouTube was never reached.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from xml.etree.ElementTree import ParseError

import requests
from youtube_transcript_api import (
    AgeRestricted,
    FailedToCreateConsentCookie,
    FetchedTranscript,
    InvalidVideoId,
    PoTokenRequired,
    RequestBlocked,
    TranscriptsDisabled,
    VideoUnavailable,
    VideoUnplayable,
    YouTubeDataUnparsable,
    YouTubeRequestFailed,
    YouTubeTranscriptApi,
    YouTubeTranscriptApiException,
)

from harvester.http import PoliteSession, never_arrived, trouble
from harvester.sources.tracks import TrackKey, choose
from library.errors import NoTranscript, RateLimited, SourceError
from library.models import Origin, Snippet, State, Transcript, Video
from library.text import one_line, plain

_UNTOLD_IN_A_ROW = 3
_BLOCK_HINT = (
    "Nothing is lost, and search works meanwhile. Addresses of cloud providers are refused "
    "most often; a proxy can be named: youtube.proxy_file."
)
# What an answer nobody foresaw makes of youtube-transcript-api, which checks no shapes.
_ODD_ANSWER = (ParseError, LookupError, AttributeError, TypeError, ValueError, ArithmeticError)
# What the player says of a video it will not play, in its English words.
_REASONS: tuple[tuple[str, State], ...] = (
    ("private", State.PRIVATE),
    ("members", State.MEMBERS_ONLY),
    ("premieres in", State.UPCOMING),
    ("premiere will begin", State.UPCOMING),
    ("live event will begin", State.UPCOMING),
    ("country", State.REGION),
    ("confirm your age", State.AGE_RESTRICTED),
    ("inappropriate for some users", State.AGE_RESTRICTED),
    ("has been removed", State.DELETED),
    ("been terminated", State.DELETED),
    ("no longer available", State.DELETED),
)


class _Meaning(NamedTuple):
    """What a failure says; ``untold`` where it says nothing about the video itself."""

    state: State
    message: str
    untold: bool = False


_MEANINGS: tuple[tuple[type[Exception], _Meaning], ...] = (
    (TranscriptsDisabled, _Meaning(State.NO_CAPTIONS, "It has no captions, or none yet")),
    (VideoUnavailable, _Meaning(State.DELETED, "YouTube has it no longer")),
    (AgeRestricted, _Meaning(State.AGE_RESTRICTED, "YouTube shows it to signed-in adults only")),
    (InvalidVideoId, _Meaning(State.FAILED, "YouTube knows no such video id")),
    (FailedToCreateConsentCookie, _Meaning(State.FAILED, "YouTube's consent page cannot be passed", True)),
    (PoTokenRequired, _Meaning(State.FAILED, "YouTube gives its captions to its own player only", True)),
    (YouTubeDataUnparsable, _Meaning(State.FAILED, "YouTube sent a page without a player", True)),
    (ParseError, _Meaning(State.FAILED, "YouTube sent an empty or broken caption file", True)),
    (requests.JSONDecodeError, _Meaning(State.FAILED, "YouTube's player sent something unreadable", True)),
)
_UNREADABLE = _Meaning(State.FAILED, "YouTube's answer has a shape nobody knows", True)


class YouTubeTranscripts:
    """A TranscriptSource over youtube-transcript-api (not for several threads).

    ``tries`` is how often a refused video is asked for in all; more than once makes sense only where
    each connection leaves from another address.
    """

    def __init__(self, session: PoliteSession | None = None, *, tries: int = 1) -> None:
        self._session = session or PoliteSession()
        self._tries = tries
        self._api = YouTubeTranscriptApi(http_client=self._session)
        self._untold: dict[str, bool] = {}
        """By id of the last videos whose answers told nothing, whether YouTube had been reached."""

    def transcript(self, video: Video, languages: Sequence[str]) -> Transcript:
        """The best track, in three requests; ``languages`` as in ``tracks.choose``, never translated.

        Raises NoTranscript with the state to remember; RateLimited, or SourceError where YouTube is out of
        reach, which end fetching for all.
        """
        try:
            transcript = self._tried(video, languages)
        except NoTranscript:
            self._untold.clear()
            raise
        except (YouTubeTranscriptApiException, requests.RequestException, *_ODD_ANSWER) as exc:
            raise self._judged(exc, video.id) from exc
        self._untold.clear()
        return transcript

    def _tried(self, video: Video, languages: Sequence[str]) -> Transcript:
        for _ in range(self._tries - 1):
            try:
                return self._read(video, languages)
            except RequestBlocked:
                continue
        return self._read(video, languages)

    def _read(self, video: Video, languages: Sequence[str]) -> Transcript:
        tracks = list(self._api.list(video.id))
        keys = [TrackKey(track.language_code, _origin(track.is_generated)) for track in tracks]
        chosen = choose(keys, video.language, languages)
        if chosen is None:
            there = ", ".join(sorted({one_line(key.language) for key in keys}))
            raise NoTranscript(State.OTHER_LANGUAGE, f"It has captions in {there} only")
        snippets = _snippets(tracks[chosen].fetch())
        if not snippets:
            raise ParseError("no lines")
        return Transcript(video.id, one_line(keys[chosen].language), keys[chosen].origin, snippets)

    def _judged(self, exc: Exception, video_id: str) -> SourceError:
        """The error a foreign exception becomes, by itself and by what came before it."""
        if isinstance(exc, RequestBlocked) or "not a bot" in _reason(exc):
            return self._blocked("YouTube refuses to give captions to this address for now")
        meaning = _meaning(exc)
        if not meaning.untold:
            self._untold.clear()
            return NoTranscript(meaning.state, meaning.message)
        self._untold[video_id] = not never_arrived(exc)
        if len(self._untold) < _UNTOLD_IN_A_ROW:
            return NoTranscript(meaning.state, meaning.message)
        message, reached = f"{meaning.message}, {len(self._untold)} videos in a row", any(self._untold.values())
        return self._blocked(message) if reached else SourceError(message)

    def _blocked(self, message: str) -> RateLimited:
        self._untold.clear()
        return RateLimited(message, retry_after_s=self._session.retry_after_s, hint=_BLOCK_HINT)


def _meaning(exc: Exception) -> _Meaning:
    for kind, meaning in _MEANINGS:
        if isinstance(exc, kind):
            return meaning
    if isinstance(exc, VideoUnplayable):
        return _unplayable(exc)
    if isinstance(exc, YouTubeRequestFailed):
        # Its reason goes on with the whole address.
        return _Meaning(State.FAILED, f"YouTube did not answer: it has trouble (status {exc.reason[:3]})", True)
    if isinstance(exc, requests.RequestException):
        return _Meaning(State.FAILED, trouble(exc), True)
    return _UNREADABLE


def _unplayable(exc: VideoUnplayable) -> _Meaning:
    reason = _reason(exc)
    shown = one_line(str(exc.reason or "it does not say why")).rstrip(".")[:200]
    state = next((state for words, state in _REASONS if words in reason), State.FAILED)
    # "This content isn't available" is also what a visitor with too many requests gets to read.
    return _Meaning(state, f"YouTube does not play it: {shown}", reason.startswith("this content isn't"))


def _reason(exc: Exception) -> str:
    """The player's words in small letters with straight apostrophes; "" for other exceptions."""
    return str(exc.reason or "").lower().replace("’", "'") if isinstance(exc, VideoUnplayable) else ""


def _origin(generated: bool) -> Origin:
    return Origin.GENERATED if generated else Origin.MANUAL


def _snippets(fetched: FetchedTranscript) -> tuple[Snippet, ...]:
    """In order of their start, without the empty ones; the text stays as published."""
    lines = (
        Snippet(max(0, round(line.start * 1000)), max(0, round(line.duration * 1000)), plain(line.text))
        for line in fetched
    )
    return tuple(sorted((line for line in lines if line.text.strip()), key=lambda line: line.start_ms))
