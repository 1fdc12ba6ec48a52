from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harvester.follow_lists import MAX_FILE_BYTES, FollowList, ListedChannel, read_follow_list
from library.errors import InputError

MARTA, LENA = "UC3grXdyS0XIdumeBAO6m0YA", "UCN7javKHgMxQ8gdkpFAo61w"
PLAYLIST = "PLVBGCBkNsX-BLSkFDzgcKfwY72atF44z5"
FEED = "https://www.youtube.com/feeds/videos.xml?"

OPML = f"""<?xml version="1.0" encoding="UTF-8"?>
<opml version="1.1"><head><title>My feeds</title></head><body>
 <outline text="Work">
  <outline text="Marta Ilves" title="Marta Ilves" type="rss" xmlUrl="{FEED}channel_id={MARTA}"/>
  <outline text="Deeper"><outline text="Teams 101" type="rss" xmlURL="{FEED}playlist_id={PLAYLIST}"/></outline>
 </outline>
 <outline text="A blog" type="rss" xmlUrl="https://blog.example.com/feed.xml"/>
 <outline text="Old" type="rss" xmlUrl="{FEED}user=somebody"/>
 <outline text="Marta again" type="rss" xmlUrl="{FEED}channel_id={MARTA}"/>
</body></opml>"""


def read(folder: Path, data: str | bytes) -> FollowList:
    file = folder / "list"
    file.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_follow_list(file)


def test_opml_gives_channels_and_playlists_of_all_categories_each_once(tmp_path: Path) -> None:
    found = read(tmp_path, OPML)
    assert found.channels == (ListedChannel(MARTA, "Marta Ilves"), ListedChannel(PLAYLIST, "Teams 101"))
    assert [(skipped.entry, skipped.reason) for skipped in found.skipped] == [
        ("A blog", "not a YouTube channel"),
        ("Old", "no channel id in its address: follow somebody by hand"),
    ]


def test_opml_in_utf_16_is_read_too(tmp_path: Path) -> None:
    found = read(tmp_path, OPML.replace("UTF-8", "UTF-16").encode("utf-16"))
    assert len(found.channels) == 2


@pytest.mark.parametrize(
    "header",
    [
        "Channel Id,Channel Url,Channel Title",
        "Kanal-ID,Kanal-URL,Kanaltitel",
        "チャンネル ID,チャンネルの URL,チャンネルのタイトル",
    ],
)
def test_takeout_is_read_whatever_the_language_of_its_header(tmp_path: Path, header: str) -> None:
    rows = f'{header}\n{MARTA},http://www.youtube.com/channel/{MARTA},Marta Ilves\n{LENA},http://x,"Brandt, Lena"\n'
    for data in (rows.encode(), rows.replace("\n", "\r\n").encode("utf-8-sig"), rows.encode("utf-16")):
        found = read(tmp_path, data)
        assert found.channels == (ListedChannel(MARTA, "Marta Ilves"), ListedChannel(LENA, "Brandt, Lena"))
        assert not found.skipped


def test_lines_of_takeout_without_an_id_are_named(tmp_path: Path) -> None:
    found = read(tmp_path, f"Id,Url,Title\n{MARTA},http://x,Marta\n\nbroken,line\n")
    assert [skipped.entry for skipped in found.skipped] == ["line 3: broken, line"]


def test_the_export_of_newpipe_is_read(tmp_path: Path) -> None:
    subscriptions = (
        f'{{"subscriptions":[{{"service_id":0,"url":"https://www.youtube.com/channel/{MARTA}","name":"Marta"}},'
        '{"service_id":1,"url":"https://soundcloud.example/x","name":"Songs"}, 7]}'
    )
    found = read(tmp_path, subscriptions)
    assert found.channels == (ListedChannel(MARTA, "Marta"),)
    assert [skipped.entry for skipped in found.skipped] == ["Songs", "entry 3"]


BOMB = """<?xml version="1.0"?><!DOCTYPE opml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>
<opml><body><outline text="&b;" xmlUrl="x"/></body></opml>"""


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (BOMB, "document type"),
        (BOMB.replace('<?xml version="1.0"?>', "").encode("utf-16"), "document type"),
        ("<!DOCTYPE html><html><body>Sign in</body></html>", "document type"),
        ("<html></html>", "not OPML"),
        ("<opml><body>", "cannot be read"),
        ("<opml><body><outline text='empty'/></body></opml>", "lists no channels"),
        ("", "no column"),
        ("a,b,c\n1,2,3\n", "no column"),
        ('{"subscriptions": 5}', "subscriptions"),
        ("{", "cannot be read"),
        (b"\xff\xfe\xff", "cannot be read"),
        (b"\x80abc", "cannot be read"),
        ("UC," + "x" * 200_000, "cannot be read"),
    ],
)
def test_other_files_are_refused_by_name_with_what_is_wanted(tmp_path: Path, data: str | bytes, words: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, data)
    assert words in caught.value.message
    assert str(tmp_path) in caught.value.message
    assert "OPML" in caught.value.hint


def test_a_file_that_is_missing_or_far_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be opened"):
        read_follow_list(tmp_path / "gone")
    with pytest.raises(InputError, match="larger than 20 MB"):
        read(tmp_path, b" " * (MAX_FILE_BYTES + 1))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    data=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: ("<opml>" + text).encode("utf-8", "replace"))
)
def test_no_file_makes_it_fail_in_any_other_way(tmp_path: Path, data: bytes) -> None:
    try:
        found = read(tmp_path, data)
    except InputError:
        return
    assert found.channels or found.skipped
