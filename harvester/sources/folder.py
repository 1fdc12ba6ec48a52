"""How does a folder of caption files become a channel?

It lists and reads, offline. Every recording in the folder and below is a video. What yt-dlp wrote
beside the captions is believed; without it a video is known by the names of its files.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from harvester.captions import FORMATS_IN_WORDS, Captions, parse
from harvester.sources import sidecar as sidecars
from harvester.sources.recordings import Recording, Track, recordings, youtube_id
from harvester.sources.sidecar import Sidecar
from harvester.sources.tracks import TrackKey, choose
from library.errors import ChannelNotFound, InputError, NoTranscript
from library.models import Channel, ChannelForm, Origin, State, Transcript, Video
from library.text import one_line

_PREFIX = "dir:"
_LIMIT_BYTES = 50_000_000


class Folder:
    """Both a VideoSource and a TranscriptSource over folders of caption files.

    Keeps the file names of the folders it listed, no contents and no open files.
    """

    lists_everything = True

    def __init__(self) -> None:
        self._listed: dict[str, Mapping[str, Recording]] = {}

    def describe(self, reference: str) -> Channel:
        """The folder at ``reference``, a path or ``dir:`` and an absolute path.

        Raises ChannelNotFound where it does not exist or holds no caption file.
        """
        root = _root(reference)
        found = self._scan(_PREFIX + str(root))
        if not found:
            hint = f"It should hold, or folders in it, captions as {FORMATS_IN_WORDS}."
            raise ChannelNotFound(f"there is no caption file in the folder {root}", hint=hint)
        names = {sidecars.read(recording.sidecar).channel for recording in found.values()} - {""}
        title = names.pop() if len(names) == 1 else _pretty(root.name)
        return Channel(_PREFIX + str(root), ChannelForm.FOLDER, title or str(root), video_count=len(found))

    def videos(self, channel: Channel, known: Collection[str], *, everything: bool = False) -> Iterator[Video]:
        """Recordings whose ids are not in ``known``, newest first, those without a date last.

        The folder is always gone through whole, so ``everything`` changes nothing. Captions are read as
        videos are asked for. Raises ChannelNotFound.
        """
        del everything
        new = [
            (video_id, recording, sidecars.read(recording.sidecar))
            for video_id, recording in self._scan(channel.id).items()
            if video_id not in known
        ]
        for video_id, recording, sidecar in sorted(new, key=lambda entry: _age(entry[2])):
            yield _video(channel, video_id, recording, sidecar)

    def transcript(self, video: Video, languages: Sequence[str]) -> Transcript:
        """The best track of a video that ``videos`` listed, in this process or an earlier one.

        A track in an unnamed language is taken where no language asked for is there. Raises NoTranscript.
        """
        recording = self._recording(video)
        sidecar = sidecars.read(recording.sidecar)
        tracks = _tracks(recording, sidecar)
        keys = [TrackKey(language, _origin(captions)) for language, captions in tracks]
        originals = [track.language for track in recording.tracks if track.original]
        index = choose(keys, (originals or [sidecar.language or video.language])[0], languages)
        if index is None:
            index = next((number for number, key in enumerate(keys) if not key.language), None)
        if index is None:
            there = ", ".join(sorted({key.language for key in keys})) or "machine translation"
            raise NoTranscript(State.OTHER_LANGUAGE, f"{one_line(recording.name)} has captions in {there} only")
        key, (_, captions) = keys[index], tracks[index]
        return Transcript(video.id, key.language, key.origin, captions.snippets, captions.words)

    def _recording(self, video: Video) -> Recording:
        for listed in (self._listed.get(video.channel_id, {}), *self._listed.values()):
            if video.id in listed:
                return listed[video.id]
        try:
            return self._scan(video.channel_id)[video.id]
        except ChannelNotFound as exc:
            raise NoTranscript(State.FAILED, exc.message) from exc
        except KeyError as exc:
            place = video.channel_id.removeprefix(_PREFIX)
            raise NoTranscript(State.NO_CAPTIONS, f"its caption file is no longer in {place}") from exc

    def _scan(self, channel_id: str) -> Mapping[str, Recording]:
        """Recordings by video id; those with the same id are one."""
        root = _root(channel_id)
        found: dict[str, Recording] = {}
        for recording in recordings(root):
            video_id = _video_id(root, recording)
            found[video_id] = _merged(found[video_id], recording) if video_id in found else recording
        self._listed[channel_id] = found
        return found


def _root(reference: str) -> Path:
    """The folder meant. Raises ChannelNotFound where there is none or it cannot be entered."""
    path = Path(reference.removeprefix(_PREFIX))
    try:
        root = path.absolute() if reference.startswith(_PREFIX) else path.expanduser().resolve()
        next(root.iterdir(), None)
    except (OSError, ValueError, RuntimeError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else str(exc)
        raise ChannelNotFound(
            f"the folder {one_line(str(path))} cannot be opened: {reason}",
            hint="Check the path, and that the disk it is on is there.",
        ) from exc
    return root


def _video_id(root: Path, recording: Recording) -> str:
    """YouTube's id or another that yt-dlp knows; else one that stays when the folder is moved."""
    if known := youtube_id(recording.name)[1] or sidecars.read(recording.sidecar).id:
        return known
    place = unicodedata.normalize("NFC", f"{root.name}/{recording.stem}")
    return "f-" + hashlib.sha256(place.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _merged(one: Recording, other: Recording) -> Recording:
    return replace(
        one,
        tracks=one.tracks + other.tracks,
        sidecar=one.sidecar or other.sidecar,
        media=one.media or other.media,
    )


def _age(sidecar: Sidecar) -> tuple[bool, float]:
    published_at = sidecar.published_at
    return published_at is None, -published_at.timestamp() if published_at else 0.0


def _video(channel: Channel, video_id: str, recording: Recording, sidecar: Sidecar) -> Video:
    title, _ = youtube_id(recording.name)
    return Video(
        id=video_id,
        channel_id=channel.id,
        title=sidecar.title or _pretty(title) or video_id,
        description=sidecar.description,
        published_at=sidecar.published_at,
        duration_ms=_last_end_ms(recording) if sidecar.duration_ms is None else sidecar.duration_ms,
        language=sidecar.language,
        tags=sidecar.tags,
        chapters=sidecar.chapters,
        url=_url(video_id, recording, sidecar),
    )


def _url(video_id: str, recording: Recording, sidecar: Sidecar) -> str:
    """Where to hear it: YouTube's page (""), the media file, another web page, else the captions."""
    if video_id == youtube_id(recording.name)[1] or (video_id == sidecar.id and sidecar.on_youtube):
        return ""
    if recording.media:
        return recording.media.absolute().as_uri()
    return sidecar.url or recording.tracks[0].path.absolute().as_uri()


def _pretty(name: str) -> str:
    """A file name as a title: ``ada_park`` and ``ada-park`` become ``Ada park``."""
    text = name.replace("_", " ")
    text = one_line(text if " " in text else text.replace("-", " "))
    return text[:1].upper() + text[1:]


def _last_end_ms(recording: Recording) -> int | None:
    """The end of speech in the first track that can be read."""
    for track in recording.tracks:
        try:
            return max(snippet.end_ms for snippet in _captions(track).snippets)
        except InputError:
            continue
    return None


def _tracks(recording: Recording, sidecar: Sidecar) -> list[tuple[str, Captions]]:
    """Language and captions of each track, those with word times first.

    Machine translations are passed over, and so are broken files as long as another can be read.
    """
    found: list[tuple[str, Captions]] = []
    broken: InputError | None = None
    for track in recording.tracks:
        if track.label in sidecar.translated:
            continue
        try:
            captions = _captions(track)
        except InputError as exc:
            broken = broken or exc
        else:
            found.append((track.language or captions.language or sidecar.language, captions))
    if broken and not found:
        raise NoTranscript(State.UNREADABLE, broken.message) from broken
    return sorted(found, key=lambda entry: not entry[1].words)


def _captions(track: Track) -> Captions:
    """What a file says. Raises InputError where it cannot be read, or is too large to be captions."""
    name = track.path.name
    try:
        with track.path.open("rb") as file:
            data = file.read(_LIMIT_BYTES + 1)
    except OSError as exc:
        raise InputError(f"{one_line(name)} cannot be opened: {exc.strerror}") from exc
    if len(data) > _LIMIT_BYTES:
        raise InputError(f"{one_line(name)} is larger than {_LIMIT_BYTES // 1_000_000} MB, as no captions are")
    return parse(data, name)


def _origin(captions: Captions) -> Origin:
    return Origin.GENERATED if captions.generated else Origin.FILE
