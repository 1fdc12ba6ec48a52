"""Does nobody undo what another process writes into a file of the user's?"""

from __future__ import annotations

from pathlib import Path

import pytest

from library import toml_file
from library.errors import Busy, StoreError


def test_two_cannot_change_a_file_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toml_file, "_WAIT_S", 0)
    path = tmp_path / "made" / "topics.toml"
    with (
        toml_file.alone(path),
        pytest.raises(Busy, match=r"another mentor is changing .*topics\.toml"),
        toml_file.alone(path),
    ):
        pytest.fail("two change it")
    with toml_file.alone(path):
        pass


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be written: "), toml_file.alone(tmp_path / "file" / "topics.toml"):
        pytest.fail("there is no such folder")
