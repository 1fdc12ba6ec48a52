"""Is the house in order: formatted, linted, typed, its rooms apart?"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PYTHON = [sys.executable, "-m"]


@pytest.mark.parametrize(
    "check",
    [
        [*PYTHON, "ruff", "format", "--check", "."],
        [*PYTHON, "ruff", "check", "."],
        [*PYTHON, "mypy"],
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()"],
    ],
    ids=["format", "lint", "types", "rooms"],
)
def test_the_house_is_in_order(check: list[str]) -> None:
    done = subprocess.run(check, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
