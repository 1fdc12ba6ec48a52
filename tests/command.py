"""How is the command run in tests: in this process, over a home of its own?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import cli
from harvester.samples import LECTURERS, folder

KEY = "AIza" + "NoRealKey" * 4


class Mentor:
    """The command, run in this process over a home of its own."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.home = home
        self._environment = monkeypatch
        monkeypatch.setenv("MENTOR_HOME", str(home))
        for name in ("MENTOR_YOUTUBE_API_KEY", "NO_COLOR", "FORCE_COLOR", "MENTOR_DEBUG"):
            monkeypatch.delenv(name, raising=False)

    @property
    def topics(self) -> Path:
        return self.home / "topics.toml"

    def __call__(self, *words: str, stdin: str = "") -> Result:
        result = CliRunner().invoke(cli.cli, words, input=stdin, prog_name="mentor")
        assert "Traceback" not in result.output
        assert KEY not in result.output
        return result

    def ok(self, *words: str, stdin: str = "") -> str:
        result = self(*words, stdin=stdin)
        assert result.exit_code == 0, result.output
        return result.stdout

    def json(self, *words: str) -> dict:
        return json.loads(self.ok(*words))

    def set(self, name: str, value: str) -> None:
        self._environment.setenv(name, value)


def follow_and_harvest_samples(mentor: Mentor) -> None:
    """What somebody does who follows the sample lecturers."""
    for lecturer in LECTURERS:
        mentor.ok("follow", str(folder(lecturer.slug)), "--as", lecturer.kind.value, "--topic", lecturer.topics[0])
    mentor.ok("harvest")
