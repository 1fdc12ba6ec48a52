from __future__ import annotations

import contextlib
import json
import traceback
from collections.abc import Sequence

import pytest
import requests
from canned import Answer, Asked, Reply, as_json, canned
from record_cassettes import CASES, subjects, tape
from urllib3 import HTTPSConnectionPool
from urllib3.connection import HTTPSConnection
from urllib3.exceptions import MaxRetryError, NewConnectionError

from harvester.sources.transcripts import YouTubeTranscripts
from library.errors import MentorError, NoTranscript, RateLimited, SourceError
from library.models import Origin, Snippet, State, Transcript, Video

PAGE = Answer(200, '<script>"INNERTUBE_API_KEY":"PAGEKEY"</script>')
CAPTIONS = Answer(200, '<transcript><text start="1.2344" dur="2.5">Hello</text></transcript>')
ADDRESS = "https://www.youtube.com/api/timedtext?v=a&signature=SIGNED"


def track(language: str, kind: str = "", address: str = ADDRESS) -> dict[str, object]:
    name = {"runs": [{"text": language}]}
    return {"baseUrl": f"{address}&lang={language}{kind}", "name": name, "languageCode": language, "kind": kind}


def player(*tracks: dict[str, object]) -> Answer:
    shown = {"captions": {"playerCaptionsTracklistRenderer": {"captionTracks": list(tracks)}}} if tracks else {}
    return as_json({"playabilityStatus": {"status": "OK"}, **shown})


def unplayable(status: str, reason: str | None) -> Answer:
    return as_json({"playabilityStatus": {"status": status, "reason": reason}})


def reader(page: Reply = PAGE, video: Reply = player(track("en")), captions: Reply = CAPTIONS) -> YouTubeTranscripts:  # noqa: B008
    def reply(asked: Asked) -> Reply:
        return {"/watch": page, "/player": video, "/timedtext": captions}[asked.place[asked.place.rindex("/") :]]

    return YouTubeTranscripts(canned(reply)[0])


def read(
    source: YouTubeTranscripts, video_id: str = "a", languages: Sequence[str] = ("original", "en"), spoken: str = ""
) -> Transcript:
    return source.transcript(Video(video_id, "UC", "A talk", language=spoken), languages)


# --- recorded answers ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "language", "origin"),
    [("manual", "en", Origin.MANUAL), ("automatic", "en", Origin.GENERATED), ("british", "en-GB", Origin.MANUAL)],
)
def test_a_recorded_transcript_is_read_in_order(name: str, language: str, origin: Origin) -> None:
    with tape(f"transcripts/{name}"):
        found = CASES[f"transcripts/{name}"]("", subjects())
    assert (found.video_id, found.language, found.origin) == (subjects()[name], language, origin)
    assert len(found.snippets) > 10
    assert [line.start_ms for line in found.snippets] == sorted(line.start_ms for line in found.snippets)
    assert all(line.text.strip() and line.duration_ms > 0 and "&#" not in line.text for line in found.snippets)


@pytest.mark.parametrize(("name", "state"), [("captions_off", State.NO_CAPTIONS), ("members_only", State.MEMBERS_ONLY)])
def test_a_recorded_refusal_of_one_video_becomes_its_state(name: str, state: State) -> None:
    with tape(f"transcripts/{name}"), pytest.raises(NoTranscript) as caught:
        CASES[f"transcripts/{name}"]("", subjects())
    assert caught.value.state is state


def test_a_recorded_block_ends_fetching_for_all() -> None:
    with tape("transcripts/blocked"), pytest.raises(RateLimited):
        CASES["transcripts/blocked"]("", subjects())


# --- what is read ----------------------------------------------------------------------------------


def test_times_become_milliseconds_and_lines_are_put_in_order() -> None:
    body = (
        '<text start="7.0006" dur="1">later</text><text start="1.2344" dur="2.5">first\n line </text>'
        '<text start="3" dur="1"> \n</text><text start="4">no length</text>'
        '<text start="5" dur="1">red \x9b31m and &amp;lt;b&amp;gt; \u202eturned</text>'
    )
    found = read(reader(captions=Answer(200, f"<transcript>{body}</transcript>")))
    assert found.snippets == (
        Snippet(1234, 2500, "first\n line "),
        Snippet(4000, 0, "no length"),
        Snippet(5000, 1000, "red 31m and  turned"),
        Snippet(7001, 1000, "later"),
    )


