"""How is a file written so that nobody ever sees half of it?"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path


def write_whole(path: Path, pieces: Iterable[str], encoding: str = "utf-8") -> None:
    """Write text beside ``path``, then put it in its place; a file there before keeps its permissions.

    A symbolic link stays one: what it points to is replaced. A device or a pipe (``/dev/stdout``) is no file to
    replace: the text is written into it. Raises OSError, and then leaves nothing behind.
    """
    if path.exists() and not path.is_file():
        with path.open("w", encoding=encoding, newline="") as file:
            file.writelines(pieces)
        return
    target = path.resolve()
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    beside = Path(name)
    try:
        with os.fdopen(handle, "w", encoding=encoding, newline="") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        beside.chmod(_mode(target))
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _mode(target: Path) -> int:
    """The permissions of the file there is, or those a new one gets."""
    try:
        return target.stat().st_mode & 0o777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
