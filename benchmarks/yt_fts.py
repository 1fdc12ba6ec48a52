"""How does yt-fts come by the same talks?

    python -m venv YT && YT/bin/pip install yt-fts
    mkdir -p HOME/.config && HOME=HOME YT/bin/python -m benchmarks.yt_fts WORK/M.jsonl
    python -m benchmarks.product WORK --size M --beside 'yt-fts=env HOME=HOME YT/bin/yt-fts search {words}'

It makes its own tables, which keep a row for each line of captions; lines of eight words are put into them.
"""

from __future__ import annotations

import argparse
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from yt_fts.config import get_db_path

from benchmarks.talks import BenchTalk, lines, read


def main() -> None:
    parser = argparse.ArgumentParser(description="Fill the database of yt-fts with the talks of a corpus.")
    parser.add_argument("corpus", type=Path)
    with sqlite3.connect(get_db_path()) as database:
        for talk in read(parser.parse_args().corpus):
            channel = (talk.lecturer, talk.lecturer, f"https://www.youtube.com/{talk.lecturer}")
            database.execute("INSERT OR IGNORE INTO Channels VALUES (?, ?, ?)", channel)
            database.execute(
                "INSERT INTO Videos (video_id, video_title, video_url, channel_id, video_date) VALUES (?, ?, ?, ?, ?)",
                (talk.video, talk.title, f"https://youtu.be/{talk.video}", talk.lecturer, talk.date),
            )
            database.executemany(
                "INSERT INTO Subtitles (video_id, start_time, stop_time, text) VALUES (?, ?, ?, ?)", _rows(talk)
            )


def _rows(talk: BenchTalk) -> Iterator[tuple[str, str, str, str]]:
    for line in lines(talk):
        yield talk.video, _time(line.start_ms), _time(line.end_ms), line.text


def _time(at_ms: int) -> str:
    """As WebVTT writes it, which is how yt-fts keeps times."""
    seconds, ms = divmod(at_ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{ms:03}"


if __name__ == "__main__":
    main()
