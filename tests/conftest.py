"""What do tests begin with: homes over the sample lectures, homes against a YouTube on loopback, an engine?"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import loopback
import pytest
from command import Mentor, follow_and_harvest_samples
from engines import Open, whoosh
from loopback import Home, YouTube
from striking import DONE, HANDLE, NARROW, talk

from index.engine import Engine


@pytest.fixture
def mentor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mentor:
    """The command of somebody who has done nothing yet."""
    return Mentor(tmp_path / "home", monkeypatch)


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of somebody who follows and has harvested the sample lecturers."""
    home = tmp_path_factory.mktemp("samples")
    with pytest.MonkeyPatch.context() as patch:
        follow_and_harvest_samples(Mentor(home, patch))
    return home


@pytest.fixture
def full(samples: Path, monkeypatch: pytest.MonkeyPatch) -> Mentor:
    """The command over the samples; for tests that only read."""
    return Mentor(samples, monkeypatch)


@pytest.fixture(scope="module")
def youtube() -> Iterator[YouTube]:
    with loopback.playing(loopback.required()) as running:
        yield running


@pytest.fixture
def first(youtube: YouTube, tmp_path: Path) -> Home:
    """The home of somebody who follows the lecturer and has not harvested yet."""
    youtube.control({"do": "restart"}, *map(talk, range(1, 7)))
    home = Home(tmp_path / "home", youtube, dict(NARROW))
    home.follow(faults=HANDLE)
    return home


@pytest.fixture(scope="module")
def harvested(youtube: YouTube, tmp_path_factory: pytest.TempPathFactory) -> Path:
    youtube.control({"do": "restart"}, talk(1), talk(2))
    home = Home(tmp_path_factory.mktemp("harvested"), youtube)
    home.follow(faults=HANDLE)
    assert home("harvest").code == DONE
    return home.folder


@pytest.fixture
def later(youtube: YouTube, harvested: Path, tmp_path: Path) -> Home:
    """The home of somebody who has read two talks, on a night with four new ones."""
    news = map(talk, range(3, 7))
    youtube.control({"do": "restart"}, talk(1), talk(2), {"do": "night"}, *news, {"do": "reset_stats"})
    shutil.copytree(harvested, tmp_path / "home")
    return Home(tmp_path / "home", youtube, dict(NARROW))


@pytest.fixture(params=[whoosh], ids=lambda engine: engine.__name__)
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens the engine under test, always on the same folder."""
    engines: list[Engine] = []

    def open_one() -> Engine:
        engines.append(request.param(tmp_path / "engine"))
        return engines[-1]

    yield open_one
    for engine in engines:
        engine.close()


@pytest.fixture
def engine(opened: Open) -> Engine:
    return opened()
