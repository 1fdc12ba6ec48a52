"""Is what the documentation says true?"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click
import pytest

import cli
from library import config
from library.errors import ExitCode

ROOT = Path(__file__).parent.parent
CLI_PAGE = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def render() -> ModuleType:
    spec = importlib.util.spec_from_file_location("render", ROOT / "docs" / "render.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_the_pages_show_is_what_the_program_prints(render: ModuleType, tmp_path: Path) -> None:
    render.sample_library(tmp_path)
    for path in render.PAGES:
        page = path.read_text(encoding="utf-8")
        assert page == render.rendered(page, tmp_path), f"{path.name} is stale: make docs"
        assert "shown:" in page


def test_every_command_is_documented() -> None:
    def names(command: click.Command, path: str) -> Iterator[str]:
        if isinstance(command, click.Group):
            ctx = click.Context(command)
            for name in command.list_commands(ctx):
                inner = command.get_command(ctx, name)
                assert inner is not None
                yield from names(inner, f"{path} {name}")
        else:
            assert command.help, path
            yield path

    for name in names(cli.cli, "mentor"):
        assert f"### `{name}`" in CLI_PAGE


def test_every_exit_code_is_documented() -> None:
    documented = {int(code) for code in re.findall(r"^\| (\d+) \|", CLI_PAGE, re.MULTILINE)}
    assert documented >= {code.value for code in ExitCode}


def test_every_setting_named_in_the_pages_exists() -> None:
    known = {key for key, _, _ in config.settings()}
    for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        text = path.read_text(encoding="utf-8")
        for key in re.findall(r"`((?:youtube|harvest|rules|passages|search|notify)\.[a-z_]+)`", text):
            assert key in known, f"{path.name}: {key}"


def test_links_between_the_pages_lead_somewhere() -> None:
    for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
            if not target.startswith(("url", "http")):
                assert (path.parent / target).exists(), f"{path.name}: {target}"
