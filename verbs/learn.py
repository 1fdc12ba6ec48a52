"""How does a person search, read and take out?"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from verbs import common

if TYPE_CHECKING:
    from index.clips import Clip
    from index.exporters.layout import Style
    from index.finder import Answer
    from library.config import Config
    from library.store import Store


@click.command(cls=common.Asking, short_help="Find the moments in which your mentors speak of something.")
@click.argument("query", nargs=-1)
@common.filters
@click.option("--explain", is_flag=True, help="Tell what the score of each moment consists of.")
@click.option("--json", "form", flag_value="json", help="One JSON document.")
@click.option("--jsonl", "form", flag_value="jsonl", help="One JSON object a moment.")
@click.option("--plain", "form", flag_value="plain", help="Tab-separated, one line a moment.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto")
@click.pass_context
def search(ctx: click.Context, /, query: tuple[str, ...], form: str | None, color: str, **filters: Any) -> None:
    """Find the moments in which your mentors speak of something.

    Words in any form, "phrases", AND, OR, -without, negotia*, ( ). Best moments first, by talk. Without words:
    the talks that the options leave, newest first.
    """
    if not query and not common.narrowed(filters):
        raise click.UsageError("Missing argument 'QUERY...': what to look for, or an option such as --mentor.")
    config = common.config()
    text = " ".join(query).strip()
    with common.library(config) as store:
        answer, elapsed_ms = common.answer(config, store, common.wanted(text, config.search.limit, filters))
    if form:
        _print_answer(answer, text, form)
    else:
        _show_answer(answer, text, elapsed_ms, common.style(color), common.as_typed(ctx))
    if not answer.clips:
        ctx.exit(1)


def _print_answer(answer: Answer, text: str, form: str) -> None:
    from index.exporters import exporter
    from index.exporters.documents import document

    if form == "json":
        told: dict[str, Any] = {"suggestions": answer.suggestions, "alike": answer.alike, "heard": answer.heard}
        common.print_json(document(text, answer.clips, answer.total, answer.coverage, answer.held_back, **told))
    else:
        for piece in exporter(form)(answer.clips):
            click.echo(piece, nl=False)


def _show_answer(answer: Answer, text: str, elapsed_ms: float, style: Style, options: Sequence[str]) -> None:
    from index.exporters.terminal import nothing_found, render

    told: dict[str, Any] = {"width": common.width(), "style": style, "alike": answer.alike, "options": options}
    if answer.clips:
        told |= {"query_text": text, "now": common.now(), "held_back": answer.held_back, "heard": answer.heard}
        click.echo(
            render(answer.clips, answer.total, answer.coverage, elapsed_ms, **told),
            nl=False,
            color=style.colour or style.links,
        )
    else:
        common.say(nothing_found(text, answer.suggestions, answer.coverage, answer.unharvested, **told).rstrip())


@click.command(short_help="Read a talk, or a clip in its place.", context_settings={"ignore_unknown_options": True})
@click.argument("what", metavar="VIDEO|CLIP")
@click.option("--query", help="Words to highlight, or topic:NAME.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto")
def show(what: str, query: str | None, color: str) -> None:
    """Read a talk, or the place of a clip in it; each time is a link."""
    from index.clips import clip_from_id
    from index.corrections import expanded
    from index.exporters.transcript import render_transcript
    from index.query import read
    from library.errors import UsageError

    style, what = common.style(color), _id_in(what)
    question = expanded(read(query, common.topic_query).query, common.corrections()) if query else None
    with common.library(common.config()) as store:
        clip = clip_from_id(what, store, question) if "@" in what else None
        video = store.video(clip.video_id if clip else what)
        if video is None:
            raise UsageError(f"the library holds no video {what!r}", hint="copy an id from: mentor search WORDS")
        transcript = store.transcript(video.id)
        if transcript is None:
            state, reason = store.state_of(video.id)
            raise UsageError(f"{video.title} has no text: {reason or state.value}")
        mentors = store.mentors_of(video.id)
    text = render_transcript(
        video, transcript, mentors, video.chapters, clip=clip, query=question, width=common.width(), style=style
    )
    click.echo(text, nl=False, color=style.colour or style.links)


def _id_in(what: str) -> str:
    """The id in the address of a video on YouTube; anything else as it is."""
    if "://" not in what:
        return what
    from harvester.references import ReferenceKind, parse
    from library.errors import UsageError

    try:
        found = parse(what)
    except UsageError:
        return what
    return found.value if found.kind is ReferenceKind.VIDEO else what


def format_names(_: click.Context, __: click.Parameter, typed: str) -> list[str]:
    """For the shell's completion."""
    from index.exporters import EXPORTERS

    return [name for name in EXPORTERS if name.startswith(typed)]


@click.command(cls=common.Asking, short_help="Take clips out as Markdown, CSV, JSON, text or links.")
@click.argument("what", nargs=-1, required=True, metavar="QUERY | CLIP... | -")
@common.filters
@click.option(
    "--format",
    "form",
    default="markdown",
    show_default=True,
    shell_complete=format_names,
    help="Or csv, json, jsonl, text, links.",
)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
@click.pass_context
def export(ctx: click.Context, /, what: tuple[str, ...], form: str, output: Path | None, **filters: Any) -> None:
    """Take clips out: those of a search, named ones, or those read from standard input (-).

    The same clips give the same bytes each time.
    """
    from index.exporters import exporter
    from library.wording import counted

    write = exporter(form)
    config = common.config()
    with common.library(config) as store:
        clips = _chosen(config, store, what, filters)
        if not clips:
            common.say("nothing to export")
            ctx.exit(1)
        pieces = write(clips)
        if output is None:
            for piece in pieces:
                click.echo(piece, nl=False)
        else:
            _write_file(output, pieces)
            common.say(f"{counted(len(clips), 'clip')} written to {output}")


def _chosen(config: Config, store: Store, what: tuple[str, ...], filters: dict[str, Any]) -> Sequence[Clip]:
    """The clips a person named: by id, on standard input, or by a search."""
    from index.clips import clip_from_id, is_clip_id

    ids = list(_ids_from(sys.stdin)) if what == ("-",) else [word.strip() for word in what]
    if what == ("-",) or all(is_clip_id(word) for word in ids):
        return [clip_from_id(clip_id, store) for clip_id in dict.fromkeys(ids)]
    return common.answer(config, store, common.wanted(" ".join(what), 100, filters))[0].clips


def _ids_from(lines: Iterable[str]) -> Iterator[str]:
    """Clip ids of ``mentor search --plain`` or ``--jsonl``, or one a line."""
    import json

    from library.errors import InputError

    for number, line in enumerate(lines, 1):
        if line.startswith("{"):
            try:
                yield str(json.loads(line)["clip_id"])
            except (ValueError, KeyError, TypeError) as exc:
                raise InputError(
                    f"line {number} of standard input is no line of mentor search --jsonl",
                    hint="or give ids, one a line",
                ) from exc
        elif (word := line.partition("\t")[0].strip()) not in ("", "clip_id"):
            yield word


def _write_file(path: Path, pieces: Iterable[str]) -> None:
    from library.errors import ExportError
    from library.files import write_whole

    try:
        write_whole(path, pieces)
    except OSError as exc:
        raise ExportError(f"{path} cannot be written: {exc.strerror}", hint="choose another place with -o") from exc
