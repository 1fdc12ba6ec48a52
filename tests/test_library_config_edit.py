"""Does a change of the configuration file leave everything else in it as it was?"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from difflib import ndiff
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from library.config import load
from library.config_edit import add_mentor, remove_mentor, set_value
from library.errors import ConfigError, StoreError
from library.models import Kind

TEXT = """\
# My settings

[harvest]   # nightly
pause_s = 30   # patience
languages = [
  "original",  # spoken
  "en",
]

[mentors.marta]  # from work
name = 'Marta'
follow = ["@marta", # main
          "PL123"]

# for the weekend
[mentors.anton]
kind = "interest"
follow = ["@anton"]
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def changed(path: Path) -> tuple[list[str], list[str]]:
    """The lines that are gone from TEXT and those that came, empty ones aside."""
    lines = list(ndiff(TEXT.splitlines(), path.read_text(encoding="utf-8").splitlines()))
    gone, came = ([line[2:] for line in lines if line.startswith(mark) and line[2:]] for mark in "-+")
    return gone, came


def test_a_value_is_changed_and_nothing_else(path: Path) -> None:
    set_value(path, "harvest.pause_s", 45.0)
    assert changed(path) == (["pause_s = 30   # patience"], ["pause_s = 45.0   # patience"])


def test_a_value_new_to_its_section_is_added_there(path: Path) -> None:
    set_value(path, "harvest.daily_units", 500)
    assert changed(path) == ([], ["daily_units = 500"])
    assert load(path, {}).harvest.daily_units == 500


def test_a_value_of_a_new_section_makes_the_section(path: Path) -> None:
    set_value(path, "search.limit", 5)
    assert changed(path)[0] == []
    assert load(path, {}).search.limit == 5


def test_a_list_and_a_kind_are_written_as_toml_does(path: Path) -> None:
    set_value(path, "rules.title_exclude", ("trailer", 'the "end"'))
    set_value(path, "mentors.marta.kind", Kind.INTEREST)
    found = load(path, {})
    assert found.rules.title_exclude == ("trailer", 'the "end"')
    assert found.mentors["marta"].kind is Kind.INTEREST


def test_a_rule_of_one_mentor_is_set_in_their_table(path: Path) -> None:
    set_value(path, "mentors.marta.shorts", True)
    assert changed(path) == ([], ["shorts = true"])
    assert load(path, {}).mentors["marta"].shorts is True
    assert load(path, {}).mentors["anton"].shorts is None


def test_a_mentor_whose_name_holds_a_dot_is_one_mentor(path: Path) -> None:
    add_mentor(path, "dr.who", {"follow": ["@who"]})
    set_value(path, "mentors.dr.who.live", False)
    assert load(path, {}).mentors["dr.who"].live is False


def test_a_rule_for_somebody_not_followed_is_refused_and_the_file_left_alone(path: Path) -> None:
    with pytest.raises(ConfigError, match="has no mentor mrata"):
        set_value(path, "mentors.mrata.shorts", True)
    assert path.read_text(encoding="utf-8") == TEXT


def test_a_new_mentor_stands_in_a_table_of_their_own(path: Path) -> None:
    add_mentor(path, "zoe", {"name": "Zoë", "topics": ("a", "b"), "follow": ["UC1"]})
    assert changed(path)[0] == []
    assert "[mentors.zoe]" in path.read_text(encoding="utf-8")
    found = load(path, {}).mentors
    assert list(found) == ["marta", "anton", "zoe"]
    assert (found["zoe"].name, found["zoe"].topics, found["zoe"].follow) == ("Zoë", ("a", "b"), ("UC1",))


def test_more_to_follow_is_added_to_a_mentor_who_is_there_and_nothing_twice(path: Path) -> None:
    add_mentor(path, "marta", {"kind": "interest", "follow": ["@marta", "UC2", "UC2"]})
    found = load(path, {}).mentors["marta"]
    assert found.follow == ("@marta", "PL123", "UC2")
    assert (found.name, found.kind) == ("Marta", Kind.INTEREST)
    assert "# main" in path.read_text(encoding="utf-8")


