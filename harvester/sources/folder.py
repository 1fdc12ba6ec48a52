"""How does a folder of caption files become a channel?

It lists and reads, offline. Every recording in the folder and below is a video. What yt-dlp wrote
beside the captions is believed; without it a video is known by the names of its files. Recordings whose
files changed since they were last listed are listed again, by size and times: nothing is opened for that.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Collection, Iterator, Mapping, MutableMapping, Sequence
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

    Keeps the file names of the folders it listed, no contents and no open files. ``marks`` keeps, by
    channel id, the stamps of the recordings last listed.
    """

    lists_everything = True

    def __init__(self, marks: MutableMapping[str, str] | None = None) -> None:
        self._listed: dict[str, Mapping[str, Recording]] = {}
        self._marks = {} if marks is None else marks
        self._edited: dict[str, frozenset[str]] = {}

    def describe(self, reference: str) -> Channel:
        """The folder at ``reference``, a path or ``dir:`` and an absolute path.

        Raises ChannelNotFound where it does not exist or holds no caption file.
        """
        root = _root(reference)
        found = self._filled(_PREFIX + str(root))
        names = {sidecars.read(recording.sidecar).channel for recording in found.values()} - {""}
        title = names.pop() if len(names) == 1 else _pretty(root.name)
        return Channel(_PREFIX + str(root), ChannelForm.FOLDER, title or str(root), video_count=len(found))

    def videos(self, channel: Channel, known: Collection[str], *, everything: bool = False) -> Iterator[Video]:
        """Recordings whose ids are not in ``known``, or that were edited; newest first, those without a date last.

        The folder is always gone through whole, so ``everything`` changes nothing. Captions are read as
        videos are asked for. Raises ChannelNotFound, also for an empty folder: a disk may not be mounted there.
        """
        del everything
        found = self._filled(channel.id)
        edited = self._compare(channel.id, found)
        new = [
            (video_id, recording, sidecars.read(recording.sidecar))
            for video_id, recording in found.items()
            if video_id not in known or video_id in edited
        ]
        for video_id, recording, sidecar in sorted(new, key=lambda entry: _age(entry[2])):
            yield _video(channel, video_id, recording, sidecar)

    def edited(self, channel_id: str) -> frozenset[str]:
        """Ids of the videos whose files were not the same when ``videos`` was last asked for those of the folder."""
        return self._edited.get(channel_id, frozenset())

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

    def _filled(self, channel_id: str) -> Mapping[str, Recording]:
        """The recordings of a folder, one at least. Raises ChannelNotFound."""
        found = self._scan(channel_id)
        if not found:
            place = one_line(channel_id.removeprefix(_PREFIX))
            hint = f"It should hold, or folders in it, captions as {FORMATS_IN_WORDS}."
            raise ChannelNotFound(f"there is no caption file in the folder {place}", hint=hint)
        return found

    def _compare(self, channel_id: str, found: Mapping[str, Recording]) -> frozenset[str]:
        """Ids of the recordings whose stamp is not the one kept; none where none was. The new ones are kept."""
        before = set(self._marks.get(channel_id, "").split())
        stamps = {f"{video_id}:{_stamp(recording)}": video_id for video_id, recording in found.items()}
        self._edited[channel_id] = frozenset(stamps[one] for one in stamps.keys() - before if before)
        self._marks[channel_id] = " ".join(stamps)
        return self._edited[channel_id]

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


def _stamp(recording: Recording) -> str:
    """What changes when a file of a recording does.

    The time of the last change of a file's standing (ctime) tells of permissions, and of a copy that kept its date.
    """
    told = [recording.media.name if recording.media else ""]
    for path in sorted(track.path for track in recording.tracks) + ([recording.sidecar] if recording.sidecar else []):
        try:
            state = path.stat()
            told.append(f"{path.name} {state.st_size} {state.st_mtime_ns} {state.st_ctime_ns}")
        except OSError:
            told.append(path.name)
    return hashlib.sha256("\n".join(told).encode("utf-8", "surrogateescape")).hexdigest()[:12]


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
        except (InputError, OSError):
            continue
    return None


def _tracks(recording: Recording, sidecar: Sidecar) -> list[tuple[str, Captions]]:
    """Language and captions of each track, those with word times first.

    Machine translations are passed over, and so are broken files as long as another can be read. Raises
    NoTranscript: FAILED for a file that cannot be opened, which may pass, UNREADABLE for one that is no captions.
    """
    found: list[tuple[str, Captions]] = []
    trouble: NoTranscript | None = None
    for track in recording.tracks:
        if track.label in sidecar.translated:
            continue
        try:
            captions = _captions(track)
        except InputError as exc:
            trouble = trouble or NoTranscript(State.UNREADABLE, exc.message)
        except OSError as exc:
            trouble = NoTranscript(State.FAILED, f"{one_line(track.path.name)} cannot be opened: {exc.strerror}")
        else:
            found.append((track.language or captions.language or sidecar.language, captions))
    if trouble and not found:
        raise trouble
    return sorted(found, key=lambda entry: not entry[1].words)


def _captions(track: Track) -> Captions:
    """What a file says. Raises OSError, and InputError for no captions or what is too large to be any."""
    name = track.path.name
    with track.path.open("rb") as file:
        data = file.read(_LIMIT_BYTES + 1)
    if len(data) > _LIMIT_BYTES:
        raise InputError(f"{one_line(name)} is larger than {_LIMIT_BYTES // 1_000_000} MB, as no captions are")
    return parse(data, name)


def _origin(captions: Captions) -> Origin:
    return Origin.GENERATED if captions.generated else Origin.FILE
