"""How fast is a harvest, and does its memory grow with the library?

    python benchmarks/harvest.py PROGRAM OUT.json CATALOGUE...

PROGRAM plays YouTube on this machine's loopback (tests/loopback.py says how) and serves each CATALOGUE, a
folder with, say, 50 channels of 100 or of 400 videos. All are harvested without pauses into one library, then
once more with no news, and indexed, each by a process of its own. Two clients that keep nothing ask for the
same transcripts before: the requests alone, which is as fast as the server answers, and
youtube-transcript-api alone, faster than which no harvest with it can be.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from loopback import KEY_VARIABLE, YouTube, playing

from harvester.decide import Rules
from harvester.pipeline import Followed, Plan, harvest
from harvester.report import Report
from harvester.sources.table import SourceTable
from index.sync import Cut, sync
from library.models import Mentor
from library.moments import utc_now
from library.places import places
from library.store import Store

_BARE = 2000
_SITE = "https://www.youtube.com"


def main() -> None:
    if sys.argv[1] == "--worker":
        print(json.dumps(_WORKERS[sys.argv[2]]()))  # noqa: T201
        return
    program, out, *catalogues = sys.argv[1:]
    figures = []
    for catalogue in catalogues:
        with (
            tempfile.TemporaryDirectory() as home,
            playing(program, "--catalogue", str(Path(catalogue).resolve()), "--max-seconds", "7200") as youtube,
        ):
            for figure in measured(youtube, Path(home)):
                _say(figure)
                figures.append(figure)
                Path(out).write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def measured(youtube: YouTube, home: Path) -> Iterator[dict[str, Any]]:
    """A figure for each part, in order, each measured when it is asked for."""
    truth = youtube.truth()
    (home / "handles").write_text("\n".join(one["handle"] for one in truth["channels"].values()), encoding="utf-8")
    wanted = [video_id for one in truth["channels"].values() for video_id in one["uploads"]]
    (home / "videos").write_text("\n".join(wanted[:: max(1, len(wanted) // _BARE)]), encoding="utf-8")
    for what, *words in (
        ("requests alone", "requests"),
        ("youtube-transcript-api alone", "client"),
        ("first harvest", "harvest"),
        ("harvest without news", "harvest"),
        ("index", "index"),
    ):
        yield {"what": what, "listed": len(wanted), **_worker(youtube, home, *words)}


def _worker(youtube: YouTube, home: Path, *words: str) -> dict[str, Any]:
    """Run one part in a process of its own, and note its peak memory."""
    environment = {**os.environ, "MENTOR_HOME": str(home), KEY_VARIABLE: youtube.key}
    environment |= {name: value for name, value in youtube.environment.items() if value is not None}
    command = [sys.executable, __file__, "--worker", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return dict(json.loads(done.stdout))


# --- the parts, each in a process of its own --------------------------------------------------------


def _wanted() -> list[str]:
    return (places().data / "videos").read_text(encoding="utf-8").split()


def _requests() -> dict[str, Any]:
    """The three requests that lead to a transcript, in the words that YouTube's page and player say."""
    import requests

    session = requests.Session()

    def asked() -> Iterator[str]:
        for video_id in _wanted():
            page = session.get(f"{_SITE}/watch?v={video_id}").text
            key = page.split('"INNERTUBE_API_KEY":', 1)[1].split('"', 2)[1]
            about = {"context": {"client": {"clientName": "ANDROID", "clientVersion": "20.10.38"}}, "videoId": video_id}
            player = session.post(f"{_SITE}/youtubei/v1/player?key={key}", json=about).json()
            track = player["captions"]["playerCaptionsTracklistRenderer"]["captionTracks"][0]
            yield session.get(track["baseUrl"].replace("&fmt=srv3", "")).text

    return _timed(asked())


def _client() -> dict[str, Any]:
    import requests
    from youtube_transcript_api import YouTubeTranscriptApi

    api = YouTubeTranscriptApi(http_client=requests.Session())
    return _timed(next(iter(api.list(video_id))).fetch() for video_id in _wanted())


def _harvest() -> dict[str, Any]:
    handles = (places().data / "handles").read_text(encoding="utf-8").split()
    followed = [Followed(Mentor(handle[1:], handle), (handle,), Rules()) for handle in handles]
    with Store.open(places().library) as store:
        sources = SourceTable(
            os.environ[KEY_VARIABLE],
            lambda bucket, units: store.journal.spend_within(bucket, units, 10_000, utc_now()),
            timeout_s=30.0,
            max_answer_bytes=30_000_000,
            marks=store.etags(),
        )
        report = Report()
        plan = Plan(pause_s=0, max_transcripts=1_000_000, full_listing=timedelta(days=30))
        figure = _timed(iter(harvest(store, followed, sources, plan, report)))
    figure["videos"] = report.transcripts
    figure["videos_a_second"] = round(report.transcripts / figure["seconds"], 1)
    return figure


def _index() -> dict[str, Any]:
    with Store.open(places().library) as store:
        taken = (progress for progress in sync(store, places().search, Cut(120_000, 60_000)) if progress.done)
        return _timed(taken)


_WORKERS = {"requests": _requests, "client": _client, "harvest": _harvest, "index": _index}


def _timed(work: Iterator[object]) -> dict[str, Any]:
    began, cpu_began = time.perf_counter(), time.process_time()
    count = sum(1 for _ in work)
    seconds, cpu_s = time.perf_counter() - began, time.process_time() - cpu_began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "videos": count,
        "seconds": round(seconds, 2),
        "cpu_s": round(cpu_s, 2),
        "videos_a_second": round(count / seconds, 1),
        # Kilobytes, except on macOS.
        "peak_mb": round(peak / (1e6 if sys.platform == "darwin" else 1e3), 1),
    }


def _say(figure: dict[str, Any]) -> None:
    sys.stderr.write(
        f"{figure['what']:30}{figure['listed']:>8} listed{figure['videos']:>8} videos{figure['seconds']:>8.1f} s"
        f"{figure['cpu_s']:>8.1f} s of CPU{figure['videos_a_second']:>8.1f} a second{figure['peak_mb']:>6.0f} MB\n"
    )


if __name__ == "__main__":
    main()
