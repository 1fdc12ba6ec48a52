"""How fast is a harvest, and does its memory grow with the library?

    python benchmarks/harvest.py PROGRAM CATALOGUE OUT.json

PROGRAM plays YouTube on this machine's loopback (tests/loopback.py says how) and serves CATALOGUE, a
folder with, say, 50 channels of 400 videos. They are harvested without pauses into one library, up to a
quarter of them, a half, and all, by a fresh process each; then the index is built, apart. Beside it a
bare client asks for the same transcripts and keeps nothing: no harvest can be faster than that here.
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


def main() -> None:
    if sys.argv[1] == "--worker":
        print(json.dumps(_WORKERS[sys.argv[2]](*sys.argv[3:])))  # noqa: T201
        return
    program, catalogue, out = sys.argv[1:]
    with (
        tempfile.TemporaryDirectory() as home,
        playing(program, "--catalogue", str(Path(catalogue).resolve()), "--max-seconds", "7200") as youtube,
    ):
        figures = measured(youtube, Path(home))
    Path(out).write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    for figure in figures:
        _say(figure)


def measured(youtube: YouTube, home: Path) -> list[dict[str, Any]]:
    """A figure for each part, in order."""
    truth = youtube.truth()
    (home / "handles").write_text("\n".join(one["handle"] for one in truth["channels"].values()), encoding="utf-8")
    wanted = [video_id for one in truth["channels"].values() for video_id in one["uploads"]]
    (home / "videos").write_text("\n".join(wanted[:: max(1, len(wanted) // _BARE)]), encoding="utf-8")
    quarter = len(wanted) // 4
    figures = [{"what": "a bare client", **_worker(youtube, home, "bare")}]
    for held, part in ((quarter, quarter), (2 * quarter, quarter), (len(wanted), len(wanted) - 2 * quarter)):
        figures.append({"what": f"harvest, up to {held} videos", **_worker(youtube, home, "harvest", str(part))})
    figures.append({"what": "harvest without news", **_worker(youtube, home, "harvest", "0")})
    figures.append({"what": "index", **_worker(youtube, home, "index")})
    return figures


def _worker(youtube: YouTube, home: Path, *words: str) -> dict[str, Any]:
    """Run one part in a process of its own, and note its peak memory."""
    environment = {**os.environ, "MENTOR_HOME": str(home), KEY_VARIABLE: youtube.key}
    environment |= {name: value for name, value in youtube.environment.items() if value is not None}
    command = [sys.executable, __file__, "--worker", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return dict(json.loads(done.stdout))


# --- the parts, each in a process of its own --------------------------------------------------------


def _bare() -> dict[str, Any]:
    import requests
    from youtube_transcript_api import YouTubeTranscriptApi

    wanted = (places().data / "videos").read_text(encoding="utf-8").split()
    api = YouTubeTranscriptApi(http_client=requests.Session())

    def fetched() -> Iterator[str]:
        for video_id in wanted:
            for track in api.list(video_id):
                track.fetch()
                break
            yield video_id

    return _timed(fetched())


def _harvest(limit: str) -> dict[str, Any]:
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
        plan = Plan(pause_s=0, max_transcripts=int(limit), full_listing=timedelta(days=30))
        figure = _timed(iter(harvest(store, followed, sources, plan, report)))
    figure["videos"] = report.transcripts
    figure["videos_a_second"] = round(report.transcripts / figure["seconds"], 1)
    return figure


def _index() -> dict[str, Any]:
    with Store.open(places().library) as store:
        taken = (progress for progress in sync(store, places().search, Cut(120_000, 60_000)) if progress.done)
        return _timed(taken)


_WORKERS = {"bare": _bare, "harvest": _harvest, "index": _index}


def _timed(work: Iterator[object]) -> dict[str, Any]:
    began = time.perf_counter()
    count = sum(1 for _ in work)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "videos": count,
        "seconds": round(seconds, 2),
        "videos_a_second": round(count / seconds, 1),
        # Kilobytes, except on macOS.
        "peak_mb": round(peak / (1e6 if sys.platform == "darwin" else 1e3), 1),
    }


def _say(figure: dict[str, Any]) -> None:
    sys.stderr.write(
        f"{figure['what']:34}{figure['videos']:>8} videos {figure['seconds']:>8.1f} s"
        f"{figure['videos_a_second']:>8.1f} a second{figure['peak_mb']:>8.0f} MB at most\n"
    )


if __name__ == "__main__":
    main()