def test_the_language_spoken_is_read_and_never_translated() -> None:
    asked: list[str] = []

    def reply(request: Asked) -> Reply:
        asked.append(request.address)
        return {"/watch": PAGE, "/player": player(track("de"), track("en", "asr"))}.get(
            request.place[request.place.rindex("/") :], CAPTIONS
        )

    source = YouTubeTranscripts(canned(reply)[0])
    assert read(source, spoken="de").language == "de"
    assert read(source).origin is Origin.GENERATED
    assert not any("tlang" in address for address in asked)
    assert len(asked) == 6


def test_captions_in_other_languages_only_are_named() -> None:
    with pytest.raises(NoTranscript, match="captions in de, fr only") as caught:
        read(reader(video=player(track("fr"), track("de", "asr"))), languages=["en"])
    assert caught.value.state is State.OTHER_LANGUAGE


# --- what goes wrong -------------------------------------------------------------------------------

FAULTS: list[tuple[dict[str, Reply], State, str]] = [
    ({"video": player()}, State.NO_CAPTIONS, "no captions, or none yet"),
    ({"video": unplayable("ERROR", "This video is unavailable")}, State.DELETED, "no longer"),
    ({"video": unplayable("ERROR", "This video has been removed by the uploader")}, State.DELETED, "removed"),
    ({"video": unplayable("LOGIN_REQUIRED", "This video is private")}, State.PRIVATE, "private"),
    (
        {"video": unplayable("LOGIN_REQUIRED", "This video may be inappropriate for some users.")},
        State.AGE_RESTRICTED,
        "adults",
    ),
    ({"video": unplayable("LOGIN_REQUIRED", "Sign in to confirm your age")}, State.AGE_RESTRICTED, "age"),
    ({"video": unplayable("UNPLAYABLE", "Join to get access to members-only content")}, State.MEMBERS_ONLY, "Join"),
    ({"video": unplayable("UNPLAYABLE", "Not made available in your country")}, State.REGION, "country"),
    ({"video": unplayable("LIVE_STREAM_OFFLINE", "Premieres in 2 days.")}, State.UPCOMING, "2 days"),
    ({"video": unplayable("LIVE_STREAM_OFFLINE", "This live event will begin soon")}, State.UPCOMING, "soon"),
    ({"video": unplayable("UNPLAYABLE", "This content isn’t available.")}, State.FAILED, "content isn’t available"),
    ({"video": unplayable("UNPLAYABLE", "A\nnew\x1b[1m reason")}, State.FAILED, "A new reason"),
    ({"video": unplayable("UNPLAYABLE", None)}, State.FAILED, "does not say why"),
    ({"video": Answer(200, "<html>")}, State.FAILED, "unreadable"),
    ({"video": as_json({})}, State.FAILED, "shape nobody knows"),
    ({"video": as_json([])}, State.FAILED, "shape nobody knows"),
    ({"video": player({"languageCode": "en"})}, State.FAILED, "shape nobody knows"),
    ({"video": player(track("en", address=ADDRESS + "&exp=xpe"))}, State.FAILED, "its own player"),
    ({"video": Answer(403)}, State.FAILED, "status 403"),
    ({"page": Answer(200, "<html>")}, State.FAILED, "without a player"),
    ({"page": Answer(200, 'action="https://consent.youtube.com/s"')}, State.FAILED, "consent"),
    ({"page": Answer(500)}, State.FAILED, "status 500"),
    ({"page": requests.ReadTimeout("/watch?v=a")}, State.FAILED, "did not answer: the answer took longer"),
    ({"captions": Answer(200, "")}, State.FAILED, "empty or broken"),
    ({"captions": Answer(200, "<transcript><text")}, State.FAILED, "empty or broken"),
    ({"captions": Answer(200, "<html><p/></html>")}, State.FAILED, "empty or broken"),
    ({"captions": Answer(200, '<transcript><text start="x">a</text></transcript>')}, State.FAILED, "shape"),
    ({"captions": Answer(200, '<transcript><text start="inf">a</text></transcript>')}, State.FAILED, "shape"),
    ({"captions": Answer(404)}, State.FAILED, "status 404"),
    ({"captions": requests.ConnectionError("timedtext?signature=SIGNED")}, State.FAILED, "connection failed"),
    ({"captions": requests.exceptions.ChunkedEncodingError()}, State.FAILED, "broke off"),
]


@pytest.mark.parametrize(("replies", "state", "words"), FAULTS)
def test_every_fault_of_one_video_becomes_its_state_and_a_sentence(
    replies: dict[str, Reply], state: State, words: str
) -> None:
    with pytest.raises(MentorError) as caught:
        read(reader(**replies))
    assert isinstance(caught.value, NoTranscript)
    assert caught.value.state is state
    assert words in caught.value.message
    assert not any(mark in caught.value.message for mark in ("?", "\n", "http", "PAGEKEY", "SIGNED"))


