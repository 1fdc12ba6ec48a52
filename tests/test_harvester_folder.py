"""A folder of caption files as a channel."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from harvester.sources import TranscriptSource, VideoSource, folder
from harvester.sources.folder import Folder
from harvester.sources.recordings import youtube_id
from library.errors import ChannelNotFound, NoTranscript
from library.models import Channel, ChannelForm, Chapter, Origin, State, Transcript, Video

VTT = "WEBVTT\n\n00:01.000 --> 00:02.500\n{}\n"
SRT = "1\n00:00:01,000 --> 00:00:04,000\n{}\n"
ROLLING = (
    "WEBVTT\nKind: captions\nLanguage: en\n\n00:01.000 --> 00:02.000\n \nask<00:01.500><c> now</c>\n\n"
    "00:02.000 --> 00:02.010\nask now\n \n\n00:02.010 --> 00:03.000\nask now\nand<00:02.500><c> wait</c>\n"
)


def write(root: Path, files: Mapping[str, str | dict[str, Any]]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return root


def listed(root: Path, known: Sequence[str] = ()) -> list[Video]:
    source = Folder()
    return list(source.videos(source.describe(str(root)), known))


def read(root: Path, *languages: str) -> Transcript:
    """The transcript of the only video, asked of a source that never listed it."""
    (video,) = listed(root)
    return Folder().transcript(video, languages)


def test_a_folder_is_both_a_video_and_a_transcript_source(tmp_path: Path) -> None:
    lists: VideoSource = Folder()
    reads: TranscriptSource = Folder()
    assert lists.lists_everything
    root = write(tmp_path / "ada_park-talks", {"a.vtt": VTT.format("hello"), "deep/er/b.srt": SRT.format("there")})
    channel = lists.describe(str(root))
    assert channel == Channel(f"dir:{root}", ChannelForm.FOLDER, "Ada park-talks", video_count=2)
    assert lists.describe(channel.id) == channel
    videos = list(lists.videos(channel, (), everything=True))
    assert [reads.transcript(video, ["en"]).snippets[0].text for video in videos] == ["hello", "there"]


def test_files_of_one_stem_are_one_video_with_several_tracks(tmp_path: Path) -> None:
    names = ["Talk.en.vtt", "Talk.de.vtt", "Talk.fra.vtt", "Talk.vtt", "Talk.mp4.pt-br.vtt", "Talk.zh-Hans.vtt"]
    root = write(tmp_path, {name: VTT.format(name) for name in names} | {"Talk.mp4": "film"})
    (video,) = listed(root)
    assert video.title == "Talk"
    for wanted in ("en", "de", "fr", "pt-BR", "zh-Hans"):
        assert Folder().transcript(video, [wanted]).language == wanted
    assert Folder().transcript(video, ["it"]).snippets[0].text == "Talk.vtt"


def test_a_word_before_the_ending_is_no_language(tmp_path: Path) -> None:
    root = write(tmp_path, {name: VTT.format(name) for name in ("lesson.one.vtt", "lesson.two.vtt", "v1.2.vtt")})
    assert [video.title for video in listed(root)] == ["Lesson.one", "Lesson.two", "V1.2"]


@pytest.mark.parametrize(
    ("name", "title", "video_id"),
    [
        ("How to ask [aB3-_x9ZkQ0]", "How to ask", "aB3-_x9ZkQ0"),
        ("aB3-_x9ZkQ0", "", "aB3-_x9ZkQ0"),
        ("negotiation", "negotiation", ""),
        ("Lecture-008", "Lecture-008", ""),
        ("webinar2024", "webinar2024", ""),
        ("my-lectures", "my-lectures", ""),
        ("20240514-01", "20240514-01", ""),
        ("[abc] Talk", "[abc] Talk", ""),
    ],
)
def test_an_id_is_told_from_a_title(name: str, title: str, video_id: str) -> None:
    assert youtube_id(name) == (title, video_id)


def test_ids_and_addresses_of_youtube_videos_are_youtubes(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "How to ask [aB3-_x9ZkQ0].en.vtt": VTT.format("a"),
            "How to ask [aB3-_x9ZkQ0].mp4": "film",
            "again/How to ask [aB3-_x9ZkQ0].de.srt": SRT.format("b"),
            "renamed.vtt": VTT.format("c"),
            "renamed.info.json": {"id": "bB3-_x9ZkQ0", "webpage_url": "https://www.youtube.com/watch?v=bB3-_x9ZkQ0"},
        },
    )
    one, other = listed(root)
    assert (one.id, one.url, one.title) == ("aB3-_x9ZkQ0", "", "How to ask")
    assert (other.id, other.url) == ("bB3-_x9ZkQ0", "")
    assert [Folder().transcript(one, [language]).snippets[0].text for language in ("en", "de")] == ["a", "b"]


def test_other_videos_keep_their_id_when_the_folder_is_moved(tmp_path: Path) -> None:
    files = {"year/Talk.en.vtt": VTT.format("a")}
    (here,) = listed(write(tmp_path / "here" / "talks", files))
    (there,) = listed(write(tmp_path / "there" / "talks", files))
    (other,) = listed(write(tmp_path / "here" / "lessons", files))
    assert here.id == there.id != other.id
    assert len(here.id) == 18
    assert here.id.startswith("f-")


def test_the_address_is_the_media_file_or_else_the_page_or_else_the_captions(tmp_path: Path) -> None:
    page = "https://talks.example/7?x=1"
    root = write(
        tmp_path,
        {
            "a b.vtt": VTT.format("a"),
            "a b.m4a": "sound",
            "c.vtt": VTT.format("c"),
            "c.info.json": {"id": "7", "webpage_url": page},
            "d.vtt": VTT.format("d"),
            "d.info.json": {"id": "../8", "webpage_url": "javascript:alert(1)"},
        },
    )
    a, c, d = sorted(listed(root), key=lambda video: video.title)
    assert a.url == (root / "a b.m4a").as_uri()
    assert (c.id, c.url) == ("7", page)
    assert d.url == (root / "d.vtt").as_uri()
    assert d.id.startswith("f-")


def test_what_yt_dlp_wrote_beside_the_captions_is_believed(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "x.en-GB.vtt": VTT.format("hello"),
            "x.info.json": {
                "id": "aB3-_x9ZkQ0",
                "title": "How to\nask",
                "description": "0:00 Hello\n1:00 Number",
                "channel": "Ada Park",
                "language": "en",
                "timestamp": 1_700_000_000,
                "upload_date": "20231113",
                "duration": 3600.5,
                "tags": ["offers", 3],
                "chapters": [{"start_time": 60.0, "title": "Number"}, {"start_time": 0, "title": "Hello"}, None],
            },
        },
    )
    assert Folder().describe(str(root)).title == "Ada Park"
    assert listed(root) == [
        Video(
            id="aB3-_x9ZkQ0",
            channel_id=f"dir:{root}",
            title="How to ask",
            description="0:00 Hello\n1:00 Number",
            published_at=datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
            duration_ms=3_600_500,
            language="en",
            tags=("offers",),
            chapters=(Chapter(0, "Hello"), Chapter(60_000, "Number")),
        )
    ]


def test_the_day_of_upload_and_the_description_fill_in(tmp_path: Path) -> None:
    info = {"upload_date": "20231113", "description": "0:00 Hello\n1:00 Number\n9:00 Beyond", "duration": 120}
    (video,) = listed(write(tmp_path, {"x.vtt": VTT.format("hello"), "x.info.json": info}))
    assert video.published_at == datetime(2023, 11, 13, tzinfo=UTC)
    assert video.chapters == (Chapter(0, "Hello"), Chapter(60_000, "Number"))


@pytest.mark.parametrize(
    "info",
    [
        "{broken",
        "[]",
        "[" * 99_999,
        {},
        {"id": 7, "title": None, "tags": "x", "chapters": {"a": 1}, "duration": "long", "timestamp": 1e30},
        {"upload_date": "13.11.2023", "requested_subtitles": [1], "webpage_url": "https://[", "duration": -1e300},
    ],
)
def test_a_broken_sidecar_is_as_good_as_none(tmp_path: Path, info: str | dict[str, Any]) -> None:
    (video,) = listed(write(tmp_path, {"ada.vtt": VTT.format("hello"), "ada.info.json": info}))
    assert (video.title, video.published_at, video.chapters, video.language) == ("Ada", None, (), "")


def test_a_video_without_a_date_has_none_and_its_speech_gives_its_length(tmp_path: Path) -> None:
    (video,) = listed(write(tmp_path, {"ada.vtt": VTT.format("hello")}))
    assert (video.published_at, video.duration_ms) == (None, 2500)


def test_the_newest_come_first_and_known_ones_not_at_all(tmp_path: Path) -> None:
    days = {"a": "20240101", "b": "20250101", "c": "20230101"}
    files: dict[str, str | dict[str, Any]] = {f"{name}.vtt": VTT.format(name) for name in "abcd"}
    files |= {f"{name}.info.json": {"id": f"id-{name}", "upload_date": day} for name, day in days.items()}
    root = write(tmp_path, files)
    assert [video.title for video in listed(root)] == ["B", "A", "C", "D"]
    assert [video.title for video in listed(root, ["id-a", "id-c"])] == ["B", "D"]


def test_videos_are_read_as_they_are_asked_for(tmp_path: Path) -> None:
    root = write(tmp_path, {"a.vtt": VTT.format("a"), "b.vtt": VTT.format("b")})
    source = Folder()
    videos = source.videos(source.describe(str(root)), ())
    next(videos)
    (root / "b.vtt").unlink()
    assert next(videos).duration_ms is None


# --- choosing a track ----------------------------------------------------------------------------


def test_english_takes_british_english(tmp_path: Path) -> None:
    root = write(tmp_path, {"a.de.vtt": VTT.format("de"), "a.en-GB.vtt": VTT.format("en")})
    transcript = read(root, "en")
    assert (transcript.language, transcript.origin, transcript.snippets[0].text) == ("en-GB", Origin.FILE, "en")


def test_the_original_is_the_language_spoken(tmp_path: Path) -> None:
    files = {f"a.{language}.vtt": VTT.format(language) for language in ("de", "en", "fr")}
    assert read(write(tmp_path / "one", {**files, "a.info.json": {"language": "fr"}}), "original").language == "fr"
    assert read(write(tmp_path / "two", files), "original").language == "de"
    marked = {**files, "a.en-orig.vtt": VTT.format("marked")}
    assert read(write(tmp_path / "three", marked), "original").language == "en"


def test_people_come_before_machines(tmp_path: Path) -> None:
    root = write(tmp_path, {"a.en.srt": SRT.format("by hand"), "a.en.vtt": ROLLING})
    assert read(root, "en").snippets[0].text == "by hand"


def test_automatic_captions_are_named_so_and_bring_their_words(tmp_path: Path) -> None:
    transcript = read(write(tmp_path, {"a.vtt": ROLLING}), "en")
    assert (transcript.language, transcript.origin) == ("en", Origin.GENERATED)
    assert [word.text for word in transcript.words] == ["ask", "now", "and", "wait"]


def test_machine_translations_are_never_taken(tmp_path: Path) -> None:
    info = {
        "requested_subtitles": {
            "fr": {"url": "https://www.youtube.com/api/timedtext?v=x&lang=en&tlang=fr"},
            "en": {"url": "https://www.youtube.com/api/timedtext?v=x&lang=en"},
        }
    }
    root = write(tmp_path, {"a.fr.vtt": VTT.format("fr"), "a.en.vtt": VTT.format("en"), "a.info.json": info})
    assert read(root, "fr", "en").language == "en"
    with pytest.raises(NoTranscript, match=r"^a has captions in en only$") as caught:
        read(root, "fr")
    assert caught.value.state is State.OTHER_LANGUAGE


def test_a_track_without_a_language_is_in_that_of_the_video(tmp_path: Path) -> None:
    root = write(tmp_path, {"a.vtt": VTT.format("hallo"), "a.info.json": {"language": "de"}})
    assert read(root, "de").language == "de"
    with pytest.raises(NoTranscript, match="in de only"):
        read(root, "en")


# --- what can go wrong ---------------------------------------------------------------------------


def test_an_unreadable_file_is_a_video_with_a_reason(tmp_path: Path) -> None:
    with pytest.raises(NoTranscript, match=r"^a\.srt cannot be read as SubRip") as caught:
        read(write(tmp_path, {"a.srt": "nothing in here"}), "en")
    assert caught.value.state is State.UNREADABLE


def test_a_broken_track_does_not_hide_a_good_one(tmp_path: Path) -> None:
    assert read(write(tmp_path, {"a.en.srt": "nothing", "a.en.vtt": VTT.format("good")}), "en").snippets


def test_a_file_too_large_to_be_captions_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "_LIMIT_BYTES", 2_000_000)
    with pytest.raises(NoTranscript, match=r"^a\.vtt is larger than 2 MB") as caught:
        read(write(tmp_path, {"a.vtt": VTT.format("x" * 2_000_000)}), "en")
    assert caught.value.state is State.UNREADABLE


@pytest.mark.parametrize("name", ["missing", "a.vtt", "nul\0"])
def test_a_folder_that_is_none_is_not_found(tmp_path: Path, name: str) -> None:
    root = write(tmp_path, {"a.vtt": VTT.format("a")})
    for reference in (str(root / name), f"dir:{root / name}"):
        with pytest.raises(ChannelNotFound, match="cannot be opened") as caught:
            Folder().describe(reference)
        assert caught.value.hint


def test_a_folder_without_captions_is_not_found_and_the_formats_are_named(tmp_path: Path) -> None:
    others = {"README.txt": "Watch from 12:30.", "package.json": "{}", "feed.xml": "<rss/>", ".a.vtt": "", "a.mp4": ""}
    root = write(tmp_path, {**others, "a.info.json": {"id": "x"}, "a.live_chat.json": '[{"start": 1}]'})
    with pytest.raises(ChannelNotFound, match=r"^there is no caption file in the folder") as caught:
        Folder().describe(str(root))
    assert "WebVTT, SRT" in caught.value.hint


def test_transcripts_in_files_of_common_endings_are_found(tmp_path: Path) -> None:
    rows = [{"text": "hello", "start": 1, "duration": 2}]
    root = write(tmp_path, {"a.json": json.dumps(rows), "b.txt": "0:01\nhello\n0:04\nthere\n", "todo.txt": "nothing"})
    assert [video.duration_ms for video in listed(root)] == [3000, 8000]


def test_a_file_that_went_away_is_told_from_a_folder_that_did(tmp_path: Path) -> None:
    root = write(tmp_path / "talks", {"a.vtt": VTT.format("a"), "b.vtt": VTT.format("b")})
    video = listed(root)[0]
    (root / "a.vtt").unlink()
    with pytest.raises(NoTranscript, match=r"^its caption file is no longer in ") as caught:
        Folder().transcript(video, ["en"])
    assert caught.value.state is State.NO_CAPTIONS
    root.rename(tmp_path / "elsewhere")
    with pytest.raises(NoTranscript, match="cannot be opened") as caught:
        Folder().transcript(video, ["en"])
    assert caught.value.state is State.FAILED


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", {"secret.vtt": VTT.format("secret")})
    root = write(tmp_path / "talks", {"a.vtt": VTT.format("a")})
    (root / "b.vtt").symlink_to(outside / "secret.vtt")
    (root / "c.vtt").symlink_to(root / "c.vtt")
    (root / "d").symlink_to(outside)
    (root / "loop").symlink_to(root)
    (root / "e.vtt").symlink_to(root / "a.vtt")
    assert [video.title for video in listed(root)] == ["A", "E"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_named_pipe_is_not_waited_for(tmp_path: Path) -> None:
    root = write(tmp_path, {"a.vtt": VTT.format("a")})
    os.mkfifo(root / "b.vtt")
    assert [video.title for video in listed(root)] == ["A"]


def test_a_video_known_from_youtube_is_found_in_a_folder_listed_before(tmp_path: Path) -> None:
    root = write(tmp_path, {"aB3-_x9ZkQ0.vtt": VTT.format("a")})
    source = Folder()
    (video,) = source.videos(source.describe(str(root)), ())
    elsewhere = Video(video.id, "UC" + "x" * 22, "The same")
    assert source.transcript(elsewhere, ["en"]).snippets


# --- what changes on disk ----------------------------------------------------------------------------


def looked_again(root: Path, marks: dict[str, str]) -> tuple[list[str], set[str]]:
    """Titles listed when all is known, and those of the videos that are said to have been edited."""
    source = Folder(marks)
    channel = source.describe(str(root))
    titles = {video.id: video.title for video in Folder().videos(channel, ())}
    listed = [video.title for video in source.videos(channel, titles)]
    return listed, {titles[video_id] for video_id in source.edited(channel.id)}


def test_only_what_was_edited_is_listed_again(tmp_path: Path) -> None:
    root = write(tmp_path / "talks", {"a.vtt": VTT.format("one"), "b.vtt": VTT.format("two"), "b.info.json": {}})
    marks: dict[str, str] = {}
    assert looked_again(root, marks) == ([], set()), "the first look compares with nothing"
    assert looked_again(root, marks) == ([], set())
    write(root, {"a.vtt": VTT.format("one, in other words")})
    assert looked_again(root, marks) == (["A"], {"A"})
    write(root, {"b.info.json": {"title": "B, in truth"}})
    assert looked_again(root, marks) == (["B, in truth"], {"B, in truth"})
    write(root, {"a.de.vtt": VTT.format("eins")})
    assert looked_again(root, marks) == (["A"], {"A"})
    assert looked_again(root, marks) == ([], set())


def test_an_edit_that_keeps_size_and_date_is_noticed(tmp_path: Path) -> None:
    root = write(tmp_path / "talks", {"a.vtt": VTT.format("one")})
    marks: dict[str, str] = {}
    looked_again(root, marks)
    dated = (root / "a.vtt").stat()
    beside = tmp_path / "copy.vtt"
    beside.write_text(VTT.format("two"), encoding="utf-8")
    os.utime(beside, ns=(dated.st_atime_ns, dated.st_mtime_ns))
    beside.replace(root / "a.vtt")
    assert looked_again(root, marks) == (["A"], {"A"})


def test_a_folder_that_is_empty_all_at_once_is_taken_for_a_disk_that_is_not_there(tmp_path: Path) -> None:
    root = write(tmp_path / "talks", {"a.vtt": VTT.format("one")})
    source = Folder()
    channel = source.describe(str(root))
    (root / "a.vtt").rename(tmp_path / "a.vtt")
    with pytest.raises(ChannelNotFound, match="no caption file in the folder"):
        list(source.videos(channel, (), everything=True))


def test_a_file_that_cannot_be_opened_has_failed_for_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write(
        tmp_path / "talks", {"a.vtt": VTT.format("one"), "b.vtt": "no captions", "b.en.vtt": VTT.format("two")}
    )
    source = Folder()
    videos = {video.title: video for video in source.videos(source.describe(str(root)), ())}
    opened = Path.open

    def shut(self: Path, *args: Any, **kwargs: Any) -> Any:
        if self.name in ("a.vtt", "b.en.vtt"):
            raise PermissionError(13, "Permission denied")
        return opened(self, *args, **kwargs)

    monkeypatch.setattr(Path, "open", shut)
    with pytest.raises(NoTranscript, match=r"a\.vtt cannot be opened: Permission denied") as told:
        source.transcript(videos["A"], ["en"])
    assert told.value.state is State.FAILED
    with pytest.raises(NoTranscript) as told:
        source.transcript(videos["B"], ["en"])
    assert told.value.state is State.FAILED, "what may pass counts more than what is broken for good"
