"""Which files in a folder belong to one recording?

Those of one stem in one directory: ``Talk.en.vtt``, ``Talk.de.srt``, ``Talk.info.json`` and
``Talk.mp4`` are one recording with two caption tracks. The names follow yt-dlp's
(``Title [id].language.ending``), which players use as well.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harvester.captions import EXTENSIONS, HEAD_CHARS, SHARED_EXTENSIONS, recognised

_MEDIA = (".mp4", ".webm", ".mkv", ".mp3", ".m4a", ".ogg", ".wav")
_SIDECAR = ".info.json"
_CHAT = ".live_chat.json"

# A language, perhaps a script and a region (BCP 47); the names YouTube gives to tracks are cut off.
_LANGUAGE = re.compile(r"([a-z]{2,3})(-[A-Z][a-z]{3})?(-(?:[A-Za-z]{2}|\d{3}))?(?:-[\w-]+)?")
# Three letters are a word as often as a language, so only common codes (ISO 639-2) are taken.
_TWO_LETTERS = dict(
    re.findall(
        r"(\w+)=(\w+)",
        "ara=ar cat=ca ces=cs cze=cs chi=zh zho=zh dan=da deu=de ger=de dut=nl nld=nl ell=el gre=el eng=en "
        "fil=fil fin=fi fra=fr fre=fr heb=he hin=hi hrv=hr hun=hu ind=id ita=it jpn=ja kor=ko nor=no pol=pl "
        "por=pt ron=ro rum=ro rus=ru slk=sk slo=sk spa=es srp=sr swe=sv tha=th tur=tr ukr=uk vie=vi",
    )
)

_BRACKETED_ID = re.compile(r"(.*?)\s*\[([A-Za-z0-9_-]{11})\]")
# Eleven characters for 64 bits in base64url: the last one holds four bits only.
_BARE_ID = re.compile(r"[A-Za-z0-9_-]{10}[AEIMQUYcgkosw048]")
_WORDS = re.compile(r"[A-Z]?[a-z]*\d*(?:[-_][A-Z]?[a-z]*\d*)*")


@dataclass(frozen=True, slots=True)
class Track:
    """One caption file. ``label`` is the language as its name has it, ``language`` the BCP 47 tag in it.

    ``original`` marks the track that yt-dlp calls the original one (``en-orig``).
    """

    path: Path
    label: str = ""
    language: str = ""
    original: bool = False


@dataclass(frozen=True, slots=True)
class Recording:
    """The files of one talk. ``stem`` is the path below the folder without endings, with ``/``."""

    stem: str
    tracks: tuple[Track, ...]
    sidecar: Path | None = None
    media: Path | None = None

    @property
    def name(self) -> str:
        """The last part of the stem."""
        return self.stem.rpartition("/")[2]


def recordings(root: Path) -> Iterator[Recording]:
    """The recordings below ``root`` that have a caption file, in order of their names.

    Hidden files are passed over, and so are links to files outside and to any directory.
    """
    real_root = root.resolve()
    for place, directories, names in os.walk(root):
        directories[:] = sorted(name for name in directories if not name.startswith("."))
        paths = [Path(place, name) for name in sorted(names) if not name.startswith(".")]
        yield from _grouped(root, [path for path in paths if _within(path, real_root)])


def youtube_id(name: str) -> tuple[str, str]:
    """The title and the YouTube id that a stem's last part holds; the id is "" where there is none.

    An id stands in brackets at the end, or alone. Alone, ``Lecture-008`` has the form of an id as well,
    so names made of words and numbers are taken for titles.
    """
    if match := _BRACKETED_ID.fullmatch(name):
        return match[1], match[2]
    if _BARE_ID.fullmatch(name) and not _WORDS.fullmatch(name):
        return "", name
    return name, ""


def _within(path: Path, real_root: Path) -> bool:
    try:
        return path.is_file() and (not path.is_symlink() or path.resolve().is_relative_to(real_root))
    except (OSError, RuntimeError):  # a loop of links
        return False


def _grouped(root: Path, paths: Sequence[Path]) -> Iterator[Recording]:
    here = {path.name: path for path in paths}
    groups: dict[str, list[Track]] = {}
    for path in paths:
        if _holds_captions(path):
            stem, track = _parted(path)
            groups.setdefault(stem, []).append(track)
    for stem, tracks in groups.items():
        media = next((here[stem + ending] for ending in _MEDIA if stem + ending in here), None)
        below = (tracks[0].path.parent / stem).relative_to(root).as_posix()
        yield Recording(below, tuple(tracks), here.get(stem + _SIDECAR), media)


def _holds_captions(path: Path) -> bool:
    """By its name, and by a look inside where other things have such names too."""
    ending = path.suffix.lower()
    if ending not in EXTENSIONS or path.name.endswith((_SIDECAR, _CHAT)):
        return False
    if ending not in SHARED_EXTENSIONS:
        return True
    try:
        with path.open("rb") as file:
            return recognised(file.read(HEAD_CHARS))
    except OSError:
        return False


def _parted(path: Path) -> tuple[str, Track]:
    """The stem of a caption file's name, and what the rest of the name says of the track."""
    stem, _, label = path.stem.rpartition(".")
    match = _LANGUAGE.fullmatch(label.removesuffix("-orig"))
    code = match and (match[1] if len(match[1]) == 2 else _TWO_LETTERS.get(match[1]))
    if not stem or not match or not code:
        return _without_media(path.stem), Track(path)
    language = code + (match[2] or "") + (match[3] or "").upper()
    return _without_media(stem), Track(path, label, language, label.endswith("-orig"))


def _without_media(stem: str) -> str:
    """``Talk.mp4.srt`` belongs to ``Talk.mp4``."""
    ending = Path(stem).suffix
    return stem.removesuffix(ending) if ending.lower() in _MEDIA else stem
