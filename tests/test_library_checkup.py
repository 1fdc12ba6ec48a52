"""Does the checkup find what is wrong, and say what to do about it?"""

from __future__ import annotations

import shutil
from collections import namedtuple
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from library import checkup
from library.checkup import Check, checks
from library.database import RESTORE
from library.places import Places, places
from library.store import Store


def found(home: Path, key_from: str = "MENTOR_YOUTUBE_API_KEY") -> dict[str, Check]:
    return {check.name: check for check in checks(places({"MENTOR_HOME": str(home)}), key_from)}


def test_a_new_home_is_in_order_and_stays_empty(tmp_path: Path) -> None:
    home = tmp_path / "not" / "made"
    assert [check.name for check in found(home).values() if not check.ok] == []
    assert found(home)["library"].found.startswith("not made yet")
    assert not home.exists()


def test_a_sound_library_tells_its_revision(tmp_path: Path) -> None:
    Store.open(tmp_path / "library.db").close()
    assert found(tmp_path)["library"] == Check("library", True, "sound, revision 0", RESTORE)


def test_a_library_damaged_anywhere_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkup, "packages_distributions", dict)
    path = tmp_path / "library.db"
    Store.open(path).close()
    sound = path.read_bytes()
    emptied = [sound[:at] + bytes(4096) + sound[at + 4096 :] for at in range(0, len(sound), 4096)]
    for damaged in (b"garbage " * 1000, sound[:-4096], *emptied):
        path.write_bytes(damaged)
        check = found(tmp_path)["library"]
        assert not check.ok
        assert "\n" not in check.found
        assert check.remedy


def test_without_a_key_one_can_live_but_is_told(tmp_path: Path) -> None:
    check = found(tmp_path, "")["API key"]
    assert (check.ok, check.vital) == (False, False)
    assert "MENTOR_YOUTUBE_API_KEY" in check.remedy
    assert found(tmp_path)["API key"].found == "MENTOR_YOUTUBE_API_KEY"


def test_two_distributions_of_whoosh_are_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkup, "packages_distributions", lambda: {"whoosh": ["Whoosh", "Other", "Whoosh"]})
    monkeypatch.setattr(checkup, "version", lambda _: "1")
    assert found(tmp_path)["Whoosh"].found == "Other 1, Whoosh 1"
    assert not found(tmp_path)["Whoosh"].ok


def test_a_missing_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(checkup, "version", missing)
    monkeypatch.setattr(checkup, "packages_distributions", dict)
    names = [check.name for check in found(tmp_path).values() if not check.ok]
    assert names == ["Whoosh", "google-api-python-client", "youtube-transcript-api"]


def test_little_space_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**12, 10**12 - 10**8, 10**8))
    assert not found(tmp_path)["free disk"].ok
    assert found(tmp_path)["free disk"].found == "0.1 GB"


def test_a_folder_that_may_not_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    check = found(tmp_path / "data")["data folder"]
    assert not check.ok
    assert f"make {tmp_path} writable" in check.remedy


# --- places --------------------------------------------------------------------------------------


def test_a_home_of_ones_own_holds_everything(tmp_path: Path) -> None:
    found = places({"MENTOR_HOME": str(tmp_path)})
    assert found == Places(tmp_path / "config.toml", tmp_path)
    lying = (found.config, found.library, found.search, found.lock, found.log)
    assert {path.parent for path in lying} == {tmp_path}
    assert len(set(lying)) == len(lying)


def test_a_home_is_found_from_wherever_one_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert places({"MENTOR_HOME": "here"}).data == tmp_path / "here"


def test_without_one_the_system_decides_and_the_folders_bear_our_name() -> None:
    found = places({})
    assert found.config.name == "config.toml"
    assert "passive-mentor" in str(found.config)
    assert "passive-mentor" in str(found.data)
