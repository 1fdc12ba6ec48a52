from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.references import Reference, ReferenceKind, parse
from library.errors import UsageError

UC = "UC3grXdyS0XIdumeBAO6m0YA"
PL = "PLVBGCBkNsX-BLSkFDzgcKfwY72atF44z5"
VIDEO = "BG2yfSsFGrU"


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("@martailves", "handle", "@martailves"),
        ("  @martailves\n", "handle", "@martailves"),
        ("@ひとりごと", "handle", "@ひとりごと"),
        ("@हिन्दी_व्याख्यान", "handle", "@हिन्दी_व्याख्यान"),
        ("@a.b-c·d", "handle", "@a.b-c·d"),
        ("https://www.youtube.com/@martailves", "handle", "@martailves"),
        ("https://www.youtube.com/@martailves/videos", "handle", "@martailves"),
        ("https://www.youtube.com/@martailves?si=abcDEF123&feature=shared", "handle", "@martailves"),
        ("youtube.com/@martailves/", "handle", "@martailves"),
        ("HTTP://M.YouTube.com/@martailves/streams", "handle", "@martailves"),
        ("https://www.youtube.com/" + quote("@ひとりごと"), "handle", "@ひとりごと"),
        (UC, "channel_id", UC),
        (f"https://www.youtube.com/channel/{UC}", "channel_id", UC),
        (f"https://music.youtube.com/channel/{UC}?si=x", "channel_id", UC),
        (f"www.youtube.com/channel/{UC}/playlists", "channel_id", UC),
        (f"https://www.youtube.com/feeds/videos.xml?channel_id={UC}", "channel_id", UC),
        (f"https://www.youtube.com/embed/live_stream?channel={UC}", "channel_id", UC),
        ("UU" + UC[2:], "channel_id", UC),
        (f"https://www.youtube.com/playlist?list=UU{UC[2:]}", "channel_id", UC),
        (PL, "playlist_id", PL),
        ("UULF" + UC[2:], "playlist_id", "UULF" + UC[2:]),
        ("OLAK5uy_abcdefghijklmnopqrstuvwxyz0123456", "playlist_id", "OLAK5uy_abcdefghijklmnopqrstuvwxyz0123456"),
        ("FL" + UC[2:], "playlist_id", "FL" + UC[2:]),
        (f"https://youtube.com/playlist?list={PL}&si=abc", "playlist_id", PL),
        (f"https://www.youtube.com/watch?list={PL}", "playlist_id", PL),
        (f"https://www.youtube.com/feeds/videos.xml?playlist_id={PL}", "playlist_id", PL),
        (f"https://www.youtube.com/embed/videoseries?list={PL}", "playlist_id", PL),
        (f"https://www.youtube.com/watch?v={VIDEO}", "video", VIDEO),
        (f"https://www.youtube.com/watch?v={VIDEO}&list={PL}&index=3&t=42s", "video", VIDEO),
        (f"https://youtu.be/{VIDEO}?si=abc&t=10", "video", VIDEO),
        (f"youtu.be/{VIDEO}", "video", VIDEO),
        (f"https://www.youtube.com/shorts/{VIDEO}?feature=share", "video", VIDEO),
        (f"https://www.youtube.com/live/{VIDEO}", "video", VIDEO),
        (f"https://www.youtube-nocookie.com/embed/{VIDEO}", "video", VIDEO),
        (f"m.youtube.com/watch?v={VIDEO}", "video", VIDEO),
        ("https://www.youtube.com/c/MartaIlves/about", "custom", "MartaIlves"),
        ("https://www.youtube.com/MartaIlves", "custom", "MartaIlves"),
        ("https://www.youtube.com/user/martatalks", "user", "martatalks"),
        ("https://www.youtube.com/feeds/videos.xml?user=martatalks", "user", "martatalks"),
    ],
)
def test_every_form_that_youtube_writes_is_understood(text: str, kind: str, value: str) -> None:
    assert parse(text) == Reference(ReferenceKind(kind), value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@",
        "@@x",
        "martailves",
        VIDEO,
        "UCtooshort",
        UC + "x",
        "https://example.com/@martailves",
        "https://youtube.com.example.com/@martailves",
        "https://www.youtube.com/",
        "https://www.youtube.com/feed/subscriptions",
        "https://www.youtube.com/results?search_query=negotiation",
        "https://www.youtube.com/channel/nobody",
        "https://www.youtube.com/watch?v=short",
        "https://www.youtube.com/playlist?list=WL",
        "https://youtu.be/",
        "ftp://www.youtube.com/@martailves",
        "https://[/@x",
        "dir:",
        "/no/such/folder",
    ],
)
def test_anything_else_is_refused_with_the_forms_that_are_accepted(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text)
    for form in ("@name", "https://www.youtube.com/", "UC…", "PL…", "folder"):
        assert form in caught.value.hint


def test_a_folder_that_is_there_is_told_by_its_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "talks").mkdir()
    (tmp_path / "@martailves").mkdir()
    monkeypatch.chdir(tmp_path)
    assert parse("talks") == Reference(ReferenceKind.FOLDER, str(tmp_path / "talks"))
    assert parse(f"dir:{tmp_path}/gone").value == f"{tmp_path}/gone"
    assert parse("@martailves").kind is ReferenceKind.HANDLE
    assert parse("./@martailves").kind is ReferenceKind.FOLDER


@pytest.mark.parametrize("text", ["@martailves", UC, PL, "youtube.com/c/Marta%20I", f"youtu.be/{VIDEO}", "@ひとり"])
def test_the_page_of_a_reference_leads_back_to_it(text: str) -> None:
    reference = parse(text) if "%" not in text else Reference(ReferenceKind.CUSTOM, "MartaI")
    assert parse(reference.page) == reference


_pieces = st.sampled_from(
    ("https://", "http://", "//", "www.", "youtube.com", "youtu.be", "/", "?", "&", "=", "@", "#", ":", "[", "]", "%")
) | st.sampled_from(
    ("%00", "watch", "v", "list", "channel", "c", "user", "feeds/videos.xml", "channel_id", UC, PL, VIDEO, "~", "..")
)


@given(
    st.text() | st.lists(_pieces | st.text(max_size=3), max_size=9).map("".join) | st.text().map("youtube.com/".__add__)
)
def test_whatever_is_typed_either_means_something_or_is_refused(text: str) -> None:
    try:
        found = parse(text)
    except UsageError:
        return
    assert found.value
    assert found.kind in ReferenceKind
