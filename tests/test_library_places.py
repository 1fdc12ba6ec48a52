"""Do the user's files lie where their system wants them?"""

from __future__ import annotations

from pathlib import Path

import pytest

from library.places import places

HOME = Path.home()


@pytest.mark.parametrize(
    ("system", "environment", "config", "data"),
    [
        ("linux", {}, HOME / ".config", HOME / ".local/share"),
        ("freebsd14", {"XDG_CONFIG_HOME": "/c", "XDG_DATA_HOME": "/d"}, Path("/c"), Path("/d")),
        ("linux", {"XDG_CONFIG_HOME": "c", "XDG_DATA_HOME": ""}, HOME / ".config", HOME / ".local/share"),
        (
            "darwin",
            {"XDG_CONFIG_HOME": "/c"},
            HOME / "Library/Application Support",
            HOME / "Library/Application Support",
        ),
        ("win32", {"LOCALAPPDATA": "/local"}, Path("/local"), Path("/local")),
        ("win32", {}, HOME / "AppData/Local", HOME / "AppData/Local"),
    ],
)
def test_files_lie_where_the_system_wants_them(
    system: str, environment: dict[str, str], config: Path, data: Path
) -> None:
    found = places(environment, system)
    assert found.config == config / "passive-mentor" / "config.toml"
    assert found.library == data / "passive-mentor" / "library.db"
    assert found.topics.parent == found.corrections.parent == found.config.parent


@pytest.mark.parametrize("system", ["linux", "darwin", "win32"])
def test_mentor_home_moves_all_of_it(system: str, tmp_path: Path) -> None:
    environment = {"MENTOR_HOME": str(tmp_path), "XDG_DATA_HOME": "/d", "LOCALAPPDATA": "/local"}
    found = places(environment, system)
    assert {found.config.parent, found.library.parent, found.search.parent, found.log.parent} == {tmp_path}
