"""How large is a whole library, and how long does the command take to answer?

    python -m benchmarks.product WORK [--size S] [--rounds 3] [--beside 'NAME=COMMAND {words}' …]

makes a library of the corpus and its index the way the program does, in ``WORK/S/library``, and runs
``mentor search`` and ``mentor export``, as they are installed, for the first question of each kind that can be
typed. Other commands are run in turn with them; the words of the question stand in for ``{words}``.
"""

from __future__ import annotations

import argparse
import json
import shlex
import shutil
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.asks import Ask
from benchmarks.run import environment, process, questions
from benchmarks.talks import BenchTalk, lines, read
from index.sync import Cut, sync
from library.models import Channel, ChannelForm, Mentor, Origin, Snippet, State, Transcript, Video
from library.store import Store

#: The exit code of a search without a hit.
NOTHING_FOUND = 1

_CUT = Cut(120_000, 60_000)

#: Kinds of question that other commands are not asked.
_OURS = ("fuzzy", "dates")


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure a whole library and the search command.")
    parser.add_argument("work", type=Path)
    parser.add_argument("--size", default="S", choices=["S", "M", "L"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--beside", nargs="*", default=[], metavar="NAME=COMMAND")
    args = parser.parse_args()
    home = (args.work / args.size / "library").absolute()
    figures_path = args.work / f"figures-{args.size}.json"
    figures = json.loads(figures_path.read_text(encoding="utf-8"))
    figures["product"] = figures.get("product") or {}
    if not (home / "search" / "CURRENT").exists():
        figures["product"] |= _made(home, args.work / f"{args.size}.jsonl")
    mentor = shlex.quote(str(Path(sys.executable).with_name("mentor")))
    commands = {"mentor search": f"{mentor} search {{words}}", "mentor export": f"{mentor} export {{words}}"}
    commands |= dict(pair.split("=", 1) for pair in args.beside)
    figures["product"]["processes"] = _processes(args.work, args.size, commands, args.rounds)
    figures_path.write_text(json.dumps(figures, indent=1), encoding="utf-8")


def _made(home: Path, corpus: Path) -> dict[str, Any]:
    """Bytes of library and index, and CPU seconds that the index took."""
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    with Store.open(home / "library.db") as store:
        _fill(store, home, read(corpus))
        started = time.process_time()
        for _ in sync(store, home / "search", _CUT):
            pass
        spent = time.process_time() - started
    index = sum(path.stat().st_size for path in (home / "search").rglob("*") if path.is_file())
    return {"library_bytes": (home / "library.db").stat().st_size, "index_bytes": index, "index_cpu_s": spent}


def _fill(store: Store, home: Path, talks: Iterator[BenchTalk]) -> None:
    """Save talks and what follows their lecturers, each in a playlist of its own."""
    now = datetime.now(UTC)
    playlists: dict[str, str] = {}
    for talk in talks:
        if talk.lecturer not in playlists:
            playlists[talk.lecturer] = f"PL{len(playlists):032}"
            channel = Channel(playlists[talk.lecturer], ChannelForm.PLAYLIST, talk.lecturer)
            store.save_channel(channel)
            store.follow(Mentor(f"lecturer-{len(playlists)}", talk.lecturer), channel.id)
        channel_id = playlists[talk.lecturer]
        published_at = datetime.fromisoformat(talk.date).replace(tzinfo=UTC)
        video = Video(talk.video, channel_id, talk.title, published_at=published_at, language=talk.language)
        store.save_listing(channel_id, [(video, State.WAITING, "", now)], now)
        said = tuple(Snippet(line.start_ms, line.end_ms - line.start_ms, line.text) for line in lines(talk))
        store.save_transcript(Transcript(talk.video, talk.language, Origin.MANUAL, said), now)
    settings = (
        f'[mentors.lecturer-{number}]\nname = {json.dumps(name, ensure_ascii=False)}\nfollow = ["{playlist}"]\n'
        for number, (name, playlist) in enumerate(playlists.items(), 1)
    )
    (home / "config.toml").write_text("\n".join(settings), encoding="utf-8")


def _processes(work: Path, size: str, commands: dict[str, str], rounds: int) -> dict[str, Any]:
    """Command -> kind -> the rounds: milliseconds of CPU and of the clock of a whole process."""
    first: dict[str, Ask] = {}
    for ask in questions(work):
        first.setdefault(ask.kind, ask)
    typed = {kind: words for kind, ask in first.items() if (words := _typed(ask))}
    surroundings = environment(work, MENTOR_HOME=str(work.absolute() / size / "library"))
    found: dict[str, Any] = {name: {kind: [] for kind in typed} for name in commands}
    for _ in range(rounds):
        for kind, words in typed.items():
            for name, command in commands.items():
                if kind in _OURS and not name.startswith("mentor"):
                    continue
                typing = shlex.split(command.replace("{words}", shlex.quote(words)))
                found[name][kind].append(process(typing, surroundings, (0, NOTHING_FOUND)))
    return found


def _typed(ask: Ask) -> str:
    """What a person would type; "" for kinds that cannot be typed as a query alone."""
    words = " ".join(ask.words)
    return {
        "rare": words,
        "common": words,
        "or": words,
        "and": " AND ".join(ask.words),
        "phrase": f'"{words}"',
        "prefix": f"{words}*",
        "fuzzy": f"{words}~",
        "dates": f"{words} after:{ask.since} before:{ask.until}",
    }.get(ask.kind, "")


if __name__ == "__main__":
    main()