def test_comments_inside_a_list_stay(path: Path) -> None:
    listed = '[harvest]\nlanguages = [\n  "original", # spoken\n  "en", # mine\n]\n'
    path.write_text(listed, encoding="utf-8")
    set_value(path, "harvest.languages", ("original", "en", "de"))
    said = path.read_text(encoding="utf-8")
    assert "# spoken" in said
    assert "# mine" in said
    assert load(path, {}).harvest.languages == ("original", "en", "de")


def test_following_several_at_once_loses_nobody(path: Path) -> None:
    program = "import sys; from pathlib import Path; from library.config_edit import add_mentor\n"
    program += "add_mentor(Path(sys.argv[1]), sys.argv[2], {'follow': ['@x']})"
    slugs = [f"mentor-{number}" for number in range(8)]
    running = [subprocess.Popen([sys.executable, "-c", program, str(path), slug]) for slug in slugs]
    assert [process.wait() for process in running] == [0] * 8
    assert set(load(path, {}).mentors) >= set(slugs)


def test_following_the_same_again_changes_nothing(path: Path) -> None:
    add_mentor(path, "marta", {"follow": ["@marta"]})
    assert path.read_text(encoding="utf-8") == TEXT


def test_a_mentor_removed_takes_only_their_own_lines_along(path: Path) -> None:
    remove_mentor(path, "anton")
    gone, came = changed(path)
    assert came == []
    assert {"[mentors.anton]", 'kind = "interest"', 'follow = ["@anton"]'} <= set(gone)
    assert list(load(path, {}).mentors) == ["marta"]


@pytest.mark.parametrize("text", ["", "[harvest]\n", "mentors = 3\n", TEXT])
def test_nobody_is_removed_who_is_not_there(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="has no mentor zoe"):
        remove_mentor(path, "zoe")
    assert path.read_text(encoding="utf-8") == text


def test_the_first_change_makes_file_and_folder_with_a_word_of_help(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "config.toml"
    add_mentor(path, "marta", {"follow": ["@marta"]})
    assert path.read_text(encoding="utf-8").startswith("# Settings of mentor.")
    assert list(load(path, {}).mentors) == ["marta"]


def test_windows_line_ends_stay(path: Path) -> None:
    path.write_bytes(TEXT.replace("\n", "\r\n").encode())
    set_value(path, "harvest.pause_s", 31.0)
    assert path.read_bytes() == TEXT.replace("= 30", "= 31.0").replace("\n", "\r\n").encode()


def test_a_link_stays_a_link_and_the_file_keeps_its_permissions(path: Path, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.toml"
    path.rename(real)
    real.chmod(0o640)
    path.symlink_to(real)
    set_value(path, "harvest.pause_s", 31.0)
    assert path.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert "31.0" in real.read_text(encoding="utf-8")
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix == ".toml") == [
        "config.toml",
        "dotfiles.toml",
    ]


def test_a_file_that_cannot_be_written_is_told_and_left_whole(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_space(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", no_space)
    with pytest.raises(StoreError, match="cannot be written: No space left"):
        set_value(path, "harvest.pause_s", 31.0)
    assert path.read_text(encoding="utf-8") == TEXT
    assert [one for one in path.parent.iterdir() if one.suffix != ".lock"] == [path]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be"):
        add_mentor(tmp_path / "file" / "config.toml", "marta", {"follow": ["@marta"]})


def test_a_file_that_is_no_toml_is_refused_and_left_alone(path: Path) -> None:
    path.write_text("[harvest\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="cannot be read"):
        set_value(path, "harvest.pause_s", 1.0)
    assert path.read_text(encoding="utf-8") == "[harvest\n"


comments = st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=20)


@given(st.lists(comments, min_size=3, max_size=3), st.floats(0, 86_400))
def test_whatever_the_comments_say_they_stay(
    tmp_path_factory: pytest.TempPathFactory, said: list[str], pause_s: float
) -> None:
    path = tmp_path_factory.getbasetemp() / "commented.toml"
    head, tail = f"# {said[0]}\n\n[harvest] # {said[1]}\npause_s = ", f" # {said[2]}\n\n[search]\nlimit = 10\n"
    path.write_bytes(f"{head}30{tail}".encode())
    set_value(path, "harvest.pause_s", pause_s)
    written = path.read_bytes().decode()
    assert written.startswith(head)
    assert written.endswith(tail)
    assert tomllib.loads(written)["harvest"]["pause_s"] == pause_s
