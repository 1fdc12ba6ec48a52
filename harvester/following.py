"""What happens when a person says whom to follow?

What they typed is looked up at its source, shown back, and written to their configuration.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harvester.follow_lists import read_follow_list
from harvester.pipeline import Sources
from harvester.references import ReferenceKind, parse
from harvester.report import WHAT_A_KEY_ADDS
from library.config_edit import add_mentor
from library.models import Channel, ChannelForm, Kind, Mentor
from library.store import Store
from library.text import one_line, slug
from library.wording import counted


@dataclass(frozen=True, slots=True)
class Following:
    """Where to write, and what was said beside whom to follow. ``known`` maps slugs to names, and grows."""

    config: Path
    store: Store
    kind: str | None
    topics: Sequence[str]
    known: dict[str, str]


def from_reference(following: Following, what: str, name: str | None, sources: Sources, *, dry_run: bool) -> list[str]:
    """Follow one place. Returns lines that tell what was done. Raises UsageError, SourceError, ConfigError."""
    reference = parse(what)
    asked = reference.value if reference.kind is ReferenceKind.FOLDER else what
    lister = sources.lister(asked)
    channel = lister.describe(asked)
    mentor = _mentor(following, name or channel.title or channel.handle, channel)
    lines = [_said(following, mentor, channel, dry_run)]
    if not lister.lists_everything:
        lines.append(WHAT_A_KEY_ADDS)
    if not dry_run:
        _write(following, mentor, channel)
        following.store.save_channel(channel, asked)
        following.store.follow(mentor, channel.id)
    return lines


def from_list(following: Following, file: Path, *, dry_run: bool) -> list[str]:
    """Follow every channel of an OPML file or subscriptions.csv; each is looked up at the next harvest.

    Raises InputError, ConfigError.
    """
    listed = read_follow_list(file)
    lines = []
    for entry in listed.channels:
        form = ChannelForm.CHANNEL if entry.channel_id.startswith("UC") else ChannelForm.PLAYLIST
        channel = Channel(entry.channel_id, form, entry.title or entry.channel_id)
        mentor = _mentor(following, channel.title, channel)
        lines.append(_said(following, mentor, channel, dry_run))
        if not dry_run:
            _write(following, mentor, channel)
            following.store.save_channel(channel)
            following.store.follow(mentor, channel.id)
        following.known.setdefault(mentor.slug, mentor.name)
    lines += [f"left out: {skipped.entry} ({skipped.reason})" for skipped in listed.skipped]
    return lines


def _mentor(following: Following, name: str, channel: Channel) -> Mentor:
    """Named so; one whose name has no Latin letters is told from others by the handle, else the channel's id."""
    name = one_line(name)
    return Mentor(
        slug(name, slug(channel.handle, slug(channel.id))),
        name,
        Kind(following.kind or Kind.CAREER),
        tuple(following.topics),
    )


def _write(following: Following, mentor: Mentor, channel: Channel) -> None:
    """Into the configuration. Somebody followed already keeps what is not said anew."""
    new = mentor.slug not in following.known
    fields: dict[str, object] = {}
    if new:
        fields["name"] = mentor.name
    if new or following.kind:
        fields["kind"] = mentor.kind.value
    if mentor.topics:
        fields["topics"] = mentor.topics
    fields["follow"] = [channel.id]
    add_mentor(following.config, mentor.slug, fields)


def _said(following: Following, mentor: Mentor, channel: Channel, dry_run: bool) -> str:
    count = "" if channel.video_count is None else f", {counted(channel.video_count, 'video')}"
    where = f"{channel.title} ({channel.form.value}{f' {channel.handle}' if channel.handle else ''}{count})"
    if mentor.slug in following.known and channel.id in following.store.followed_channels({mentor.slug}):
        changed = "" if dry_run else _changed(following)
        return f"already following {mentor.name} at {where}{changed}"
    if mentor.slug in following.known:
        verb = "would also follow" if dry_run else "now also following"
        return f"{verb} {mentor.name} at {where}"
    verb = "would follow" if dry_run else "following"
    return f"{verb} {mentor.name} as {mentor.kind.value}: {where}"


def _changed(following: Following) -> str:
    """What else is written down of somebody followed already."""
    now = [f"as {following.kind}"] if following.kind else []
    now += [f"for {', '.join(following.topics)}"] if following.topics else []
    return f"; now {' '.join(now)}" if now else ""
