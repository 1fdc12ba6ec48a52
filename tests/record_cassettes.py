"""How are the recorded answers in tests/cassettes made anew?

From YouTube itself, with a key of one's own and a file that names what to ask for::

    MENTOR_YOUTUBE_API_KEY=… python tests/record_cassettes.py --subjects my_subjects.json

or from a local imitation of YouTube that answers under YouTube's names and takes commands at an
address of its own; only there can a used-up quota and a block be had on demand::

    MENTOR_YOUTUBE_API_KEY=… python tests/record_cassettes.py --control http://127.0.0.1:PORT

Answers are cut down to what the clients read, so neither keys nor cookies nor signatures are kept.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import vcr

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT.parent))

from harvester.sources.data_api import DataApi  # noqa: E402 - found only now when run as a script
from harvester.sources.feed import Feed  # noqa: E402
from harvester.sources.transcripts import YouTubeTranscripts  # noqa: E402
from library.errors import SourceError  # noqa: E402
from library.models import Video  # noqa: E402

CASSETTES = ROOT / "cassettes"
SUBJECTS_FILE = CASSETTES / "subjects.json"

# Parameters of an address that belong to one run: keys, signatures, our own address.
_OF_ONE_RUN = ("key", "signature", "sparams", "sig", "lsig", "expire", "ei", "ip", "ipbits", "caps", "opi", "exp")
_OF_ONE_RUN += ("xoaf", "xowf", "hl", "xorp", "xospf")
_KEPT_HEADERS = {"content-type", "retry-after"}
_READ_IN_PAGES = re.compile(
    r'"INNERTUBE_API_KEY":\s*"[^"]+"|<link rel="canonical"[^>]*>|<meta itemprop="identifier"[^>]*>'
    r'|class="g-recaptcha"|action="https://consent\.youtube\.com/s"'
)
_PAGE_KEY = re.compile(r'("INNERTUBE_API_KEY":\s*")[^"]+')


def subjects() -> dict[str, str]:
    """What the cassettes are about: a handle, and a video for each sort of captions."""
    found: dict[str, str] = json.loads(SUBJECTS_FILE.read_text("utf-8"))
    return found


def tape(name: str, mode: str = "none") -> Any:
    """The cassette of that name, as a context manager; nothing but what it holds is answered."""
    return vcr.VCR(
        cassette_library_dir=str(CASSETTES),
        record_mode=vcr.mode(mode),
        match_on=("method", "scheme", "host", "path", "query", "body"),
        filter_query_parameters=_OF_ONE_RUN,
        before_record_request=_cut_request,
        before_record_response=_cut_response,
        decode_compressed_response=True,
    ).use_cassette(f"{name}.yaml")


# --- what is asked ------------------------------------------------------------------------------

Ask = Callable[[str, dict[str, str]], object]


def data_api(key: str) -> DataApi:
    """The Data API with no quota to mind, and without pauses."""
    return DataApi(key, lambda _bucket, _cost: None, sleep=lambda _seconds: None)


def ask_listing(key: str, about: dict[str, str]) -> object:
    api = data_api(key)
    return list(api.videos(api.describe(about["handle"]), ()))


def ask_channel(key: str, about: dict[str, str]) -> object:
    return data_api(key).describe(about["handle"])


def ask_with_bad_key(_key: str, about: dict[str, str]) -> object:
    return data_api("no-such-key").describe(about["handle"])


def ask_feed(_key: str, about: dict[str, str]) -> object:
    feed = Feed()
    return feed.newest(feed.describe(about["handle"]))


def ask_missing_feed(_key: str, _about: dict[str, str]) -> object:
    return Feed().describe("UC" + "0" * 22)


def ask_text(subject: str) -> Ask:
    def ask(_key: str, about: dict[str, str]) -> object:
        video = Video(about[subject], "", "")
        return YouTubeTranscripts().transcript(video, ["original", "en"])

    return ask


CASES: dict[str, Ask] = {
    "data_api/listing": ask_listing,
    "data_api/bad_key": ask_with_bad_key,
    "data_api/quota_gone": ask_channel,
    "feed/channel": ask_feed,
    "feed/missing": ask_missing_feed,
    "transcripts/manual": ask_text("manual"),
    "transcripts/automatic": ask_text("automatic"),
    "transcripts/british": ask_text("british"),
    "transcripts/captions_off": ask_text("captions_off"),
    "transcripts/members_only": ask_text("members_only"),
    "transcripts/blocked": ask_text("manual"),
}
# What has to be commanded first; nobody can command YouTube, so it keeps these as they are.
STAGED: dict[str, dict[str, object]] = {
    "data_api/quota_gone": {"do": "quota", "left": 0},
    "transcripts/blocked": {"do": "block", "after": 0, "mode": "429"},
}


# --- what is kept -------------------------------------------------------------------------------


def _cut_request(request: Any) -> Any:
    request.headers = {}
    return request


def _cut_response(response: dict[str, Any]) -> dict[str, Any]:
    headers = {name: value for name, value in response["headers"].items() if name.lower() in _KEPT_HEADERS}
    body = _cut_body(response["body"]["string"].decode("utf-8"))
    return {"status": response["status"], "headers": headers, "body": {"string": body.encode()}}


def _cut_body(text: str) -> str:
    if text.lstrip().startswith("{"):
        return json.dumps(_cut_json(json.loads(text)), ensure_ascii=False, indent=1)
    if "<html" in text[:500].lower():
        return _PAGE_KEY.sub(r"\1filtered", "\n".join(_READ_IN_PAGES.findall(text)))
    return text


def _cut_json(answer: dict[str, Any]) -> dict[str, Any]:
    if "playabilityStatus" not in answer:
        for item in answer.get("items", ()):
            for name in ("thumbnails", "localized"):
                item.get("snippet", {}).pop(name, None)
        return answer
    status = answer["playabilityStatus"]
    cut: dict[str, Any] = {"playabilityStatus": {name: status[name] for name in ("status", "reason") if name in status}}
    tracks = answer.get("captions", {}).get("playerCaptionsTracklistRenderer", {}).get("captionTracks")
    if tracks:
        cut["captions"] = {"playerCaptionsTracklistRenderer": {"captionTracks": list(map(_cut_track, tracks))}}
    return cut


def _cut_track(track: dict[str, Any]) -> dict[str, Any]:
    address, _, query = track["baseUrl"].partition("?")
    kept = [pair for pair in query.split("&") if pair.partition("=")[0] not in _OF_ONE_RUN]
    return {**track, "baseUrl": f"{address}?{'&'.join(kept)}"}


# --- recording ----------------------------------------------------------------------------------


def _command(control: str, command: dict[str, object]) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    opener.open(f"{control}/__control", data=json.dumps(command).encode(), timeout=30).close()


def record(name: str, ask: Ask, key: str, about: dict[str, str], control: str) -> str:
    """Record one cassette; what came of it, in a line."""
    if name in STAGED:
        if not control:
            return "kept as it is: it cannot be had on demand"
        _command(control, STAGED[name])
    (CASSETTES / f"{name}.yaml").unlink(missing_ok=True)
    with tape(name, "all"):
        try:
            ask(key, about)
            outcome = "recorded"
        except SourceError as error:
            outcome = f"recorded: {error.message}"
    if control:
        _command(control, {"do": "restart"})
    return outcome


def main() -> None:
    parser = argparse.ArgumentParser(description="Records the answers that the tests replay.")
    parser.add_argument("--subjects", type=Path, help="a JSON file like tests/cassettes/subjects.json")
    parser.add_argument("--control", default="", help="where a local imitation of YouTube takes commands")
    options = parser.parse_args()
    key = os.environ.get("MENTOR_YOUTUBE_API_KEY") or sys.exit("MENTOR_YOUTUBE_API_KEY is not set")
    if options.subjects:
        shutil.copyfile(options.subjects, SUBJECTS_FILE)
    for name, ask in CASES.items():
        sys.stdout.write(f"{name}: {record(name, ask, key, subjects(), options.control)}\n")


if __name__ == "__main__":
    main()
