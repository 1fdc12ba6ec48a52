"""Are the parts of the documentation that quote the program true?

``python docs/render.py`` writes them anew: each block after a ``<!-- shown: COMMAND -->`` line becomes what
the command prints, run over the sample lectures. ``tests/test_docs.py`` compares instead of writing.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
import tempfile
from pathlib import Path
from unittest import mock

from click.testing import CliRunner

ROOT = Path(__file__).parent.parent
PAGES = (ROOT / "README.md", ROOT / "docs" / "cli.md", ROOT / "docs" / "topics.md")
WIDTH = 92

_BLOCK = re.compile(r"(<!-- shown: (?P<command>.+?) -->\n```\w*\n).*?(?=^```$)", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\x1b\]8;[^\x1b]*\x1b\\|\x1b\[[0-9;]*m")
_CHANGING = (
    (r"in \d[\d,]* ms", "in 12 ms"),
    (r"newest harvest [^·\n]+", "newest harvest just now"),
    (r"topics to start with are [^\n]+\n", ""),
)


def rendered(page: str, home: Path) -> str:
    """A page with every shown block as the program prints it now, over the library at ``home``."""

    def shown(block: re.Match[str]) -> str:
        command = block["command"]
        prompt = "" if command.endswith("--help") else f"$ {command}\n"
        return block[1] + prompt + output(command, home)

    return _BLOCK.sub(shown, page)


def output(command: str, home: Path) -> str:
    """What a person sees of a command on a terminal; what changes from run to run is set to a fixed value."""
    import cli
    from index.exporters.layout import Style
    from verbs import common

    _, *words = shlex.split(command)
    environment = {"MENTOR_HOME": str(home), "COLUMNS": str(WIDTH)}
    terminal = Style(colour=False, links=True)
    with (
        mock.patch.object(common, "style", return_value=terminal),
        mock.patch.object(common, "width", return_value=WIDTH),
    ):
        result = CliRunner().invoke(cli.cli, words, env=environment, prog_name="mentor", terminal_width=80)
    text = _LINK.sub("", result.output).replace(str(home), "HOME")
    for pattern, fixed in _CHANGING:
        text = re.sub(pattern, fixed, text)
    return "\n".join(line.rstrip() for line in text.rstrip().splitlines()) + "\n"


def sample_library(home: Path) -> None:
    """Follow and harvest the sample lectures."""
    from harvester.samples import LECTURERS, folder

    for lecturer in LECTURERS:
        output(f"mentor follow {shlex.quote(str(folder(lecturer.slug)))} --as {lecturer.kind.value}", home)
    output("mentor harvest", home)


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        sample_library(Path(home))
        for path in PAGES:
            path.write_text(rendered(path.read_text(encoding="utf-8"), Path(home)), encoding="utf-8")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    os.environ.pop("MENTOR_YOUTUBE_API_KEY", None)
    main()
