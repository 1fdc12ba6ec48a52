"""Is the search index in order?"""

from __future__ import annotations

from index.current import open_index
from index.sync import behind
from library.checkup import Check
from library.errors import MentorError
from library.places import Places
from library.store import Store


def check_index(places: Places) -> Check:
    """Whether the search index is there, sound to the last byte, and up to date."""
    if not places.library.exists():
        return Check("search index", True, "not made yet")
    try:
        with Store.open(places.library, read_only=True) as store:
            engine = open_index(places.search)
            try:
                late = behind(store, engine)
                engine.verify()
            finally:
                engine.close()
    except MentorError as error:
        return Check("search index", False, error.message, error.hint)
    return Check("search index", not late, f"{late} talks behind the library" if late else "up to date", "mentor index")
