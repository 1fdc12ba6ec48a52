"""Where on this machine do configuration, library and index lie?"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

APP = "passive-mentor"
#: The name of the user's file of what captions mishear, beside the configuration.
CORRECTIONS = "corrections.toml"


class Places(Struct, frozen=True):
    """The files of one user: all under ``MENTOR_HOME`` where it is set, else where the system wants them."""

    config: Path
    data: Path

    @property
    def library(self) -> Path:
        return self.data / "library.db"

    @property
    def topics(self) -> Path:
        """The user's file of topics."""
        return self.config.with_name("topics.toml")

    @property
    def corrections(self) -> Path:
        """The user's file of what captions mishear."""
        return self.config.with_name(CORRECTIONS)

    @property
    def search(self) -> Path:
        """The folder of the search index."""
        return self.data / "search"

    @property
    def kept_config(self) -> Path:
        """What the configuration said when it was last read."""
        return self.data / ".config.json"

    @property
    def lock(self) -> Path:
        """Held by the process that writes."""
        return self.data / "writing.lock"

    @property
    def log(self) -> Path:
        return self.data / "mentor.log"


def example() -> Path:
    """The file that explains every setting: in the package once installed, at the top of a checkout."""
    installed = Path(__file__).parent / "config.example.toml"
    return installed if installed.exists() else Path(__file__).parent.parent / "config.example.toml"


def places(environment: Mapping[str, str] = os.environ, system: str = sys.platform) -> Places:
    """Where the files of this user lie, by what the system asks of programs.

    The XDG Base Directory Specification 0.8, except on macOS (Apple's File System Programming Guide) and Windows (known
    folder LocalAppData). Packages that know this take longer to import than all that a search imports of ours.
    """
    home = environment.get("MENTOR_HOME")
    if home:
        folder = Path(home).expanduser().absolute()
        return Places(folder / "config.toml", folder)
    if system == "darwin":
        config = data = Path.home() / "Library" / "Application Support"
    elif system == "win32":
        config = data = Path(environment.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        config = _base(environment.get("XDG_CONFIG_HOME"), ".config")
        data = _base(environment.get("XDG_DATA_HOME"), ".local", "share")
    return Places(config / APP / "config.toml", data / APP)


def _base(chosen: str | None, *otherwise: str) -> Path:
    """A folder of the user's; by the specification one that is not absolute is not to be regarded."""
    return Path(chosen) if chosen and Path(chosen).is_absolute() else Path.home().joinpath(*otherwise)
