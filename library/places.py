"""Where on this machine do configuration, library and index lie?"""

from __future__ import annotations

import os
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


def places(environment: Mapping[str, str] = os.environ) -> Places:
    home = environment.get("MENTOR_HOME")
    if home:
        folder = Path(home).expanduser().absolute()
        return Places(folder / "config.toml", folder)
    import platformdirs

    return Places(
        Path(platformdirs.user_config_dir(APP, appauthor=False)) / "config.toml",
        Path(platformdirs.user_data_dir(APP, appauthor=False)),
    )