BLOCKS: list[dict[str, Reply]] = [
    {"page": Answer(429)},
    {"video": Answer(429)},
    {"captions": Answer(429)},
    {"page": Answer(200, '<div class="g-recaptcha">')},
    {"video": unplayable("LOGIN_REQUIRED", "Sign in to confirm you’re not a bot")},
    {"video": unplayable("LOGIN_REQUIRED", "Sign in to confirm that you're not a bot, please")},
]


@pytest.mark.parametrize("replies", BLOCKS)
def test_a_block_ends_fetching_at_once(replies: dict[str, Reply]) -> None:
    with pytest.raises(RateLimited) as caught:
        read(reader(**replies))
    assert "proxy" in caught.value.hint
    assert "\n" not in caught.value.message


def test_the_time_a_block_is_said_to_last_is_handed_on() -> None:
    with pytest.raises(RateLimited) as caught:
        read(reader(captions=Answer(429, headers={"Retry-After": "3600"})))
    assert caught.value.retry_after_s == 3600


UNTOLD = [
    {"page": Answer(200, "<html>")},
    {"captions": Answer(200, "")},
    {"video": unplayable("UNPLAYABLE", "This content isn't available")},
    {"page": requests.ConnectionError()},
    {"captions": Answer(403)},
]


@pytest.mark.parametrize("replies", UNTOLD)
def test_three_videos_in_a_row_without_a_word_about_them_are_a_block(replies: dict[str, Reply]) -> None:
    source = reader(**replies)
    for video_id in ("a", "a", "b"):
        with pytest.raises(NoTranscript):
            read(source, video_id)
    with pytest.raises(RateLimited, match="3 videos in a row"):
        read(source, "c")


def unconnected() -> requests.ConnectionError:
    """As requests tells of a name that is not found, or an address that nobody answers at."""
    nowhere = NewConnectionError(HTTPSConnection("www.youtube.com"), "Name or service not known")
    return requests.ConnectionError(MaxRetryError(HTTPSConnectionPool("www.youtube.com"), "/watch", nowhere))


AWAY = [unconnected(), requests.ConnectTimeout(), requests.exceptions.ProxyError(), requests.exceptions.SSLError()]


@pytest.mark.parametrize("error", AWAY, ids=lambda error: type(error).__name__)
def test_three_videos_in_a_row_that_youtube_never_heard_of_are_no_block(error: requests.RequestException) -> None:
    source = reader(page=error)
    for video_id in ("a", "b"):
        with pytest.raises(NoTranscript):
            read(source, video_id)
    with pytest.raises(SourceError, match="3 videos in a row") as caught:
        read(source, "c")
    assert not isinstance(caught.value, RateLimited)


@pytest.mark.parametrize("between", [player(track("en")), player(), unplayable("LOGIN_REQUIRED", "private")])
def test_an_answer_about_a_video_between_them_shows_that_there_is_no_block(between: Answer) -> None:
    answers: list[Reply] = [Answer(500), Answer(500), between, Answer(500), Answer(500)]

    def reply(asked: Asked) -> Reply:
        if asked.place.endswith("/player"):
            return answers[int(json.loads(asked.body)["videoId"])]
        return PAGE if asked.place.endswith("/watch") else CAPTIONS

    source = YouTubeTranscripts(canned(reply)[0])
    for number in range(5):
        with contextlib.suppress(NoTranscript):
            read(source, str(number))


def test_a_foreign_error_is_kept_as_the_cause_for_those_who_look_for_one() -> None:
    with pytest.raises(NoTranscript) as caught:
        read(reader(captions=Answer(200, "")))
    assert "ParseError" in "".join(traceback.format_exception(caught.value))


def test_behind_a_rotating_proxy_a_refusal_is_tried_from_another_address() -> None:
    pages = [Answer(429), Answer(429), PAGE]

    def reply(asked: Asked) -> Reply:
        if asked.place.endswith("/watch"):
            return pages.pop(0)
        return player(track("en")) if asked.place.endswith("/player") else CAPTIONS

    session, web = canned(reply)
    assert read(YouTubeTranscripts(session, tries=3)).snippets
    assert len(web.asked) == 5
    pages[:] = [Answer(429)] * 3
    with pytest.raises(RateLimited):
        read(YouTubeTranscripts(session, tries=3))
